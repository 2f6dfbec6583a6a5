/** One session in which everything happens that can happen to a sandbox; then its record is read, and each promise about it is looked for. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { z } from 'zod';
import { actor, recordLine } from '../../helper/protocol/record.ts';
import { canStartEngines, startDocker, type TestEngine } from '../kit/engines.ts';
import { TestLasso } from '../kit/lasso.ts';
import { type MadeUpNetwork, networkProgram, openNetwork } from '../kit/network.ts';
import { playSession, type RecordedLine, secretValue } from '../kit/record-session.ts';

const targets = [
  { backend: 'bubblewrap', engine: undefined, skip: false },
  {
    backend: 'docker',
    engine: startDocker,
    skip: canStartEngines() ? false : 'private engines can be started only by root on Linux',
  },
] as const;

let lasso: TestLasso;
let workspace: string;
let id: string;
let records: readonly RecordedLine[];

/** The one record with this type, action and outcome; `about` narrows it. */
function one(type: string, action: string, outcome: string, about: (line: RecordedLine) => boolean = () => true): RecordedLine {
  const found = records.filter((line) => line.type === type && line.action === action && line.outcome === outcome && about(line));
  assert.equal(found.length, 1, `${type} ${action} ${outcome}: ${found.length} records\n${found.map(({ text }) => text).join('\n')}`);
  return found[0] ?? assert.fail();
}

const some = (
  type: string,
  action: string,
  outcome: string,
  about: (line: RecordedLine) => boolean = () => true,
): readonly RecordedLine[] =>
  records.filter((line) => line.type === type && line.action === action && line.outcome === outcome && about(line));
const of =
  (name: string, value: unknown) =>
  (line: RecordedLine): boolean =>
    line.detail[name] === value;
const hex = /^[0-9a-f]{64}$/;

