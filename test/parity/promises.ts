/**
 * What every backend must keep, one promise an entry, checked from inside a sandbox. The same list runs on each backend
 * and each kind of link; a backend that needs an exception gets one by name, with the reason, and it is printed.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TestLasso } from '../kit/lasso.ts';
import type { SeenRequest } from '../kit/network.ts';
import { authorityVariables, proxyVariables } from '../../helper/protocol/profile/environment.ts';
import { closedFilesPromises } from './closed-files-promises.ts';
import { filePromises, prepareFiles } from './file-promises.ts';
import { gatePromises } from './gate-promises.ts';
import { hookPromises } from './hook-promises.ts';
import { networkProfile, networkPromises } from './network-promises.ts';
import { dieBy, forkMany, openMany, sh, takeMemory } from '../kit/programs.ts';

/** one sandbox under test, made once and shared by the promises */
export interface Subject {
  readonly lasso: TestLasso;
  /** name of the sandbox */
  readonly sandbox: string;
  /** host folder at /workspace */
  readonly workspace: string;
  /** host folder mounted at /data, read-only */
  readonly data: string;
  /** uid that files made inside must have on the host */
  readonly hostUid: number;
  /** whether Python, make, node and npm must be there, for promises about what these start */
  readonly everyday: boolean;
  /** what the servers outside were asked */
  readonly seen: () => readonly SeenRequest[];
}

/** what a backend cannot keep, so that its promise is printed as skipped, with the reason */
export type Exception =
  'memory' | 'pids' | 'user-filter' | 'hidden-guest' | 'lasting-guest' | 'terminal-signals' | 'file-size' | 'exec-gate';

export interface Promised {
  readonly name: string;
  readonly needs?: Exception;
  /** `skip` says why it cannot be tested here */
  readonly check: (subject: Subject, skip: (why: string) => void) => Promise<void>;
}

const run = async ({ lasso, sandbox }: Subject, command: readonly string[], expected = 0): Promise<string> => {
  const { exit, stdout, stderr } = await lasso.exec(sandbox, command);
  assert.equal(exit.code, expected, `${command.join(' ')} → ${JSON.stringify(exit)}\n${stdout}\n${stderr}`);
  return stdout;
};

/** the command must fail, whatever the code */
const refused = async ({ lasso, sandbox }: Subject, command: readonly string[]): Promise<string> => {
  const { exit, stdout, stderr } = await lasso.exec(sandbox, command);
  assert.notEqual(exit.code, 0, `${command.join(' ')} was not refused:\n${stdout}`);
  return stderr;
};

/** the gate must refuse it before it starts */
const denied = ({ lasso, sandbox }: Subject, command: readonly string[]): Promise<void> =>
  assert.rejects(lasso.exec(sandbox, command), { code: 'COMMAND_DENIED' });

/** Runs a script from a file, by what the shell does itself: what a command’s text says is not judged then, and the sandbox is met. */
async function inside(subject: Subject, script: string, shell = 'sh'): Promise<string> {
  const file = join(subject.workspace, 'inside');
  writeFileSync(file, script);
  const out = await run(subject, [shell, './inside']);
  rmSync(file);
  return out;
}

