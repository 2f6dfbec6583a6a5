/** A person at a terminal is asked about the profile a folder brings, and every answer is about what was shown. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, test } from 'node:test';
import { type AskedAbout, withAgreement } from '../../../../helper/faces/cli/agree.ts';
import type { Connection } from '../../../../helper/faces/cli/connection.ts';
import { LassoError } from '../../../../helper/protocol/errors.ts';
import type { WorkspaceProfile } from '../../../../helper/protocol/profile-operations.ts';
import { testConsole } from '../../../kit/console.ts';

const refusal = new LassoError('PROFILE_UNAPPROVED', 'This folder brings a profile', 'Approve it.');
const brought: WorkspaceProfile = {
  state: 'changed',
  digest: 'a'.repeat(64),
  files: [{ file: '/src/app/.lasso/profile.toml', text: 'name = "x"\n\u001b[2Jnew = 1\n', approved: 'name = "x"\nold = 1\n' }],
  changes: [{ effect: 'denied', text: 'git push', path: 'commands.blacklist' }],
  findings: [],
};

interface Told {
  readonly result?: string;
  readonly code?: string;
  readonly calls: readonly unknown[];
  readonly shown: string;
}

async function answered(input: string, workspace = brought, about: AskedAbout = { dir: '/src/app' }, terminal = true): Promise<Told> {
  const stdin = Object.assign(new PassThrough(), { isTTY: terminal });
  const console = { ...testConsole({ terminal }), stdin };
  const calls: unknown[] = [];
  const call = (_name: string, params: { readonly look?: boolean }): Promise<unknown> => {
    if (params.look === true) return Promise.resolve(workspace);
    calls.push(params);
    return Promise.resolve({ ...workspace, state: 'approved' });
  };
  const connection = { call: call as Connection['call'], openStream: () => new PassThrough(), dispose: () => undefined };
  stdin.end(input);
  const attempts: boolean[] = [];
  const attempt = (without: boolean): Promise<string> => {
    attempts.push(without);
    return attempts.length === 1 ? Promise.reject(refusal) : Promise.resolve(`started ${without ? 'without' : 'with what holds'}`);
  };
  const result = await withAgreement({ connection, console, ready: () => undefined }, about, attempt).catch((error: unknown) => error);
  const shown = console.written().stderr;
  return typeof result === 'string' ? { result, calls, shown } : { code: result instanceof LassoError ? result.code : '?', calls, shown };
}

const yes = { dir: '/src/app', digest: 'a'.repeat(64), decline: false };
const cases: readonly (readonly [input: string, result: string | undefined, calls: readonly unknown[]])[] = [
  ['y\n', 'started with what holds', [yes]],
  ['what?\n\nYES\n', 'started with what holds', [yes]],
  ['n\n', 'started with what holds', [{ ...yes, decline: true }]],
  ['w\n', 'started without', []],
  ['s\nw\n', 'started without', []],
  ['', undefined, []],
];

describe('an answer', () => {
  for (const [input, result, calls] of cases)
    test(JSON.stringify(input), async () => {
      const told = await answered(input);
      assert.deepEqual([told.result, told.calls, told.code], [result, calls, result === undefined ? 'PROFILE_UNAPPROVED' : undefined]);
    });
});

test('what it takes away and what changed are shown before the question, and hostile text is harmless', async () => {
  const { shown } = await answered('w\n');
  assert.match(shown, /now denied: git push/);
  assert.match(shown, /- old = 1/);
  assert.match(shown, /\+ \\u\{1b\}\[2Jnew = 1/);
  assert.ok(shown.indexOf('git push') < shown.indexOf('Use it?'));
});

test('a profile that cannot be used cannot be agreed to', async () => {
  const { shown, calls, code } = await answered('y\nyes\n', { ...brought, state: 'broken' });
  assert.ok(!shown.includes('[y]es'));
  assert.deepEqual([calls, code], [[], 'PROFILE_UNAPPROVED']);
});

test('nobody is asked where nobody sits', async () => {
  const { code, shown } = await answered('y\n', brought, {}, false);
  assert.deepEqual([code, shown], ['PROFILE_UNAPPROVED', '']);
});
