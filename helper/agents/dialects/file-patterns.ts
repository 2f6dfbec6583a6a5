/** Patterns as in .gitignore in the forms of dialects that have their own. Weaker than the profile where a dialect minds case. */

/** Globs below the workspace in which `**` is any number of folders: of the thing itself, and of what lies in it. */
export function globsOf(pattern: string): readonly string[] {
  const { anywhere, body, folder } = taken(pattern);
  // Braces are no signs in .gitignore, and a set that is none would be refused with the whole file.
  const sound = body.replace(/\[!?([^\]]*)\]|[[\]{}]/g, (sign, set?: string) => (set !== undefined && isSound(set) ? sign : '?'));
  const start = anywhere ? `**/${sound}` : sound;
  return folder ? [`${start}/**`] : [start];
}

/** Texts below the workspace in which `*` is any text, “/” too; one for the top, one for any depth where it may lie anywhere. */
export function textsOf(pattern: string): readonly string[] {
  const { body, folder } = taken(pattern);
  const flat = `${body.replaceAll('**', '*')}${folder ? '/*' : ''}`;
  return [flat, `*/${flat}`];
}

/** A regular expression for the end of a path, or a folder it goes through, up to the quote behind it; has no group. */
export function pathRegexOf(pattern: string): string {
  const { body } = taken(pattern);
  return body.replace(/\*\*|\[(!?)([\w.-]+)\]|[^]/g, (sign, not?: string, set?: string) => {
    // A range that is none would make the whole expression none; any sign at all is the safe side.
    if (set !== undefined) return isSound(set) ? `[${not === '' ? '' : '^'}${set}]` : '[^/"]';
    if (sign === '**') return '[^"]*';
    if (sign === '*') return '[^/"]*';
    if (sign === '?') return '[^/"]';
    return sign.replace(/[.+^${}()|[\]\\]/, '\\$&');
  });
}

const isSound = (set: string): boolean =>
  /^([\w.](-[\w.])?)+$/.test(set) && [...set.matchAll(/(.)-(.)/g)].every(([, from = '', to = '']) => from <= to);

/** The same pattern anchored at an absolute folder, as in .gitignore. */
export function anchoredAt(folder: string, pattern: string): string {
  const { anywhere, body, folder: isFolder } = taken(pattern);
  return `${folder}/${anywhere ? '**/' : ''}${body}${isFolder ? '/**' : ''}`;
}

interface Taken {
  readonly anywhere: boolean;
  readonly body: string;
  readonly folder: boolean;
}

/** “/” anywhere but at the end anchors (gitignore(5)); a repository inside the workspace has a `.git` like its own. */
function taken(pattern: string): Taken {
  const folder = pattern.endsWith('/');
  const inner = pattern.replace(/\/+$/, '').replace(/^(\*\*)?\/+/, '');
  const anchored = /^\/|.\/./.test(pattern.replace(/\/+$/, '')) && !pattern.startsWith('**/') && !/^\.git\//i.test(pattern);
  return { anywhere: !anchored, body: inner, folder };
}
