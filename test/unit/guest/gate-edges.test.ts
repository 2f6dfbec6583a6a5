/** Debuggers, threads, shared memory, calls that fail after a yes, stops and crowds: nothing starts unseen, nothing hangs. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { ExecAnswer, ExecGate, ExecQuestion } from '../../../helper/guest/exec.ts';
import { finish, request, run, shell, startGuest, untilPrinted, type GuestWorld } from '../../kit/guest.ts';

interface Heard {
  readonly asked: ExecQuestion[];
  changed: number;
  other: number;
}

async function inside(
  decide: (question: ExecQuestion) => ExecAnswer | Promise<ExecAnswer>,
  body: (world: GuestWorld, heard: Heard) => Promise<void>,
): Promise<void> {
  const heard: Heard = { asked: [], changed: 0, other: 0 };
  const gate: ExecGate = {
    judge: async (question) => {
      heard.asked.push(question);
      return decide(question);
    },
    again: () => undefined,
    changed: () => {
      heard.changed += 1;
      return Promise.resolve(false);
    },
    other: () => {
      heard.other += 1;
    },
  };
  await using world = await startGuest({ kind: 'socket', gate });
  assert.ok(world.link.gated);
  await body(world, heard);
}

const yes: ExecAnswer = { allow: true };
const isId = ({ file }: ExecQuestion): boolean => file.endsWith('/id');
const python = async ({ link, workspace }: GuestWorld, code: string): Promise<{ readonly output: string; readonly errors: string }> => {
  await writeFile(join(workspace, 'try.py'), code);
  return run(link, request(['/usr/bin/python3', '/workspace/try.py']));
};

const tracer = `
import ctypes, os, signal, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
TRACEME, CONT, SEIZE = 0, 7, 0x4206
def execute():
    try: os.execv('/usr/bin/id', ['id', '-u'])
    except OSError as error:
        print('refused', error.errno, flush=True)
        os._exit(1)
`;

test('what a debugger holds is told as such before it starts anything', { timeout: 30_000 }, () =>
  inside(
    (question) => ({ allow: !question.traced }),
    async (world, heard) => {
      const code = `${tracer}
child = os.fork()
if child == 0:
    libc.ptrace(TRACEME, 0, None, None)
    os.kill(os.getpid(), signal.SIGSTOP)
    execute()
while True:
    pid, status = os.waitpid(child, 0)
    if not os.WIFSTOPPED(status): break
    libc.ptrace(CONT, child, None, None)
`;
      const { output, errors } = await python(world, code);
      assert.equal(output, 'refused 1\n', errors);
      assert.deepEqual(
        heard.asked.filter(isId).map(({ traced }) => traced),
        [true],
      );
      assert.ok(heard.asked.filter((question) => !isId(question)).every(({ traced }) => !traced));
    },
  ),
);

test('a debugger that comes while an answer is awaited has the start refused', { timeout: 30_000 }, () =>
  inside(
    async (question) => (isId(question) ? delay(500).then(() => yes) : yes),
    async (world, heard) => {
      const code = `${tracer}
import time
child = os.fork()
if child == 0: execute()
time.sleep(0.2)
print('seized', libc.ptrace(SEIZE, child, None, None), flush=True)
os.waitpid(child, 0)
`;
      const { output, errors } = await python(world, code);
      assert.equal(output, 'seized 0\nrefused 1\n', errors);
      assert.deepEqual(
        heard.asked.filter(isId).map(({ traced }) => traced),
        [false],
      );
    },
  ),
);

const failing: readonly (readonly [string, string, string])[] = [
  ['a script without a first line', "printf 'id -u\\n' > /tmp/s; chmod +x /tmp/s; /tmp/s", '1000\n'],
  ['a script without a first line that executes at once', "printf 'exec id -u\\n' > /tmp/s; chmod +x /tmp/s; /tmp/s", '1000\n'],
  ['too many arguments', 'sh -c "exec /usr/bin/true \\$(seq 1000000)" 2>/dev/null; id -u', '1000\n'],
  ['a program somebody writes to', 'cp /usr/bin/true /tmp/t; exec 7>>/tmp/t; /tmp/t 2>/dev/null; echo $?; id -u', '126\n1000\n'],
  ['nothing a processor knows', "printf '\\177ELFnothing' > /tmp/e; chmod +x /tmp/e; /tmp/e 2>/dev/null; id -u", '1000\n'],
];
for (const [name, script, expected] of failing)
  test(`a start the kernel refuses after a yes leaves no trouble behind: ${name}`, { timeout: 30_000 }, () =>
    inside(
      () => yes,
      async ({ link }, heard) => {
        const { output, errors } = await run(link, shell(script));
        assert.equal(output, expected, errors);
        assert.ok(heard.asked.some(isId));
        assert.deepEqual([heard.changed, heard.other], [0, 0]);
      },
    ),
  );

test('after a start that failed the next one is compared all the same', { timeout: 60_000 }, () =>
  inside(
    (question) => ({ allow: !isId(question) }),
    async (world, heard) => {
      const code = `
import ctypes, mmap, os, signal
libc = ctypes.CDLL(None)
shared = mmap.mmap(-1, 4096)
text = ctypes.addressof(ctypes.c_char.from_buffer(shared))
good, bad = b'/usr/bin/true\\0', b'/usr/bin/././id\\0'
open('/tmp/broken', 'w').write('no program')
os.chmod('/tmp/broken', 0o755)
shared[0:len(good)] = good
flipper = os.fork()
while flipper == 0:
    shared[0:len(bad)] = bad
    shared[0:len(good)] = good
for _ in range(300):
    child = os.fork()
    if child == 0:
        libc.execve(b'/tmp/broken', (ctypes.c_char_p * 2)(b'x', None), None)
        libc.execve(ctypes.c_void_p(text), (ctypes.c_char_p * 2)(b'x', None), None)
        os._exit(9)
    os.waitpid(child, 0)
os.kill(flipper, signal.SIGKILL)
`;
      const { output } = await python(world, code);
      assert.doesNotMatch(output, /uid/);
      assert.ok(heard.other > 0, 'the race was never won, so nothing was tested');
    },
  ),
);

test('a path in memory that is shared with the parent may change, and nothing else runs than was allowed', { timeout: 60_000 }, () =>
  inside(
    (question) => ({ allow: !isId(question) }),
    async (world, heard) => {
      const code = `
import ctypes, os, threading
libc = ctypes.CDLL(None)
text = ctypes.create_string_buffer(b'/usr/bin/true', 64)
over = False
def flip():
    while not over:
        ctypes.memmove(text, b'/usr/bin/././id\\0', 16)
        ctypes.memmove(text, b'/usr/bin/true\\0', 14)
for _ in range(2): threading.Thread(target=flip, daemon=True).start()
pid = ctypes.c_int()
for _ in range(300):
    if libc.posix_spawn(ctypes.byref(pid), text, None, None, (ctypes.c_char_p * 2)(b'x', None), None) == 0:
        os.waitpid(pid.value, 0)
over = True
print('over', flush=True)
os._exit(0)
`;
      const { output, errors } = await python(world, code);
      assert.equal(output, 'over\n', errors);
      assert.ok(heard.asked.filter(isId).length + heard.other > 0, 'the race was never won, so nothing was tested');
    },
  ),
);

test('when several threads execute at once, one wins and runs as it was allowed', { timeout: 60_000 }, () =>
  inside(
    () => yes,
    async (world, heard) => {
      const code = `
import ctypes, os, threading
libc = ctypes.CDLL(None)
for turn in range(40):
    child = os.fork()
    if child == 0:
        for n in range(6):
            words = (ctypes.c_char_p * 3)(b'echo', str(n).encode(), None)
            path = b'/usr/bin/echo' if n % 2 else b'/usr/bin/printf'
            threading.Thread(target=lambda path=path, words=words: libc.execve(path, words, None)).start()
        threading.Event().wait(20)
        os._exit(9)
    _, status = os.waitpid(child, 0)
    print('\\nstatus', status, flush=True)
`;
      const { output, errors } = await python(world, code);
      assert.equal(output.split('\nstatus 0\n').length - 1, 40, `${output} ${errors}`);
      assert.deepEqual([heard.changed, heard.other], [0, 0]);
    },
  ),
);

test('a stop while an answer is awaited, and going on after it, change nothing', { timeout: 30_000 }, () =>
  inside(
    async (question) => (isId(question) ? delay(400).then(() => yes) : yes),
    async ({ link }) => {
      const script = 'id -u & sleep 0.1; kill -STOP $!; sleep 0.6; kill -CONT $!; wait $!; echo "status $?"';
      assert.equal((await run(link, shell(script))).output, '1000\nstatus 0\n');
      const ended = 'id -u & sleep 0.1; kill -TERM $!; wait $!; echo "status $?"';
      assert.equal((await run(link, shell(ended))).output, 'status 143\n');
    },
  ),
);

test('Ctrl-Z in a terminal while an answer is awaited stops the program, and fg lets it go on', { timeout: 30_000 }, async () => {
  const pending: (() => void)[] = [];
  await inside(
    (question) => (isId(question) ? new Promise<ExecAnswer>((resolve) => pending.push(() => resolve(yes))) : yes),
    async ({ link }) => {
      const terminal = await link.spawn(
        request(['bash', '--norc', '-i'], { terminal: { rows: 24, columns: 80 }, environment: { PATH: '/usr/bin', TERM: 'dumb' } }),
      );
      terminal.stdio.write("PS1='ready> '\n");
      await untilPrinted(terminal, '\nready> ');
      terminal.stdio.write('id -u\n');
      while (pending.length === 0) await delay(10);
      terminal.stdio.write('\x1a');
      await delay(100);
      pending[0]?.();
      await untilPrinted(terminal, 'Stopped');
      terminal.stdio.write('fg\n');
      await untilPrinted(terminal, '1000');
      terminal.stdio.write('exit\n');
      assert.deepEqual((await finish(terminal)).exit.kind, 'exited');
    },
  );
});

test('more starts at once than the tables hold all wait for their answers', { timeout: 60_000 }, async () => {
  const held: (() => void)[] = [];
  let open = false;
  await inside(
    (question) => (!isId(question) || open ? yes : new Promise<ExecAnswer>((resolve) => held.push(() => resolve(yes)))),
    async ({ link }, heard) => {
      const script = 'for i in $(seq 600); do id -u & done; wait; echo over';
      const running = run(link, shell(script));
      while (held.length < 512) await delay(20);
      await delay(300);
      assert.equal(held.length, 512, 'the others wait in the kernel');
      open = true;
      for (const answer of held) answer();
      const { output, errors } = await running;
      assert.equal(output.split('1000\n').length - 1, 600, errors);
      assert.equal(heard.asked.filter(isId).length, 600);
      assert.deepEqual([heard.changed, heard.other], [0, 0]);
    },
  );
});

test('where there is no room to watch another command, it does not start, and does once there is', { timeout: 120_000 }, () =>
  inside(
    () => ({ allow: true, keep: true }),
    async ({ link }) => {
      const lingering = shell('setsid sleep 100 >/dev/null 2>&1 </dev/null &', { separateStderr: false });
      const first = await link.spawn(shell('setsid sleep 100 >/dev/null 2>&1 & read line'));
      for (let started = 1; started < 512; started += 1) await run(link, lingering);
      await assert.rejects(run(link, request(['id'])));
      first.signal(9, 'tree');
      await finish(first);
      assert.match((await run(link, request(['id', '-u']))).output, /^1000$/m);
    },
  ),
);
