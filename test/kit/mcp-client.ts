/** `lasso mcp` as built, with the official client on its stdin and stdout, in a LASSO of a test's own. */
import assert from 'node:assert/strict';
import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { RequestOptions } from '@modelcontextprotocol/sdk/shared/protocol.js';
import { lassoProgram, type TestLasso } from './lasso.ts';

/** what a tool answered, checked for its form */
export interface ToolAnswer {
  readonly text: string;
  readonly isError: boolean;
  readonly structured: Readonly<Record<string, unknown>>;
}

export class TestTools {
  readonly client: Client;
  readonly folder: string;
  readonly pid: number;

  private constructor(client: Client, folder: string, pid: number) {
    this.client = client;
    this.folder = folder;
    this.pid = pid;
  }

  /** @param name of the folder, made if need be */
  static async start(lasso: TestLasso, name: string, more: readonly string[] = []): Promise<TestTools> {
    const folder = join(realpathSync(lasso.root), name);
    mkdirSync(folder, { recursive: true });
    const args = [lassoProgram, 'mcp', '--dir', folder, '--backend', 'bubblewrap', ...more];
    const transport = new StdioClientTransport({ command: process.execPath, args, env: { ...lasso.environment }, cwd: lasso.root });
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(transport);
    return new TestTools(client, folder, transport.pid ?? assert.fail('no process'));
  }

  async call(name: string, args: Readonly<Record<string, unknown>> = {}, options: RequestOptions = {}): Promise<ToolAnswer> {
    const answer = await this.client.callTool({ name, arguments: { ...args } }, undefined, { timeout: 60_000, ...options });
    const { content, isError, structuredContent } = answer;
    assert.ok(Array.isArray(content));
    const texts = content.map((part: unknown) => {
      assert.ok(typeof part === 'object' && part !== null && 'text' in part && typeof part.text === 'string');
      return part.text;
    });
    return { text: texts.join('\n'), isError: isError === true, structured: (structuredContent ?? {}) as Record<string, unknown> };
  }

  /** What a tool answered that must have done what it was asked. */
  async done(name: string, args: Readonly<Record<string, unknown>> = {}): Promise<ToolAnswer> {
    const answer = await this.call(name, args);
    assert.equal(answer.isError, false, answer.text);
    return answer;
  }

  /** Why a tool did not. */
  async refusal(name: string, args: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const answer = await this.call(name, args);
    assert.equal(answer.isError, true, answer.text);
    return answer.text;
  }

  async close(): Promise<void> {
    await this.client.close();
  }
}
