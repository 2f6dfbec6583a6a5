/** Every program start inside waits for its answer, whoever starts it and however. */
import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { ExecAnswer, ExecGate, ExecQuestion } from '../../../helper/guest/exec.ts';
import { run, shell, startGuest, type GuestWorld } from '../../kit/guest.ts';

/** what was asked and told */
interface Heard {
  readonly asked: ExecQuestion[];
  readonly again: number[];
  readonly changed: (readonly string[])[];
  readonly other: number[];
}

/** A gate that answers by the program's base name. */
function gateBy(decide: (question: ExecQuestion) => ExecAnswer): { readonly gate: ExecGate; readonly heard: Heard } {
  const heard: Heard = { asked: [], again: [], changed: [], other: [] };
  const gate: ExecGate = {
    judge: (question) => {
      heard.asked.push(question);
      return Promise.resolve(decide(question));
    },
    again: (question) => heard.again.push(question),
    changed: (_question, _pid, argv) => {
      heard.changed.push(argv);
      return Promise.resolve(false);
    },
    other: (question) => heard.other.push(question),
  };
  return { gate, heard };
}

const named = (name: string) => (question: ExecQuestion) => question.file.endsWith(`/${name}`);
const refusing =
  (name: string) =>
  (question: ExecQuestion): ExecAnswer =>
    named(name)(question) ? { allow: false, message: `LASSO: \`${name}\` is blocked` } : { allow: true };

/** Another process flips a text in shared memory while many children execute by it: `good` is asked about, `bad` may be read. */
const race = (good: string, bad: string, call: string, rounds = 400): string => `
import ctypes, mmap, os, signal
libc = ctypes.CDLL(None)
shared = mmap.mmap(-1, 4096)
text = ctypes.addressof(ctypes.c_char.from_buffer(shared))
good, bad = b'${good}\\0', b'${bad}\\0'
shared[0:len(good)] = good
flipper = os.fork()
while flipper == 0:
    shared[0:len(bad)] = bad
    shared[0:len(good)] = good
for _ in range(${rounds}):
    child = os.fork()
    if child == 0:
        ${call}
        os._exit(9)
    os.waitpid(child, 0)
os.kill(flipper, signal.SIGKILL)
`;
const executes = 'libc.execve(ctypes.c_void_p(text), (ctypes.c_char_p * 2)(b"x", None), None)';
const preloads = 'libc.execve(b"/usr/bin/true", (ctypes.c_char_p * 2)(b"x", None), (ctypes.c_void_p * 2)(text, None))';
const echoes =
  'libc.execve(b"/usr/bin/echo", (ctypes.c_void_p * 3)(ctypes.cast(ctypes.c_char_p(b"echo"), ctypes.c_void_p), text, None), None)';

/** The same with a text that is short when it is asked about and longer than can be told when it is executed, or the other way round. */
const growth = `
import ctypes, mmap, os, signal
libc = ctypes.CDLL(None)
shared = mmap.mmap(-1, 131072)
text = ctypes.addressof(ctypes.c_char.from_buffer(shared))
shared[0:100000] = b'goodbad!' + b'x' * 99992
flipper = os.fork()
while flipper == 0:
    shared[4] = 98
    shared[4] = 0
for _ in range(400):
    child = os.fork()
    if child == 0:
        ${echoes}
        os._exit(9)
    os.waitpid(child, 0)
os.kill(flipper, signal.SIGKILL)
`;

