/**
 * Files that git’s configuration of a repository names, and git then obeys: its hooks’ folder, and further configuration. Pure; the text
 * is a file of the workspace and so hostile. Syntax: git-config(1), as far as it can name files.
 */

/** paths that are named, as they are written; a path of a repository’s own folder counts from `.git` */
export interface NamedFiles {
  readonly hooks: readonly string[];
  readonly includes: readonly string[];
}

/** longest text that is read, in characters: people's are a hundredth of that */
const lengthLimit = 1_000_000;
const namedLimit = 32;

export function filesNamedByGit(text: string): NamedFiles {
  const hooks: string[] = [];
  const includes: string[] = [];
  let section = '';
  for (const line of text.slice(0, lengthLimit).split('\n')) {
    const opened = /^\s*\[\s*([A-Za-z0-9.-]+)(?:\s+"[^"]*")?\s*\](.*)$/.exec(line);
    if (opened) section = (opened[1] ?? '').toLowerCase();
    const setting = /^\s*([A-Za-z][A-Za-z0-9-]*)\s*=\s*(.*)$/.exec(opened ? (opened[2] ?? '') : line);
    if (!setting) continue;
    const [, key = '', value = ''] = setting;
    const path = pathIn(value);
    if (path === '') continue;
    if (section === 'core' && key.toLowerCase() === 'hookspath') hooks.push(path);
    if (/^include(if)?(\.|$)/.test(section) && key.toLowerCase() === 'path') includes.push(path);
  }
  return { hooks: hooks.slice(-namedLimit), includes: includes.slice(-namedLimit) };
}

/** A value without quotes and what follows it. */
function pathIn(value: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"/.exec(value);
  return (quoted?.[1]?.replace(/\\(.)/g, '$1') ?? value.replace(/\s*[#;].*$/, '')).trim();
}
