/** Promises about sandboxes through the extension's commands, without a mouse: make, attach, stop, remove. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { SandboxInfo } from '../../../helper/protocol/sandbox.ts';
import { activated, until } from './extension.ts';

export function sandboxTests(): void {
  describe('a sandbox', () => {
    const settings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration('lasso');
    const sandbox = async (): Promise<SandboxInfo> => {
      const { sandboxes } = await activated();
      const [first] = sandboxes.all;
      assert.ok(first, 'there is a sandbox');
      return first;
    };
    before(async () => {
      await settings().update('defaultProfile', 'standard', vscode.ConfigurationTarget.Global);
      await settings().update('backend', process.env['LASSO_TEST_BACKEND'] ?? 'bubblewrap', vscode.ConfigurationTarget.Global);
    });
    after(async () => {
      const { helper } = await activated();
      await helper.request('remove', { sandbox: 'all' }).catch(() => undefined);
    });

    it('opens with a terminal of its own', async () => {
      const opened = await vscode.commands.executeCommand<vscode.Terminal | undefined>('lasso.openTerminal');
      assert.ok(opened, 'a terminal was opened');
      const { name, state, terminals } = await until('it runs a terminal', async () => {
        const { sandboxes } = await activated();
        return sandboxes.all.find((candidate) => candidate.terminals.length > 0);
      });
      assert.equal(state, 'running');
      assert.equal(terminals.length, 1);
      assert.equal(opened.name, `LASSO: ${name}`);
    });

    it('stays when its terminal in the editor is closed, and shows the same terminal when attached to again', async () => {
      const { id, name, terminals } = await sandbox();
      for (const terminal of vscode.window.terminals) terminal.dispose();
      await until('nobody looks at the terminal', async () => (await sandbox()).terminals.every(({ attached }) => attached === 0));
      await vscode.commands.executeCommand('lasso.attach', id);
      await until('somebody looks again', async () => (await sandbox()).terminals.some(({ attached }) => attached > 0));
      const now = await sandbox();
      assert.deepEqual(
        now.terminals.map((terminal) => terminal.id),
        terminals.map((terminal) => terminal.id),
      );
      assert.ok(vscode.window.terminals.some((terminal) => terminal.name === `LASSO: ${name}`));
    });

    it('is attached to once: a second attach shows the terminal that is open', async () => {
      const { id } = await sandbox();
      const count = vscode.window.terminals.length;
      await vscode.commands.executeCommand('lasso.attach', id);
      assert.equal(vscode.window.terminals.length, count);
    });

    it('gives its id to the clipboard', async () => {
      const { id } = await sandbox();
      await vscode.env.clipboard.writeText('');
      await vscode.commands.executeCommand('lasso.copyId', id);
      assert.equal(await vscode.env.clipboard.readText(), id);
    });

    it('shows its record as a page, once', async () => {
      const { id } = await sandbox();
      assert.equal(await vscode.commands.executeCommand<string>('lasso.showRecord', id), id);
      assert.equal(await vscode.commands.executeCommand<string>('lasso.showRecord', id), id);
      const pages = (): readonly vscode.Tab[] =>
        vscode.window.tabGroups.all
          .flatMap(({ tabs }) => tabs)
          .filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith('lasso.audit'));
      await until('its page is there', () => pages().length > 0);
      assert.equal(pages().length, 1);
      await vscode.window.tabGroups.close(pages());
    });

    it('stops, takes its terminals along, and stays in the list until it is removed', async () => {
      const { id, name } = await sandbox();
      await vscode.commands.executeCommand('lasso.stop', id);
      await until('it is stopped', async () => (await sandbox()).state === 'stopped');
      await until('its terminals are gone', () => !vscode.window.terminals.some((terminal) => terminal.name === `LASSO: ${name}`));
      await vscode.commands.executeCommand('lasso.remove', id);
      const { sandboxes } = await activated();
      await until('it is gone', () => sandboxes.get(id) === undefined);
    });

    it('opens from the terminal profile, and stops with its last terminal when the user wants that', async () => {
      const terminals = vscode.workspace.getConfiguration('terminal.integrated');
      const platform = process.platform === 'win32' ? 'windows' : process.platform === 'darwin' ? 'osx' : 'linux';
      await settings().update('terminal.onClose', 'stop', vscode.ConfigurationTarget.Global);
      // The list of profiles is read again when this setting changes.
      await terminals.update(`defaultProfile.${platform}`, 'LASSO Sandbox', vscode.ConfigurationTarget.Global);
      try {
        const { sandboxes } = await activated();
        await until('a terminal of the profile', async () => {
          if (sandboxes.all.length === 0) await vscode.commands.executeCommand('workbench.action.terminal.new');
          return sandboxes.all.some((candidate) => candidate.terminals.length > 0);
        });
        const { id, name } = await sandbox();
        const terminal = vscode.window.terminals.find((candidate) => candidate.name === `LASSO: ${name}`);
        assert.ok(terminal, vscode.window.terminals.map((each) => each.name).join());
        terminal.show();
        await until('it is the active one', () => vscode.window.activeTerminal === terminal);
        await vscode.commands.executeCommand('workbench.action.terminal.kill');
        await until('it is stopped', () => sandboxes.get(id)?.state === 'stopped');
        await vscode.commands.executeCommand('lasso.start', id);
        await until('it runs again', () => sandboxes.get(id)?.state === 'running');
        const { helper } = await activated();
        await helper.request('remove', { sandbox: id });
        await until('it is gone', () => sandboxes.get(id) === undefined);
      } finally {
        await terminals.update(`defaultProfile.${platform}`, undefined, vscode.ConfigurationTarget.Global);
        await settings().update('terminal.onClose', undefined, vscode.ConfigurationTarget.Global);
        for (const terminal of vscode.window.terminals) terminal.dispose();
      }
    });

    it('that cannot be made says why and leaves nothing', async () => {
      const { helper, sandboxes } = await activated();
      const request = helper.request('create', { profile: 'no-such-profile', dir: '/' });
      await assert.rejects(request, (error: Error) => 'hint' in error && error.hint !== '');
      assert.deepEqual(sandboxes.all, []);
    });

    it('is not needed for Doctor, which opens as a document', async () => {
      const healthy = await vscode.commands.executeCommand<boolean>('lasso.doctor');
      assert.equal(typeof healthy, 'boolean');
    });
  });
}
