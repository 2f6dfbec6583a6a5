/** What bubblewrap alone promises, with a shell in the guest's place: the box itself, its limits, and that it goes without a trace. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunningSandbox } from '../../helper/backends/backend.ts';
import { createBubblewrap } from '../../helper/backends/bubblewrap.ts';
import { systemEyes } from '../../helper/backends/bubblewrap-probe.ts';
import { findGroupPlaces } from '../../helper/backends/control-group-places.ts';
import { runChild } from '../../helper/base/child.ts';
import { silentLog } from '../../helper/base/log.ts';
import { foldersOf } from '../../helper/base/platform.ts';
import { runScript, sampleLimits, scriptSpec, startScript, thisHost } from '../kit/bubblewrap.ts';

const root = process.getuid?.() === 0;
const places = await findGroupPlaces(systemEyes);
const limited = new Set(places.flatMap((place) => place.controllers));
const without = (controller: 'memory' | 'cpu' | 'pids'): string | false =>
  !limited.has(controller) && `no control group for ${controller} can be made here`;

const groups = (id: string): readonly string[] =>
  places.map((place) => join(place.folder, `lasso-${id}`)).filter((folder) => existsSync(folder));

test('the agent is nobody special: no root, no capability, no way to gain one, filtered system calls', async (t) => {
  const { out } = await runScript(t, 'id -u; cat /proc/self/status');
  assert.match(out, root ? /^1000\n/ : new RegExp(`^${process.getuid?.() ?? ''}\n`));
  for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) assert.match(out, new RegExp(`^${set}:\\s*0+$`, 'm'));
  assert.match(out, /^NoNewPrivs:\s*1$/m);
  assert.match(out, /^Seccomp:\s*2$/m);
});

test('nothing of the machine can be set, not even when root runs it', async (t) => {
  const { out } = await runScript(
    t,
    'find /proc -regex "/proc/[0-9s].*" -prune -o -writable -print 2>/dev/null; find /proc/sys /proc/sysrq-trigger -writable 2>/dev/null; find / -xdev -writable -not -type l 2>/dev/null',
  );
  assert.deepEqual(out.trim().split('\n').sort(), ['/home/agent', '/run', '/tmp', '/var/tmp', '/workspace']);
});

test('ports below 1024 can be listened on without a capability, and those of the machine stay closed', async (t) => {
  const before = readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8');
  const listens = "import socket; socket.create_server(('127.0.0.1', 53)); print('listens')";
  const { out } = await runScript(t, `python3 -c "${listens}"; grep CapEff /proc/self/status`);
  assert.equal(out, 'listens\nCapEff:\t0000000000000000\n');
  assert.equal(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'), before);
});

test('system calls that make namespaces, mounts or new roots are refused', async (t) => {
  const lines = [
    'unshare -U true',
    'unshare -m true',
    'mount -t tmpfs none /tmp',
    'umount /tmp',
    '/usr/sbin/chroot / true',
    'nsenter -t 1 -m true',
  ];
  const { out } = await runScript(t, lines.map((line) => `${line} 2>/dev/null && echo "${line} worked"`).join('\n'));
  assert.equal(out, '');
});

test('only the loopback device is there, and no folder of a person', async (t) => {
  const { out } = await runScript(
    t,
    'tail -n +3 /proc/net/dev | cut -d: -f1; ls /home; ls -d /root /etc/shadow /etc/sudoers /etc/ssh /sys 2>/dev/null; pwd; hostname',
  );
  assert.equal(out.replaceAll(' ', ''), 'lo\nagent\n/\nbox\n');
});

test('the environment is the spec’s and nothing more, and no word of it is on a command line', async (t) => {
  process.env['NOT_FOR_THE_SANDBOX'] = 'secret';
  t.after(() => delete process.env['NOT_FOR_THE_SANDBOX']);
  const { spec, runtime } = scriptSpec(t, 'env; sleep 60', { environment: { PATH: '/usr/bin:/bin', GREETING: 'hello\nthere' } });
  const sandbox = await startScript(t, spec, runtime);
  const line = readFileSync(`/proc/${sandbox.engineId.split('.')[0] ?? ''}/cmdline`, 'utf8');
  assert.doesNotMatch(line, /GREETING|LASSO|workspace/);
  const first = await firstOutput(sandbox);
  assert.match(first, /GREETING=hello\nthere\n/);
  assert.doesNotMatch(first, /NOT_FOR/);
  await sandbox.remove();
});

test('/tmp and the home folder are in memory and end where the spec says', async (t) => {
  const { out } = await runScript(
    t,
    'for d in /tmp /home/agent; do dd if=/dev/zero of=$d/x bs=1M count=8 2>/dev/null; stat -c %s $d/x; rm $d/x; done; stat -c %a /tmp',
  );
  assert.deepEqual(out.split('\n'), [`${sampleLimits.temporaryBytes}`, `${sampleLimits.homeBytes}`, '1777', '']);
});

test('no descriptor of ours reaches the sandbox', async (t) => {
  const { out } = await runScript(t, 'ls -l /proc/self/fd');
  const inherited = new Set(readdirSync('/proc/self/fd').map((fd) => link(`/proc/self/fd/${fd}`)));
  const strange = out.split('\n').filter((line) => /-> (socket|pipe|anon_inode)/.test(line) && !inherited.has(line.split('-> ')[1] ?? ''));
  assert.equal(strange.length, 3, out);
});

test('files made in the workspace belong to the user who runs it', async (t) => {
  const { spec, runtime } = scriptSpec(t, 'touch /workspace/made; stat -c %u /workspace/made');
  const sandbox = await startScript(t, spec, runtime);
  await sandbox.ended;
  await sandbox.remove();
  assert.equal(statSync(join(spec.workspace.source, 'made')).uid, process.getuid?.());
});

test('run by root for somebody’s workspace, it is that user’s from the start', { skip: !root && 'needs root' }, async (t) => {
  const { spec, runtime } = scriptSpec(
    t,
    'id -u; touch /workspace/made; stat -c %u /workspace/made; cat /proc/self/uid_map; ls /mnt 2>&1',
    {
      identity: { uid: 4321, gid: 4321, hostUid: 4321, hostGid: 4321 },
      link: { kind: 'socket', directory: '', token: 'ab'.repeat(32) },
    },
  );
  const folder = join(runtime, spec.id, 'link');
  chownSync(spec.workspace.source, 4321, 4321);
  const sandbox = await startScript(t, { ...spec, link: { ...spec.link, directory: folder } }, runtime);
  const end = await sandbox.ended;
  assert.match(end.message ?? '', /^4321\n4321\n\s+4321\s+0\s+1\n[\s\S]*No such file/);
  assert.equal(statSync(join(spec.workspace.source, 'made')).uid, 4321);
  assert.equal(statSync(folder).uid, 4321);
  await sandbox.remove();
});

test('too much memory ends in a kill that is counted', { skip: without('memory') }, async (t) => {
  const { spec, runtime } = scriptSpec(t, 'perl -e \'my $x = "x" x (256 << 20); print "took"\'; echo $?; sleep 60');
  const sandbox = await startScript(t, spec, runtime);
  const first = await firstOutput(sandbox);
  assert.equal(first, '137\n');
  assert.equal(await sandbox.memoryKills(), 1);
  await sandbox.remove();
});

test('more processes than allowed cannot be made', { skip: without('pids') }, async (t) => {
  const { out } = await runScript(
    t,
    "perl -e '$n = 0; for (1..200) { my $p = fork; last unless defined $p; if (!$p) { sleep 60; exit } $n++ } print $n; kill 9, -1'",
  );
  assert.ok(Number(out) > 10 && Number(out) < sampleLimits.pids, out);
});

test('processor time is what the spec says', { skip: without('cpu') }, async (t) => {
  const { spec, runtime } = scriptSpec(t, 'sleep 60');
  const sandbox = await startScript(t, spec, runtime);
  const text = groups(spec.id)
    .flatMap((folder) => ['cpu.max', 'cpu.cfs_quota_us'].map((file) => join(folder, file)))
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8').trim());
  assert.match(text.join(), /^50000( 100000)?$/);
  await sandbox.remove();
});

test('a failed start says why and leaves nothing', async (t) => {
  const { spec, runtime } = scriptSpec(t, 'true', { mounts: [{ source: '/no/such/folder', target: '/data', readonly: true }] });
  await assert.rejects(startScript(t, spec, runtime), { code: 'SANDBOX_START_FAILED', message: /\/no\/such\/folder/ });
  assert.deepEqual(groups(spec.id), []);
  assert.deepEqual(readdirSync(spec.scratch), []);
});

test('how it ended is told: its code, or its signal', async (t) => {
  assert.equal((await runScript(t, 'exit 7')).end.code, 7);
  const { end } = await runScript(t, 'kill -9 $$; sleep 0.1; exit 3');
  assert.deepEqual([end.code, end.signal], [3, null], 'pid 1 cannot be killed from inside');
});

test('removing ends everything inside and leaves no process, group or file', async (t) => {
  const { spec, runtime } = scriptSpec(t, 'sleep 6543 & sleep 6543');
  const sandbox = await startScript(t, spec, runtime);
  assert.equal(groups(spec.id).length, places.length);
  await sandbox.remove();
  await sandbox.remove();
  assert.deepEqual(groups(spec.id), []);
  assert.deepEqual(readdirSync(spec.scratch), []);
  assert.deepEqual(processesOf('6543'), []);
  assert.doesNotMatch(readFileSync('/proc/self/mountinfo', 'utf8'), new RegExp(spec.id));
});

test('a helper that is killed takes the sandbox with it, and the next one clears away the rest', async (t) => {
  const place = mkdtempSync(join(tmpdir(), 'lasso-killed-'));
  t.after(() => rmSync(place, { recursive: true, force: true }));
  const child = spawn(process.execPath, [join(import.meta.dirname, '../kit/bubblewrap-helper.ts'), place], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const told: unknown = JSON.parse(String((await child.stdout.take(1).toArray())[0]));
  assert.ok(typeof told === 'object' && told !== null && 'id' in told && 'runtime' in told);
  const id = String(told.id);
  const runtime = String(told.runtime);
  const host = thisHost();
  const backend = createBubblewrap({ host, folders: { ...foldersOf(host), runtime, cache: join(runtime, 'cache') }, log: silentLog });
  const [before] = await backend.find('owner');
  assert.deepEqual([before?.id, before?.running], [id, true]);
  assert.deepEqual(await backend.find('somebody else'), []);
  for (let tries = 0; processesOf('7654').length < 2; tries += 1) {
    assert.ok(tries < 500, 'nothing runs');
    await delay(20);
  }
  child.kill('SIGKILL');
  for (let tries = 0; processesOf('7654').length > 0; tries += 1) {
    assert.ok(tries < 500, 'the sandbox outlived its helper');
    await delay(20);
  }
  const [found] = await backend.find('owner');
  assert.ok(found);
  assert.equal(found.running, false);
  assert.equal(await backend.adopt(found, scriptSpec(t, 'true').spec), null);
  const scratch = join(runtime, id, 'scratch');
  await backend.discard(found, scratch);
  await backend.discard(found, scratch);
  assert.deepEqual(groups(id), []);
  assert.deepEqual(await backend.find('owner'), []);
});

test('all of this holds for an ordinary user too', { skip: !root && 'needs root to become one' }, async (t) => {
  const place = mkdtempSync(join(tmpdir(), 'lasso-ordinary-'));
  t.after(() => rmSync(place, { recursive: true, force: true }));
  chownSync(place, 4321, 4321);
  const words = ['--reuid=4321', '--regid=4321', '--clear-groups', process.execPath, '--test', '--test-reporter=tap', import.meta.filename];
  const readable = await runChild('setpriv', [...words.slice(0, 3), 'test', '-r', import.meta.filename], { timeoutMs: 10_000 });
  if (readable.code !== 0) return t.skip('no other user can read this checkout');
  const { code, stdout } = await runChild('setpriv', words, {
    timeoutMs: 120_000,
    environment: { PATH: process.env['PATH'], TMPDIR: place },
  });
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^# pass 1\d$/m);
  assert.match(stdout, /^# fail 0$/m);
});

function firstOutput({ stdio }: RunningSandbox): Promise<string> {
  assert.ok(stdio);
  return new Promise((resolve) => stdio.once('data', (bytes: Buffer) => resolve(bytes.toString())));
}

function processesOf(word: string): readonly string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(word) ? [pid] : [];
    } catch {
      return [];
    }
  });
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
