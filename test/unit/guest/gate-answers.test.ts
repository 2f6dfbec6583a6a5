/** What becomes of an answer on its way to the guest: how long a yes lasts, and how a refused command ends. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLog } from '../../../helper/base/log.ts';
import { deferred } from '../../../helper/guest/deferred.ts';
import type { ExecAnswer, ExecGate, ExecQuestion } from '../../../helper/guest/exec.ts';
import { openSocketLink } from '../../../helper/guest/open.ts';
import { finish, run, shell, startGuest } from '../../kit/guest.ts';

const gateOf = (judge: (question: ExecQuestion) => Promise<ExecAnswer>): ExecGate => ({
  judge,
  again: () => undefined,
  changed: () => Promise.resolve(true),
  other: () => undefined,
});
const limit = { timeout: 30_000 };

test('a yes that was thought about while earlier ones were forgotten is good for that once only', limit, async () => {
  let asked = 0;
  const thinking = deferred<undefined>();
  const thought = deferred<undefined>();
  const gate = gateOf(async ({ file }) => {
    if (!file.endsWith('/true')) return { allow: true };
    asked += 1;
    if (asked === 1) {
      thinking.resolve(undefined);
      await thought.promise;
    }
    return { allow: true, keep: true };
  });
  await using world = await startGuest({ kind: 'socket', gate });
  const running = run(world.link, shell('/bin/true; /bin/true; /bin/true'));
  await thinking.promise;
  world.link.forgetDecisions();
  thought.resolve(undefined);
  assert.equal((await running).exit.status, 0);
  assert.equal(asked, 2, 'once again after it was forgotten, and then never');
});

test('a command that is refused is denied with the reason, not broken', limit, async () => {
  const gate = gateOf(({ file }) =>
    Promise.resolve({ allow: file.endsWith('sh'), message: 'LASSO: `true` is blocked by x.toml:3. Do without.' }),
  );
  await using world = await startGuest({ kind: 'socket', gate });
  await assert.rejects(world.link.spawn({ ...shell(''), file: '/bin/true', argv: ['true'] }), {
    code: 'COMMAND_DENIED',
    message: '`true` is blocked by x.toml:3. Do without.',
  });
  assert.equal((await run(world.link, shell('exit 3'))).exit.status, 3);
});

test('what an earlier helper said yes to is asked about again', limit, async () => {
  const before = deferred<undefined>();
  const lasting = gateOf(({ file }) => {
    if (file.endsWith('/sleep')) before.resolve(undefined);
    return Promise.resolve({ allow: true, keep: true });
  });
  await using world = await startGuest({ kind: 'socket', graceMs: 20_000, gate: lasting });
  await world.link.spawn(shell('until [ -e /workspace/stop ]; do /bin/true; sleep 0.02; done'));
  await before.promise;
  await world.link.dispose();
  const asked = new Set<number>();
  const unknown: number[] = [];
  const seen = deferred<undefined>();
  const gate: ExecGate = {
    ...gateOf(({ question }) => {
      asked.add(question);
      return Promise.resolve({ allow: true, keep: true });
    }),
    again: (question) => {
      if (!asked.has(question)) unknown.push(question);
      if (asked.size > 1) seen.resolve(undefined);
    },
  };
  const { socketPath, token } = world;
  const pending = await openSocketLink({ socketPath, token, graceMs: 0, log: silentLog, onIntruder: () => undefined, gate });
  const [process] = (await pending.link).resumed;
  assert.ok(process);
  await seen.promise;
  await writeFile(join(world.workspace, 'stop'), '');
  await finish(process);
  assert.deepEqual(unknown, []);
  await pending.dispose();
});
