/** Code that a program's environment puts into it is told with the question. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExecAnswer, ExecQuestion } from '../../../helper/guest/exec.ts';
import { request, run, startGuest } from '../../kit/guest.ts';

const preloads: readonly (readonly [string, string, boolean])[] = [
  ['LD_PRELOAD', 'LD_PRELOAD=/tmp/x.so', true],
  ['LD_AUDIT', 'LD_AUDIT=/tmp/x.so', true],
  ['LD_LIBRARY_PATH', 'LD_LIBRARY_PATH=/tmp', true],
  ['what makes a Bun of what it is packed with', 'BUN_BE_BUN=1', true],
  ['GCONV_PATH behind many others', `$(seq -f "V%g=1" 3000 | tr "\\n" " ") GCONV_PATH=/tmp`, true],
  ['an empty LD_PRELOAD', 'LD_PRELOAD=', false],
  ['a name that only ends so', 'MY_LD_PRELOAD=/tmp/x.so', false],
  ['a value that only looks so', 'X=LD_PRELOAD=/tmp/x.so', false],
];
for (const [name, variables, expected] of preloads)
  test(`${name} in the environment is ${expected ? 'told' : 'nothing to tell'}`, { timeout: 30_000 }, async () => {
    const asked: boolean[] = [];
    const judge = ({ file, loaded }: ExecQuestion): Promise<ExecAnswer> => {
      if (file.endsWith('/true')) asked.push(loaded);
      return Promise.resolve({ allow: true });
    };
    await using world = await startGuest({
      kind: 'socket',
      gate: { judge, again: () => undefined, changed: () => Promise.resolve(true), other: () => undefined },
    });
    await run(world.link, request(['bash', '-c', `env ${variables} /usr/bin/true`]));
    assert.deepEqual(asked, [expected]);
  });
