/** A user's keys are made once, move on with each chain, come through a crash at any step, and are never made anew in silence. */
import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { chainsOf, readLedger } from '../../../../helper/audit/keys/chain-ledger.ts';
import { verifierKeyText } from '../../../../helper/audit/form/checkpoint.ts';
import { chainSeed, fingerprintOf, seedAfter } from '../../../../helper/audit/form/key-schedule.ts';
import {
  firstKeyFile,
  ledgerFile,
  openUserKeys,
  publicKeyFile,
  readFirstKey,
  seedStateFile,
  signerFile,
} from '../../../../helper/audit/keys/user-keys.ts';
import type { TestPlace } from '../../../kit/folders.ts';
import { testPlaces } from '../../../kit/places.ts';

const place = testPlaces();

test('a first use makes first key, seed, signer and public key, for this user alone', async () => {
  const { host, folders } = place();
  const keys = await openUserKeys(host, folders);
  const first = await readFirstKey(host, firstKeyFile(folders));
  assert.equal(keys.fingerprint, fingerprintOf(first));
  assert.equal(keys.publicKey, verifierKeyText(createPublicKey(keys.signer)));
  assert.equal(readFileSync(publicKeyFile(folders), 'utf8'), `${keys.publicKey}\n`);
  for (const file of [firstKeyFile, seedStateFile, signerFile, publicKeyFile].map((at) => at(folders)))
    assert.equal(statSync(file).mode & 0o777, 0o600, file);
  assert.deepEqual(readdirSync(folders.home).sort(), ['checkpoints', 'first-key', 'keys']);
  assert.deepEqual(readdirSync(join(folders.home, 'keys')).sort(), ['checkpoints.pem', 'user.json']);
  const again = await openUserKeys(host, folders);
  assert.deepEqual([again.fingerprint, again.publicKey, again.chains], [keys.fingerprint, keys.publicKey, 0]);
});

test('each chain gets the seed of its index, also when many ask at once, and the machine cannot make it again', async () => {
  const { host, folders } = place();
  const keys = await openUserKeys(host, folders);
  const first = await readFirstKey(host, firstKeyFile(folders));
  const names = Array.from({ length: 12 }, (_, number) => `box-${number}`);
  const given = await Promise.all(names.map((name) => keys.nextChain(name)));
  const more = await (await openUserKeys(host, folders)).nextChain('later');
  assert.deepEqual(
    [...given, more].map(({ index }) => index),
    Array.from({ length: 13 }, (_, index) => index),
  );
  for (const [at, { index, seed }] of [...given, more].entries())
    assert.deepEqual(seed, chainSeed(seedAfter(first, index), names[at] ?? 'later'));
  const kept = readFileSync(seedStateFile(folders), 'utf8');
  assert.ok(kept.includes(seedAfter(first, 13).toString('base64url')));
  assert.deepEqual(readdirSync(join(folders.home, 'keys')).sort(), ['checkpoints.pem', 'user.json'], 'no copy is left beside it');
});

test('the list of chains says who got which index and who began, and the first key proves every line of it', async () => {
  const { host, folders } = place();
  const keys = await openUserKeys(host, folders);
  const first = await readFirstKey(host, firstKeyFile(folders));
  const one = await keys.nextChain('one');
  await keys.begun(one.index, 'one');
  await keys.nextChain('never');
  const three = await keys.nextChain('three');
  await keys.begun(three.index, 'three');
  const text = readFileSync(ledgerFile(folders), 'latin1');
  const ledger = readLedger(text, first);
  assert.equal(ledger.brokenAt, undefined);
  assert.deepEqual(
    [...chainsOf(ledger)],
    [
      [0, { sandbox: 'one', begun: true }],
      [1, { sandbox: 'never', begun: false }],
      [2, { sandbox: 'three', begun: true }],
    ],
  );
  const lines = text.split('\n');
  for (const [number, line] of lines.slice(0, -1).entries()) {
    const edited = lines.with(number, line.replace(/ (one|never|three) /, ' other ')).join('\n');
    assert.equal(readLedger(edited, first).brokenAt, number + 1, `line ${number + 1} edited`);
    if (number === lines.length - 2) continue;
    const shorter = lines.toSpliced(number, 1).join('\n');
    assert.equal(readLedger(shorter, first).brokenAt, number + 1, `line ${number + 1} removed`);
  }
});

