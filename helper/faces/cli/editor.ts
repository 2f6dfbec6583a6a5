/** Which editor a person uses, and a text given to it. The text lies in a private folder meanwhile; no shell is started. */
import { spawn } from 'node:child_process';
import { access, constants, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import nodePath from 'node:path';
import { LassoError } from '../../protocol/errors.ts';
import type { Console } from './console.ts';

/** a text somebody works on */
export interface Draft {
  readonly file: string;
  /** Opens it in the editor; resolves with the text when that ends. @throws LassoError BAD_REQUEST when the editor fails; what was typed stays */
  edit(): Promise<string>;
  /** Takes it away. */
  remove(): Promise<void>;
}

/** @param fileName tells the editor what language the text is in */
export async function draftOf(text: string, fileName: string, console: Console): Promise<Draft> {
  const argv = await editorOf(console);
  // Only its owner may enter the folder.
  const folder = await mkdtemp(nodePath.join(tmpdir(), 'lasso-edit-'));
  const file = nodePath.join(folder, fileName);
  await writeFile(file, text, { mode: 0o600, flag: 'wx' });
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const read = (): Promise<string | undefined> => readFile(file, 'utf8').catch(() => undefined);
  const edit = async (): Promise<string> => {
    const failure = await runEditor([...argv, file]);
    const edited = await read();
    if (failure === undefined && edited !== undefined) return edited;
    const what = failure ?? `The editor took ${file} away`;
    const lost = edited === undefined || edited === text;
    if (lost) await remove();
    throw new LassoError('BAD_REQUEST', what, lost ? 'Nothing was changed.' : `Nothing was saved; your text is in ${file}.`);
  };
  return { file, edit, remove };
}

const usual: readonly (readonly string[])[] = [['sensible-editor'], ['nano'], ['vim'], ['vi']];

/** Program and arguments. @throws LassoError BAD_REQUEST when there is none */
export async function editorOf({ environment, platform }: Pick<Console, 'environment' | 'platform'>): Promise<readonly string[]> {
  const chosen = [environment['VISUAL'], environment['EDITOR']].find((text) => text !== undefined && text.trim() !== '');
  if (chosen !== undefined) return (await canRun(chosen)) ? [chosen] : wordsOf(chosen);
  if (platform === 'win32') return ['notepad.exe'];
  const folders = (environment['PATH'] ?? '').split(':').filter((folder) => nodePath.isAbsolute(folder));
  for (const [name = '', ...rest] of usual)
    for (const folder of folders) {
      const program = nodePath.join(folder, name);
      if (await canRun(program)) return [program, ...rest];
    }
  throw new LassoError('BAD_REQUEST', 'No editor was found', 'Name yours in the variable EDITOR, such as EDITOR=nano.');
}

/** Words as a shell would take them: spaces part, quotes hold together. Nothing else has a meaning. */
export function wordsOf(text: string): readonly string[] {
  const words = text.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  return words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, (_, double?: string, single?: string) => double ?? single ?? ''));
}

async function canRun(file: string): Promise<boolean> {
  if (!nodePath.isAbsolute(file)) return false;
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Why it failed, or undefined. */
async function runEditor([program = '', ...argv]: readonly string[]): Promise<string | undefined> {
  // Ctrl-C belongs to the editor while it has the terminal.
  const ignore = (): void => undefined;
  process.on('SIGINT', ignore);
  try {
    const child = spawn(program, argv, { stdio: 'inherit' });
    return await new Promise<string | undefined>((resolve) => {
      child.once('error', (error) => resolve(`The editor ${program} could not be started: ${error.message}`));
      child.once('exit', (code, signal) => {
        const end = code === null ? `signal ${String(signal)}` : `status ${code}`;
        resolve(code === 0 ? undefined : `The editor ${program} ended with ${end}`);
      });
    });
  } finally {
    process.off('SIGINT', ignore);
  }
}
