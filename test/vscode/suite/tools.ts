/** Promises about agent mode: it is offered a server of tools for the open folder, which really starts and is bound to that folder. */
import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import * as vscode from 'vscode';
import { activated, sampleFile, until } from './extension.ts';

export function toolTests(): void {
  describe('tools for agent mode', () => {
    const backend = process.env['LASSO_TEST_BACKEND'] ?? 'bubblewrap';
    before(() => vscode.workspace.getConfiguration('lasso').update('backend', backend, vscode.ConfigurationTarget.Global));
    after(() => vscode.workspace.getConfiguration('lasso').update('backend', undefined, vscode.ConfigurationTarget.Global));

    it('are contributed under the name they are registered by, for the open folder', async () => {
      const { toolServers } = await activated();
      const manifest: unknown = vscode.extensions.getExtension('lasso.lasso')?.packageJSON;
      assert.match(JSON.stringify(manifest), /"mcpServerDefinitionProviders":\[\{"id":"lasso\.mcp"/);
      const servers = toolServers.provideMcpServerDefinitions();
      assert.equal(servers.length, 1);
      assert.equal(servers[0]?.cwd?.toString(), sampleFile('.').toString().replace(/\/\.$/, ''));
    });

    it('start as VS Code starts them, list themselves, and work in that folder', async () => {
      const { toolServers } = await activated();
      const [server] = toolServers.provideMcpServerDefinitions();
      assert.ok(server);
      const changed = Object.entries({ ...process.env, ...server.env }).flatMap(([name, value]) =>
        typeof value === 'string' ? [[name, value] as const] : [],
      );
      const { command, args } = server;
      const transport = new StdioClientTransport({ command, args, env: Object.fromEntries(changed), cwd: server.cwd?.fsPath ?? '/' });
      const client = new Client({ name: 'suite', version: '1' });
      await client.connect(transport);
      try {
        const { tools } = await client.listTools();
        assert.ok(tools.some(({ name }) => name === 'sandbox_exec'));
        await vscode.workspace.fs.writeFile(sampleFile('for-tools.txt'), Buffer.from('of this folder\n'));
        const { content } = await client.callTool({ name: 'file_read', arguments: { path: 'for-tools.txt' } });
        assert.deepEqual(content, [{ type: 'text', text: 'of this folder\n' }]);
      } finally {
        await client.close();
      }
    });

    it('go and come with the setting, and VS Code is told', async () => {
      const { toolServers } = await activated();
      const section = vscode.workspace.getConfiguration('lasso');
      let told = 0;
      const listener = toolServers.onDidChangeMcpServerDefinitions(() => (told += 1));
      try {
        await section.update('mcp.enabled', false, vscode.ConfigurationTarget.Global);
        await until('the change is told', () => told > 0);
        assert.deepEqual(toolServers.provideMcpServerDefinitions(), []);
        await section.update('defaultProfile', 'strict', vscode.ConfigurationTarget.Global);
        await section.update('mcp.enabled', undefined, vscode.ConfigurationTarget.Global);
        const [server] = await until('they are back', () => {
          const servers = toolServers.provideMcpServerDefinitions();
          return servers.length > 0 && servers;
        });
        assert.deepEqual(server?.args.slice(-4), ['--profile', 'strict', '--backend', backend]);
      } finally {
        listener.dispose();
        await section.update('defaultProfile', undefined, vscode.ConfigurationTarget.Global);
        await section.update('mcp.enabled', undefined, vscode.ConfigurationTarget.Global);
      }
    });
  });
}
