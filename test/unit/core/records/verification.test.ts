/** What is verified when somebody names a sandbox, a file, a folder, or nothing: with which keys, and what is missed when it is gone. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { checkpointFile } from '../../../../helper/audit/writing/anchors.ts';
import { chainFiles } from '../../../../helper/audit/form/chain-files.ts';
import { firstKeyFile, ledgerFile, openUserKeys, publicKeyFile } from '../../../../helper/audit/keys/user-keys.ts';
import { verifyAll, verifyPath, verifyPlace } from '../../../../helper/core/records/verification.ts';
import type { VerifyReport } from '../../../../helper/protocol/record.ts';
import { testPlace } from '../../../kit/folders.ts';
import { countingClock, entry, testOptions } from '../../../kit/records.ts';
import { recordStore } from '../../../../helper/audit/writing/store.ts';

const place = testPlace();
after(place.remove);
const { folders, host, root } = place;
const [one, two] = ['0123456789ab', 'ba9876543210'];
let world: Parameters<typeof verifyAll>[0];
const never = new AbortController().signal;

before(async () => {
  const userKeys = await openUserKeys(host, folders);
  world = { host, folders, userKeys };
  const store = recordStore({ host, folders, keys: userKeys, clock: countingClock(), version: '0.0.0' });
  for (const sandbox of [one, two]) {
    const record = await store.open(sandbox, testOptions);
    for (let n = 0; n < 3; n += 1) await record.append(entry);
    await record.close();
  }
});

const said = (reports: readonly VerifyReport[]): string[] =>
  reports.map(({ sandbox, status, problems }) =>
    [sandbox ?? '-', status, ...problems.filter(({ level }) => level === 'error').map(({ code }) => code)].join(' '),
  );
const own = async (sandbox: string): Promise<VerifyReport> =>
  await verifyPlace(world, { sandbox, files: await chainFiles(folders.audit, sandbox) });

/** Does something to a copy of what `path` holds, and puts everything back. */
async function meanwhile(path: string, act: () => Promise<void>, change: () => void): Promise<void> {
  const kept = join(root, `kept-${basename(path)}`);
  cpSync(path, kept);
  change();
  try {
    await act();
  } finally {
    cpSync(kept, path);
  }
}

test('everything of a user verifies with what is there', async () => {
  assert.deepEqual(said(await verifyAll(world, {}, never)), [`${one} intact`, `${two} intact`]);
  assert.deepEqual(said([await own(one)]), [`${one} intact`]);
  assert.deepEqual(said(await verifyPath(world, folders.audit, {}, never)), [`${one} intact`, `${two} intact`]);
  assert.deepEqual(said(await verifyPath(world, join(folders.audit, `${two}.jsonl`), {}, never)), [`${two} intact`]);
});

test('a record that was removed is missed, also with its checkpoints', async () => {
  const file = join(folders.audit, `${one}.jsonl`);
  const notes = checkpointFile(folders.home, one);
  await meanwhile(
    file,
    async () => {
      assert.deepEqual(said(await verifyAll(world, {}, never)), [`${one} truncated missing`, `${two} intact`]);
      await meanwhile(
        notes,
        async () => {
          assert.deepEqual(said(await verifyAll(world, {}, never)), [`${one} truncated missing`, `${two} intact`]);
          assert.deepEqual(said([await own(one)]), [`${one} truncated missing`]);
        },
        () => rmSync(notes),
      );
    },
    () => rmSync(file),
  );
});

test('a list of chains that was changed is told', async () => {
  const ledger = ledgerFile(folders);
  const change = (): void => writeFileSync(ledger, readFileSync(ledger, 'utf8').replace(` ${two} `, ' ffffffffffff '));
  await meanwhile(ledger, async () => assert.deepEqual(said(await verifyAll(world, {}, never)).at(-1), '- tampered edited'), change);
});

