/** What `doctor` says about keys and folders of records: whether others can reach them, and whether the first key still lies here. */
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { readOwnFile } from '../../audit/keys/own-file.ts';
import { firstKeyFile, ledgerFile, publicKeyFile, seedStateFile, signerFile } from '../../audit/keys/user-keys.ts';
import { errnoOf } from '../../base/atomic-file.ts';
import { describe } from '../../base/log.ts';
import { LassoError } from '../../protocol/errors.ts';
import type { OperationResult } from '../../protocol/operations.ts';
import { firstKeyPlace } from './first-key.ts';
import type { World } from '../world.ts';

type Check = OperationResult<'doctor'>['checks'][number];
type Facts = Pick<World, 'host' | 'folders' | 'userKeys'>;

export async function keyChecks(world: Facts): Promise<readonly Check[]> {
  const { home, audit } = world.folders;
  const folders = { audit, keys: join(home, 'keys'), checkpoints: join(home, 'checkpoints') };
  return [
    await checkKeys(world),
    await checkFirstKey(world),
    ...(await Promise.all(Object.entries(folders).map(([name, folder]) => checkOwn(`${name} folder`, folder, world)))),
  ];
}

/** Read as a start reads them; nothing is changed. */
async function checkKeys({ host, folders, userKeys }: Facts): Promise<Check> {
  const name = 'record keys';
  const files = { 'The seed of the next chain': seedStateFile, 'The key that signs checkpoints': signerFile };
  const open = { 'The public key of checkpoints': publicKeyFile, 'The list of chains': ledgerFile };
  try {
    for (const [what, fileOf] of Object.entries(files)) {
      if ((await readOwnFile(host, fileOf(folders), what)) === undefined)
        throw new LassoError('RECORD_INVALID', `${what} is missing: ${fileOf(folders)}`, 'Restore it from where it was last whole.');
    }
    for (const [what, fileOf] of Object.entries(open)) await readOwnFile(host, fileOf(folders), what, { limitBytes: Infinity });
    return { name, status: 'ok', message: `first key ${userKeys.fingerprint}, records begun so far: ${userKeys.chains}` };
  } catch (error) {
    return problem(name, error);
  }
}

async function checkFirstKey(world: Facts): Promise<Check> {
  const name = 'first key';
  try {
    const place = await firstKeyPlace(world);
    if (place === 'keyring') return { name, status: 'ok', message: 'in this system’s keyring' };
    if (place === 'away') return { name, status: 'ok', message: 'not on this machine' };
    const message = `It lies in ${firstKeyFile(world.folders)}: whoever reads it can forge every record of the past`;
    return { name, status: 'warning', message, hint: 'lasso audit key --move FILE (or --keyring, or --print)' };
  } catch (error) {
    return { ...problem(name, error), status: 'warning' };
  }
}

async function checkOwn(name: string, folder: string, { host }: Facts): Promise<Check> {
  try {
    const { mode, uid } = await lstat(folder);
    const windows = host.platform === 'win32';
    if (!windows && host.uid !== undefined && uid !== host.uid)
      return { name, status: 'problem', message: `${folder} belongs to user ${uid}`, hint: 'Make it yours with chown.' };
    if (!windows && (mode & 0o077) !== 0)
      return { name, status: 'warning', message: `${folder} can be read or written by others`, hint: `chmod 700 ${folder}` };
    return { name, status: 'ok', message: folder };
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return { name, status: 'ok', message: `${folder}, made with the first record` };
    return problem(name, error);
  }
}

function problem(name: string, error: unknown): Check {
  if (error instanceof LassoError) return { name, status: 'problem', message: error.message, hint: error.hint };
  return { name, status: 'problem', message: error instanceof Error ? error.message : describe(error) };
}
