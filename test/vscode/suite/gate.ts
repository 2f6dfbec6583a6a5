/** Promises about commands that are asked about or refused: a person’s word decides, at once, and what was refused shows with its rule. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import type { OperationResult } from '../../../helper/protocol/operations.ts';
import { answering } from './answers.ts';
import { activated, sampleFile, until } from './extension.ts';

const profile = `name = "asking"
extends = "standard"

[commands.ask_args]
touch = ["*"]
`;

export function gateTests(): void {
  describe('what an agent starts', () => {
    let id = '';
    const file = (name: string): string => sampleFile(name).fsPath;
    const run = async (line: string): Promise<OperationResult<'exec'>> => {
      const { helper } = await activated();
      return helper.request('exec', { sandbox: id, command: ['sh', '-c', line] });
    };
    /** Runs a line that is asked about; says what was asked. */
    const asked = async (line: string, warnings: readonly (string | undefined)[]): Promise<readonly string[]> => {
      const { asked: questions } = await answering({ warnings }, () => run(line));
      return questions.filter((text) => text.includes('wants to run'));
    };
    /** the text of the change that is shown beside what it changes */
    const shown = (): string => vscode.workspace.textDocuments.findLast(({ uri }) => uri.path.includes('(proposed)'))?.getText() ?? '';
    before(async () => {
      const { helper } = await activated();
      await helper.request('profileSave', { name: 'asking', text: profile });
      const backend = (process.env['LASSO_TEST_BACKEND'] ?? 'bubblewrap') as 'bubblewrap';
      ({ id } = await helper.request('create', { profile: 'asking', dir: file('.'), backend }));
    });
    after(async () => {
      const { helper } = await activated();
      await helper.request('remove', { sandbox: id });
      await helper.request('profileDelete', { name: 'asking' });
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    });

    it('waits for a person, and runs when they allow it once: the next time it asks again', async () => {
      const [question = '', ...more] = await asked('touch once; touch once', ['Allow Once', 'Allow Once']);
      assert.equal(more.length, 1);
      assert.match(question, /wants to run “touch once” in \/workspace\. .*\(asking\.toml:5\)/);
      assert.ok(existsSync(file('once')));
    });

    it('does not run when they deny it', async () => {
      assert.equal((await asked('touch denied', ['Deny'])).length, 1);
      assert.ok(!existsSync(file('denied')));
    });

    it('runs as often as it likes once it is allowed for the sandbox', async () => {
      assert.equal((await asked('touch often; touch often', ['Allow in This Sandbox'])).length, 1);
      assert.ok(existsSync(file('often')));
    });

    it('waits in the view when the message is closed, and can be answered there', async () => {
      const { approvals } = await activated();
      const { asked: questions } = await answering({ warnings: [undefined] }, async () => {
        const ended = run('touch view');
        const [waiting] = await until('it waits', () => approvals.all.length > 0 && approvals.all);
        assert.equal(waiting?.what, 'touch view');
        assert.ok(!existsSync(file('view')));
        const answer = await vscode.commands.executeCommand('lasso.approveOnce', waiting);
        assert.equal(answer, 'once');
        await ended;
      });
      assert.equal(questions.length, 1);
      assert.ok(existsSync(file('view')));
      await until('it is gone from the view', () => approvals.all.length === 0);
    });

    it('is not allowed by a command that nobody gave a question to: the questions are shown first', async () => {
      const { approvals } = await activated();
      await answering({ warnings: [undefined] }, async () => {
        const ended = run('touch unseen');
        const [waiting] = await until('it waits', () => approvals.all.length > 0 && approvals.all);
        assert.equal(await vscode.commands.executeCommand('lasso.approveOnce'), undefined);
        assert.equal(approvals.all.length, 1);
        await vscode.commands.executeCommand('lasso.denyAllApprovals');
        await ended;
        assert.equal(await vscode.commands.executeCommand('lasso.approveOnce', waiting), undefined);
      });
      assert.ok(!existsSync(file('unseen')));
      await until('it is gone from the view', () => approvals.all.length === 0);
    });

    it('is answered elsewhere: it leaves the view', async () => {
      const { approvals, helper } = await activated();
      await answering({ warnings: [undefined] }, async () => {
        const ended = run('touch elsewhere');
        const [waiting] = await until('it waits', () => approvals.all.length > 0 && approvals.all);
        await helper.request('deny', { id: waiting?.id ?? '' });
        await ended;
      });
      await until('it is gone from the view', () => approvals.all.length === 0);
    });

    it('changes a profile for good only after the change was shown and a person saved it', async () => {
      const { helper } = await activated();
      const saved = async (): Promise<string> => (await helper.request('profileShow', { profile: 'asking' })).text;
      const always = (button: string | undefined, name: string): Promise<unknown> =>
        answering({ warnings: ['Always…'], informations: [button] }, async (questions) => {
          await run(`touch ${name}`);
          await until('it is asked about', () => questions.some((text) => text.includes(`Never ask about “touch ${name}” again`)));
          assert.match(shown(), new RegExp(`touch = .*"${name}"`));
          if (button !== undefined) await until('it is saved', async () => (await saved()) !== profile);
        });
      await always(undefined, 'looked-at');
      assert.equal(await saved(), profile);
      await always('Save to Profile', 'for-good');
      assert.match(await saved(), /for-good/);
      assert.doesNotMatch(await saved(), /looked-at/);
    });

    it('is refused with a line that leads to the rule, and shows in the sandbox’s row', async () => {
      const { sandboxes, links } = await activated();
      writeFileSync(file('build.sh'), 'mount --version\n');
      const { stderr = '', exit } = await run('sh ./build.sh');
      assert.equal(exit.code, 126);
      await until('it was counted', () => sandboxes.blockedIn(id)?.latest.some(({ what }) => what.includes('mount')));
      const terminal = vscode.window.createTerminal({ name: 'LASSO test', isTransient: true });
      try {
        const line = stderr.split('\n').find((each) => each.includes('LASSO:')) ?? '';
        const [link] = (await links.provideTerminalLinks({ line, terminal }, new vscode.CancellationTokenSource().token)) ?? [];
        assert.ok(link, stderr);
        assert.match(link.tooltip ?? '', /\S/);
        await links.handleTerminalLink(link);
        const editor = vscode.window.activeTextEditor;
        assert.match(editor?.document.uri.fsPath ?? '', /standard\.toml$/);
        assert.match(editor?.document.lineAt(editor.selection.active.line).text ?? '', /"mount"/);
      } finally {
        terminal.dispose();
      }
    });

    it('is judged by a changed mode at once, also in a shell that runs already', async () => {
      const { sandboxes } = await activated();
      assert.equal(sandboxes.get(id)?.mode, 'autonomous');
      const ended = run('mkdir one; until [ -e go ]; do :; done; mkdir two');
      await until('the shell runs', () => existsSync(file('one')));
      const { result } = await answering({ picks: ['observe'] }, () => vscode.commands.executeCommand<string>('lasso.changeMode', id));
      assert.equal(result, 'observe');
      writeFileSync(file('go'), '');
      assert.notEqual((await ended).exit.code, 0);
      assert.ok(!existsSync(file('two')));
      assert.equal(sandboxes.get(id)?.mode, 'observe');
    });

    it('is explained before it runs: why takes what is selected, and the profile and mode of the sandbox', async () => {
      const document = await vscode.workspace.openTextDocument({ content: 'first\ndocker ps\n' });
      const editor = await vscode.window.showTextDocument(document);
      editor.selection = new vscode.Selection(1, 0, 1, 'docker ps'.length);
      const { asked: said, result } = await answering({}, () => vscode.commands.executeCommand<string>('lasso.why'));
      assert.equal(result, 'deny');
      assert.match(said[0] ?? '', /^Denied by “asking”: docker ps\./);
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    });
  });
}