export const promises: readonly Promised[] = [
  {
    name: 'the agent is not root and stands in /workspace',
    check: async (subject) => {
      const out = await run(subject, sh('id -u; id -un; pwd; echo $HOME'));
      const [uid, name, cwd, home] = out.trim().split('\n');
      assert.notEqual(uid, '0');
      assert.deepEqual([name, cwd, home], ['agent', '/workspace', '/home/agent']);
    },
  },
  {
    name: 'no capability is held, none can be gained, and system calls are filtered',
    check: async (subject) => {
      const status = await run(subject, ['cat', '/proc/self/status']);
      assert.match(status, /^CapEff:\s*0+$/m);
      assert.doesNotMatch(status, /^Cap(Inh|Prm|Eff|Amb):\s*0*[1-9a-f]/m);
      if (/^NoNewPrivs:/m.test(status)) assert.match(status, /^NoNewPrivs:\s*1$/m);
      if (/^Seccomp:/m.test(status)) assert.match(status, /^Seccomp:\s*2$/m);
    },
  },
  {
    name: 'the root file system is read-only',
    check: async (subject) => {
      const places = '/x /usr/x /etc/x /etc/passwd /usr/bin/x /.lasso/x /.lasso/link/x';
      assert.equal(await inside(subject, `for place in ${places}; do (true >> $place) 2>/dev/null && echo $place; done; true`), '');
      for (const place of places.split(' ')) await denied(subject, ['touch', place]);
    },
  },
  {
    name: 'there is no network device but the loopback one, and nothing outside can be reached',
    check: async (subject) => {
      const devices = (await run(subject, ['cat', '/proc/net/dev']))
        .split('\n')
        .slice(2)
        .map((line) => line.split(':')[0]?.trim());
      assert.deepEqual(
        devices.filter((name) => name !== '' && name !== undefined),
        ['lo'],
      );
      const out = await run(subject, [
        'perl',
        '-MSocket',
        '-e',
        'socket(my $s, PF_INET, SOCK_STREAM, 0); print connect($s, sockaddr_in(80, inet_aton("192.0.2.1"))) ? "in" : "out: $!"',
      ]);
      assert.match(out, /^out: /);
    },
  },
  {
    name: '/tmp is a file system in memory of the size the profile says',
    check: async (subject) => {
      const error = await refused(
        subject,
        sh('for n in 1 2 3 4 5 6; do dd if=/dev/zero of=/tmp/big$n bs=1M count=4 || e=$?; done; rm -f /tmp/big*; exit $e'),
      );
      assert.match(error, /No space left/);
      await run(subject, sh('echo hi > /tmp/x && chmod +x /tmp/x && rm /tmp/x'));
    },
  },
  {
    name: 'a program that takes more memory than allowed is killed, and the reason is told',
    needs: 'memory',
    check: async (subject) => {
      const { exit, stdout } = await subject.lasso.exec(subject.sandbox, takeMemory(400));
      assert.doesNotMatch(stdout, /took/);
      assert.equal(exit.signal, 9);
      assert.match(exit.reason ?? '', /memory limit \(128 MiB\)/);
      await run(subject, takeMemory(16));
    },
  },
  {
    name: 'a fork bomb meets the process limit, and the sandbox stays usable',
    needs: 'pids',
    check: async (subject) => {
      const out = await run(subject, forkMany(200));
      const got = Number(/forked (\d+)/.exec(out)?.[1]);
      assert.ok(got > 5 && got < 64, out);
      for (let tries = 0; ; tries += 1) {
        const { stdout } = await subject.lasso.exec(subject.sandbox, ['ls', '/proc']).catch(() => ({ stdout: '' }));
        const running = stdout.split('\n').filter((name) => /^\d+$/.test(name)).length;
        if (running > 0 && running < 4) break;
        assert.ok(tries < 100, 'the sandbox did not recover');
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
  },
  {
    name: 'open files and file size are limited',
    check: async (subject) => {
      const out = await run(subject, openMany(500));
      assert.ok(Number(/opened (\d+)/.exec(out)?.[1]) < 128, out);
    },
  },
  {
    name: 'a file larger than allowed cannot be written, not even in the workspace',
    needs: 'file-size',
    check: async (subject) => {
      const { exit } = await subject.lasso.exec(subject.sandbox, sh('exec dd if=/dev/zero of=/workspace/large bs=1M count=16'));
      assert.ok(exit.signal === 25 || (exit.code ?? 0) !== 0, JSON.stringify(exit));
      const { size } = statSync(join(subject.workspace, 'large'));
      assert.ok(size <= 8 * 1024 * 1024, `${size} bytes were written`);
      await run(subject, ['rm', '/workspace/large']);
    },
  },
  {
    name: 'the environment is made for it: nothing of the host’s is there',
    check: async (subject) => {
      const out = await run(subject, ['env']);
      const names = out
        .split('\n')
        .filter((line) => line.includes('='))
        .map((line) => line.slice(0, line.indexOf('=')));
      const known = [
        'PATH',
        'HOME',
        'USER',
        'LOGNAME',
        'SHELL',
        'LANG',
        'TMPDIR',
        'LASSO',
        'LASSO_SANDBOX',
        'GREETING',
        'PWD',
        'SHLVL',
        '_',
        'OLDPWD',
        ...proxyVariables,
        ...authorityVariables,
        ...['NO_PROXY', 'no_proxy', 'TOKEN'],
      ];
      assert.deepEqual(
        names.filter((name) => !known.includes(name)),
        [],
      );
      assert.match(out, /^GREETING=hello there$/m);
      assert.doesNotMatch(out, /do-not-pass/);
    },
  },
  {
    name: 'no engine socket and no host socket is visible, only the guest’s link',
    check: async (subject) => {
      const out = await inside(
        subject,
        'find / -xdev -type s 2>/dev/null; find /run /var/run /tmp -type s 2>/dev/null; echo /root/* /root/.[a-z]* /home/*; true',
      );
      assert.doesNotMatch(out, /docker|podman|containerd|vscode|ssh|gpg|bus/);
      assert.deepEqual(
        out.split('\n').filter((line) => line.startsWith('/') && line !== '/.lasso/link/socket' && line.endsWith('.sock')),
        [],
      );
    },
  },
  {
    name: 'what is written in the workspace is there on the host, owned by the user',
    check: async (subject) => {
      await run(subject, sh('echo made inside > made && mkdir -p a/b && touch a/b/c && ln -s made link'));
      assert.equal(readFileSync(join(subject.workspace, 'made'), 'utf8'), 'made inside\n');
      for (const name of ['made', 'a', 'a/b/c']) assert.equal(statSync(join(subject.workspace, name)).uid, subject.hostUid, name);
      writeFileSync(join(subject.workspace, 'from-host'), 'made outside\n');
      assert.equal(await run(subject, ['cat', 'from-host']), 'made outside\n');
      await run(subject, sh('echo more >> from-host && rm -r a link made from-host'));
      assert.equal(existsSync(join(subject.workspace, 'made')), false);
    },
  },
  {
    name: 'an extra mount is there, read-only where it was asked to be',
    check: async (subject) => {
      assert.equal(await run(subject, ['cat', '/data/fact']), 'a fact\n');
      const touched = 'print open(my $f, ">>", "/data/new") ? "made" : "", unlink("/data/fact") ? "gone" : "";';
      assert.equal(await inside(subject, touched, 'perl'), '');
      await denied(subject, ['touch', '/data/new']);
    },
  },
  {
    name: 'the agent can neither kill, stop nor trace the guest, nor read what it holds',
    needs: 'lasting-guest',
    check: async (subject) => {
      await subject.lasso.exec(subject.sandbox, sh('kill -9 1; kill -STOP 1; kill -TERM 1; kill -HUP 1; kill -USR1 1; true'));
      await run(subject, ['true']);
      assert.doesNotMatch(await inside(subject, 'open(my $f, "<", "/proc/1/environ") && print <$f>;', 'perl'), /TOKEN/);
    },
  },
  {
    name: 'the guest’s memory, descriptors and link are closed to the agent',
    needs: 'hidden-guest',
    check: async (subject) => {
      const opened = 'for (@ARGV, "/proc/1/environ", "/proc/1/mem") { print "$_\\n" if open(my $f, "<", $_) }';
      assert.equal(await inside(subject, `${opened} print grep { readlink $_ } glob("/proc/1/fd/*");`, 'perl'), '');
    },
  },
  {
    name: 'no namespace, mount, set-user-id file or device can be made',
    check: async (subject) => {
      const lines = ['unshare -Ur true', 'mount -t tmpfs none /tmp/m', 'mknod /tmp/d c 1 3', 'chroot / true', 'mount --bind . /tmp/m'];
      await run(subject, ['mkdir', '/tmp/m']);
      for (const line of lines) await refused(subject, sh(line));
    },
  },
  {
    name: 'the guest’s own filter refuses set-user-id bits on files of the workspace',
    needs: 'user-filter',
    check: async (subject) => {
      await run(subject, sh('cp /bin/true tool'));
      await refused(subject, ['chmod', 'u+s', 'tool']);
      await refused(subject, ['chmod', '2755', 'tool']);
      assert.equal(statSync(join(subject.workspace, 'tool')).mode & 0o6000, 0);
      await run(subject, sh('chmod 755 tool && rm tool'));
    },
  },
  {
    name: 'exit codes are exact, and so is death by a signal',
    check: async (subject) => {
      for (const code of [0, 1, 2, 42, 126, 127, 128, 137, 255]) await run(subject, sh(`exit ${code}`), code);
      const killed = await subject.lasso.exec(subject.sandbox, dieBy('KILL'));
      assert.deepEqual([killed.exit.code, killed.exit.signal], [null, 9]);
      const ended = await subject.lasso.exec(subject.sandbox, dieBy('TERM'));
      assert.deepEqual([ended.exit.code, ended.exit.signal], [null, 15]);
    },
  },
  {
    name: 'a command that is not there, or not a program, is told apart',
    check: async (subject) => {
      await assert.rejects(subject.lasso.exec(subject.sandbox, ['no-such-command']), { code: 'COMMAND_NOT_FOUND' });
      await assert.rejects(subject.lasso.exec(subject.sandbox, ['/etc/hostname']), { code: 'COMMAND_NOT_EXECUTABLE' });
      await assert.rejects(subject.lasso.exec(subject.sandbox, ['true'], { cwd: '/nowhere' }), { code: 'BAD_REQUEST' });
    },
  },
  {
    name: 'stdin, stdout and stderr are separate, whole, and end when they should',
    check: async (subject) => {
      const out = await subject.lasso.stream(subject.sandbox, sh('cat; echo err >&2'), Buffer.from('one\ntwo\n'));
      assert.deepEqual([out.stdout.toString(), out.stderr.toString(), out.exit.code], ['one\ntwo\n', 'err\n', 0]);
      const block = Buffer.alloc(3 * 1024 * 1024 + 17, 'x\ny\0z');
      const big = await subject.lasso.stream(subject.sandbox, ['cat'], block);
      assert.ok(big.stdout.equals(block), `${big.stdout.length} of ${block.length} bytes came back`);
    },
  },
  {
    name: 'a time limit ends the command with its children, and says so',
    check: async (subject) => {
      const { exit } = await subject.lasso.exec(subject.sandbox, sh('sleep 61 & sleep 62; wait'), { timeoutSeconds: 0.5 });
      assert.match(exit.reason ?? '', /timed out/);
      for (let tries = 0; ; tries += 1) {
        const left = await run(subject, sh('cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " " | grep -c "sleep 6[12]" || true'));
        // grep itself names the pattern in its own arguments, hence one.
        if (Number(left) <= 1) break;
        assert.ok(tries < 50, 'children are left');
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
  },
  {
    name: 'a terminal is a real one: its size, resizing, and its screen comes back',
    check: async (subject) => {
      const terminal = await subject.lasso.terminal(subject.sandbox, { rows: 30, columns: 100 });
      terminal.type('tty; stty size\r');
      await terminal.see(/\/dev\/pts\/\d+[\s\S]*30 100/);
      await terminal.resize(40, 120);
      terminal.type('stty size\r');
      await terminal.see(/40 120/);
      terminal.type('(exit 9); echo ma""rk $?\r');
      await terminal.see(/mark 9/);
      terminal.leave();
      const again = await subject.lasso.attach(subject.sandbox, terminal.id);
      await again.see(/mark 9/);
      again.type('exit 7\r');
      assert.deepEqual(await again.exit(), { code: 7, signal: null });
    },
  },
  {
    name: 'Ctrl-C in a terminal ends the program in front, not the shell',
    needs: 'terminal-signals',
    check: async (subject) => {
      const terminal = await subject.lasso.terminal(subject.sandbox, { rows: 30, columns: 100 });
      // Not before the program owns the terminal: until then Ctrl-C is the shell's.
      terminal.type('sh -c \'echo rea""dy; exec sleep 1000\'\r');
      await terminal.see(/ready/);
      terminal.type('\x03');
      terminal.type('echo ma""rk $?\r');
      await terminal.see(/mark 130/);
      terminal.type('exit\r');
      await terminal.exit();
    },
  },
  {
    name: 'twenty commands at once all come back right',
    check: async (subject) => {
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, n) => subject.lasso.exec(subject.sandbox, sh(`echo ${n}; exit ${n}`))),
      );
      results.forEach(({ exit, stdout }, n) => assert.deepEqual([exit.code, stdout], [n, `${n}\n`]));
    },
  },
  {
    name: 'orphans are reaped by pid 1',
    check: async (subject) => {
      await run(subject, sh('(sh -c "sleep 0.1 & exit" &) ; sleep 0.5'));
      const zombies = await run(subject, sh('cat /proc/[0-9]*/stat 2>/dev/null | grep -c ") Z " || true'));
      assert.equal(Number(zombies), 0);
    },
  },
  ...networkPromises,
  ...gatePromises,
  ...hookPromises,
  ...filePromises,
  ...closedFilesPromises,
];

/** Makes the folders a subject needs. */
export function makeFolders(root: string): { readonly workspace: string; readonly data: string } {
  // A folder nobody would choose, and everybody has.
  const workspace = join(root, 'my projekt: café');
  const data = join(root, 'data');
  mkdirSync(workspace, { recursive: true });
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, 'fact'), 'a fact\n');
  prepareFiles(workspace);
  return { workspace, data };
}

/** a profile whose limits are small enough to be met quickly */
export const smallProfile = (enforcement: 'required' | 'preferred'): string => `name = "small"
description = "Limits that are met quickly"
mode = "autonomous"
exec_gate = "${enforcement}"

[commands]
mode = "blacklist"
blacklist = ["forbidden-tool", "mkfifo"]
allow_shell_operators = true

[filesystem]
temp_dir_mb = 16

[resources]
enforcement = "${enforcement}"
max_memory_mb = 128
max_cpu_percent = 100
max_pids = 64
max_open_files = 100
max_file_size_mb = 8

[extra_env]
GREETING = "hello there"
${networkProfile}`;