/** what the disk may hold after a kill in the middle of things */
const kills: readonly { readonly name: string; readonly leave: (at: TestPlace, before: string) => void; readonly next: number }[] = [
  { name: 'before anything', leave: ({ folders }, before) => restore(folders.home, before), next: 1 },
  {
    name: 'in the middle of the line in the list',
    leave: ({ folders }, before) => {
      const whole = readFileSync(ledgerFile(folders), 'latin1');
      restore(folders.home, before);
      writeFileSync(ledgerFile(folders), whole.slice(0, -30), 'latin1');
    },
    next: 1,
  },
  {
    name: 'after the line in the list',
    leave: ({ folders }, before) => {
      const whole = readFileSync(ledgerFile(folders));
      restore(folders.home, before);
      writeFileSync(ledgerFile(folders), whole);
    },
    next: 1,
  },
  {
    name: 'while the new seed was written beside the old one',
    leave: ({ folders }, before) => {
      const whole = readFileSync(ledgerFile(folders));
      restore(folders.home, before);
      writeFileSync(ledgerFile(folders), whole);
      writeFileSync(join(folders.home, 'keys', '.user.json.0011223344556677.tmp'), '{"v":1', { mode: 0o600 });
    },
    next: 1,
  },
  { name: 'after the seed moved on', leave: () => undefined, next: 2 },
];
for (const { name, leave, next } of kills) {
  test(`killed ${name}: the index is given once, and every line of the list still proves itself`, async () => {
    const at = place();
    const { host, folders, root } = at;
    const keys = await openUserKeys(host, folders);
    await keys.nextChain('zero');
    const before = join(root, 'before');
    copyTree(folders.home, before);
    await keys.nextChain('killed');
    leave(at, before);
    const after = await openUserKeys(host, folders);
    assert.equal(after.chains, next);
    const { index, seed } = await after.nextChain('next');
    assert.equal(index, next);
    const first = await readFirstKey(host, firstKeyFile(folders));
    assert.deepEqual(seed, chainSeed(seedAfter(first, next), 'next'));
    const ledger = readLedger(readFileSync(ledgerFile(folders), 'latin1'), first);
    assert.equal(ledger.brokenAt, undefined);
    assert.deepEqual(chainsOf(ledger).get(index), { sandbox: 'next', begun: false });
    assert.equal(chainsOf(ledger).size, next + 1);
    assert.ok(!readdirSync(join(folders.home, 'keys')).some((file) => file.endsWith('.tmp')), 'nothing is left beside it');
  });
}

const firstUses: readonly { readonly name: string; readonly keep: readonly string[] }[] = [
  { name: 'its folders', keep: [] },
  { name: 'the first key', keep: ['first-key'] },
  { name: 'the key of checkpoints', keep: ['first-key', 'keys/checkpoints.pem'] },
  { name: 'the public key', keep: ['first-key', 'keys/checkpoints.pem', 'checkpoints/public-key'] },
];
for (const { name, keep } of firstUses) {
  test(`a first use killed after ${name} goes on with what it made`, async () => {
    const { host, folders } = place();
    await openUserKeys(host, folders);
    const all = ['first-key', 'keys/checkpoints.pem', 'checkpoints/public-key', 'keys/user.json'];
    const kept = keep.map((file) => readFileSync(join(folders.home, file)));
    for (const file of all.filter((each) => !keep.includes(each))) rmSync(join(folders.home, file));
    const keys = await openUserKeys(host, folders);
    assert.deepEqual(
      keep.map((file) => readFileSync(join(folders.home, file))),
      kept,
    );
    assert.equal(keys.fingerprint, fingerprintOf(await readFirstKey(host, firstKeyFile(folders))));
    assert.equal((await keys.nextChain('one')).index, 0);
  });
}

