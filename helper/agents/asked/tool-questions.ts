/** From one tool and what it is given to questions for policy. Input is hostile; nothing is guessed, and too much is unclear. */
import type { ToolQuestion } from '../../policy/tools.ts';
import { patchedPaths } from './patched-paths.ts';
import { fieldsOf, type Fields, folderOf, listOf, textOf, textsOf, valueOf } from './payload-fields.ts';
import { toolKindOf } from './tool-table.ts';

/** most files, and most addresses, of one use of a tool */
const mostNamed = 1000;
const pathLimit = 4096;

/** @param given its fields, or a text that is no object @param cwd absolute folder of the agent, where it says one */
export function questionsOf(tool: string, given: unknown, cwd: string | undefined): readonly ToolQuestion[] {
  const kind = toolKindOf(tool);
  if (kind === undefined) return [{ kind: 'other', tool }];
  const fields = fieldsOf(given) ?? {};
  const here = folderOf(fields, cwd);
  switch (kind) {
    case 'shell':
      return [commandOf(fields, here)];
    case 'task':
      return [taskOf(fields, here)];
    case 'url':
      return urlsOf(fields);
    case 'patch':
      return patchOf(typeof given === 'string' ? given : patchTextOf(fields), here);
    case 'edit-command':
      return filesOf(textOf(fields, ['command']) === 'view' ? 'read' : 'write', fields, here, true);
    case 'read':
    case 'write':
    case 'search':
      return filesOf(kind === 'write' ? 'write' : 'read', fields, kind === 'search' ? cwd : here, kind !== 'search');
  }
}

const unclear = (why: string): ToolQuestion => ({ kind: 'unclear', why });

function commandOf(fields: Fields, cwd: string | undefined): ToolQuestion {
  const words = ['command', 'cmd', 'script'].map((key) => valueOf(fields, key)).filter((value) => value !== undefined);
  const [given] = words;
  if (words.length !== 1) return unclear(words.length === 0 ? 'its command is missing' : 'it has more than one command');
  const text = typeof given === 'string' ? given : lineOf(given);
  if (text === undefined || text.trim() === '') return unclear('its command cannot be read');
  return { kind: 'command', text, ...(cwd === undefined ? {} : { cwd }) };
}

function taskOf(fields: Fields, cwd: string | undefined): ToolQuestion {
  const task = fieldsOf(valueOf(fields, 'task')) ?? fields;
  const command = valueOf(task, 'command');
  const words = textsOf(task, ['args']);
  if (typeof command !== 'string' || command.trim() === '' || words === undefined) return unclear('its command cannot be read');
  return { kind: 'command', text: [command, ...words.map(quoted)].join(' '), ...(cwd === undefined ? {} : { cwd }) };
}

/** A list of arguments as the line of shell that means the same. */
function lineOf(value: unknown): string | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const words: readonly unknown[] = value;
  return words.every((word) => typeof word === 'string') ? words.map(quoted).join(' ') : undefined;
}

const quoted = (word: string): string => (/^[\w@%+:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

const pathFields = [
  ...['file_path', 'filePath', 'path', 'absolute_path', 'notebook_path', 'notebookPath', 'dirPath', 'target_file', 'file', 'filename'],
  ...['paths', 'file_paths', 'filePaths', 'files', 'include'],
  ...['source', 'destination', 'old_path', 'new_path', 'oldPath', 'newPath'],
];
const partFields = ['edits', 'replacements', 'attachments'];

/** @param needed a tool that names no file is unclear; else it is about the folder it works in */
function filesOf(kind: 'read' | 'write', fields: Fields, cwd: string | undefined, needed: boolean): readonly ToolQuestion[] {
  const keys = needed ? pathFields : [...pathFields, 'dir_path', 'directory'];
  const all = [fields, ...partFields.flatMap((key) => listOf(fields, key))].map((part) => textsOf(part, keys));
  if (all.some((texts) => texts === undefined)) return [unclear('its files cannot be read')];
  // What a search looks at may be narrowed to one file by its filter alone.
  const filters = needed ? [] : (textsOf(fields, ['glob', 'includePattern', 'include_pattern']) ?? []);
  const paths = [...all.flatMap((texts) => texts ?? []), ...filters].map((path) => placed(path, cwd));
  if (paths.length > mostNamed || paths.some((path) => path === undefined)) return [unclear('its files cannot be read')];
  const known = paths.flatMap((path) => path ?? []);
  if (known.length === 0) return needed ? [unclear('its file is missing')] : [{ kind: 'read', paths: [cwd ?? '.'] }];
  return [{ kind, paths: known }];
}

/** A path as the agent means it, from its own folder; undefined for what no system takes. */
function placed(text: string, cwd: string | undefined): string | undefined {
  const path = text.startsWith('file://') ? pathOfUrl(text) : text;
  if (path === undefined || path === '' || path.length > pathLimit) return undefined;
  const isPlaced = path.startsWith('/') || path === '~' || path.startsWith('~/');
  return isPlaced || cwd === undefined ? path : `${cwd}/${path}`;
}

function pathOfUrl(text: string): string | undefined {
  try {
    return decodeURIComponent(/^file:\/\/(?:localhost)?(\/[^?#]*)/.exec(text)?.[1] ?? '');
  } catch {
    return undefined;
  }
}

function urlsOf(fields: Fields): readonly ToolQuestion[] {
  const named = textsOf(fields, ['url', 'uri', 'urls']);
  if (named === undefined || named.length > mostNamed) return [unclear('its addresses cannot be read')];
  // One agent has its addresses in the middle of what it asks about them.
  const found =
    named.length > 0 ? named : [...(textOf(fields, ['prompt']) ?? '').matchAll(/\bhttps?:\/\/[^\s"'<>()\\]+/gi)].map(([url]) => url);
  if (found.length === 0 || found.length > mostNamed) return [unclear('its address is missing')];
  return found.map((url) => ({ kind: 'url', url: url.includes('://') ? url : `https://${url}` }));
}

const patchTextOf = (fields: Fields): string | undefined => {
  const texts = textsOf(fields, ['input', 'patch', 'patchText', 'patch_text', 'command', 'diff']);
  return texts === undefined || texts.length === 0 ? undefined : texts.at(-1);
};

function patchOf(text: string | undefined, cwd: string | undefined): readonly ToolQuestion[] {
  const paths = text === undefined ? undefined : patchedPaths(text)?.map((path) => placed(path, cwd));
  if (paths === undefined || paths.length > mostNamed || paths.some((path) => path === undefined))
    return [unclear('its patch cannot be read')];
  return [{ kind: 'write', paths: paths.flatMap((path) => path ?? []) }];
}
