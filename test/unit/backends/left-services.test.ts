/** What a killed helper left running is ended by the next one; what another helper uses is not. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { endLeftServices, forgetService, noteService } from '../../../helper/backends/left-services.ts';
import { markProcess } from '../../../helper/backends/process-mark.ts';

const linux = { skip: process.platform !== 'linux' && 'processes are told apart by /proc' };

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'ls-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function started(t: TestContext): ChildProcess & { readonly pid: number } {
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
  t.after(() => child.kill('SIGKILL'));
  if (child.pid === undefined) throw new Error('sleep did not start');
  return Object.assign(child, { pid: child.pid });
}

test('a service whose helper is gone is ended, its socket and note removed', linux, async (t) => {
  const folder = folderOf(t);
  const socket = join(folder, 'container-1.sock');
  const service = started(t);
  writeFileSync(socket, '');
  const gone = { pid: 1, startTime: 'never' };
  writeFileSync(`${socket}.json`, JSON.stringify({ helper: gone, service: await markProcess(service.pid) }));
  const ended = once(service, 'exit');
  await endLeftServices(folder);
  await ended;
  assert.deepEqual([existsSync(socket), existsSync(`${socket}.json`)], [false, false]);
});

test('a service whose helper lives goes on, and is forgotten when that ends it', linux, async (t) => {
  const folder = folderOf(t);
  const socket = join(folder, 'container-2.sock');
  const service = started(t);
  await noteService(socket, service.pid);
  await endLeftServices(folder);
  assert.notEqual(await markProcess(service.pid), undefined);
  assert.ok(existsSync(`${socket}.json`));
  await forgetService(socket);
  assert.ok(!existsSync(`${socket}.json`));
});

test('a number that another program has by now is left alone', linux, async (t) => {
  const folder = folderOf(t);
  const socket = join(folder, 'container-3.sock');
  const other = started(t);
  writeFileSync(`${socket}.json`, JSON.stringify({ helper: { pid: 1, startTime: 'never' }, service: { pid: other.pid, startTime: '1' } }));
  await endLeftServices(folder);
  assert.notEqual(await markProcess(other.pid), undefined);
});

test('notes that are none harm nothing', async (t) => {
  const folder = folderOf(t);
  for (const [index, text] of ['', '{', '[]', '{"helper":1}'].entries()) writeFileSync(join(folder, `x-${index}.sock.json`), text);
  await endLeftServices(folder);
  await endLeftServices(join(folder, 'absent'));
});