const losses: readonly { readonly name: string; readonly lose: (at: TestPlace) => void; readonly says: RegExp }[] = [
  { name: 'the seed is missing', lose: ({ folders }) => rmSync(seedStateFile(folders)), says: /is missing.*user\.json/ },
  { name: 'all keys are missing', lose: ({ folders }) => rmSync(join(folders.home, 'keys'), { recursive: true }), says: /is missing/ },
  {
    name: 'keys and checkpoints are missing, and records are there',
    lose: ({ folders }) => {
      rmSync(join(folders.home, 'keys'), { recursive: true });
      rmSync(join(folders.home, 'checkpoints'), { recursive: true });
      mkdirSync(folders.audit);
      writeFileSync(join(folders.audit, 'one.jsonl'), '{"v":3,"seq":0}\n');
    },
    says: /is missing/,
  },
  {
    name: 'the first key was moved away before anything was recorded, and the seed is missing',
    lose: ({ folders }) => {
      rmSync(seedStateFile(folders));
      rmSync(ledgerFile(folders));
      rmSync(firstKeyFile(folders));
    },
    says: /is missing/,
  },
  { name: 'the key of checkpoints is missing', lose: ({ folders }) => rmSync(signerFile(folders)), says: /is missing.*checkpoints\.pem/ },
  { name: 'the list of chains is missing', lose: ({ folders }) => rmSync(ledgerFile(folders)), says: /was shortened/ },
  {
    name: 'the list of chains was shortened',
    lose: ({ folders }) => writeFileSync(ledgerFile(folders), readFileSync(ledgerFile(folders), 'latin1').replace(/[^\n]*\n$/, '')),
    says: /was shortened/,
  },
  { name: 'a line of the list is none', lose: ({ folders }) => writeFileSync(ledgerFile(folders), 'x\n'), says: /damaged in line 1/ },
  { name: 'the seed is damaged', lose: ({ folders }) => writeFileSync(seedStateFile(folders), '{"v":1}'), says: /is damaged/ },
  {
    name: 'the key of checkpoints is another kind',
    lose: ({ folders }) => writeFileSync(signerFile(folders), 'x'),
    says: /not an Ed25519/,
  },
  {
    name: 'the public key is another',
    lose: ({ folders }) => writeFileSync(publicKeyFile(folders), 'lasso-record+00000000+AQ==\n'),
    says: /not that of the key that signs/,
  },
];
for (const { name, lose, says } of losses) {
  test(`where ${name}, nothing is made anew: it is said, with the way out`, async () => {
    const at = place();
    const { host, folders } = at;
    const keys = await openUserKeys(host, folders);
    await keys.nextChain('one');
    await keys.nextChain('two');
    lose(at);
    const before = treeOf(folders.home);
    await assert.rejects(openUserKeys(host, folders), (error: unknown) => {
      assert.ok(error instanceof Error && 'code' in error && 'hint' in error);
      assert.equal(error.code, 'RECORD_INVALID');
      assert.match(error.message, says);
      assert.match(String(error.hint), /Restore|Set it aside/);
      return true;
    });
    assert.deepEqual(treeOf(folders.home), before);
  });
}

test('an older copy of the seed is refused: its indexes were given already', async () => {
  const { host, folders, root } = place();
  const keys = await openUserKeys(host, folders);
  await keys.nextChain('one');
  copyFileSync(seedStateFile(folders), join(root, 'old'));
  await keys.nextChain('two');
  await keys.nextChain('three');
  renameSync(join(root, 'old'), seedStateFile(folders));
  await assert.rejects(openUserKeys(host, folders), { code: 'RECORD_INVALID', message: /is an older copy/ });
});

test('what cannot be written gives no seed', async () => {
  const { host, folders } = place();
  const keys = await openUserKeys(host, folders);
  rmSync(seedStateFile(folders));
  mkdirSync(seedStateFile(folders));
  await assert.rejects(keys.nextChain('one'), { code: 'RECORD_FAILED' });
  assert.equal(keys.chains, 0);
  rmSync(seedStateFile(folders), { recursive: true });
  assert.equal((await keys.nextChain('two')).index, 0);
});

function treeOf(folder: string): readonly (readonly [string, string])[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort()
    .map((name) => [name, readFileSync(join(folder, name), 'hex')]);
}

function copyTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isDirectory()) copyTree(join(from, entry.name), join(to, entry.name));
    else copyFileSync(join(from, entry.name), join(to, entry.name));
  }
}

function restore(home: string, before: string): void {
  rmSync(home, { recursive: true });
  copyTree(before, home);
}
