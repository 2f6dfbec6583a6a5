/** Where a profile says that a secret is, `env:NPM_TOKEN`, taken apart. Total; the schema of profiles has judged its form before. */
import { unavailable } from './unavailable.ts';

export type SecretReference =
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string; readonly field?: string }
  | { readonly kind: 'command'; readonly line: string }
  | { readonly kind: 'vscode'; readonly name: string }
  | { readonly kind: 'keyring'; readonly name: string }
  | { readonly kind: 'github' };

/** @throws LassoError SECRET_UNAVAILABLE for what names no source */
export function referenceOf(from: string): SecretReference {
  if (from === 'github') return { kind: 'github' };
  const at = from.indexOf(':');
  const [kind, rest] = [from.slice(0, Math.max(at, 0)), from.slice(at + 1)];
  if (rest !== '') {
    switch (kind) {
      case 'env':
      case 'vscode':
      case 'keyring':
        return { kind, name: rest };
      case 'command':
        return { kind, line: rest };
      case 'file': {
        const mark = rest.indexOf('#');
        return mark < 0 ? { kind, path: rest } : { kind, path: rest.slice(0, mark), field: rest.slice(mark + 1) };
      }
    }
  }
  // What it says is not repeated: it may be the value itself, written in the wrong place.
  throw unavailable(
    'what the profile says about where it is names no source',
    'Write env:NAME, file:PATH#FIELD, keyring:NAME or their like.',
  );
}
