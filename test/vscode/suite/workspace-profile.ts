/** Promises about a profile that a folder brings: nothing of it is used before a person said so, and every answer is kept to. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { answering, type Answers } from './answers.ts';
import { activated, sampleFile } from './extension.ts';

export function workspaceProfileTests(): void {
  describe('a profile that the folder brings', () => {
    const folder = (): string => sampleFile('.lasso').fsPath;
    const write = (text: string): void => {
      mkdirSync(folder(), { recursive: true });
      writeFileSync(path.join(folder(), 'profile.toml'), text);
    };
    const banning = (program: string): string => `name = "here"\n\n[commands]\nblacklist = ["${program}"]\n`;
    /** Makes a sandbox as a person would, and says what they were asked. */
    const create = async (answers: Answers): Promise<{ readonly asked: readonly string[]; readonly id: string | undefined }> => {
      const { asked, result } = await answering({ picks: ['standard'], ...answers }, () =>
        vscode.commands.executeCommand<string | undefined>('lasso.create'),
      );
      const questions = asked.filter((message) => !message.startsWith('Sandbox '));
      return { asked: questions, id: result };
    };
    const state = async (): Promise<string> => {
      const { helper } = await activated();
      return (await helper.request('profileApprove', { dir: path.dirname(folder()), profile: 'standard', look: true })).state;
    };
    before(() =>
      vscode.workspace
        .getConfiguration('lasso')
        .update('backend', process.env['LASSO_TEST_BACKEND'] ?? 'bubblewrap', vscode.ConfigurationTarget.Global),
    );
    afterEach(async () => {
      const { helper } = await activated();
      await helper.request('remove', { sandbox: 'all' }).catch(() => undefined);
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    });
    after(() => rmSync(folder(), { recursive: true, force: true }));

    it('starts nothing when the question is closed', async () => {
      write(banning('terraform'));
      const { asked, id } = await create({ warnings: [undefined] });
      assert.equal(id, undefined);
      assert.equal(asked.length, 1);
      assert.match(asked[0] ?? '', /brings a profile of its own/);
      assert.equal(await state(), 'new');
    });

    it('can be left out for once', async () => {
      const { asked, id } = await create({ warnings: ['Start Without It'] });
      assert.equal(asked.length, 1);
      assert.ok(id);
      assert.equal(await state(), 'new');
    });

    it('is shown before it is agreed to, then used without asking again', async () => {
      const { asked, id } = await create({ warnings: ['Show Changes', 'Use It'] });
      assert.equal(asked.length, 2);
      assert.ok(id);
      assert.equal(vscode.window.activeTextEditor?.document.uri.fsPath, path.join(folder(), 'profile.toml'));
      assert.equal(await state(), 'approved');
      const again = await create({});
      assert.deepEqual(again.asked, []);
      assert.ok(again.id);
    });

    it('is shown, tried and compared on top of the profile it tightens', async () => {
      const uri = vscode.Uri.file(path.join(folder(), 'profile.toml')).toString();
      const { profiles } = await activated();
      await profiles.load();
      assert.equal(profiles.stateOf(path.dirname(folder())), 'approved');
      const shown = vscode.Uri.parse(await vscode.commands.executeCommand<string>('lasso.showEffectiveProfile', uri));
      assert.match((await vscode.workspace.openTextDocument(shown)).getText(), /"docker",[^\]]*"terraform"/s);
      const { result, asked } = await answering({ texts: ['terraform apply'] }, () =>
        vscode.commands.executeCommand('lasso.tryCommand', uri),
      );
      assert.equal(result, 'deny', asked.join());
      const { result: allowed } = await answering({ texts: ['make all'] }, () => vscode.commands.executeCommand('lasso.tryCommand', uri));
      assert.equal(allowed, 'allow');
      assert.ok((await vscode.commands.executeCommand<number>('lasso.diffProfileWithBase', uri)) > 0);
    });

    it('is asked about again when it changed, with what changed side by side, and can be declined for good', async () => {
      write(banning('ansible'));
      const { asked, id } = await create({ warnings: ['Show Changes', 'Never'] });
      assert.match(asked[0] ?? '', /has changed since/);
      assert.ok(vscode.window.tabGroups.activeTabGroup.activeTab?.input instanceof vscode.TabInputTextDiff);
      assert.ok(id);
      assert.equal(await state(), 'declined');
      const again = await create({});
      assert.deepEqual(again.asked, []);
      assert.ok(again.id);
    });

    it('can be agreed to later, by its own command', async () => {
      const { result } = await answering({ warnings: ['Use It'] }, () => vscode.commands.executeCommand('lasso.approveWorkspaceProfile'));
      assert.equal(result, 'agreed');
      assert.equal(await state(), 'approved');
    });

    it('is missed when it is gone: what it took away does not come back unasked', async () => {
      assert.equal(await state(), 'approved');
      rmSync(folder(), { recursive: true });
      const { asked, id } = await create({ warnings: ['Use It'] });
      assert.match(asked[0] ?? '', /no longer brings/);
      assert.ok(id);
      assert.equal(await state(), 'none');
    });
  });
}
