/**
 * A secret that a program of the host tells on its stdout, as `op read` does. It is started with an argument vector, never
 * through a shell, and never from a folder an agent can write. What it says is neither logged nor repeated.
 */
import { runChild } from '../base/child.ts';
import { findProgram } from '../base/program.ts';
import type { Host } from '../base/platform.ts';
import { absolutePath, type PathFacts, refuseWritable, safePath } from './safe-path.ts';
import type { SecretSource } from './store.ts';
import { unavailable } from './unavailable.ts';

export type CommandFacts = PathFacts & Pick<Host, 'environment'>;

const timeoutMs = 10_000;
const limitBytes = 64 * 1024;

export function commandSource(line: string, writable: readonly string[], facts: CommandFacts): SecretSource {
  return { freshMs: 30_000, read: () => runHostCommand(line, writable, facts) };
}

/** What the program says on stdout. @throws LassoError SECRET_UNAVAILABLE */
export async function runHostCommand(line: string, writable: readonly string[], facts: CommandFacts): Promise<string> {
  const [name, ...argv] = argvOf(line);
  if (name === undefined) throw unavailable('no program is named', 'Write command:PROGRAM ARGUMENTS.');
  const program = await safePath(programOf(name, facts), writable, facts);
  // A script that is an argument runs as surely as a program does.
  for (const word of argv) if (/^([/\\]|~\/|[A-Za-z]:[/\\])/.test(word)) refuseWritable(absolutePath(word, facts), writable, facts);
  const ended = await runChild(program, argv, { timeoutMs, limitBytes, environment: facts.environment, cwd: facts.home });
  const hint = 'Run it yourself to see what it says.';
  if (ended.failure !== undefined) throw unavailable(`${name} cannot be started (${ended.failure})`, hint);
  if (ended.cut) throw unavailable(`${name} took longer than 10 seconds or said more than 64 kB`, `${hint} It must not ask anything.`);
  if (ended.code !== 0) throw unavailable(`${name} ended with status ${ended.code ?? 'unknown'}`, hint);
  return ended.stdout;
}

function programOf(name: string, facts: CommandFacts): string {
  if (/[/\\]/.test(name)) return absolutePath(name, facts);
  const program = findProgram(name, facts.environment['PATH'], facts.platform);
  if (program === undefined) throw unavailable(`there is no program ${name}`, 'Install it, or name its whole path.');
  return program;
}

/**
 * Words of a line: separated by spaces, and quotes of either kind keep spaces in a word. Nothing else has a meaning: no
 * variable, no substitution, no backslash. @throws LassoError SECRET_UNAVAILABLE for a quote that never ends
 */
export function argvOf(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (const character of line) {
    if (character === quote) quote = '';
    else if (quote !== '') word = (word ?? '') + character;
    else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (quote !== '') throw unavailable('the command has a quote that never ends', 'Close it.');
  if (word !== undefined) words.push(word);
  if (words.some((each) => each.includes('\0'))) throw unavailable('the command has a NUL character', 'Take it out.');
  return words;
}
