/**
 * Notices when somebody on the host replaces a hidden file of a running sandbox, as editors do when they save: what covered the old one
 * goes with it, and the new one can be seen inside. It cannot be covered again from here; a person and the record are told.
 */
import { type FSWatcher, watch } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Log } from '../../base/log.ts';
import type { Live } from '../live.ts';
import type { Sandbox } from '../sandbox.ts';
import type { CoveredFile } from './cover.ts';

const start = 'Can be seen inside until the sandbox is started again, since the host replaced it: ';

/** Whether a notice is one of those that a running sandbox gets when a hidden file was replaced. */
export const isReplacedNotice = (notice: string): boolean => notice.startsWith(start);

/** Watches while the sandbox runs. */
export function watchHidden(sandbox: Sandbox, live: Live, overlays: readonly CoveredFile[], log: Log): void {
  const hidden = overlays.filter(({ instead }) => instead !== null);
  const { workspace } = sandbox.saved;
  const watching = watchFiles(
    hidden.map(({ path }) => join(workspace, path)),
    (file) => void tell(sandbox, live, file.slice(workspace.length + 1), hidden),
    (error) => log.warn(`hidden files of ${sandbox.id} are not watched: ${String(error)}`),
  );
  void live.link.ended.then(() => watching.then((stop) => stop()));
}

async function tell(sandbox: Sandbox, live: Live, path: string, hidden: readonly CoveredFile[]): Promise<void> {
  const rule = hidden.find((one) => one.path === path)?.rule ?? null;
  const reason = 'It was replaced on the host, and what hid it inside went with the old file.';
  await sandbox.note({
    type: 'gap',
    action: 'hidden-replaced',
    outcome: 'unknown',
    actor: { kind: 'system', face: 'helper' },
    target: path,
    detail: { rule, reason },
  });
  await sandbox.exclusive(async () => {
    const { notices, state } = sandbox.saved;
    const earlier = notices.find(isReplacedNotice);
    const paths = [...(earlier === undefined ? [] : earlier.slice(start.length, -1).split(', ')), path];
    if (sandbox.live !== live) return;
    await sandbox.enter(state, { notices: [...notices.filter((notice) => notice !== earlier), `${start}${paths.join(', ')}.`] });
  });
}

/** Tells of each file once when another lies in its place. Settles when it watches; the result ends it. */
export async function watchFiles(
  files: readonly string[],
  replaced: (file: string) => void,
  failed: (error: unknown) => void,
): Promise<() => void> {
  const first = new Map<string, number>();
  const watchers: FSWatcher[] = [];
  const look = async (file: string): Promise<void> => {
    const now = (await lstat(file).catch(() => undefined))?.ino;
    // Between the going of the old one and the coming of the new one there is none.
    if (now === undefined || !first.has(file) || first.get(file) === now) return;
    first.delete(file);
    replaced(file);
  };
  for (const file of files) {
    const ino = (await lstat(file).catch(() => undefined))?.ino;
    if (ino !== undefined) first.set(file, ino);
  }
  for (const folder of new Set(files.map((file) => dirname(file)))) {
    const here = files.filter((file) => dirname(file) === folder);
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        for (const file of here) if (name === null || name === basename(file)) void look(file);
      });
      watchers.push(watcher.on('error', failed));
    } catch (error) {
      failed(error);
    }
  }
  return () => {
    for (const watcher of watchers) watcher.close();
  };
}
