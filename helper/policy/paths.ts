/** Paths as lists of names, so that "inside" and "above" are comparisons of lists. No file system is asked and no link followed. */

/** An absolute path cut into names; the first is the drive or share on Windows, nothing on other systems. */
export interface Place {
  readonly root: string;
  readonly names: readonly string[];
}

/**
 * Cuts an absolute path; undefined for a relative one, and on Windows for one that may mean another place (device paths, short
 * names such as `PROGRA~1`, streams). `.` and `..` are resolved as text. Hostile input is welcome.
 */
export function placeOf(path: string, platform: string): Place | undefined {
  const windows = platform === 'win32';
  const text = windows ? path.replaceAll('/', '\\') : path;
  const root = windows ? /^(?:[A-Za-z]:(?=\\|$)|\\\\[^\\]+\\[^\\]+)/.exec(text)?.[0] : text.startsWith('/') ? '' : undefined;
  if (root === undefined) return undefined;
  if (windows && (/^\\\\[?.]\\/.test(text) || /[:*?"<>|]|~\d/.test(text.slice(root.length)))) return undefined;
  const names: string[] = [];
  for (const name of text.slice(root.length).split(windows ? '\\' : '/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return { root: folded(root, platform), names: names.map((name) => folded(name, platform)) };
}

/** Whether `inner` is `outer` or lies in it. */
export function within(inner: Place, outer: Place): boolean {
  return (
    inner.root === outer.root && inner.names.length >= outer.names.length && outer.names.every((name, index) => name === inner.names[index])
  );
}

/** A name as the platform compares it: macOS and Windows see no case, and Windows no trailing dots and spaces. */
export function folded(name: string, platform: string): string {
  if (platform === 'win32') return name.replace(/[. ]+$/, '').toLowerCase();
  return platform === 'darwin' ? name.normalize('NFC').toLowerCase() : name;
}
