/** Which agents a folder shows to be used in it, and which programs this machine has. Only names are looked at, nothing is opened. */
import { access, constants, lstat } from 'node:fs/promises';
import nodePath from 'node:path';
import { agents } from '../../agents/index.ts';
import type { Host } from '../../base/platform.ts';
import type { AgentName } from '../../protocol/agent.ts';

export interface Detected {
  readonly name: AgentName;
  readonly traces: readonly string[];
}

/** @param made what is there only because LASSO made it */
export async function detectedIn(root: string, made: ReadonlySet<string>): Promise<readonly Detected[]> {
  const all = await Promise.all(
    Object.values(agents).map(async ({ name, traces }) => {
      const looked = await Promise.all(
        traces.map(async (trace) => (!made.has(trace) && (await isThere(nodePath.join(root, trace))) ? [trace] : [])),
      );
      return { name, traces: looked.flat() };
    }),
  );
  return all.filter(({ traces }) => traces.length > 0);
}

/** Where a program is on this user's own PATH; undefined where it is not. */
export async function programOn(
  { environment, platform }: Pick<Host, 'environment' | 'platform'>,
  program: string,
): Promise<string | undefined> {
  const path = platform === 'win32' ? nodePath.win32 : nodePath.posix;
  const endings = platform === 'win32' ? ['.exe', '.cmd'] : [''];
  for (const folder of (environment['PATH'] ?? environment['Path'] ?? '').split(path.delimiter).filter((each) => path.isAbsolute(each)))
    for (const ending of endings) {
      const file = path.join(folder, program + ending);
      if (await isProgram(file)) return file;
    }
  return undefined;
}

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

const isProgram = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
