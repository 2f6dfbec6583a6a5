/**
 * What a sandbox needed while it was allowed to learn, counted. It holds no more than a profile could say, and forgets everything
 * when learning ends or the helper does.
 */
import { basename } from 'node:path';
import type { Lesson } from '../profile/lessons.ts';

/** different programs, questions and hosts that are kept; what comes after is refused as if nobody learned */
const lessonLimit = 1000;
const programsOfHostLimit = 10;

/** rules that refuse what a list lacks → the list */
export const listOfRule: ReadonlyMap<string, Extract<Lesson, { kind: 'program' }>['list']> = new Map([
  ['commands.whitelist', 'whitelist'],
  ['commands.observe_whitelist', 'observe_whitelist'],
  ['commands.assist_whitelist', 'assist_whitelist'],
]);

/** what is told about a sandbox that learns */
export const learningNotice = 'It learns: what its profile does not list is let through; what it refuses by name is not.';

export class Learning {
  readonly #lessons = new Map<string, Lesson>();

  get lessons(): readonly Lesson[] {
    return [...this.#lessons.values()];
  }

  /** Whether there is room for a command that a person would be asked about. @param argv hostile text */
  question(program: string, argv: readonly string[]): boolean {
    const words = argv.slice(1).join(' ');
    return this.#learn(`question ${program} ${words}`, (times) => ({ kind: 'question', program, words, times }));
  }

  /** Whether a program that a list lacks may be let through. @param rule that refuses it @param argv hostile text */
  program(program: string, argv: readonly string[], rule: string | undefined): boolean {
    const list = listOfRule.get(rule ?? '');
    if (list === undefined) return false;
    return this.#learn(`program ${list} ${program}`, (times, before) => ({
      kind: 'program',
      program,
      list,
      example: before?.kind === 'program' ? before.example : argv.join(' '),
      times,
    }));
  }

  /** Whether a connection that `verdict` refuses or would ask about may be let through. @param host canonical */
  connection(host: string, port: number, executable: string | undefined): boolean {
    return this.#learn(`host ${host}`, (times, before) => {
      const known = before?.kind === 'host' ? before : { ports: [], programs: [] };
      const programs = executable === undefined ? known.programs : [...new Set([...known.programs, basename(executable)])];
      return { kind: 'host', host, ports: [...new Set([...known.ports, port])], programs: programs.slice(0, programsOfHostLimit), times };
    });
  }

  #learn(key: string, lesson: (times: number, before: Lesson | undefined) => Lesson): boolean {
    const before = this.#lessons.get(key);
    if (before === undefined && this.#lessons.size >= lessonLimit) return false;
    this.#lessons.set(key, lesson((before?.times ?? 0) + 1, before));
    return true;
  }
}
