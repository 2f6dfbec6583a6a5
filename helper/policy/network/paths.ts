/**
 * Methods and paths of HTTP requests against those of a rule. A path is compared in the one form a careful server would see;
 * one that servers read in different ways is `unclear`, which never helps a request.
 */

/** `unclear`: cannot be told; an allow rule takes it for no, a deny rule for yes */
export type Match = 'yes' | 'no' | 'unclear';

/** longest path that is looked at, in UTF-16 code units */
const pathLimit = 8192;
/**
 * what servers read in different ways; then an escape that becomes one of the others when it is decoded twice, and
 * characters in more bytes of UTF-8 than they have, which careless servers take for others (RFC 3629, 10)
 */
const ambiguous = /[\0-\x20\x7f\\]|%(?![0-9a-f]{2})|%(?:2f|5c|[01][0-9a-f]|7f)|%25(?:2e|2f|5c|25)|%c[01]%[89ab]|%e0%[89]|%f0%8/i;

/**
 * A request's path without its query: escapes of unreserved characters decoded, dot segments resolved, slashes single.
 * Undefined where servers differ: encoded slashes, backslashes, NUL or escapes, parameters on dot segments, raw control characters.
 */
export function canonicalPath(text: string): string | undefined {
  const path = /^[^?#]*/.exec(text)?.[0] ?? '';
  if (!path.startsWith('/') || path.length > pathLimit || !path.isWellFormed()) return undefined;
  if (ambiguous.test(path)) return undefined;
  const decoded = path.replace(/%[0-9A-Fa-f]{2}/g, (escape) => {
    const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return /^[A-Za-z0-9._~-]$/.test(character) ? character : escape.toUpperCase();
  });
  if (ambiguous.test(decoded)) return undefined;
  const steps: string[] = [];
  const parts = decoded.replace(/[^\0-\x7f]+/g, encodeURIComponent).split('/');
  for (const part of parts) {
    if (/^\.{1,2};/.test(part)) return undefined;
    if (part === '..') steps.pop();
    else if (part !== '' && part !== '.') steps.push(part);
  }
  const folder = steps.length > 0 && /^\.{0,2}$/.test(parts.at(-1) ?? '');
  return `/${steps.join('/')}${folder ? '/' : ''}`;
}

/**
 * Whether a path is one the pattern stands for: `**` as a whole step is any number of steps, also none, and `*` is any text
 * within one step. A slash at the end does not matter. An absent path is unclear. At worst steps of the pattern × length of the path.
 */
export function matchPath(pattern: string, path: string | undefined): Match {
  const wanted = /[?#]/.test(pattern) ? undefined : canonicalPath(pattern);
  const given = path === undefined ? undefined : canonicalPath(path);
  if (wanted === undefined || given === undefined) return 'unclear';
  const fits = globbed(stepsOf(wanted), stepsOf(given), '**', (step, name) =>
    globbed(Array.from(step), Array.from(name), '*', (a, b) => a === b),
  );
  return fits ? 'yes' : 'no';
}

/** Whether a request's method is among `methods`; case does not matter, as careless servers do not look at it. */
export function matchMethod(methods: readonly string[], method: string | undefined): Match {
  if (method === undefined) return 'unclear';
  return methods.includes(method.toUpperCase()) ? 'yes' : 'no';
}

const stepsOf = (path: string): readonly string[] => path.split('/').filter((step) => step !== '');

/** Greedy matching that remembers the last star only, so that it takes no more than pattern × text comparisons. */
function globbed<T>(pattern: readonly T[], text: readonly T[], star: T, same: (wanted: T, given: T) => boolean): boolean {
  let at = 0;
  let lastStar = -1;
  let resume = 0;
  for (let read = 0; read < text.length;) {
    const wanted = pattern[at];
    const given = text[read];
    if (given === undefined) return false;
    if (wanted === star) {
      lastStar = at;
      resume = read;
      at += 1;
    } else if (wanted !== undefined && same(wanted, given)) {
      at += 1;
      read += 1;
    } else if (lastStar >= 0) {
      at = lastStar + 1;
      resume += 1;
      read = resume;
    } else return false;
  }
  return pattern.slice(at).every((rest) => rest === star);
}
