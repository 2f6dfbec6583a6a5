/** Which shell variables are known at a point of a text. A value is kept only where no other run of the text could have set another. */
import { wildcard } from './argument.ts';

export interface Scope {
  readonly parent: Scope | undefined;
  /** undefined: set, and nobody knows to what */
  readonly own: Map<string, string | undefined>;
  /** whether nothing outside counts any more */
  sealed: boolean;
}

export const scopeIn = (parent?: Scope): Scope => ({ parent, own: new Map(), sealed: false });

/** The value of a variable with the marks of `Argument`, or undefined where the text does not tell. */
export function valueOf(scope: Scope, name: string): string | undefined {
  let here: Scope | undefined = scope;
  while (here !== undefined) {
    if (here.own.has(name)) return here.own.get(name);
    if (here.sealed) return undefined;
    here = here.parent;
  }
  return undefined;
}

/** Leaves a part of a text that may not have run: what it set is no longer known. */
export function leave(inner: Scope): void {
  const { parent } = inner;
  if (parent === undefined) return;
  if (inner.sealed) forget(parent);
  for (const name of inner.own.keys()) parent.own.set(name, undefined);
}

/** After something that may have set any variable. */
export function forget(scope: Scope): void {
  scope.own.clear();
  scope.sealed = true;
}

/** What the shell makes of an unquoted value: `between` where it would begin another word, `wildcard` where it would look for files. */
export const unquoted = (value: string, between: string): string => value.replace(/[ \t\n]+/g, between).replace(/[*?[]/g, wildcard);
