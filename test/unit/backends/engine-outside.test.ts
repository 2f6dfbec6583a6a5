/** Starts from outside, as engines tell of them: Docker names each, Podman only says that there was one. */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import Docker from 'dockerode';
import type { OutsideStart } from '../../../helper/backends/backend.ts';
import { watchOutside } from '../../../helper/backends/engine-outside.ts';

const event = (action: string, nano: number, id?: string): string =>
  JSON.stringify({ Action: action, time: 7, timeNano: nano, Actor: { Attributes: id === undefined ? {} : { execID: id } } });

const session = (program: string, more: object = {}): object => ({
  Running: true,
  ProcessConfig: { entrypoint: program, arguments: ['-x'], user: '', privileged: false, ...more },
});

interface Engine {
  /** one text for each time the events are asked for */
  readonly told: readonly string[];
  readonly sessions: Readonly<Record<string, object>>;
  readonly known?: readonly string[];
}

/** What is told until the engine has said all it has to say. */
async function startsOf({ told, sessions, known = [] }: Engine): Promise<readonly OutsideStart[]> {
  const over = new AbortController();
  const docker = new Docker({ socketPath: '/nonexistent' });
  const connections = [...told];
  Object.assign(docker, {
    getEvents: async () => {
      const text = connections.shift();
      if (text !== undefined) return Readable.from([Buffer.from(text)]);
      over.abort();
      throw new Error('gone');
    },
    getContainer: () => ({ inspect: async () => ({ ExecIDs: Object.keys(sessions) }) }),
    getExec: (id: string) => ({
      inspect: async () => sessions[id] ?? Promise.reject(new Error('no such exec session')),
    }),
  });
  const starts: OutsideStart[] = [];
  const failed = (error: unknown): void => assert.fail(String(error));
  await watchOutside(
    { container: 'c', docker: async () => docker, since: 1, known, retryMs: 1, told: (start) => starts.push(start), failed },
    over.signal,
  );
  return starts;
}

const full = (program: string): OutsideStart => ({
  command: `${program} -x`,
  argv: [program, '-x'],
  user: null,
  privileged: false,
});
const unknown = (command: string): OutsideStart => ({ command, argv: null, user: null, privileged: null });

const cases: readonly (readonly [name: string, engine: Engine, expected: readonly OutsideStart[]])[] = [
  [
    'Docker names the start, and it is asked about',
    { told: [`${event('exec_create: a -x', 1, 'A')}\n${event('exec_start: a -x', 2, 'A')}\n`], sessions: { A: session('a') } },
    [full('a')],
  ],
  [
    'what Docker has forgotten is told in the event’s words',
    { told: [`${event('exec_start: b  c\nd', 1, 'B')}\n`], sessions: {} },
    [unknown('b  c\nd')],
  ],
  [
    'two starts on Podman are told as two, whatever their order',
    { told: [`${event('exec', 1)}\n${event('exec_died', 2)}\n${event('exec', 3)}\n`], sessions: { A: session('a'), B: session('b') } },
    [full('a'), full('b')],
  ],
  [
    'a session that was made and not started is not told',
    { told: [`${event('exec', 1)}\n`], sessions: { A: { ...session('a'), Running: false } } },
    [unknown('')],
  ],
  [
    'what ran before it was taken over is not told again',
    { told: [`${event('exec', 1)}\n`], sessions: { A: session('a') }, known: ['A'] },
    [unknown('')],
  ],
  [
    'other events and broken lines are nothing',
    {
      told: [`\n{\nnull\n[]\n${event('attach', 1)}\n${event('executed', 2)}\n{"Action":"exec"}\n${event('exec_start: a', 3, 'A')}`],
      sessions: {},
    },
    [],
  ],
];

for (const [name, engine, expected] of cases)
  test(name, async () => {
    assert.deepEqual(await startsOf(engine), expected);
  });

test('what is told twice after an interruption is written down once', async () => {
  const first = `${event('exec_start: a -x', 1, 'A')}\n`;
  const told = [first, `${first}${event('exec_start: b -x', 2, 'B')}\n`];
  assert.deepEqual(await startsOf({ told, sessions: { A: session('a'), B: session('b') } }), [full('a'), full('b')]);
});
