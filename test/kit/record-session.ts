/** One session in which everything happens that can happen to a sandbox, for tests of its record. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LassoError } from '../../helper/protocol/errors.ts';
import type { BackendName } from '../../helper/protocol/sandbox.ts';
import { recordLine } from '../../helper/protocol/record.ts';
import type { TestLasso } from './lasso.ts';

/** value of its one secret, which the helper finds in TEST_SECRET */
export const secretValue = 'un-guessable-value-of-a-secret';
const profile = (more = ''): string => `name = "everything"
profile_version = 7
mode = "autonomous"

[commands]
mode = "blacklist"
blacklist = ["docker"]
ask_args = { touch = ["asked"] }
allow_shell_operators = true

[network]
allowed_domains = ["web.example"${more}]

[secrets.TOKEN]
from = "env:TEST_SECRET"
hosts = ["web.example"]
header = "authorization"
env = "TOKEN"

[resources]
max_memory_mb = 256
max_pids = 64

[audit]
include_command_output = true
include_file_diffs = true
`;

/** a record as it was written */
export interface RecordedLine {
  readonly seq: number;
  readonly type: string;
  readonly action: string;
  readonly outcome: string;
  readonly target: string;
  readonly detail: { readonly [key: string]: unknown };
  readonly text: string;
}

/** what a session is played in */
interface Stage {
  readonly lasso: TestLasso;
  readonly workspace: string;
}

/** Plays the session on a backend to its end; its record. Names `web.example` and `other.example` must lead somewhere. */
export async function playSession(
  lasso: TestLasso,
  workspace: string,
  backend: BackendName,
): Promise<{ readonly id: string; readonly records: readonly RecordedLine[] }> {
  mkdirSync(workspace);
  writeFileSync(join(workspace, 'kept'), 'one');
  writeFileSync(join(workspace, 'hold'), 'exec 5<>/dev/tcp/web.example/80\nsleep 600\n');
  writeFileSync(join(workspace, 'docker'), '#!/bin/sh\n', { mode: 0o755 });
  lasso.profile('everything', profile());
  const id = await session({ lasso, workspace }, backend);
  return { id, records: readRecord(lasso, id) };
}

/** Runs a line of bash from a file of its own. */
async function script({ lasso, workspace }: Stage, text: string, timeoutSeconds = 60): Promise<void> {
  writeFileSync(join(workspace, 'run'), `${text}\n`);
  await lasso.exec('all', ['bash', './run'], { timeoutSeconds });
}

const fetching = (host: string): string =>
  `exec 5<>/dev/tcp/${host}/80 && printf 'GET /path?token=in-the-query HTTP/1.1\\r\\nHost: ${host}\\r\\nConnection: close\\r\\n\\r\\n' >&5 && cat <&5`;

async function refused(work: Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error: unknown) => error instanceof LassoError && error.code === 'COMMAND_DENIED');
}

async function session(stage: Stage, backend: BackendName): Promise<string> {
  const { lasso, workspace } = stage;
  const connection = await lasso.connect();
  const { id } = await lasso.create({
    profile: 'everything',
    dir: workspace,
    backend,
    name: 'all',
    env: ['GIVEN=value-of-a-variable'],
  });
  await lasso.exec('all', ['bash', '-c', 'echo out; echo err >&2; exit 3']);
  await lasso.exec('all', ['/bin/true', 'given'], { env: ['ONLY_HERE=value-of-a-variable'] });
  await refused(lasso.exec('all', ['docker', 'ps']));
  await refused(connection.call('exec', { sandbox: 'all', command: [], line: 'true && docker ps' }));
  await connection.call('exec', { sandbox: 'all', command: [], line: 'true && echo line' });
  await script(stage, './docker ps; command -v true >/dev/null');
  await lasso.exec('all', ['echo', secretValue, 'https://alice:hunter2@git.example/x']);
  await script(stage, `/bin/true $'a\\nb\\u202e\\x01' $'\\xff\\\\xfe' "$(printf '%05000d' 0)"`);
  await script(stage, 'sleep 60', 1);
  await script(stage, 'head -c 400m /dev/zero | tail -c 399m > /dev/null');
  await script(stage, 'for i in $(seq 100); do sleep 2 & done; wait');
  await script(stage, fetching('web.example'));
  await script(stage, fetching('other.example'));
  await script(stage, `getent hosts nowhere.example; getent hosts nowhere.example`);
  await script(stage, 'curl -sS -H "Authorization: Bearer $TOKEN" https://web.example/secret');
  await script(stage, 'curl -sS -H "X-Other: $TOKEN" https://web.example/other');
  void connection.call('attend', {}).catch(() => undefined);
  for (const answer of ['once', 'always', 'deny'] as const) {
    const asking = script(stage, `touch asked ${answer}`);
    const open = await question(lasso);
    if (answer === 'deny') await connection.call('deny', { id: open });
    else await connection.call('approve', { id: open, for: answer });
    await asking;
  }
  // Both are under way when the sandbox is stopped.
  void lasso.exec('all', ['bash', './hold']).catch(() => undefined);
  await written(lasso, id, '"target":"sleep 600"');
  await connection.call('mode', { sandbox: 'all', mode: 'assist' });
  lasso.profile('everything', profile(', "other.example"'));
  await connection.call('reload', { sandbox: 'all' });
  const terminal = await lasso.terminal('all', { rows: 24, columns: 80 });
  terminal.type('exit 0\n');
  await terminal.exit();
  writeFileSync(join(workspace, 'kept'), 'two');
  await lasso.exec('all', ['ls']);
  await connection.call('stop', { sandbox: 'all', graceSeconds: 1 });
  await connection.call('start', { sandbox: 'all' });
  await connection.call('remove', { sandbox: 'all' });
  return id;
}

/** Waits until a record holds a text. */
async function written(lasso: TestLasso, id: string, text: string): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (readRecord(lasso, id).some((line) => line.text.includes(text))) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail(`there is no record with ${text}`);
}

async function question(lasso: TestLasso): Promise<string> {
  for (let tries = 0; tries < 600; tries += 1) {
    const [open] = (await (await lasso.connect()).call('approvals', {})).approvals;
    if (open) return open.id;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return assert.fail('nobody was asked');
}

function readRecord(lasso: TestLasso, id: string): readonly RecordedLine[] {
  const text = readFileSync(join(lasso.folders.audit, `${id}.jsonl`), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { seq, type, action, outcome, target = '', detail = {} } = recordLine.parse(JSON.parse(line));
      return { seq, type, action, outcome, target, detail, text: line };
    });
}
