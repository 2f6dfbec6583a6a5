import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { after, beforeEach, describe, test } from 'node:test';
import { firstKeyText } from '../../../../helper/audit/form/key-schedule.ts';
import type { SandboxRecord } from '../../../../helper/audit/writing/log.ts';
import { verifyChain } from '../../../../helper/audit/verifying/verify.ts';
import { silentLog } from '../../../../helper/base/log.ts';
import { recordReportOperations } from '../../../../helper/core/operations/record-reports.ts';
import type { Registry } from '../../../../helper/core/registry.ts';
import { LassoError } from '../../../../helper/protocol/errors.ts';
import { unpacked } from '../../../kit/archives.ts';
import { busySession } from '../../../kit/busy-session.ts';
import { testPlace } from '../../../kit/folders.ts';
import {
  countingClock,
  entry,
  openTestRecord,
  testFirstKey,
  testKeys,
  testPublicKey,
  testSandbox,
  writeChain,
} from '../../../kit/records.ts';
import { root } from '../../../kit/sources.ts';

const place = testPlace();
after(place.remove);
let turn = 0;
let home: string;
let out: string;

beforeEach(() => {
  turn += 1;
  home = join(place.root, `home-${turn}`);
  out = join(place.root, `out-${turn}`);
  mkdirSync(home, { mode: 0o700 });
  mkdirSync(out);
});

type Verbs = ReturnType<typeof recordReportOperations>;
const context = { signal: new AbortController().signal } as Parameters<Verbs['auditPack']>[1];

/** The verbs of a helper in which these records are open. */
function verbs(open: readonly SandboxRecord[] = []): Verbs {
  writeFileSync(join(home, 'first-key'), firstKeyText(testFirstKey), { mode: 0o600 });
  const registry = {
    all: open.map((record) => ({ id: testSandbox, record, saved: { name: 'app' } })),
    resolve: () => assert.fail('it was found before'),
  };
  return recordReportOperations(
    {
      host: { ...place.host, temporary: out },
      folders: { ...place.folders, home, audit: join(home, 'audit') },
      userKeys: testKeys(),
      log: silentLog,
      clock: countingClock(),
      version: '2.0.0',
      closedPlaces: { home: place.root, lassoFolders: [home], engineSockets: [] },
      readProfile: () => Promise.reject(new Error('no profile here')),
    },
    registry as unknown as Registry,
    join(root, 'helper', 'audit', 'FORMAT.md'),
  );
}

async function pack(made = verbs()): Promise<{ readonly status: string; readonly members: ReadonlyMap<string, Buffer> }> {
  const output = join(out, 'evidence.tar.gz');
  const { status } = await made.auditPack({ sandbox: testSandbox, output }, context);
  return { status, members: await unpacked(output, `lasso-evidence-${testSandbox}`) };
}

const textOf = (members: ReadonlyMap<string, Buffer>, name: string): string => members.get(name)?.toString() ?? assert.fail(name);

/** As an auditor does, who has the archive and nothing else. */
async function statusOf(members: ReadonlyMap<string, Buffer>): Promise<string> {
  const folder = join(out, 'auditor');
  mkdirSync(folder);
  const records = [...members].filter(([name]) => name.startsWith('record/') && name.endsWith('.jsonl'));
  for (const [name, bytes] of records) writeFileSync(join(folder, name.slice('record/'.length)), bytes);
  const report = await verifyChain({
    files: records.map(([name]) => join(folder, name.slice('record/'.length))),
    verifierKey: textOf(members, 'checkpoints/public-key').trim(),
    checkpoints: [{ file: 'notes', text: textOf(members, `checkpoints/${testSandbox}.checkpoints`), mixed: false }],
  });
  return report.status;
}

