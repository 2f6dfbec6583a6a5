/** What a model is told of a tool's result or failure: text to read, and the result itself for programs. Output is hostile text and stays text. */
import { lassoErrorOf } from './told.ts';

export interface Answer {
  readonly content: { readonly type: 'text'; readonly text: string }[];
  readonly structuredContent?: Record<string, unknown>;
  readonly isError?: boolean;
  readonly [key: string]: unknown;
}

/** longest output that is handed on; of longer ones the beginning and the end */
const outputLimit = 48 * 1024;

/** A result of any verb. What a program wrote, and what a file holds, is told as it is, and everything else as JSON. */
export function answerOf(result: Readonly<Record<string, unknown>>): Answer {
  const told = Object.fromEntries(
    Object.entries(result).map(([key, value]) => [key, isOutput(key) && typeof value === 'string' ? shortened(value) : value]),
  );
  const { exit, stdout, stderr, text, next, sizeBytes } = told;
  if (isExit(exit)) return { content: [textOf([exitLine(exit), part('stdout', stdout), part('stderr', stderr)])], structuredContent: told };
  if (typeof text === 'string') {
    const more =
      typeof next === 'number' ? [textOf([`The file has ${String(sizeBytes)} bytes and goes on: read it with offset ${next}.`])] : [];
    return { content: [{ type: 'text', text }, ...more], structuredContent: told };
  }
  return { content: [{ type: 'text', text: JSON.stringify(told, null, 2) }], structuredContent: told };
}

/** A failure as a model can act on it. */
export function failureOf(error: unknown): Answer {
  const known = lassoErrorOf(error);
  if (known === undefined) return { content: [textOf(['Something unexpected went wrong in LASSO.', 'Tell the person.'])], isError: true };
  const { message, hint, details } = known;
  return { content: [textOf([sentence(message), hint, ...details])], isError: true };
}

const isOutput = (key: string): boolean => key === 'stdout' || key === 'stderr';

interface Exit {
  readonly code: unknown;
  readonly signal: unknown;
  readonly reason?: unknown;
}

function isExit(value: unknown): value is Exit {
  return typeof value === 'object' && value !== null && 'code' in value && 'signal' in value;
}

function exitLine({ code, signal, reason }: Exit): string {
  const how = typeof code === 'number' ? `exit code ${code}` : `ended by signal ${String(signal)}`;
  return typeof reason === 'string' ? `${how}: ${reason}` : how;
}

function part(name: string, value: unknown): string {
  return typeof value === 'string' && value !== '' ? `${name}:\n${value}` : '';
}

function textOf(parts: readonly string[]): { readonly type: 'text'; readonly text: string } {
  return { type: 'text', text: parts.filter((line) => line !== '').join('\n') };
}

const sentence = (text: string): string => (/[.!?:]$/.test(text) ? text : `${text}.`);

function shortened(text: string): string {
  if (text.length <= outputLimit) return text;
  const half = outputLimit / 2;
  const left = text.length - outputLimit;
  return `${text.slice(0, half)}\n[… ${left} characters left out …]\n${text.slice(-half)}`.toWellFormed();
}
