/** Which program a name means: its path taken off, its spellings, and its kin that can do the same under another name. */
import { kin } from './rows/kin.ts';

export interface ProgramName {
  /** as it is written */
  readonly text: string;
  readonly base: string;
  /** the base and what it comes down to without case, `.exe`, version and variant, each once */
  readonly spellings: readonly string[];
  /** whether it is looked up in PATH or stands in a folder of the system, and so is the program of that name */
  readonly ofSystem: boolean;
}

const systemFolder = /^\/(usr\/)?(local\/)?s?bin\/[^/]+$|^\/usr\/lib\/git-core\/[^/]+$/;

/** Reads the name of a program; it may be hostile. */
export function programName(text: string): ProgramName {
  const base = text.slice(text.lastIndexOf('/') + 1);
  // Longer than a file’s name can be: nothing of that name can be started, and nothing is to be searched in it.
  if (base.length > 255) return { text, base, spellings: [base], ofSystem: false };
  const lower = base.toLowerCase().replace(/\.exe$/, '');
  const versionless = lower.replace(/[-.]?\d[\d.]*$/, '');
  const variant = /^([a-z0-9_]{2,})\.[a-z0-9_-]+$/.exec(lower)?.[1];
  const minor = /^([a-z]+\d)\.\d/.exec(lower)?.[1];
  const spellings = new Set([base, lower, ...(minor === undefined ? [] : [minor])]);
  if (versionless.length > 1) spellings.add(versionless);
  // mkfs.ext4, nc.openbsd, vim.basic; a script such as build.sh is not its language’s namesake
  if (variant !== undefined && !/\.(sh|py|js|ts|rb|pl|bash|mjs|cjs|php|lua|r|jar|bin|out)$/.test(lower)) spellings.add(variant);
  return { text, base, spellings: [...spellings], ofSystem: !text.includes('/') || systemFolder.test(text) };
}

/** Whether a name in a list that forbids means this program, in any spelling, at any path, or as one of its kin. */
export function isForbiddenAs(entry: string, name: ProgramName): boolean {
  if (entry === name.text) return true;
  const listed = entry.toLowerCase();
  return name.spellings.some((spelling) => spelling === listed || (kin.get(listed)?.has(spelling) ?? false));
}

/** Whether a name in a list that permits means this program: exactly that one, or a version of it, from where the system keeps programs. */
export function isPermittedAs(entry: string, name: ProgramName): boolean {
  if (entry === name.text) return true;
  if (!name.ofSystem) return false;
  return entry === name.base || (name.base.startsWith(entry) && /^[-.]?\d[\d.]*$/.test(name.base.slice(entry.length)));
}
