/** What becomes of an answer on its way to the guest: how long a yes lasts, and how a refused command ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deferred } from '../../../helper/guest/deferred.ts';
import type { ExecAnswer, ExecGate, ExecQuestion } from '../../../helper/guest/exec.ts';
import { run, shell, startGuest } from '../../kit/guest.ts';

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
