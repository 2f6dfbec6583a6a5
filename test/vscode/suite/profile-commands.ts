/** Promises about the extension's commands on profiles: make, look, compare, try, choose, delete and bring back. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { ListedProfile } from '../../../extension/profiles/listed.ts';
import { answering } from './answers.ts';
import { activated, until } from './extension.ts';

export function profileCommandTests(): void {
  describe('the commands on profiles', () => {
    const home = (): string => path.join(process.env['LASSO_HOME'] ?? '/nowhere', 'profiles');
    const listed = async (name: string): Promise<ListedProfile | undefined> => {
      const { profiles } = await activated();
      await profiles.load();
      return profiles.all.find((profile) => profile.name === name && profile.source !== 'workspace');
    };
    const banning = (program: string): string => `name = "team"\nextends = "standard"\n\n[commands]\nblacklist = ["${program}"]\n`;
    /** As a person would: the document is changed and not saved yet. */
    const rewrite = async (file: string, text: string): Promise<vscode.TextDocument> => {
      const document = await vscode.workspace.openTextDocument(file);
      const edit = new vscode.WorkspaceEdit();
      edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
      assert.ok(await vscode.workspace.applyEdit(edit));
      return document;
    };
    const run = <T>(command: string, ...args: readonly unknown[]): Thenable<T> => vscode.commands.executeCommand<T>(command, ...args);
    after(async () => {
      await vscode.workspace.getConfiguration('lasso').update('defaultProfile', undefined, vscode.ConfigurationTarget.Global);
      await run('workbench.action.closeAllEditors');
    });

    it('know every built-in profile and the line each value was written in', async () => {
      const { profiles } = await activated();
      const strict = await listed('strict');
      assert.ok(strict);
      assert.equal(strict.valid, true);
      const { values } = await profiles.show(strict);
      const written = values.filter(({ origin }) => origin !== undefined);
      assert.ok(written.length > 0 && written.length < values.length, 'written values and defaults');
      const network = values.find(({ path: key }) => key === 'network.mode');
      assert.ok(network?.origin);
      assert.match(readFileSync(network.origin.file, 'utf8').split('\n')[network.origin.line - 1] ?? '', /^mode *=/);
      assert.ok(((await profiles.meaning('network.mode')) ?? '').length > 5);
    });

    it('begin a profile from another and open it, with its language', async () => {
      const { result } = await answering({ texts: ['team'], picks: ['standard'] }, () => run<string>('lasso.newProfile'));
      assert.equal(result, path.join(home(), 'team.toml'));
      assert.match(readFileSync(result, 'utf8'), /extends *= *"standard"/);
      const document = await until(
        'it is open',
        () => vscode.window.activeTextEditor?.document.uri.fsPath === result && vscode.window.activeTextEditor.document,
      );
      await until('it has its language', () =>
        vscode.workspace.textDocuments.some(({ uri, languageId }) => uri.fsPath === document.uri.fsPath && languageId === 'lasso-profile'),
      );
      assert.ok(await listed('team'));
    });

    it('show a built-in profile for reading only', async () => {
      await run('lasso.editProfile', 'strict');
      const editor = await until(
        'it is open',
        () => vscode.window.activeTextEditor?.document.uri.fsPath.endsWith('strict.toml') === true && vscode.window.activeTextEditor,
      );
      const before = editor.document.getText();
      await until('it cannot be typed in', async () => {
        await run('type', { text: 'x' });
        if (editor.document.getText() === before) return true;
        await run('undo');
        return false;
      });
    });

    it('show what a profile means as a document that is no error', async () => {
      const uri = vscode.Uri.parse(await run<string>('lasso.showEffectiveProfile', 'team'));
      const document = vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri.toString());
      assert.equal(document?.languageId, 'lasso-profile');
      assert.match(document.getText(), /^\[network\]$/m);
      assert.doesNotMatch(document.getText(), /^extends/m);
      assert.deepEqual(vscode.languages.getDiagnostics(uri), []);
    });

    it('hold a profile against its base, side by side, with what changes in words', async () => {
      const file = path.join(home(), 'team.toml');
      const document = await rewrite(file, banning('terraform'));
      assert.ok(await document.save());
      const changes = await run<number>('lasso.diffProfileWithBase', vscode.Uri.file(file).toString());
      assert.ok(changes > 0);
      const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      assert.ok(input instanceof vscode.TabInputTextDiff);
      const text = (await vscode.workspace.openTextDocument(input.modified)).getText();
      assert.match(text, /^# {3}now denied: .*terraform/m);
    });

    it('say about one without a base that it has none', async () => {
      const { asked } = await answering({}, () => run('lasso.diffProfileWithBase', 'standard'));
      assert.match(asked.join(), /builds on no other profile/);
    });

    it('compare two profiles', async () => {
      const { result } = await answering({ picks: ['standard', 'strict'] }, () => run<number>('lasso.compareProfiles'));
      assert.ok(result > 0);
      assert.ok(vscode.window.tabGroups.activeTabGroup.activeTab?.label.includes('standard ↔ strict'));
    });

    const tried: readonly (readonly [string, string])[] = [
      ['terraform apply', 'deny'],
      ['ls', 'allow'],
      ['https://nobody.example/', 'deny'],
    ];
    for (const [text, decision] of tried)
      it(`say that “${text}” is ${decision} by a profile, without running it`, async () => {
        const { result, asked } = await answering({ texts: [text] }, () => run<string>('lasso.tryCommand', 'team'));
        assert.equal(result, decision);
        assert.ok(asked.some((message) => message.includes(text)));
      });

    it('try a command on what is on disk: a changed document is saved first', async () => {
      const file = path.join(home(), 'team.toml');
      const document = await rewrite(file, banning('ansible'));
      assert.ok(document.isDirty);
      const { result, asked } = await answering({ texts: ['ansible all'] }, () => run<string>('lasso.tryCommand', document.uri.toString()));
      assert.equal(result, 'deny', asked.join());
      assert.equal(document.isDirty, false);
    });

    it('say of a text that was never saved that it must be', async () => {
      const { uri } = await vscode.workspace.openTextDocument({ language: 'lasso-profile', content: 'name = "x"\n' });
      const { asked } = await answering({}, () => run('lasso.showEffectiveProfile', uri.toString()));
      assert.match(asked.join(), /not a file yet/);
    });

    it('make one the default, in the user’s settings', async () => {
      await run('lasso.useProfile', 'team');
      assert.equal(vscode.workspace.getConfiguration('lasso').inspect('defaultProfile')?.globalValue, 'team');
    });

    it('export a profile, and import it under another name', async () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'export-'));
      try {
        const file = path.join(folder, 'team.lasso.toml');
        const { helper } = await activated();
        await helper.request('profileExport', { profile: 'team', output: file });
        const { result } = await answering({ warnings: ['Another Name…'], texts: ['theirs'] }, () =>
          run<string>('lasso.importProfile', vscode.Uri.file(file)),
        );
        assert.equal(result, 'theirs');
        assert.ok(await listed('theirs'));
        writeFileSync(file, readFileSync(file, 'utf8').replace('ansible', 'nothing'));
        const { asked, result: refused } = await answering({}, () => run('lasso.importProfile', vscode.Uri.file(file)));
        assert.equal(refused, undefined);
        assert.equal(asked.length, 1, asked.join());
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    it('show the history of a profile, a version against now', async () => {
      const { result } = await answering({ picks: ['Version 1'] }, () => run<number>('lasso.profileHistory', 'team'));
      assert.equal(result, 1);
      assert.ok(vscode.window.tabGroups.activeTabGroup.activeTab?.input instanceof vscode.TabInputTextDiff);
    });

    it('delete a profile only after asking, and keep it for being brought back', async () => {
      const file = path.join(home(), 'theirs.toml');
      await answering({ warnings: [undefined] }, () => run('lasso.deleteProfile', 'theirs'));
      assert.ok(existsSync(file));
      const { asked } = await answering({ warnings: ['Delete'] }, () => run('lasso.deleteProfile', 'theirs'));
      assert.ok(!existsSync(file));
      assert.match(asked.at(-1) ?? '', /version \d+/);
      const version = Number(/version (\d+)/.exec(asked.at(-1) ?? '')?.[1]);
      const { helper } = await activated();
      await helper.request('profileHistory', { name: 'theirs', restore: version });
      assert.ok(existsSync(file));
    });

    it('see a profile that was written by another program, at the latest when asked to look again', async () => {
      const { profiles } = await activated();
      const isListed = (): boolean => profiles.all.some(({ name }) => name === 'elsewhere');
      writeFileSync(path.join(home(), 'elsewhere.toml'), 'name = "elsewhere"\nextends = "strict"\n');
      // VS Code tells late, or not at all, of folders that were not there when it began to watch.
      for (let tries = 0; tries < 100 && !isListed(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 50));
      if (!isListed()) await vscode.commands.executeCommand('lasso.refreshProfiles');
      await until('it is listed', isListed);
    });
  });
}
