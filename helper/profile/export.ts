/**
 * A profile as one file that can be carried to another machine and checked there: effective values, and a hash of what the
 * file says. The hash shows that nothing changed on the way; it does not say who wrote it. Nothing here writes a file.
 */
import type { Profile } from '../protocol/profile/profile.ts';
import { canonicalJson } from './canonical.ts';
import { effectiveText, valueText } from './effective-text.ts';
import { locate } from './locate.ts';
import { parseText } from './parse.ts';
import { positionsOf } from './positions.ts';

export interface Export {
  readonly text: string;
  /** SHA-256 of what the text says, hex */
  readonly integrity: string;
}

interface ExportFacts {
  /** ISO 8601, UTC */
  readonly exportedAt: string;
  /** who wrote it: a program and a profile, never a path */
  readonly source: string;
  readonly hash: (text: string) => string;
}

const prefix = 'sha256:';

export function exportText(profile: Profile, { exportedAt, source, hash }: ExportFacts): Export {
  const bare: Profile = { ...profile, lasso_metadata: undefined };
  const integrity = integrityOf(effectiveText(bare), hash);
  const text = effectiveText({
    ...bare,
    lasso_metadata: { integrity: `${prefix}${integrity ?? ''}`, exported_at: exportedAt, source },
  });
  return { text, integrity: integrity ?? '' };
}

/** Hash of what a text says without `lasso_metadata`, whatever its spelling; undefined for what is not TOML. The text may be hostile. */
export function integrityOf(text: string, hash: (text: string) => string): string | undefined {
  const parsed = parseText(text, '');
  return parsed.ok ? hash(canonicalJson({ ...parsed.raw, lasso_metadata: undefined })) : undefined;
}

/** The hash a text claims for itself, hex; undefined where it claims none. The text may be hostile. */
export function claimedIntegrity(text: string): string | undefined {
  const parsed = parseText(text, '');
  const metadata = parsed.ok ? parsed.raw['lasso_metadata'] : undefined;
  if (typeof metadata !== 'object' || metadata === null || !('integrity' in metadata)) return undefined;
  return typeof metadata.integrity === 'string' ? metadata.integrity.replace(prefix, '') : '';
}

/** The same text under another name, with the hash it claims made right again. @param text TOML with a name */
export function renamedText(text: string, name: string, hash: (text: string) => string): string {
  const renamed = withValue(text, 'name', name);
  const integrity = claimedIntegrity(text) === undefined ? undefined : integrityOf(renamed, hash);
  return integrity === undefined ? renamed : withValue(renamed, 'lasso_metadata.integrity', `${prefix}${integrity}`);
}

/** `text` with the value at a key path replaced; unchanged where there is none. */
function withValue(text: string, path: string, value: string): string {
  const range = locate(text).get(path)?.value;
  if (range === undefined) return text;
  const positions = positionsOf(text);
  const [start, end] = [range.start, range.end].map(({ line, character }) => positions.offset(line, character));
  return `${text.slice(0, start)}${valueText(value)}${text.slice(end)}`;
}
