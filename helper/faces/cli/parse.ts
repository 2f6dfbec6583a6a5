/**
 * argv → what is wanted. Knows the table and nothing else: no files, no environment, no helper. Whatever it cannot make
 * sense of is a LassoError BAD_REQUEST of one line with a hint.
 */
import { LassoError } from '../../protocol/errors.ts';
import { commonOptions } from './command.ts';
import type { Command, Parameter } from './command.ts';
import { nearest } from './nearest.ts';

export type Value = string | number | boolean | readonly string[];

/** options that mean the same for every command */
export interface Common {
  readonly json: boolean;
  readonly quiet: boolean;
}

export type Request =
  | { readonly kind: 'help'; readonly topic: string | undefined }
  | { readonly kind: 'internal'; readonly words: readonly string[] }
  | ({ readonly kind: 'command'; readonly command: Command; readonly values: Readonly<Record<string, Value>> } & Common);

const helpWords = new Set(['-h', '--help', 'help']);

/** @throws LassoError BAD_REQUEST */
export function parse(argv: readonly string[], commands: readonly Command[]): Request {
  const [first] = argv;
  if (first === undefined) return { kind: 'help', topic: undefined };
  if (helpWords.has(first)) return topicOf(argv.slice(1), commands);
  if (first === 'helper') return { kind: 'internal', words: argv.slice(1) };
  if (first === '--version' || first === '-V') return parse(['version', ...argv.slice(1)], commands);
  const found = find(argv, commands);
  if (!found) {
    const last = argv[argv.length - 1];
    if (last !== undefined && helpWords.has(last) && argv.length === 2) return topicOf([first], commands);
    throw unknownCommand(argv, commands);
  }
  return new Reading(found.command, argv.slice(found.words)).read();
}

function topicOf(words: readonly string[], commands: readonly Command[]): Request {
  if (words.length === 0) return { kind: 'help', topic: undefined };
  const found = find(words, commands);
  if (found) return { kind: 'help', topic: found.command.name };
  if (commands.some(({ name }) => name.startsWith(`${words[0] ?? ''} `))) return { kind: 'help', topic: words[0] };
  throw unknownCommand(words, commands);
}

function find(argv: readonly string[], commands: readonly Command[]): { readonly command: Command; readonly words: number } | undefined {
  for (const words of [2, 1]) {
    const name = argv.slice(0, words).join(' ');
    const command = commands.find((candidate) => candidate.name === name || candidate.aliases.includes(name));
    if (command) return { command, words: name.split(' ').length };
  }
  return undefined;
}

function unknownCommand(argv: readonly string[], commands: readonly Command[]): LassoError {
  const [first = '', second] = argv;
  const family = commands.filter(({ name }) => name.startsWith(`${first} `)).map(({ name }) => name);
  if (family.length > 0) {
    const guess = second === undefined || second.startsWith('-') ? undefined : nearest(`${first} ${second}`, family);
    const hint =
      guess === undefined ? `There are: ${family.map((name) => `lasso ${name}`).join(', ')}.` : `Did you mean \`lasso ${guess}\`?`;
    return new LassoError('BAD_REQUEST', second === undefined ? `${first} what?` : `unknown command: ${first} ${second}`, hint);
  }
  if (first.startsWith('-'))
    return new LassoError('BAD_REQUEST', `unknown option: ${first}`, 'Options follow the command: `lasso CMD --option`. Try `lasso -h`.');
  const guess = nearest(
    first,
    commands.flatMap(({ name, aliases }) => [name.split(' ')[0] ?? name, ...aliases]),
  );
  return new LassoError(
    'BAD_REQUEST',
    `unknown command: ${first}`,
    `${guess === undefined ? '' : `Did you mean \`lasso ${guess}\`? `}\`lasso -h\` lists all commands.`,
  );
}

class Reading {
  readonly #command: Command;
  readonly #words: string[];
  readonly #values = new Map<string, Value>();
  readonly #common = { json: false, quiet: false };
  #positionals = 0;

  constructor(command: Command, words: readonly string[]) {
    this.#command = command;
    this.#words = [...words];
  }

