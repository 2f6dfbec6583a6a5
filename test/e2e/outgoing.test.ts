/** A real helper and a real sandbox whose record goes out: in order, over a kill of the helper, and without waiting for who does not answer. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { z } from 'zod';
import { receiver, until, type Receiver } from '../kit/forwarding.ts';
import { TestLasso, gone } from '../kit/lasso.ts';

let lasso: TestLasso;
let hook: Receiver;
let workspace: string;

beforeEach(async () => {
  lasso = new TestLasso({ environment: { HOOK_KEY: 'the key of the hook' } });
  workspace = join(lasso.root, 'work');
  mkdirSync(workspace);
  hook = await receiver();
});
afterEach(async () => {
  await lasso.dispose();
  await hook.close();
});

const told = z.object({
  sandbox: z.string(),
  events: z.array(
    z.object({
      id: z.string(),
      event: z.string(),
      seq: z.number().optional(),
      digest: z.string().optional(),
      record: z.looseObject({ seq: z.number(), prev: z.string(), action: z.string(), target: z.string().optional() }).optional(),
      checkpoint: z.string().optional(),
    }),
  ),
});
type Event = z.infer<typeof told>['events'][number];

const events = (): readonly Event[] => hook.told.flatMap(({ body }) => told.parse(JSON.parse(body)).events);
const records = (): readonly NonNullable<Event['record']>[] => events().flatMap(({ record }) => record ?? []);
const all = 'events = ["chain", "lifecycle", "command", "terminal", "violation", "gap", "file", "network", "secret", "approval", "policy"]';
const profile = (more: string): string =>
  lasso.profile('told', `name = "told"\nextends = "open"\n[[audit.webhooks]]\nurl = "${hook.url}"\n${more}\n`);
const lines = (id: string): readonly string[] =>
  readdirSync(lasso.folders.audit)
    .filter((name) => name.startsWith(id) && name.endsWith('.jsonl'))
    .sort()
    .flatMap((name) => readFileSync(join(lasso.folders.audit, name), 'utf8').split('\n'))
    .filter((line) => line !== '');
const create = (): ReturnType<TestLasso['create']> =>
  lasso.create({ dir: workspace, backend: 'bubblewrap', profile: 'told', name: 'told' });
const numbers = (): readonly number[] => [...new Set(records().map(({ seq }) => seq))].sort((a, b) => a - b);

test('a webhook is told the whole record, signed, also over a helper that is killed, and the last of it when the sandbox is gone', async () => {
  profile(`secret = "env:HOOK_KEY"\n${all}`);
  const { id } = await create();
  for (let n = 0; n < 5; n += 1) await lasso.exec('told', ['echo', String(n)]);
  await until('the commands', () => records().filter(({ action }) => action === 'exec').length >= 5);
  for (const { headers, body } of hook.told) {
    const timestamp = String(headers['x-lasso-timestamp']);
    const expected = createHmac('sha256', 'the key of the hook').update(`${timestamp}.${body}`).digest('hex');
    assert.equal(headers['x-lasso-signature'], `t=${timestamp},sha256=${expected}`);
  }
  const good = hook.answer;
  hook.answer = () => undefined;
  await lasso.exec('told', ['echo', 'nobody hears this yet']);
  const pid = await lasso.helperPid();
  process.kill(pid, 'SIGKILL');
  await gone(pid);
  lasso.disconnect();
  hook.answer = good;
  const connection = await lasso.connect();
  await connection.call('start', { sandbox: 'told' });
  await lasso.exec('told', ['echo', 'again']);
  await connection.call('remove', { sandbox: 'told' });
  await until('the end', () => !existsSync(join(lasso.folders.home, 'outbox', id)));
  const written = lines(id);
  assert.deepEqual(
    numbers(),
    written.map((_line, index) => index),
  );
  const byNumber = new Map(events().flatMap(({ seq, digest }) => (seq === undefined ? [] : [[seq, digest]])));
  for (const { seq, prev } of records()) assert.equal(prev, seq === 0 ? '0'.repeat(64) : byNumber.get(seq - 1));
  assert.ok(records().some(({ action }) => action === 'remove'));
  const last = events().findLast(({ checkpoint }) => checkpoint !== undefined);
  assert.match(last?.checkpoint ?? '', new RegExp(`^lasso/record/v3/${id}\n${written.length}\n`));
});

test('a receiver that hangs holds up no command and no end, is said to fail, and is told all of it by the helper that comes after', async () => {
  const good = hook.answer;
  hook.answer = () => undefined;
  profile(`timeout_seconds = 1\nretry_count = 0\n${all}`);
  const { id } = await create();
  for (let n = 0; n < 30; n += 1) assert.equal((await lasso.exec('told', ['echo', String(n)])).stdout, `${n}\n`);
  const connection = await lasso.connect();
  const notices = async (): Promise<readonly string[]> =>
    (await connection.call('status', { sandbox: 'told' })).sandboxes.flatMap(({ notices: said }) => said);
  let said: readonly string[] = [];
  for (let looks = 0; looks < 100 && !said.some((text) => text.includes('is not told to')); looks += 1) {
    said = await notices();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.ok(
    said.some((text) => text.startsWith(`The record is not told to ${new URL(hook.url).origin}/…: there was no answer within 1 seconds`)),
    said.join('\n'),
  );
  assert.ok(lines(id).some((line) => line.includes('"receiver-failing"')));
  await lasso.quit();
  assert.ok(existsSync(join(lasso.folders.home, 'outbox', id)));
  hook.answer = good;
  await lasso.connect();
  await until('the end', () => !existsSync(join(lasso.folders.home, 'outbox', id)));
  assert.deepEqual(
    numbers(),
    lines(id).map((_line, index) => index),
  );
});

test('a reload changes who is told; a receiver that was added hears what comes then', async () => {
  lasso.profile('told', 'name = "told"\nextends = "open"\n');
  await create();
  await lasso.exec('told', ['echo', 'before']);
  profile('events = ["command"]');
  await (await lasso.connect()).call('reload', { sandbox: 'told' });
  await lasso.exec('told', ['echo', 'after']);
  await until('one command', () => records().length >= 2);
  const text = hook.told.map(({ body }) => body).join('\n');
  assert.ok(text.includes('after') && !text.includes('"before"'), text);
});

test('lasso webhook test tells what each receiver answered, and fails when one did', async () => {
  const syslog = 'syslog_address = "tcp://127.0.0.1:1"\n';
  lasso.profile('told', `name = "told"\nextends = "open"\n[[audit.webhooks]]\nurl = "${hook.url}"\nsecret = "env:HOOK_KEY"\n`);
  const good = await lasso.cli(['webhook', 'test', 'told']);
  assert.deepEqual([good.code, good.stdout], [0, `told  webhook  ${new URL(hook.url).origin}/…  answered with status 204\n`]);
  assert.equal(hook.told[0]?.headers['x-lasso-event'], 'test');
  lasso.profile(
    'told',
    `name = "told"\nextends = "open"\n[audit]\n${syslog}[[audit.webhooks]]\nurl = "${hook.url}"\nsecret = "env:NO_KEY"\n`,
  );
  const bad = await lasso.cli(['webhook', 'test', 'told']);
  assert.equal(bad.code, 1);
  assert.match(bad.stdout, /failed +webhook .*NO_KEY/);
  assert.match(bad.stdout, /failed +syslog +tcp:\/\/127.0.0.1:1 +it could not be reached \(ECONNREFUSED\)/);
  assert.equal(hook.told.length, 1);
  const none = await lasso.cli(['webhook', 'test', 'standard']);
  assert.deepEqual([none.code, none.stdout.startsWith('This profile names nobody')], [0, true]);
});
