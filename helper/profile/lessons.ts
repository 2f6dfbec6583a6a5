/**
 * The least profile that would have allowed what was seen: one line for each thing that was needed, with a remark that says who
 * needed it and how often. Names come from inside a sandbox and are hostile text; nothing is written here.
 */
import { keyPathText } from './key-path.ts';
import { valueText } from './effective-text.ts';

/** something a sandbox needed and its profile did not allow */
export type Lesson =
  | {
      readonly kind: 'program';
      /** base name */
      readonly program: string;
      /** list that lacks it, `whitelist` */
      readonly list: 'whitelist' | 'observe_whitelist' | 'assist_whitelist';
      /** its first command line */
      readonly example: string;
      readonly times: number;
    }
  | {
      readonly kind: 'question';
      readonly program: string;
      /** arguments as `commands.ask_except` has them */
      readonly words: string;
      readonly times: number;
    }
  | {
      readonly kind: 'host';
      /** canonical name */
      readonly host: string;
      readonly ports: readonly number[];
      /** programs that connected */
      readonly programs: readonly string[];
      readonly times: number;
    };

export interface LearnedProfile {
  readonly name: string;
  /** profile it builds on: a name, or an absolute file */
  readonly base: string;
  /** what ran, for the remark at the top */
  readonly ran: string;
  /** ports the base allows, so that only others are written down */
  readonly allowedPorts: readonly number[];
}

/** A whole profile that builds on `base`; undefined when nothing was needed. */
export function learnedText(lessons: readonly Lesson[], { name, base, ran, allowedPorts }: LearnedProfile): string | undefined {
  if (lessons.length === 0) return undefined;
  const head = `# What ${remark(ran)} needed besides ${remark(base)}. Read every line before you use it.\nname = ${valueText(name)}\nextends = ${valueText(base)}\n`;
  return [head, commandsText(lessons), questionsText(lessons), hostsText(lessons, allowedPorts), rulesText(lessons, allowedPorts)].join('');
}

function commandsText(lessons: readonly Lesson[]): string {
  const lists = (['whitelist', 'observe_whitelist', 'assist_whitelist'] as const).flatMap((list) => {
    const items = lessons
      .flatMap((lesson) => (lesson.kind === 'program' && lesson.list === list ? [lesson] : []))
      .sort((a, b) => order(a.program, b.program))
      .map(({ program, example, times }) => item(`started ${counted(times)}, first as ${remark(example)}`, valueText(program)));
    return items.length === 0 ? [] : [`${list} = [\n${items.join('')}]\n`];
  });
  return lists.length === 0 ? '' : `\n[commands]\n${lists.join('')}`;
}

function questionsText(lessons: readonly Lesson[]): string {
  const programs = new Map<string, { readonly words: string; readonly times: number }[]>();
  for (const lesson of lessons)
    if (lesson.kind === 'question') programs.set(lesson.program, [...(programs.get(lesson.program) ?? []), lesson]);
  const lists = [...programs]
    .sort(([a], [b]) => order(a, b))
    .map(([program, found]) => {
      const items = [...found]
        .sort((a, b) => order(a.words, b.words))
        .map(({ words, times }) => item(`a person would have been asked ${counted(times)}`, valueText(words)));
      return `${keyPathText([program])} = [\n${items.join('')}]\n`;
    });
  return lists.length === 0 ? '' : `\n[commands.ask_except]\n${lists.join('')}`;
}

type HostLesson = Extract<Lesson, { kind: 'host' }>;

const hostsOf = (lessons: readonly Lesson[]): readonly HostLesson[] =>
  lessons.flatMap((lesson) => (lesson.kind === 'host' ? [lesson] : [])).sort((a, b) => order(a.host, b.host));

/** Hosts on ports the base allows anyway go into the list; any other port needs a rule of its own. */
const isUsual = ({ ports }: HostLesson, allowedPorts: readonly number[]): boolean => ports.every((port) => allowedPorts.includes(port));

function hostsText(lessons: readonly Lesson[], allowedPorts: readonly number[]): string {
  const items = hostsOf(lessons)
    .filter((lesson) => isUsual(lesson, allowedPorts))
    .map((lesson) => item(reached(lesson), valueText(lesson.host)));
  return items.length === 0 ? '' : `\n[network]\nallowed_domains = [\n${items.join('')}]\n`;
}

function rulesText(lessons: readonly Lesson[], allowedPorts: readonly number[]): string {
  return hostsOf(lessons)
    .filter((lesson) => !isUsual(lesson, allowedPorts))
    .map(
      (lesson) =>
        `\n[[network.rules]] # ${reached(lesson)}\nhost = ${valueText(lesson.host)}\nports = ${valueText(sorted(lesson.ports))}\n`,
    )
    .join('');
}

const reached = ({ ports, programs, times }: HostLesson): string =>
  `${programs.length === 0 ? 'something' : programs.map(remark).sort(order).join(', ')} connected ${counted(times)}, to port ${sorted(ports).join(', ')}`;

const item = (why: string, value: string): string => `  # ${why}\n  ${value},\n`;
const counted = (times: number): string => (times === 1 ? 'once' : `${times} times`);
const sorted = (ports: readonly number[]): number[] => [...new Set(ports)].sort((a, b) => a - b);
const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const remarkLimit = 120;
/** Hostile: a remark ends at its line. */
const remark = (text: string): string => {
  const line = text.replace(/[\p{C}\u2028\u2029]/gu, ' ');
  return line.length > remarkLimit ? `${line.slice(0, remarkLimit)}…` : line;
};
