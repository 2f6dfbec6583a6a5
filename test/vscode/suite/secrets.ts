/** Promises about secrets that VS Code keeps: the helper gets one by its name while a window is there, and nobody sees its value. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { activated } from './extension.ts';

export function secretTests(): void {
  describe('secrets', () => {
    it('are answered by the window for as long as it has them', async () => {
      const { helper, secrets } = await activated();
      const { settings } = await helper.request('configShow', {});
      const folder = settings.find(({ key }) => key === 'folders.profiles')?.value;
      assert.ok(folder !== undefined);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const text = '[secrets.npm]\nfrom = "vscode:npm"\nhosts = ["registry.example"]\n';
      writeFileSync(path.join(folder, 'keeper.toml'), `name = "keeper"\nextends = "standard"\n${text}`);
      const look = (): Promise<{ found: boolean; reason?: string | undefined }> =>
        helper.request('secretTest', { name: 'npm', profile: 'keeper' });
      assert.match((await look()).reason ?? '', /VS Code has no secret npm/);
      await secrets.store('npm', 'hunter2-value');
      assert.deepEqual([(await look()).found, secrets.names], [true, ['npm']]);
      await secrets.remove('npm');
      assert.deepEqual([(await look()).found, secrets.names], [false, []]);
    });

    it('are stored and removed by commands', async () => {
      const commands = await vscode.commands.getCommands(true);
      for (const name of ['lasso.storeSecret', 'lasso.removeSecret']) assert.ok(commands.includes(name), name);
    });
  });
}
