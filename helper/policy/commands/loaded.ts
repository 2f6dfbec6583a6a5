/**
 * The dynamic loader run as a program: it maps another program without an execve, so nobody is asked about that one any more.
 * Pure and total; what it would load is taken from its arguments, as ld.so(8) and musl's ldso read them.
 */
import { absolutePath } from './paths.ts';

export type Loaded =
  | { readonly kind: 'nothing' }
  /** all that follows the loader's own options, the program first, its path absolute */
  | { readonly kind: 'program'; readonly argv: readonly string[] }
  | { readonly kind: 'unknown' };

const loaderName = /^(ld(64)?(-[a-z0-9_-]+)?\.so(\.\d+)*|ld-\d[\d.]*\.so|libc\.musl-[a-z0-9_]+\.so\.\d+)$/;
const valued = /^--(library-path|preload|audit|inhibit-rpath|argv0|glibc-hwcaps-prepend|glibc-hwcaps-mask)$/;
const flags = /^--(inhibit-cache|(library-path|preload|argv0)=.*)$/;
/** with these the program is looked at and not run */
const looks = /^--(list|verify|help|version|list-tunables|list-diagnostics)$/;

/** What a start of the loader loads; undefined for any other program. `paths` are the names of the file. */
export function loadedBy(paths: readonly string[], argv: readonly string[], cwd: string): Loaded | undefined {
  if (!paths.some(isLoader)) return undefined;
  let onlyLooks = false;
  for (let at = 1; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (looks.test(word)) onlyLooks = true;
    else if (valued.test(word)) at++;
    else if (word.startsWith('--') && !flags.test(word)) return { kind: 'unknown' };
    else if (!flags.test(word)) return onlyLooks ? { kind: 'nothing' } : programOf(word, argv.slice(at + 1), cwd);
  }
  return { kind: 'nothing' };
}

const isLoader = (path: string): boolean => loaderName.test(path.slice(path.lastIndexOf('/') + 1));

/** A name without a slash is looked for among libraries, and `~` is a name like any other. A loader that loads a loader hides on purpose. */
function programOf(word: string, rest: readonly string[], cwd: string): Loaded {
  if (!word.includes('/') || isLoader(word)) return { kind: 'unknown' };
  const path = absolutePath(word.startsWith('~') ? `./${word}` : word, cwd, '/');
  return path === undefined ? { kind: 'unknown' } : { kind: 'program', argv: [path, ...rest] };
}