  read(): Request {
    for (let word = this.#words.shift(); word !== undefined; word = this.#words.shift()) {
      if (word === '--') {
        this.#takeOperands(this.#words.splice(0));
      } else if (word === '--help' || word === '-h') {
        return { kind: 'help', topic: this.#command.name };
      } else if (word.startsWith('--')) {
        this.#takeLong(word);
      } else if (word.startsWith('-') && word.length > 1) {
        this.#takeShort(word);
      } else if (this.#restBegins()) {
        this.#takeOperands([word, ...this.#words.splice(0)]);
      } else {
        this.#takePositional(word);
      }
    }
    this.#checkRequired();
    return { kind: 'command', command: this.#command, values: Object.fromEntries(this.#values), ...this.#common };
  }

  #restBegins(): boolean {
    return this.#command.rest !== undefined && this.#positionals >= this.#command.positionals.length;
  }

  #takeOperands(words: readonly string[]): void {
    if (this.#command.rest !== undefined) this.#values.set(this.#command.rest, [...words]);
    else for (const word of words) this.#takePositional(word);
  }

  #takePositional(word: string): void {
    const name = this.#command.positionals[this.#positionals];
    if (name === undefined) throw this.#problem(`unexpected argument: ${word}`);
    this.#positionals += 1;
    if (this.#values.has(name)) throw this.#problem(`${name} is given twice`);
    this.#store(this.#parameter(name), word);
  }

  #takeLong(word: string): void {
    const at = word.indexOf('=');
    const option = at < 0 ? word.slice(2) : word.slice(2, at);
    const value = at < 0 ? undefined : word.slice(at + 1);
    if (this.#takeCommon(option, value)) return;
    const negated = option.startsWith('no-') ? this.#option(option.slice(3)) : undefined;
    if (negated?.kind === 'switch' && value === undefined) {
      this.#values.set(negated.name, false);
      return;
    }
    const parameter = this.#option(option);
    if (!parameter) throw this.#unknownOption(`--${option}`);
    this.#take(parameter, `--${option}`, value);
  }

  #takeShort(word: string): void {
    for (let at = 1; at < word.length; at += 1) {
      const letter = word[at] ?? '';
      if (letter === 'h') {
        this.#words.unshift('-h');
        return;
      }
      if (letter === 'q' && this.#takeCommon('quiet', undefined)) continue;
      const name = Object.hasOwn(this.#command.short, letter) ? this.#command.short[letter] : undefined;
      if (name === undefined) throw this.#unknownOption(`-${letter}`);
      const parameter = this.#parameter(name);
      const joined = word.slice(at + 1);
      if (parameter.kind !== 'switch') {
        this.#take(parameter, `-${letter}`, joined === '' ? undefined : joined);
        return;
      }
      this.#values.set(parameter.name, true);
    }
  }

  #takeCommon(option: string, value: string | undefined): boolean {
    if (option !== 'json' && option !== 'quiet') return false;
    if (!this.#command[option]) return false;
    if (value !== undefined) throw this.#problem(`--${option} takes no value`);
    this.#common[option] = true;
    return true;
  }

  #take(parameter: Parameter, spelling: string, joined: string | undefined): void {
    if (parameter.kind === 'switch') {
      if (joined !== undefined && joined !== 'true' && joined !== 'false')
        throw this.#problem(`${spelling} is either given or not: ${joined}`);
      this.#values.set(parameter.name, joined !== 'false');
      return;
    }
    const value = joined ?? this.#words.shift();
    if (value === undefined || (joined === undefined && looksLikeOption(value))) throw this.#problem(`${spelling} needs a value`);
    if (this.#command.positionals.slice(0, this.#positionals).includes(parameter.name))
      throw this.#problem(`${parameter.name} is given twice`);
    this.#store(parameter, value);
  }

  #store(parameter: Parameter, text: string): void {
    const { name, kind, choices } = parameter;
    if (kind !== 'number' && kind !== 'integer' && choices?.includes(text) === false) {
      const guess = nearest(text, choices);
      const meant = guess === undefined ? '' : ` (did you mean ${guess}?)`;
      throw this.#problem(`${parameter.option} is one of ${choices.join(', ')}, not ${text}${meant}`);
    }
    if (kind === 'list') {
      const before = this.#values.get(name);
      this.#values.set(name, [...(isList(before) ? before : []), text]);
    } else if (kind === 'number' || kind === 'integer') this.#values.set(name, this.#number(parameter, text));
    else this.#values.set(name, text);
  }

  #number({ option, kind, minimum = -Infinity, maximum = Infinity }: Parameter, text: string): number {
    const value = /^-?(?:\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : NaN;
    if (Number.isNaN(value) || (kind === 'integer' && !Number.isInteger(value))) {
      throw this.#problem(`${option} is a ${kind === 'integer' ? 'whole number' : 'number'}, not ${text}`);
    }
    if (value < minimum) throw this.#problem(`${option} is ${minimum} at least, not ${text}`);
    if (value > maximum) throw this.#problem(`${option} is ${maximum} at most, not ${text}`);
    return value;
  }

  #checkRequired(): void {
    const { rest, restUnless } = this.#command;
    const given = (name: string): boolean => {
      const value = this.#values.get(name);
      return value !== undefined && !(isList(value) && value.length === 0);
    };
    const instead = restUnless !== undefined && given(restUnless);
    if (rest !== undefined && instead && given(rest)) throw this.#problem(`give either ${restUnless} or ${rest}`);
    for (const { name, required } of this.#command.parameters) {
      const needed = required || (name === rest && restUnless !== undefined && !instead);
      if (!needed || given(name)) continue;
      throw this.#problem(name === this.#command.rest ? `say which ${name} to run, after \`--\`` : `say which ${name}`);
    }
  }

  #parameter(name: string): Parameter {
    const parameter = this.#command.parameters.find((candidate) => candidate.name === name);
    if (!parameter)
      throw new LassoError('INTERNAL', `the table names an unknown parameter: ${name}`, 'This is a fault of LASSO: please report it.');
    return parameter;
  }

  #option(option: string): Parameter | undefined {
    return this.#command.parameters.find((candidate) => candidate.option === option && candidate.name !== this.#command.rest);
  }

  #unknownOption(spelling: string): LassoError {
    const command = this.#command;
    const known = [
      ...command.parameters.filter(({ name }) => name !== command.rest).map(({ option }) => `--${option}`),
      ...commonOptions.filter(({ option }) => option === 'help' || command[option]).map(({ option }) => `--${option}`),
    ];
    const guess = spelling.startsWith('--') ? nearest(spelling, known) : undefined;
    return this.#problem(`unknown option: ${spelling}${guess === undefined ? '' : ` (did you mean ${guess}?)`}`);
  }

  #problem(message: string): LassoError {
    return new LassoError('BAD_REQUEST', `${this.#command.name}: ${message}`, `Try \`lasso ${this.#command.name} -h\`.`);
  }
}

function looksLikeOption(word: string): boolean {
  return word.length > 1 && word.startsWith('-') && !/^-[\d.]/.test(word);
}

function isList(value: Value | undefined): value is readonly string[] {
  return Array.isArray(value);
}
