/** What runs inside can neither end nor watch pid 1, nor do what no program in a sandbox needs. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { suite, test } from 'node:test';
import { request, run, shell, startGuest, untilPrinted, type GuestWorld } from '../../kit/guest.ts';

const python = '/usr/bin/python3';
/** a system call by number, through libc's syscall(); prints its errno */
const call = (number: string, ...values: readonly (string | number)[]): string =>
  `import ctypes,sys;l=ctypes.CDLL(None,use_errno=True);r=l.syscall(${[number, ...values].join(',')});print(0 if r>=0 else ctypes.get_errno())`;
const x64 = process.arch === 'x64';
const EPERM = '1\n';
const ENOSYS = '38\n';

/** what is refused, how it is tried, and what is printed then */
const refused: readonly (readonly [string, readonly string[], string | RegExp])[] = [
  ['a new user namespace', ['unshare', '-U', 'true'], /Operation not permitted/],
  ['clone3, so that callers fall back', [python, '-c', call('435', 0, 0)], ENOSYS],
  ['mounting', [python, '-c', call(x64 ? '165' : '40', 0, 0, 0, 0, 0)], EPERM],
  ['the new mount calls', [python, '-c', call('428', 0, 0, 0)], EPERM],
  ['entering a namespace', [python, '-c', call(x64 ? '308' : '268', 0, 0)], EPERM],
  ['bpf', [python, '-c', call(x64 ? '321' : '280', 0, 0, 0)], EPERM],
  ['keys of the user', [python, '-c', call(x64 ? '250' : '219', 0, 0, 0)], EPERM],
  ['io_uring', [python, '-c', call('425', 1, 0)], EPERM],
  ['userfaultfd', [python, '-c', call(x64 ? '323' : '282', 0)], EPERM],
  [
    'typing into a terminal',
    [python, '-c', 'import fcntl,os\ntry: fcntl.ioctl(0,0x5412,b"x")\nexcept OSError as e: print(e.errno)'],
    EPERM,
  ],
  ['… with junk in the upper half of the number', [python, '-c', call(x64 ? '16' : '29', 0, 'ctypes.c_ulong(0x100005412)', 0)], EPERM],
  ['a set-uid file', ['sh', '-c', 'touch /workspace/s && chmod u+s /workspace/s'], /Operation not permitted/],
  ['a set-gid file', ['sh', '-c', 'touch /workspace/s && chmod g+s /workspace/s'], /Operation not permitted/],
  [
    'creating a set-uid file',
    [python, '-c', 'import os\ntry: os.open("/workspace/t",os.O_CREAT|os.O_WRONLY,0o4755)\nexcept OSError as e: print(e.errno)'],
    EPERM,
  ],
  ['a device', ['mknod', '/workspace/d', 'c', '1', '3'], /Operation not permitted/],
  ['a vsock', [python, '-c', 'import socket\ntry: socket.socket(40,1)\nexcept OSError as e: print(e.errno)'], '97\n'],
  ['openat2, so that callers fall back', [python, '-c', call('437', 0, 0, 0, 0)], ENOSYS],
  ['a signal to pid 1', ['sh', '-c', 'kill -9 1'], /Operation not permitted/],
  ['a forged signal to pid 1', [python, '-c', call(x64 ? '129' : '138', 1, 15, 'ctypes.create_string_buffer(128)')], EPERM],
];

/** what everyday programs do, which must go on working */
const allowed: readonly (readonly [string, readonly string[]])[] = [
  [
    'files and modes',
    ['sh', '-c', 'touch /workspace/a && chmod 755 /workspace/a && mkfifo /workspace/f && install -m 644 /dev/null /workspace/b'],
  ],
  ['threads', [python, '-c', 'import threading;t=threading.Thread(target=print);t.start();t.join()']],
  ['subprocesses', [python, '-c', 'import subprocess;subprocess.run(["true"],check=True)']],
  ['sockets', [python, '-c', 'import socket;socket.socketpair();socket.socket();socket.socket(socket.AF_INET6)']],
  ['a filter of its own', [python, '-c', `import ctypes;l=ctypes.CDLL(None);assert l.prctl(22,2,0)==-1 and l.prctl(21)==2`]],
  ['signals to each other', ['sh', '-c', 'sleep 9 & kill $!; wait $! 2>/dev/null; test $? = 143']],
];

