/**
 * Podman services that a killed helper left behind. Each has a note beside its socket that says which process it is and whose; a
 * service whose helper lives is never touched.
 */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { endProcess, isAlive, markProcess } from './process-mark.ts';

const mark = z.object({ pid: z.number().int().positive(), startTime: z.string() });
const note = z.object({ helper: mark, service: mark });

/** how long a service may take to end, in ms */
const graceMs = 3000;
const ending = '.sock.json';

/** Notes that `pid` serves `socket` for this helper; settles without a note where it has ended already. */
export async function noteService(socket: string, pid: number): Promise<void> {
  const [helper, service] = await Promise.all([markProcess(process.pid), markProcess(pid)]);
  if (helper === undefined || service === undefined) return;
  await writeFile(`${socket}.json`, `${JSON.stringify({ helper, service })}\n`, { mode: 0o600 });
}

/** Takes the note and the socket away. */
export async function forgetService(socket: string): Promise<void> {
  await Promise.all([rm(socket, { force: true }), rm(`${socket}.json`, { force: true })]);
}

/** Ends services in `folder` whose helper is gone. Never rejects. */
export async function endLeftServices(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const left = names.filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
  await Promise.all(left.map((file) => endIfLeft(file).catch(() => undefined)));
}

async function endIfLeft(file: string): Promise<void> {
  const { helper, service } = note.parse(JSON.parse(await readFile(file, 'utf8')));
  if (await isAlive(helper)) return;
  await endProcess(service, graceMs);
  await forgetService(file.slice(0, -'.json'.length));
}
