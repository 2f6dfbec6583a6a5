/** The server of tools in this process, before a helper that answers as a test says, and the official client of it. */
import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import type { CallOptions, Connection } from '../../helper/faces/cli/connection.ts';
import { HelperLink } from '../../helper/faces/mcp/link.ts';
import { type Bounds, OwnSandboxes } from '../../helper/faces/mcp/sandboxes.ts';
import { mcpServer } from '../../helper/faces/mcp/server.ts';
import { toolsOf } from '../../helper/faces/mcp/tools.ts';
import { operations } from '../../helper/protocol/operations.ts';
import type { SandboxInfo } from '../../helper/protocol/sandbox.ts';

export interface HelperCall {
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** answers of the helper by verb; what throws or rejects is its error */
export type HelperAnswers = Readonly<Record<string, (params: Readonly<Record<string, unknown>>, options: CallOptions) => unknown>>;

export interface TestServer {
  readonly client: Client;
  readonly link: HelperLink;
  /** what the helper was asked, holds aside */
  readonly calls: HelperCall[];
  /** sandboxes that are held */
  readonly held: string[];
  readonly warnings: string[];
  /** as if the helper had been killed */
  readonly lose: () => void;
  /** text of an answer, which must be an error or must be none */
  readonly told: (name: string, args?: Readonly<Record<string, unknown>>) => Promise<{ readonly text: string; readonly isError: boolean }>;
}

export function sandboxInfo(id: string, name: string, more: Partial<SandboxInfo> = {}): SandboxInfo {
  return {
    ...{ id, name, state: 'running', profile: 'standard', profileDigest: 'f'.repeat(64), backend: 'bubblewrap', isolation: 'container' },
    ...{ workspace: '/src/app', createdAt: '2026-01-02T03:00:00.000Z', terminals: [], running: 0, notices: [] },
    ...more,
  };
}

/** A helper that makes sandboxes a, b, c … of the folder it is told, and knows one that somebody else made. */
export function makingHelper(others: readonly SandboxInfo[] = []): HelperAnswers {
  const made: SandboxInfo[] = [...others];
  return {
    create: ({ dir }) => {
      const letter = 'abcdefghijklmno'.charAt(made.length - others.length);
      const info = sandboxInfo(letter.repeat(12), `app-${letter}`, { workspace: String(dir) });
      made.push(info);
      return info;
    },
    status: () => ({ sandboxes: made }),
    stop: ({ sandbox }) => {
      const at = made.findIndex(({ id }) => id === sandbox);
      const found = made[at] ?? assert.fail('no such sandbox');
      made[at] = { ...found, state: 'stopped' };
      return { stopped: [sandbox] };
    },
    exec: () => ({ exit: { code: 0, signal: null }, stdout: 'done\n', stderr: '', truncated: false }),
  };
}

export async function testServer(answers: HelperAnswers = makingHelper(), bounds: Bounds = { dir: '/src/app' }): Promise<TestServer> {
  const calls: HelperCall[] = [];
  const held: string[] = [];
  const warnings: string[] = [];
  let lose = (): void => undefined;
  const connect = (): Promise<Connection> => {
    const closed = new Promise<void>((resolve) => (lose = resolve));
    const call = async (name: string, params: Readonly<Record<string, unknown>>, options: CallOptions = {}): Promise<unknown> => {
      if (name === 'hold') {
        held.push(String(params['sandbox']));
        return await new Promise(() => undefined);
      }
      calls.push({ name, params });
      const answer = answers[name];
      assert.ok(answer, `the helper is asked for ${name}`);
      return await answer(params, options);
    };
    const openStream = (): Promise<never> => Promise.reject(new Error('no streams here'));
    return Promise.resolve({ call: call as Connection['call'], openStream, closed, dispose: () => undefined });
  };
  const link = new HelperLink(connect, (message) => warnings.push(message));
  const server = mcpServer('2.0.0', toolsOf(operations), 'About it.', { link, sandboxes: new OwnSandboxes(link, bounds) });
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  await server.connect(ours);
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(theirs);
  const told: TestServer['told'] = async (name, args = {}) => {
    const { content, isError } = await client.callTool({ name, arguments: { ...args } });
    assert.ok(Array.isArray(content));
    const text = content.map((part: unknown) => (part as { readonly text: string }).text).join('\n');
    return { text, isError: isError === true };
  };
  return { client, link, calls, held, warnings, lose: () => lose(), told };
}
