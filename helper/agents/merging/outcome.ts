/** What merging and taking out give: a text, or why a file is left alone. */
import type { JsonObject } from '../agent.ts';
import type { Edited } from './edits.ts';

export interface Refusal {
  /** what is wrong and what to do about it, for a person */
  readonly refused: string;
}

export interface Merged extends Edited {
  /** what of the values was there before, or stood in their place */
  readonly was?: JsonObject;
}

/** What a text means. */
export interface Meaning {
  readonly meant: JsonObject;
}

export const isRefusal = (value: string | object | null): value is Refusal =>
  typeof value === 'object' && value !== null && 'refused' in value;

/** Whose words stand in a file: name and digest of the profile. */
export interface Mark {
  readonly profile: string;
  /** SHA-256 of the effective profile, hex */
  readonly digest: string;
}

/** Line and column of a place in a text, both from 1. */
export function placeOf(text: string, at: number): string {
  const before = text.slice(0, at);
  const lines = before.split('\n');
  return `${lines.length}:${(lines.at(-1) ?? '').length + 1}`;
}

/** How a text ends its lines; `\n` where it does not say. */
export const endOfLine = (text: string): '\r\n' | '\n' => (/\r?\n/.exec(text)?.[0] === '\r\n' ? '\r\n' : '\n');