test('a record copied elsewhere verifies there with what lies beside it, for who has the public key alone', async () => {
  const stranger = testPlace();
  after(stranger.remove);
  const other = { host, folders: stranger.folders, userKeys: await openUserKeys(host, stranger.folders) };
  const copy = join(root, 'copy');
  mkdirSync(copy);
  const file = join(copy, `${one}.jsonl`);
  cpSync(join(folders.audit, `${one}.jsonl`), file);
  assert.deepEqual(said(await verifyPath(other, file, {}, never)), [`${one} no-key no-key`]);
  const publicKey = publicKeyFile(folders);
  assert.deepEqual(said(await verifyPath(other, file, { publicKey }, never)), [`${one} no-key no-key`]);
  const checkpoint = checkpointFile(folders.home, one);
  assert.deepEqual(said(await verifyPath(other, file, { publicKey, checkpoint }, never)), [`${one} intact`]);
  cpSync(checkpoint, join(copy, `${one}.checkpoints`));
  assert.deepEqual(said(await verifyPath(other, copy, { publicKey }, never)), [`${one} intact`]);
  assert.deepEqual(said(await verifyPath(other, file, { key: firstKeyFile(folders) }, never)), [`${one} intact`]);
  assert.deepEqual(said(await verifyPath(other, file, { key: firstKeyFile(stranger.folders), publicKey }, never)), [
    `${one} no-key no-key`,
  ]);
  assert.deepEqual(said(await verifyPath(other, file, { publicKey: publicKeyFile(stranger.folders) }, never)), [
    `${one} tampered foreign checkpoint`,
  ]);
});

test('checkpoints kept elsewhere count beside those of this machine, and miss a record that is gone with everything', async () => {
  const kept = join(root, 'kept.checkpoints');
  writeFileSync(kept, [one, two].map((sandbox) => readFileSync(checkpointFile(folders.home, sandbox), 'utf8')).join(''));
  const older = readFileSync(checkpointFile(folders.home, one), 'utf8');
  const notes = checkpointFile(folders.home, one);
  const file = join(folders.audit, `${one}.jsonl`);
  await meanwhile(
    file,
    async () => {
      const change = (): void => writeFileSync(notes, older.slice(0, older.indexOf('lasso/record', 1)));
      await meanwhile(
        notes,
        async () => {
          const given = { checkpoint: kept };
          assert.deepEqual(said([await own(one)]), [`${one} intact`], 'an older copy of everything');
          assert.deepEqual(said(await verifyAll(world, given, never)), [`${one} truncated truncated`, `${two} intact`]);
        },
        change,
      );
    },
    () => writeFileSync(file, `${readFileSync(file, 'utf8').split('\n')[0] ?? ''}\n`),
  );
  await assert.rejects(verifyPlace(world, { sandbox: 'ffffffffffff', files: [] }, { checkpoint: kept }), { code: 'RECORD_INVALID' });
});

test('a record and key of LASSO 1.x verify together', async () => {
  const line = String.raw`{"action":"start","actor":"system","detail":{"profile":"standard"},"event_id":"00000000000000000000000000000001","outcome":"success","sandbox_id":"0123456789ab","sig":"964c30580698ba2785f39395faccc424a87c41b9ea54c724176539c57007ea24","target":"","ts":"2026-01-01T00:00:00+00:00","type":"lifecycle"}`;
  const file = join(root, 'old', `${one}_20260101T000000Z.jsonl`);
  mkdirSync(dirname(file));
  writeFileSync(file, `${line}\n`);
  const key = join(root, 'old', 'key');
  writeFileSync(key, Buffer.from(Array.from({ length: 32 }, (_, index) => index)), { mode: 0o600 });
  assert.deepEqual(said(await verifyPath(world, file, { key }, never)), [`${one} unanchored`]);
  assert.deepEqual(said(await verifyPath(world, dirname(file), { key }, never)), [`${one} unanchored`]);
  assert.deepEqual(said(await verifyPath(world, file, {}, never)), [`${one} no-key no-key`]);
});

test('a record that is written, rotated and shortened meanwhile is never mistaken for one that was tampered with', async () => {
  const store = recordStore({ host, folders, keys: world.userKeys, clock: countingClock(), version: '0.0.0' });
  const record = await store.open('cccccccccccc', { ...testOptions, maxFileBytes: 16_384, olderFiles: 1 });
  const enough = new AbortController();
  const writing = (async () => {
    for (; !enough.signal.aborted; await setTimeout(10)) await record.append(entry);
  })();
  try {
    for (let n = 0; n < 5; n += 1) {
      const report = await own('cccccccccccc');
      assert.ok(report.valid, JSON.stringify(report));
    }
  } finally {
    enough.abort();
    await writing;
    await record.close();
  }
  assert.equal((await own('cccccccccccc')).status, 'intact');
});

test('files that are not what they should be are refused in words', async () => {
  const odd = join(root, 'odd');
  writeFileSync(odd, 'odd', { mode: 0o600 });
  for (const given of [{ key: odd }, { publicKey: odd }, { checkpoint: odd }, { checkpoint: root }, { publicKey: join(root, 'absent') }])
    await assert.rejects(verifyAll(world, given, never), { code: 'RECORD_INVALID' }, JSON.stringify(given));
  await assert.rejects(verifyPath(world, join(root, 'absent'), {}, never), { code: 'RECORD_INVALID' });
});
