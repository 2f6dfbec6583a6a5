/**
 * `lasso helper …`: what the editor, the completion scripts and people who look for a fault need. Hidden from help, because
 * nobody works with it.
 */
import { readdir, readFile } from 'node:fs/promises';
import type { Folders } from '../../base/platform.ts';
import { errnoOf } from '../../base/atomic-file.ts';
import { LassoError } from '../../protocol/errors.ts';
import type { HelperConnection } from '../client/connection.ts';
import { generationsIn, readAnnouncement } from '../client/announcement.ts';
import type { OperationName } from '../../protocol/operations.ts';
import type { Terminal } from './console.ts';
import { visible } from './render/text.ts';

export interface InternalProgram {
  readonly folders: Pick<Folders, 'runtime' | 'log' | 'profiles'>;
  /** folder of the built-in profiles */
  readonly builtIns: string;
  readonly stdout: Terminal;
  readonly stderr: Terminal;
  readonly connect: (operation?: OperationName, start?: boolean) => Promise<HelperConnection>;
  readonly serve: () => Promise<number>;
}

const known = ['run', 'ensure', 'names', 'profiles', 'log'] as const;

/** data beside the built-in profiles, not one of them */
const hostGroups = 'hosts';

/** Exit status. @throws LassoError BAD_REQUEST and those of connecting */
export async function internal([word, ...rest]: readonly string[], program: InternalProgram): Promise<number> {
  if (rest.some((option) => option !== '--json')) throw unknown(`helper ${[word, ...rest].join(' ')}`);
  switch (known.find((name) => name === word)) {
    case 'run':
      return await program.serve();
    case 'ensure':
      return await ensure(program);
    case 'names':
      return await names(program);
    case 'profiles':
      program.stdout.write((await profileNames(program)).map((name) => `${name}\n`).join(''));
      return 0;
    case 'log':
      program.stdout.write(await logOf(program.folders.log));
      return 0;
    case undefined:
      throw unknown(word === undefined ? 'helper' : `helper ${word}`);
  }
}

function unknown(words: string): LassoError {
  return new LassoError(
    'BAD_REQUEST',
    `unknown command: ${words}`,
    `There are: ${known.map((name) => `lasso helper ${name}`).join(', ')}.`,
  );
}

/** Makes sure a helper runs, and tells how to reach it. The token goes to stdout only, which is the caller's own pipe. */
async function ensure({ connect, folders, stdout }: InternalProgram): Promise<number> {
  const connection = await connect('status');
  try {
    const { socketPath, version, build, pid } = connection;
    const [generation = 0] = await generationsIn(folders.runtime);
    const announcement = await readAnnouncement(folders.runtime, generation);
    if (announcement?.socket !== socketPath) throw new LassoError('HELPER_UNREACHABLE', 'The helper was replaced just now.', 'Try again.');
    stdout.write(`${JSON.stringify({ socket: socketPath, token: announcement.token, version, build, pid })}\n`);
    return 0;
  } finally {
    connection.dispose();
  }
}

/** Names of sandboxes for completion: quick, quiet, and nothing is started for it. */
async function names({ connect, stdout }: InternalProgram): Promise<number> {
  const connection = await connect('status', false);
  try {
    const { sandboxes } = await connection.call('status', {});
    stdout.write(sandboxes.map(({ name }) => `${visible(name)}\n`).join(''));
    return 0;
  } finally {
    connection.dispose();
  }
}

/** Names of profiles for completion, by the names of their files alone: no helper is asked, and nothing is read. */
async function profileNames({ folders, builtIns }: InternalProgram): Promise<readonly string[]> {
  const listed = await Promise.all([...folders.profiles, builtIns].map((folder) => readdir(folder).catch(() => [])));
  const names = listed.flat().flatMap((entry) => /^([A-Za-z0-9][A-Za-z0-9_-]*)\.toml$/.exec(entry)?.[1] ?? []);
  return [...new Set(names)].filter((name) => name !== hostGroups).sort();
}

async function logOf(file: string): Promise<string> {
  try {
    const text = await readFile(file, 'utf8');
    return text.split('\n').map(visible).join('\n');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return 'There is no log yet.\n';
    throw error;
  }
}