for (const kind of ['socket', 'stdio'] as const) {
  suite(`gate, ${kind}`, { timeout: 60_000 }, () => {
    const inside = (
      name: string,
      decide: (question: ExecQuestion) => ExecAnswer,
      body: (world: GuestWorld, heard: Heard) => Promise<void>,
    ): void => {
      test(name, async () => {
        const { gate, heard } = gateBy(decide);
        await using world = await startGuest({ kind, gate });
        assert.ok(world.link.gated);
        await body(world, heard);
      });
    };

    inside(
      'what is allowed runs, and what was asked is what runs',
      () => ({ allow: true }),
      async ({ link }, heard) => {
        const { output, exit } = await run(link, shell('cd /usr && /bin/echo one "two three"; exit 7'));
        assert.deepEqual([output, exit.status], ['one two three\n', 7]);
        const [entry, echo] = heard.asked;
        assert.ok(entry?.entry === true && entry.file.endsWith('sh'));
        assert.deepEqual([echo?.asked, echo?.argv, echo?.cwd], ['/bin/echo', ['/bin/echo', 'one', 'two three'], '/usr']);
        assert.match(echo?.file ?? '', /\/usr\/bin\/echo$/);
        assert.equal(echo?.process, entry.process);
      },
    );

    const ways: readonly (readonly [string, string])[] = [
      ['a shell', 'id -u'],
      ['a script', "printf '#!/bin/sh\\nid -u\\n' > /tmp/s; chmod +x /tmp/s; /tmp/s"],
      ['a nested shell in a new session', 'setsid -w sh -c "sh -c id"'],
      ['Python', '/usr/bin/python3 -c "import subprocess; subprocess.run([\'id\'])"'],
      ['execveat on a descriptor', "/usr/bin/python3 -c \"import os; os.execve(os.open('/usr/bin/id', os.O_RDONLY), ['x'], {})\""],
      ['another first argument', 'bash -c "exec -a harmless id"'],
      ['/proc/self/fd', 'exec 5</usr/bin/id; /proc/self/fd/5'],
      ['a background job', 'id & wait $!'],
      ['xargs', 'echo -u | xargs -P 2 id'],
      ['a double fork', '(setsid sh -c "id" &) ; sleep 0.3'],
    ];
    for (const [name, script] of ways)
      inside(`a refused program does not run when started by ${name}`, refusing('id'), async ({ link }, heard) => {
        const { output, errors } = await run(link, shell(script));
        assert.doesNotMatch(output, /\d/);
        assert.match(errors, /LASSO: `id` is blocked/);
        assert.ok(heard.asked.some(named('id')));
      });

    inside(
      'a copy under another name is asked about under that name',
      () => ({ allow: true }),
      async ({ link }, heard) => {
        await run(link, shell('cp /usr/bin/id /tmp/harmless; /tmp/harmless'));
        assert.ok(heard.asked.some(({ file }) => file === '/tmp/harmless'));
      },
    );

    inside(
      'a program without a name is told as such',
      () => ({ allow: true }),
      async ({ link }, heard) => {
        const code = "import os,shutil; f=os.memfd_create('x'); os.write(f, open('/usr/bin/id','rb').read()); os.execve(f, ['id'], {})";
        await run(link, shell(`/usr/bin/python3 -c "${code}"`));
        assert.ok(
          heard.asked.some(({ deleted, file }) => deleted && file.includes('memfd')),
          JSON.stringify(heard.asked),
        );
      },
    );

    inside(
      'a script is told with its interpreter',
      () => ({ allow: true }),
      async ({ link, workspace }, heard) => {
        await writeFile(join(workspace, 'tool'), '#!/usr/bin/env -S sh -e\necho ran "$1"\n');
        await chmod(join(workspace, 'tool'), 0o755);
        const { output } = await run(link, shell('/workspace/tool well'));
        assert.equal(output, 'ran well\n');
        const script = heard.asked.find(({ file }) => file === '/workspace/tool');
        assert.deepEqual([script?.script, script?.shebang, script?.argv], [true, '/usr/bin/env -S sh -e', ['/workspace/tool', 'well']]);
        assert.match(script?.interpreter ?? '', /env$/);
      },
    );

    inside(
      'a lasting yes is used again for the same question, told each time, and not for another one',
      () => ({ allow: true, keep: true }),
      async ({ link }, heard) => {
        await run(link, shell('for i in 1 2 3 4 5; do /bin/echo same; done; /bin/echo other; cd /usr; /bin/echo same'));
        const echoes = heard.asked.filter(named('echo'));
        assert.deepEqual(
          echoes.map(({ argv, cwd }) => [argv[1], cwd]),
          [
            ['same', '/tmp'],
            ['other', '/tmp'],
            ['same', '/usr'],
          ],
        );
        assert.deepEqual(
          heard.again,
          Array.from({ length: 4 }, () => echoes[0]?.question),
        );
      },
    );

    inside(
      'a file that changed is asked about again',
      () => ({ allow: true, keep: true }),
      async ({ link }, heard) => {
        await run(link, shell('cp /usr/bin/true /tmp/t; /tmp/t; /tmp/t; cp /usr/bin/false /tmp/t; /tmp/t'));
        assert.equal(heard.asked.filter(({ file }) => file === '/tmp/t').length, 2);
      },
    );

    inside(
      'what cannot be found fails at once, and nobody is asked',
      () => ({ allow: true }),
      async ({ link }, heard) => {
        const { errors } = await run(link, shell('/usr/bin/nonesuch; nonesuch2; /etc'));
        assert.match(errors, /not found[^]*not found[^]*not found/);
        assert.equal(heard.asked.length, 1);
      },
    );

    inside(
      'a path that changes between question and execution runs nothing else than was allowed',
      refusing('id'),
      async ({ link, workspace }, heard) => {
        await writeFile(join(workspace, 'race.py'), race('/usr/bin/true', '/usr/bin/././id', executes));
        const { output } = await run(link, shell('/usr/bin/python3 /workspace/race.py'));
        assert.doesNotMatch(output, /uid/);
        assert.ok(heard.other.length > 0, 'the race was never won, so nothing was tested');
      },
    );

    inside(
      'arguments that change between question and execution are judged before they take effect',
      ({ argv }) => ({ allow: !argv.includes('bad!') }),
      async ({ link, workspace }, heard) => {
        await writeFile(join(workspace, 'race.py'), race('good', 'bad!', echoes));
        const { output } = await run(link, shell('/usr/bin/python3 /workspace/race.py'));
        assert.doesNotMatch(output, /bad!/);
        assert.ok(heard.changed.length > 0, 'the race was never won, so nothing was tested');
      },
    );

    inside(
      'arguments that grow between question and execution beyond what can be told do not take effect',
      ({ truncated }) => ({ allow: !truncated }),
      async ({ link, workspace }, heard) => {
        await writeFile(join(workspace, 'race.py'), growth);
        const { output } = await run(link, shell('/usr/bin/python3 /workspace/race.py'));
        assert.doesNotMatch(output, /bad!/);
        assert.ok(heard.other.length > 0, 'the race was never won, so nothing was tested');
      },
    );

    inside(
      'an environment that changes between question and execution puts no other code into a program',
      ({ loaded }) => ({ allow: !loaded }),
      async ({ link, workspace }, heard) => {
        await writeFile(join(workspace, 'race.py'), race('XX_PRELOAD=/tmp/x', 'LD_PRELOAD=/tmp/x', preloads));
        await run(link, shell('/usr/bin/python3 /workspace/race.py'));
        assert.ok(heard.other.length > 0, 'the race was never won, so nothing was tested');
      },
    );

    inside(
      'a thousand starts in parallel are all asked about',
      () => ({ allow: true }),
      async ({ link }, heard) => {
        const { exit } = await run(link, shell('seq 1000 | xargs -P 8 -n 1 /usr/bin/true'));
        assert.equal(exit.status, 0);
        assert.equal(heard.asked.filter(named('true')).length, 1000);
      },
    );
  });
}