for (const target of targets)
  describe(`the record of a session on ${target.backend}`, { skip: target.skip }, () => {
    let engine: TestEngine | undefined;
    let network: MadeUpNetwork;
    let folder: string;

    // An image may have to be built first.
    before(
      async () => {
        folder = mkdtempSync(join(tmpdir(), 'lasso-record-'));
        network = await openNetwork(folder, ['web.example', 'other.example']);
        engine = await target.engine?.();
        const environment = { ...engine?.environment, ...network.environment, TEST_SECRET: secretValue };
        lasso = new TestLasso({ environment, program: networkProgram });
        workspace = join(lasso.root, 'work');
        ({ id, records } = await playSession(lasso, workspace, target.backend));
      },
      { timeout: 600_000 },
    );

    after(async () => {
      await lasso.dispose();
      await engine?.stop();
      await network.close();
      rmSync(folder, { recursive: true });
    });

    test('says of every record who acted, over which face', () => {
      for (const { text } of records) {
        const { kind, face, user } = actor.parse(recordLine.parse(JSON.parse(text)).actor);
        assert.ok(kind === 'user' ? user === 'tester' && face === 'cli' : user === undefined, text);
      }
    });

    test('has an outcome for every intent, after it, once the sandbox has ended in order', () => {
      const intents = records.filter(({ outcome }) => outcome === 'intent');
      assert.ok(intents.length > 20);
      for (const { seq, type, action, text } of intents) {
        const outcomes = records.filter((line) => line.detail['intent'] === seq);
        assert.equal(outcomes.length, 1, text);
        assert.ok(outcomes.every((line) => line.seq > seq && line.type === type && (line.action === action || type === 'approval')));
      }
    });

    test('says what a start was made of', () => {
      const [{ detail, target: of } = assert.fail()] = some('lifecycle', 'start', 'intent');
      const names = [
        'lasso',
        'engine',
        'guest',
        'profile',
        'profileVersion',
        'profileDigest',
        'workspaceProfile',
        'mode',
        'backend',
        'isolation',
      ];
      for (const name of [
        ...names,
        'link',
        'image',
        'workspace',
        'mounts',
        'network',
        'secrets',
        'execGate',
        'limits',
        'notEnforced',
        'notices',
        'redaction',
        'agent',
      ])
        assert.ok(name in detail, name);
      assert.equal(of, workspace);
      assert.match(String(detail['profileDigest']), hex);
      assert.match(String(detail['guest']), hex);
      assert.match(String(detail['engine']), new RegExp(`^${target.backend} \\d`));
      if (target.backend !== 'bubblewrap') assert.match(String(detail['image']), /^sha256:[0-9a-f]{64}$/);
      assert.deepEqual([detail['profile'], detail['profileVersion'], detail['mode']], ['everything', 7, 'autonomous']);
      assert.deepEqual([detail['secrets'], detail['environment']], [['TOKEN'], ['GIVEN']]);
      const limits = z.record(z.string(), z.number()).parse(detail['limits']);
      assert.deepEqual([limits['memoryBytes'], limits['pids']], [256 * 1024 * 1024, 64]);
      assert.ok((limits['cpus'] ?? 0) > 0);
    });

    test('has commands with the verdict on their text, how they ended and the beginning of what they wrote', () => {
      const intent = one('command', 'exec', 'intent', ({ target }) => target === 'bash -c echo out; echo err >&2; exit 3');
      assert.equal(intent.detail['verdict'], 'allow');
      const ended = one('command', 'exec', 'error', of('intent', intent.seq));
      assert.equal(ended.detail['code'], 3);
      assert.deepEqual(ended.detail['output'], { stdout: { text: 'out\n', bytes: 4 }, stderr: { text: 'err\n', bytes: 4 } });
      const given = one('command', 'exec', 'intent', ({ target: of }) => of === '/bin/true given');
      assert.deepEqual(given.detail['environment'], ['ONLY_HERE']);
      for (const target of ['docker ps', 'true && docker ps']) {
        const blocked = one('command', 'exec', 'blocked', (line) => line.target === target);
        assert.deepEqual([blocked.detail['verdict'], blocked.detail['rule']], ['deny', 'commands.blacklist[0]']);
        assert.match(String(blocked.detail['origin']), /^everything\.toml:\d+$/);
      }
    });

    test('has the start of every program inside, each with its own arguments, and what was refused', () => {
      const starts = records.filter(({ type, action }) => type === 'command' && action === 'start');
      const run = some('command', 'exec', 'intent', ({ target }) => target === 'bash ./run').length;
      assert.equal(starts.filter(({ target }) => target === 'bash ./run').length, run);
      const refusal = one('command', 'start', 'blocked', ({ detail, target }) => detail['stage'] === 'list' && target === './docker ps');
      assert.ok(Number(refusal.detail['pid']) > 0);
    });

    test('has what is no text so that nothing of it is lost and no viewer is led astray', () => {
      const { detail, text } = one('command', 'start', 'success', ({ target }) => target.startsWith('/bin/true a'));
      assert.match(text, /^[\x20-\x7e]*$/);
      const [, odd, broken, long] = z.array(z.string()).parse(detail['argv']);
      assert.equal(odd, 'a\nb\u202e\u0001');
      assert.match(broken ?? '', /\uFFFD/);
      assert.deepEqual(detail['bytes'], { 'argv/2': '\\xff\\\\xfe' });
      assert.equal(long?.length, 4096);
      const cut = z.object({ cut: z.array(z.object({ path: z.string(), bytes: z.number(), sha256: z.string() })) }).parse(JSON.parse(text));
      assert.ok(cut.cut.some(({ path, bytes, sha256 }) => path === '/detail/argv/3' && bytes === 5000 && hex.test(sha256)));
    });

    test('has no value of a secret, no password and no query, and shows where one was', () => {
      const all = records.map(({ text }) => text).join('\n');
      for (const value of [secretValue, 'hunter2', 'value-of-a-variable']) assert.equal(all.includes(value), false, value);
      assert.ok(some('network', 'request', 'success').every(({ text }) => !text.includes('in-the-query')));
      const [echoed = assert.fail()] = some('command', 'exec', 'intent', ({ target }) => target.startsWith('echo'));
      assert.match(echoed.target, /^echo \[redacted:secret:TOKEN\] https:\/\/alice:\[redacted:url:[0-9a-f]{8}\]@git\.example\/x$/);
    });

    test('has limits that were reached: time, memory and processes', () => {
      const [timedOut = assert.fail()] = some('command', 'exec', 'error', of('limit', 'time'));
      assert.match(String(timedOut.detail['reason']), /^timed out after 1 s/);
      assert.equal(some('command', 'exec', 'error', of('limit', 'memory')).length, 1);
      assert.equal(some('lifecycle', 'limit', 'error', of('limit', 'memory')).length, 1);
      assert.ok(some('lifecycle', 'limit', 'error', of('limit', 'pids')).length > 0);
    });

    test('has each connection and request with the program that made it, and its end with bytes and time', () => {
      const [connected = assert.fail()] = some('network', 'connect', 'success', (line) => line.target === 'web.example:80');
      assert.deepEqual(
        [connected.detail['host'], connected.detail['port'], connected.detail['executable']],
        ['web.example', 80, '/usr/bin/bash'],
      );
      const request = one('network', 'request', 'success', of('of', connected.seq));
      assert.deepEqual([request.detail['method'], request.detail['path'], request.detail['verdict']], ['GET', '/path', 'allow']);
      const answered = one('network', 'closed', 'success', of('of', request.seq));
      assert.equal(answered.detail['status'], 200);
      assert.ok(Number(answered.detail['bytesDown']) > 0 && Number(answered.detail['ms']) >= 0 && Number(answered.detail['pid']) > 0);
      for (const { seq } of some('network', 'connect', 'success'))
        assert.equal(records.filter(({ type, detail }) => type === 'network' && detail['of'] === seq && 'ms' in detail).length, 1);
    });

    test('has names that were refused, once each, and how often they were asked about again', () => {
      const told = some('network', 'name', 'blocked', ({ target, detail }) => target === 'nowhere.example' && 'stage' in detail);
      assert.equal(told.length, 1);
      assert.equal(told[0]?.detail['executable'], '/usr/bin/getent');
      assert.ok(some('network', 'name', 'blocked', ({ detail }) => Number(detail['refused']) > 0).length > 0);
    });

    test('has each use of a secret by name, host and header, and where one was kept from going', () => {
      const used = one('secret', 'substituted', 'success');
      assert.deepEqual([used.detail['secret'], used.detail['header'], used.target], ['TOKEN', 'authorization', 'web.example:443']);
      const [kept = assert.fail()] = some('violation', 'placeholder-refused', 'blocked');
      assert.equal(kept.detail['secret'], 'TOKEN');
    });

    test('has what a person was asked, who answered what, and what a lasting yes proposed', () => {
      assert.deepEqual(
        records.filter(({ type, action }) => type === 'approval' && action === 'answer').map(({ detail }) => detail['answer']),
        ['once', 'always', 'deny'],
      );
      const always = one('approval', 'answer', 'success', of('answer', 'always'));
      const proposed = z.object({ profile: z.string(), sha256: z.string(), lines: z.array(z.string()) }).parse(always.detail['proposed']);
      assert.equal(proposed.profile, 'everything');
      assert.match(proposed.sha256, hex);
      assert.ok(proposed.lines.some((line) => line.includes('touch')));
      const refusal = one('command', 'start', 'blocked', ({ detail }) => detail['answer'] === 'deny');
      assert.equal(refusal.detail['answeredBy'], 'tester');
    });

    test('has changes of mode and of the profile, with digests before and after', () => {
      const mode = one('policy', 'mode', 'success');
      assert.deepEqual([mode.detail['before'], mode.detail['after']], ['autonomous', 'assist']);
      const { before: old, after: now, changes } = one('policy', 'reload', 'success').detail;
      assert.match(String(old), hex);
      assert.match(String(now), hex);
      assert.notEqual(old, now);
      assert.match(z.array(z.string()).parse(changes).join(), /other\.example/);
      const [, again = assert.fail()] = some('lifecycle', 'start', 'intent');
      assert.equal(again.detail['profileDigest'], now);
      assert.equal(again.detail['mode'], 'assist');
    });

    test('has terminals with their end', () => {
      const opened = one('terminal', 'shell', 'intent');
      assert.equal(one('terminal', 'shell', 'success', of('intent', opened.seq)).detail['code'], 0);
    });

    test('has the files that changed, with digests of what is there now', () => {
      const [changed = assert.fail()] = some('file', 'changed', 'success');
      const rows = z.array(z.object({ path: z.string(), sha256: z.string().optional() }));
      const paths = (name: string): readonly string[] => rows.parse(changed.detail[name]).map(({ path }) => path);
      assert.deepEqual(paths('changed'), ['kept']);
      assert.deepEqual(paths('added').toSorted(), ['always', 'asked', 'once', 'run']);
      const kept = rows.parse(changed.detail['changed'])[0]?.sha256;
      assert.equal(kept, createHash('sha256').update('two').digest('hex'));
      assert.equal(changed.detail['complete'], true);
    });

    test('has its stops and its removal, and verifies', async () => {
      assert.equal(some('lifecycle', 'stop', 'success').length, 2);
      assert.equal(some('lifecycle', 'remove', 'success').length, 1);
      const { code, stdout, stderr } = await lasso.cli(['audit', 'verify', id]);
      assert.equal(code, 0, stdout + stderr);
    });
  });
