/**
 * Lines by which LASSO finds its own words again: the one above a file that is all its own, and the two around a part of a file
 * that others write too. They say which profile speaks and, so that a change is noticed, what was said.
 */
import { createHash } from 'node:crypto';
import type { CommentStyle } from '../agent.ts';
import type { Mark } from './outcome.ts';

/** enough of a digest to tell texts apart that nobody made to look alike */
const shownDigits = 16;
const sides: Readonly<Record<CommentStyle, readonly [open: string, close: string]>> = {
  '#': ['# ', ''],
  '//': ['// ', ''],
  html: ['<!-- ', ' -->'],
};

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Digest of lines, however they end. */
export const linesDigest = (text: string): string => digestOf(text.replaceAll('\r\n', '\n')).slice(0, shownDigits);

const named = ({ profile, digest }: Mark): string =>
  `profile ${profile.replaceAll(/[^\w.-]/g, '-').slice(0, 64)} ${digest.slice(0, shownDigits)}`;
const line = (style: CommentStyle, text: string): string => sides[style].join(text);

export const wholeMark = (style: CommentStyle, mark: Mark, body: string): string =>
  line(style, `Written by LASSO from ${named(mark)}, text ${linesDigest(body)}; what is changed here is replaced`);
export const beginMark = (style: CommentStyle, mark: Mark, body: string): string =>
  line(style, `LASSO begin: ${named(mark)}, text ${linesDigest(body)}; what is changed up to its end is replaced`);
export const endMark = (style: CommentStyle): string => line(style, 'LASSO end');

const whole = /^(?:# |\/\/ |<!-- )Written by LASSO from profile \S{1,64} [0-9a-f]{0,16}, text ([0-9a-f]{16});[^\n]{0,80}$/;
const begin = /^(?:# |\/\/ |<!-- )LASSO begin: profile \S{1,64} [0-9a-f]{0,16}, text ([0-9a-f]{16});[^\n]{0,80}$/;
const end = /^(?:# |\/\/ |<!-- )LASSO end(?: -->)?$/;

/** Digest a mark says its text has, or undefined for a line that is no mark. */
export const wholeMarked = (text: string): string | undefined => whole.exec(text.replace(/\r$/, ''))?.[1];
export const beginMarked = (text: string): string | undefined => begin.exec(text.replace(/\r$/, ''))?.[1];
export const isEndMark = (text: string): boolean => end.test(text.replace(/\r$/, ''));
