/** What agents' hooks must be told on every backend and each kind of link: the profile's word with its reason, on record, and else a no. */
import assert from 'node:assert/strict';
import { recordsOf } from '../kit/starts.ts';
import { bannedProgram } from './gate-promises.ts';
import type { Promised, Subject } from './promises.ts';

const payloadOf = (tool: string, input: unknown): string => JSON.stringify({ tool_name: tool, tool_input: input });

async function hook({ lasso, sandbox }: Subject, payload: string): Promise<readonly [status: number | null, errors: string]> {
  const { exit, stderr } = await lasso.stream(sandbox, ['/.lasso/guest', 'guard', 'claude'], Buffer.from(payload));
  return [exit.code, stderr.toString()];
}

export const hookPromises: readonly Promised[] = [
  {
    name: 'a hook of an agent hears what the profile says to a tool and why, and that is on record',
    check: async (subject) => {
      assert.deepEqual(await hook(subject, payloadOf('Bash', { command: 'echo a' })), [0, '']);
      const [status, errors] = await hook(subject, payloadOf('Bash', { command: `${bannedProgram} EFFECT` }));
      assert.equal(status, 2);
      assert.match(errors, /^LASSO: `Bash` is blocked by small\.toml:\d+\. [^\n]+\n$/);
      const told = (await recordsOf(subject.lasso, subject.sandbox)).filter(({ action }) => action === 'tool').slice(-2);
      assert.deepEqual(
        told.map(({ type, outcome, target, detail }) => [type, outcome, target, detail?.['agent']]),
        [
          ['command', 'success', 'echo a', 'claude'],
          ['command', 'blocked', `${bannedProgram} EFFECT`, 'claude'],
        ],
      );
    },
  },
  {
    name: 'a hook of an agent is refused what cannot be understood, and given what is large',
    check: async (subject) => {
      for (const payload of ['', 'echo a', payloadOf('Bash', {}), payloadOf('Write', { file_path: 'a', content: 'x'.repeat(9_000_000) })])
        assert.equal((await hook(subject, payload))[0], 2);
      assert.deepEqual(await hook(subject, payloadOf('TodoWrite', { todos: 'x'.repeat(3_000_000) })), [0, '']);
    },
  },
];