suite('apart', { timeout: 60_000 }, () => {
  const inside = (name: string, body: (world: GuestWorld) => Promise<void>): void => {
    test(name, async () => {
      await using world = await startGuest({ kind: 'socket' });
      await body(world);
    });
  };

  inside('pid 1 outlives every signal sent from inside', async ({ link }) => {
    const script = 'for s in 1 2 3 9 11 15 19 20 31 34 64; do kill -$s 1; done; echo sent';
    assert.equal((await run(link, shell(script))).output, 'sent\n');
    const sleeping = await link.spawn(request(['sleep', '1000']));
    assert.equal((await run(link, shell('kill -9 -1; echo all'))).output, 'all\n');
    assert.deepEqual(await sleeping.exited, { kind: 'signalled', status: 9 });
    assert.ok((await link.ping()) >= 0);
    assert.equal((await run(link, request(['true']))).exit.status, 0);
  });

  inside('SIGTERM from inside is not obeyed, however often', async ({ link }) => {
    const script = 'import os,signal\nfor i in range(200):\n  for s in (15,17): os.kill(1,s)';
    await run(link, request([python, '-c', script]));
    assert.equal((await run(link, request(['true']))).exit.status, 0);
  });

  inside('pid 1 cannot be traced, nor its memory, environment and descriptors read', async ({ link, token }) => {
    for (const path of ['environ', 'mem', 'maps', 'auxv', 'stack', 'syscall', 'fd/', 'fdinfo/', 'map_files/', 'ns/net', 'root/', 'cwd/']) {
      const { exit, output } = await run(link, shell(`ls -L /proc/1/${path} >/dev/null && head -c 1 /proc/1/${path} 2>&1`));
      assert.ok(exit.status !== 0, `/proc/1/${path} can be read: ${output}`);
    }
    const trace = 'import ctypes;l=ctypes.CDLL(None,use_errno=True);print(l.ptrace(16,1,0,0),ctypes.get_errno())';
    assert.equal((await run(link, request([python, '-c', trace]))).output, '-1 1\n');
    const { output } = await run(link, shell('env; cat /proc/self/environ /proc/1/cmdline'));
    assert.ok(!output.includes(token) && !output.includes('LASSO_LINK'));
  });

  inside('its socket is of no use without the token', async ({ link, intruders }) => {
    const knock = `import socket
for opening in (b'C'+bytes(32), b'S'+bytes(32), b'GET / HTTP/1.1\\r\\n'+bytes(40)):
  s=socket.socket(socket.AF_UNIX); s.connect('/.lasso/link/socket'); s.sendall(opening); print(s.recv(9))`;
    assert.equal((await run(link, request([python, '-c', knock]))).output, "b''\nb''\nb''\n");
    assert.equal((await run(link, request(['true']))).exit.status, 0);
    assert.ok(intruders.length > 0);
  });

  inside('a flood of connections does not keep the guest from its own', async ({ link }) => {
    const flood = `import socket,time
held=[]
print('flooding',flush=True)
end=time.time()+1.5
while time.time()<end:
  s=socket.socket(socket.AF_UNIX); s.setblocking(False)
  try: s.connect('/.lasso/link/socket'); held.append(s)
  except OSError: pass
  if len(held)>600: held=held[300:]
  time.sleep(0.0005)`;
    const flooding = await link.spawn(request([python, '-c', flood]));
    await untilPrinted(flooding, 'flooding');
    for (let i = 0; i < 20; i++) assert.equal((await run(link, request(['true']))).exit.status, 0);
    flooding.stdio.resume();
    assert.equal((await flooding.exited).status, 0);
  });

  inside('the limits given are those of every process', async () => {
    await using world = await startGuest({ kind: 'socket', limits: 'nofile=100:200,fsize=1048576:1048576,core=0:0,nproc=50000:999999999' });
    const { output } = await run(world.link, shell('ulimit -Sn; ulimit -Hn; ulimit -f; ulimit -c; ulimit -n 300 2>/dev/null || echo kept'));
    assert.equal(output, '100\n200\n2048\n0\nkept\n');
    assert.notEqual((await run(world.link, shell('head -c 2000000 /dev/zero > /tmp/big'))).exit.status, 0);
  });

  inside('no new privileges, a filter, and no capability', async ({ link }) => {
    const { output } = await run(link, shell('grep -E "NoNewPrivs|Seccomp:|CapEff|CapBnd" /proc/self/status'));
    assert.equal(output, 'CapEff:\t0000000000000000\nCapBnd:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n');
  });

  inside('what no program in a sandbox needs is refused', async ({ link }) => {
    for (const [name, argv, expected] of refused) {
      const { output, errors } = await run(link, request(argv, { environment: { PATH: '/usr/sbin:/usr/bin:/bin', LC_ALL: 'C' } }));
      if (typeof expected === 'string') assert.equal(output, expected, name);
      else assert.match(errors, expected, name);
    }
    for (const [name, argv] of allowed) {
      const { exit, errors } = await run(link, request(argv));
      assert.deepEqual([exit.status, errors], [0, ''], name);
    }
  });

  test('a guest that cannot reach its helper, or is told nonsense, says so and ends', async () => {
    await assert.rejects(startGuest({ kind: 'socket', limits: 'nofile=many' }), /LASSO_LIMITS must be name=soft:hard/);
    await assert.rejects(startGuest({ kind: 'stdio', limits: 'speed=1:1' }), /unknown limit/);
    await assert.rejects(startGuest({ kind: 'socket', extra: ['--tmpfs', '/.lasso/link'] }), /helper cannot be reached/);
  });

  inside('another control connection is refused, even with the token', async ({ link, socketPath, token }) => {
    const socket = connect(socketPath);
    socket.write(Buffer.concat([Buffer.from('C'), Buffer.from(token, 'hex')]));
    await new Promise((resolve) => socket.once('close', resolve).resume());
    assert.ok((await link.ping()) >= 0);
  });
});