describe('an archive', () => {
  test('holds all files of a chain in their order, and stands with the public key alone', async () => {
    const chain = await writeChain(home, 400, { options: { maxFileBytes: 60_000 } });
    assert.ok(chain.files.length > 2);
    const { status, members } = await pack();
    assert.equal(status, 'intact');
    const names = [...members.keys()].filter((name) => name.startsWith('record/'));
    assert.deepEqual(
      names,
      chain.files.map(({ name }) => `record/${name}`),
    );
    for (const { name, path } of chain.files) assert.ok(members.get(`record/${name}`)?.equals(readFileSync(path)));
    assert.equal(textOf(members, 'checkpoints/public-key'), `${testPublicKey}\n`);
    assert.equal(await statusOf(members), 'intact');
  });

  test('of a record that is written meanwhile is about the same lines throughout', async () => {
    const record = await openTestRecord(home);
    for (const one of busySession.slice(3)) await record.append(one);
    const over = new AbortController();
    const writer = (async (): Promise<void> => {
      while (!over.signal.aborted) {
        await record.append(entry);
        await setTimeout(2);
      }
    })();
    const { status, members } = await pack(verbs([record])).finally(async () => {
      over.abort();
      await writer;
      await record.close();
    });
    const told = JSON.parse(textOf(members, 'verification.json')) as { readonly records: number };
    const lines = textOf(members, `record/${testSandbox}.jsonl`).split('\n');
    assert.equal(lines.pop(), '', 'no line is cut');
    assert.equal(told.records, lines.length);
    assert.match(textOf(members, 'report.md'), new RegExp(`\\*\\*${lines.length.toLocaleString('en')} records in 1 file\\*\\*`));
    assert.ok(['intact', 'unanchored'].includes(status), status);
    assert.deepEqual(readdirSync(out), ['evidence.tar.gz'], 'no copy is left');
  });

  test('of a record that was changed says so everywhere', async () => {
    const { file } = await writeChain(home, busySession.slice(3));
    writeFileSync(file, readFileSync(file, 'utf8').replace('"rm -rf /"', '"rm -rf ."'));
    const { status, members } = await pack();
    assert.equal(status, 'tampered');
    assert.match(textOf(members, 'verification.txt'), /^FAULT {2}edited {2}/m);
    assert.match(textOf(members, 'report.md'), /❌ \*\*Not valid: it was changed\*\*/);
    assert.doesNotMatch(textOf(members, 'controls.md'), /\| evidence \|/);
  });

  test('holds what a crash tore off', async () => {
    const { file } = await writeChain(home, 3);
    appendFileSync(file, '{"v":3,"to');
    await writeChain(home, 1);
    const { members } = await pack();
    assert.equal(textOf(members, `record/${testSandbox}.torn-1`), '{"v":3,"to');
  });

  test('holds neither seeds nor private keys', async () => {
    await writeChain(home, 5);
    const { members } = await pack();
    const secret = [testFirstKey, testFirstKey.toString('hex'), testFirstKey.toString('base64url'), Buffer.alloc(32, 7), 'PRIVATE KEY'];
    // The description of the format has vectors, whose first key is this test's too.
    const written = [...members].filter(([name]) => name !== 'FORMAT.md');
    for (const [name, bytes] of written) for (const one of secret) assert.ok(!bytes.includes(one), name);
  });

  for (const output of ['relative.tar.gz', '/nowhere/at/all/x.tar.gz'])
    test(`is not written to ${output}`, async () => {
      await writeChain(home, 1);
      const isBad = (error: unknown): boolean => error instanceof LassoError && error.code === 'BAD_REQUEST';
      await assert.rejects(verbs().auditPack({ sandbox: testSandbox, output }, context), isBad);
    });
});

describe('a report', () => {
  test('of a record that was cut says that there was more', async () => {
    const { file } = await writeChain(home, busySession.slice(3));
    const lines = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, `${lines.slice(0, 10).join('\n')}\n`);
    const { text } = await verbs().auditReport({ sandbox: testSandbox, format: 'markdown' }, context);
    assert.match(text, /Not valid: there was more, or something else/);
    assert.match(text, /\| truncated \|/);
  });

  test('is made without the first key, and says so', async () => {
    await writeChain(home, busySession.slice(3));
    const made = verbs();
    writeFileSync(join(home, 'first-key'), 'not a key');
    const { text } = await made.auditReport({ sandbox: testSandbox, format: 'html' }, context);
    assert.match(text, /Verified: this record stands/);
    assert.match(text, /no seal was checked/);
  });
});
