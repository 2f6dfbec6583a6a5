/** Killed at any moment, the giver of seeds gives none twice, loses none it gave, and its list of chains proves itself. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chainsOf, readLedger } from '../../../../helper/audit/keys/chain-ledger.ts';
import { chainSeed, seedAfter } from '../../../../helper/audit/form/key-schedule.ts';
import { firstKeyFile, ledgerFile, openUserKeys, readFirstKey } from '../../../../helper/audit/keys/user-keys.ts';
import { testPlace } from '../../../kit/folders.ts';

const program = fileURLToPath(new URL('../../../kit/chain-giver.ts', import.meta.url));
const kills = 8;

test(`${kills} kills under load`, async (t) => {
  const { host, folders, remove } = testPlace();
  t.after(remove);
  const given: string[] = [];
  for (let kill = 0; kill < kills; kill += 1) {
    const child = spawn(process.execPath, [program, folders.home], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    const begun = once(
      child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString())),
      'data',
    );
    const ended = once(child, 'close');
    // The first one is killed before it has made its keys, at some step of that.
    await (kill === 0 ? delay(100) : begun);
    await delay((kill * 7) % 23);
    child.kill('SIGKILL');
    await ended;
    given.push(...said.split('\n').slice(0, -1));
  }
  const keys = await openUserKeys(host, folders);
  const first = await readFirstKey(host, firstKeyFile(folders));
  const ledger = readLedger(readFileSync(ledgerFile(folders), 'latin1'), first);
  assert.equal(ledger.brokenAt, undefined);
  const chains = chainsOf(ledger);
  const indexes = new Set<number>();
  for (const line of given) {
    const [index = '', sandbox = '', seed] = line.split(' ');
    assert.ok(!indexes.has(Number(index)), `index ${index} is given once`);
    indexes.add(Number(index));
    assert.equal(seed, chainSeed(seedAfter(first, Number(index)), sandbox).toString('hex'));
    assert.equal(chains.get(Number(index))?.sandbox, sandbox);
  }
  assert.ok(given.length > kills, `${given.length} were given`);
  assert.ok(keys.chains >= indexes.size);
  assert.deepEqual(readdirSync(join(folders.home, 'keys')).sort(), ['checkpoints.pem', 'user.json']);
});
