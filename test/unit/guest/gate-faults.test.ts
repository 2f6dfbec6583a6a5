/** The gate when things go wrong, by accident or on purpose: no program start gets past it. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { ExecAnswer, ExecGate, ExecQuestion } from '../../../helper/guest/exec.ts';
import { openSocketLink } from '../../../helper/guest/open.ts';
import { silentLog } from '../../../helper/base/log.ts';
import { checkedGuestProgram, finish, run, shell, startGuest } from '../../kit/guest.ts';

const gateOf = (judge: (question: ExecQuestion) => Promise<ExecAnswer>): ExecGate => ({
  judge,
  again: () => undefined,
  changed: () => Promise.resolve(true),
  other: () => undefined,
});
const isId = ({ file }: ExecQuestion): boolean => file.endsWith('/id');

test('a question that is open when the helper goes is asked again by the next one', { timeout: 30_000 }, async () => {
  const never = gateOf((question) => (isId(question) ? new Promise<never>(() => undefined) : Promise.resolve({ allow: true })));
  await using world = await startGuest({ kind: 'socket', graceMs: 10_000, gate: never });
  await world.link.spawn(shell('id -u > /workspace/who; echo over >> /workspace/who'));
  await delay(200);
  await world.link.dispose();
  const asked: string[] = [];
  const gate = gateOf((question) => {
    asked.push(question.file);
    return Promise.resolve({ allow: true });
  });
  const { socketPath, token } = world;
  const pending = await openSocketLink({ socketPath, token, graceMs: 0, log: silentLog, onIntruder: () => undefined, gate });
  const [process] = (await pending.link).resumed;
  assert.ok(process);
  await finish(process);
  const { output } = await run(await pending.link, shell('cat /workspace/who'));
  assert.equal(output, '1000\nover\n');
  assert.ok(asked.some((file) => file.endsWith('/id')));
  await pending.dispose();
});

test('a judgement that fails is a no', { timeout: 30_000 }, async () => {
  const gate = gateOf((question) => (isId(question) ? Promise.reject(new Error('broken')) : Promise.resolve({ allow: true })));
  await using world = await startGuest({ kind: 'socket', gate });
  const { output, errors } = await run(world.link, shell('id; echo "status $?"'));
  assert.equal(output, 'status 126\n');
  assert.match(errors, /could not be judged/);
});

const attempts: readonly (readonly [string, string, RegExp])[] = [
  [
    'a process that hides its memory',
    `import ctypes, os
libc = ctypes.CDLL(None)
libc.prctl(4, 0, 0, 0, 0)
try: os.execv('/usr/bin/id', ['id'])
except OSError as error: print(error.errno)`,
    /^(1|13)$/m,
  ],
  [
    'a program that may be run but not read',
    `import os, shutil\nshutil.copy('/usr/bin/id', '/tmp/blind')\nos.chmod('/tmp/blind', 0o111)\ntry: os.execv('/tmp/blind', ['id'])\nexcept OSError as error: print(error.errno)`,
    /^13$/m,
  ],
  [
    'a path that is no text',
    `import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nlibc.execve(ctypes.c_void_p(8), None, None)\nprint(ctypes.get_errno())`,
    /^14$/m,
  ],
  [
    'a script that is its own interpreter',
    `import os\nopen('/tmp/loop', 'w').write('#!/tmp/loop\\n')\nos.chmod('/tmp/loop', 0o755)\ntry: os.execv('/tmp/loop', ['loop'])\nexcept OSError as error: print(error.errno)`,
    /^40$/m,
  ],
];
for (const [name, code, expected] of attempts)
  test(`${name} executes nothing`, { timeout: 30_000 }, async () => {
    await using world = await startGuest({ kind: 'socket', gate: gateOf(() => Promise.resolve({ allow: true })) });
    await writeFile(join(world.workspace, 'try.py'), `${code}\n`);
    const { output, errors } = await run(world.link, shell('/usr/bin/python3 /workspace/try.py'));
    assert.match(output, expected, errors);
    assert.doesNotMatch(output, /uid/);
  });

test('signals, job control and debuggers work for programs that are asked about', { timeout: 30_000 }, async () => {
  await using world = await startGuest({ kind: 'socket', gate: gateOf(async () => delay(20).then(() => ({ allow: true }))) });
  const script = [
    'sleep 5 & kill -TERM $!; wait $!; echo "term $?"',
    'sleep 5 & sleep 0.1; kill -STOP $!; kill -CONT $!; kill -KILL $!; wait $! 2>/dev/null; echo "kill $?"',
    'timeout 0.2 sleep 5; echo "timeout $?"',
    'sh -c "kill -USR1 \\$\\$" ; echo "usr1 $?"',
  ].join('\n');
  const { output } = await run(world.link, shell(script));
  assert.deepEqual(output.trim().split('\n'), ['term 143', 'kill 137', 'timeout 124', 'usr1 138']);
});

test(
  'the guest built with sanitizers judges without a word from them',
  { skip: existsSync(checkedGuestProgram) ? false : 'no compiler with sanitizers was found', timeout: 60_000 },
  async () => {
    const gate = gateOf((question) => Promise.resolve(isId(question) ? { allow: false, message: 'no' } : { allow: true, keep: true }));
    await using world = await startGuest({ kind: 'socket', program: checkedGuestProgram, gate });
    const script =
      'for i in 1 2 3 4 5 6 7 8 9; do /bin/true; id; /usr/bin/env sh -c "exec true x y z"; done; seq 200 | xargs -P 4 -n 1 true; nonesuch; /proc/self/fd/9';
    await run(world.link, shell(script));
    await world.link.shutdown(200);
    assert.equal(await world.gone, 0);
    assert.equal(world.words(), '');
  },
);
