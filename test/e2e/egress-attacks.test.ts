/** Everything an agent may try to get out, or to get a secret out, against a sandbox of bubblewrap; and what must go on working meanwhile. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { hostMatches } from '../../helper/policy/network/hosts.ts';
import { addressAttacks } from '../kit/attacks/addresses.ts';
import { type Attack, type Battlefield, tellAttacks, tryAttacks } from '../kit/attacks/attack.ts';
import { attackedSecret, attackerProfile, openBattlefield, reachable } from '../kit/attacks/field.ts';
import { nameAttacks, unlistedNames } from '../kit/attacks/names.ts';
import { placeholderAttacks } from '../kit/attacks/placeholders.ts';
import { requestAttacks } from '../kit/attacks/requests.ts';
import { floods, wallAttacks } from '../kit/attacks/walls.ts';
import { TestLasso } from '../kit/lasso.ts';
import { networkProgram, outsideAddress } from '../kit/network.ts';
import { chainVerifies, recordsOf } from '../kit/starts.ts';

const limit = { timeout: 90_000 };
const abstractName = `lasso-test-${process.pid}`;
const neighbourPort = 4321;

let field: Battlefield;
let folder: string;
const abstract = createServer((socket) => socket.end('reached'));

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lasso-attacks-'));
  const outside = await openBattlefield(folder);
  const lasso = new TestLasso({ environment: { ...outside.environment, ...attackedSecret }, program: networkProgram });
  const workspace = join(lasso.root, 'work');
  const neighbour = join(lasso.root, 'neighbour');
  for (const place of [workspace, neighbour]) mkdirSync(place);
  lasso.profile('attacker', attackerProfile);
  await Promise.all([
    lasso.create({ profile: 'attacker', dir: workspace, backend: 'bubblewrap', name: 'attacker' }),
    lasso.create({ profile: 'attacker', dir: neighbour, backend: 'bubblewrap', name: 'neighbour' }),
    new Promise<void>((resolve) => abstract.listen({ path: `\0${abstractName}` }, resolve)),
  ]);
  writeFileSync(
    join(neighbour, 'listen.py'),
    `import os, socket, time\ns = socket.create_server(('127.0.0.1', ${neighbourPort}))\nif os.fork() == 0:\n    os.close(1); os.close(2); time.sleep(600)\n`,
  );
  await lasso.exec('neighbour', ['python3', './listen.py'], { timeoutSeconds: 20 });
  field = { lasso, outside, sandbox: 'attacker', workspace };
});

after(async () => {
  await field.lasso.dispose();
  await field.outside.close();
  await new Promise((resolve) => abstract.close(resolve));
  rmSync(folder, { recursive: true });
});

/** what the helper listens on */
function helperSocket(runtime: string): string {
  const [name] = readdirSync(runtime).filter((entry) => entry.startsWith('helper-'));
  assert.ok(name !== undefined, 'the helper listens nowhere');
  return join(runtime, name);
}

const groups: Readonly<Record<string, () => readonly Attack[]>> = {
  'names lead only where the profile allows': () => nameAttacks,
  'addresses lead nowhere': () => addressAttacks,
  'requests have one reading, and it is judged': () => requestAttacks,
  'what stands for a secret goes where its value belongs and nowhere else': () => placeholderAttacks,
  'nothing leaves but through the door': () =>
    wallAttacks({
      socket: helperSocket(field.lasso.folders.runtime),
      runtime: field.lasso.folders.runtime,
      port: field.outside.trapPort,
      abstract: abstractName,
      neighbour: neighbourPort,
    }),
  'a storm costs nobody else': () => floods,
};

const wordOf = (name: string): string => `g${Object.keys(groups).indexOf(name)}`;

for (const [name, attacks] of Object.entries(groups))
  test(name, limit, async () => tellAttacks(name, await tryAttacks(field, wordOf(name), attacks(), name.includes('storm') ? 1 : 4)));

test('after all that no trap was reached, no other address was tried, no storm filled the record, and it verifies', limit, async () => {
  const { lasso, outside } = field;
  assert.deepEqual(outside.trapped, []);
  const { names, addresses } = outside.questions();
  assert.deepEqual([...new Set(addresses.map((address) => address.replace(/:\d+$/, '')))], [outsideAddress]);
  assert.deepEqual(
    names.filter((name) => !reachable.some((pattern) => hostMatches(pattern, name)) || unlistedNames.includes(name)),
    [],
  );
  const records = await recordsOf(lasso, 'attacker');
  assert.ok(records.some(({ action }) => action === 'flood'));
  assert.ok(records.length < 4000, `${records.length} records`);
  await chainVerifies(lasso, 'attacker');
});
