/**
 * One argument as far as the text of a command tells it. What the text does not tell is marked in place and never guessed; the
 * marks are control characters, which a text that is judged cannot hold.
 */
import type { Origin } from './origin.ts';

export interface Argument {
  /** what the program gets, with `unknown` and `wildcard` where the text does not say it */
  readonly text: string;
  /** whether the shell may make several arguments of it, or none */
  readonly splits: boolean;
  /** where a part comes from that the text does not tell */
  readonly origin?: Origin | undefined;
  /** place in the text that is judged, UTF-16 offsets */
  readonly start: number;
  readonly end: number;
}

/** stands for any text, also none */
export const unknown = '\0';
/** stands for a part of a file’s name that the shell fills in: no "/" in it */
export const wildcard = '\x01';

export const isKnown = (argument: Argument): boolean =>
  !argument.splits && !argument.text.includes(unknown) && !argument.text.includes(wildcard);

/** Whether it may turn out to be an option although the text does not show one. */
export const maybeOption = (argument: Argument): boolean => argument.splits || argument.text.startsWith(unknown);

/** An argument that is known, at the place of another. */
export const argumentAt = (text: string, place: { readonly start: number; readonly end: number }): Argument => ({
  text,
  splits: false,
  start: place.start,
  end: place.end,
});

/** Any number of arguments nobody knows, at the place of another. */
export const unknownAt = (place: { readonly start: number; readonly end: number }): Argument => ({
  text: unknown,
  splits: true,
  start: place.start,
  end: place.end,
});

/** An argument as a person would read it: marks become an ellipsis, long ones are cut. */
export function shown(argument: Argument): string {
  const text = argument.text.replaceAll(unknown, '…').replaceAll(wildcard, '*');
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
