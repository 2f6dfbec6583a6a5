/** What `lasso`, `lasso -h` and `lasso CMD -h` print, made from the table of verbs. */
import { commonOptions } from './command.ts';
import type { Command, Parameter } from './command.ts';
import type { Paint } from './console.ts';
import { columns } from './render/text.ts';

const groups: readonly { readonly title: string; readonly names: readonly string[] }[] = [
  { title: 'Work in a sandbox', names: ['shell', 'attach', 'exec', 'learn', 'forward'] },
  { title: 'Sandboxes', names: ['up', 'down', 'create', 'start', 'status', 'stop', 'rm'] },
  {
    title: 'Profiles',
    names: [
      ...['list', 'show', 'new', 'edit', 'save', 'delete', 'history', 'diff', 'export', 'import', 'lock', 'approve'].map(
        (verb) => `profile ${verb}`,
      ),
      ...['profile resolve', 'profile schema', 'init', 'why'],
    ],
  },
  { title: 'Your word', names: ['approvals', 'approve', 'deny', 'mode', 'reload'] },
  {
    title: 'Secrets',
    names: [
      ...['set', 'list', 'remove', 'test'].map((verb) => `secret ${verb}`),
      ...['login', 'status', 'token', 'logout'].map((verb) => `auth ${verb}`),
    ],
  },
  {
    title: 'What happened',
    names: [...['view', 'list', 'report', 'export', 'verify', 'checkpoint', 'key', 'pack'].map((verb) => `audit ${verb}`), 'webhook test'],
  },
];
const lastGroup = 'This machine';

export function overview(commands: readonly Command[], paint: Paint): string {
  const grouped = new Set(groups.flatMap(({ names }) => names));
  const rest = commands.filter(({ name }) => !grouped.has(name)).map(({ name }) => name);
  const spelled = ({ name, aliases }: Command): string => [name, ...aliases].join(', ');
  const widest = Math.max(...commands.map((command) => spelled(command).length));
  const sections = [...groups, { title: lastGroup, names: rest }].map(({ title, names }) => {
    const known = names.flatMap((name) => commands.find((command) => command.name === name) ?? []);
    return `${paint('bold', title)}\n${indent(columns(known.map((command) => [{ text: spelled(command).padEnd(widest) }, { text: command.summary }])))}`;
  });
  return [
    'Run coding agents in a locked-down sandbox, and keep a record of what they did.\n',
    `${paint('bold', 'Usage')}\n  lasso COMMAND [OPTIONS]\n  lasso COMMAND -h    explains a command\n`,
    ...sections,
    `${paint('bold', 'Begin with')}\n  lasso doctor        checks this machine\n  lasso shell         opens a shell in a sandbox of this folder\n`,
  ].join('\n');
}

/** Help of one command, or of a family of them such as `audit`. */
export function helpOn(topic: string, commands: readonly Command[], paint: Paint): string {
  return commands
    .filter(({ name }) => name === topic || name.startsWith(`${topic} `))
    .map((command) => helpOfCommand(command, paint))
    .join('\n\n');
}

function helpOfCommand(command: Command, paint: Paint): string {
  const { name, aliases, summary, examples, exits } = command;
  const parts = [
    `${summary}.\n`,
    `${paint('bold', 'Usage')}\n  ${usage(command)}\n`,
    section('Arguments', argumentsOf(command), paint),
    section('Options', optionsOf(command), paint),
    section('Choices', choicesOf(command), paint),
    `${paint('bold', examples.length === 1 ? 'Example' : 'Examples')}\n${examples.map((example) => `  ${example}\n`).join('')}`,
    section(
      'Exit status',
      exits.map(([status, meaning]) => [String(status), meaning]),
      paint,
    ),
    aliases.length === 0
      ? ''
      : `${paint('bold', 'Also')}\n  ${aliases.map((alias) => `lasso ${alias}`).join(', ')} is the same as lasso ${name}.\n`,
  ];
  return parts.filter((part) => part !== '').join('\n');
}

export function usage({ name, positionals, rest, parameters }: Command): string {
  const required = (parameter: string): boolean => parameters.find((candidate) => candidate.name === parameter)?.required === true;
  const words = positionals.map((positional) => (required(positional) ? positional.toUpperCase() : `[${positional.toUpperCase()}]`));
  const tail = rest === undefined ? [] : [required(rest) ? `-- ${rest.toUpperCase()}…` : `[-- ${rest.toUpperCase()}…]`];
  return ['lasso', name, '[OPTIONS]', ...words, ...tail].join(' ');
}

function argumentsOf({ positionals, rest, parameters }: Command): readonly (readonly [string, string])[] {
  return [...positionals, ...(rest === undefined ? [] : [rest])].map((name) => {
    const parameter = parameters.find((candidate) => candidate.name === name);
    return [`${name.toUpperCase()}${name === rest ? '…' : ''}`, parameter === undefined ? '' : description(parameter)];
  });
}

function optionsOf(command: Command): readonly (readonly [string, string])[] {
  const own = command.parameters
    .filter(({ name }) => name !== command.rest)
    .flatMap((parameter): readonly (readonly [string, string])[] => {
      const letter = Object.entries(command.short).find(([, name]) => name === parameter.name)?.[0];
      if (!command.positionals.includes(parameter.name)) return [[spelling(letter ?? '', parameter), description(parameter)]];
      return letter === undefined ? [] : [[spelling(letter, parameter), `the same as ${parameter.name.toUpperCase()}`]];
    });
  const common = commonOptions
    .filter(({ option }) => option === 'help' || command[option])
    .map(({ option, short, description: text }): readonly [string, string] => [
      `${short === '' ? '    ' : `-${short}, `}--${option}`,
      text,
    ]);
  return [...own, ...common];
}

/** longest list of choices that stands beside its option; a longer one has a line of its own */
const choicesLimit = 40;

const isLong = ({ choices }: Parameter): boolean => choices !== undefined && choices.join('|').length > choicesLimit;

/** What values with many choices may be. */
const choicesOf = ({ parameters }: Command): readonly (readonly [string, string])[] =>
  parameters.filter(isLong).map(({ option, choices = [] }) => [option.toUpperCase(), choices.join(', ')]);

function spelling(letter: string, parameter: Parameter): string {
  const { option, kind, choices } = parameter;
  const named = isLong(parameter) ? option.toUpperCase() : kind === 'list' ? undefined : choices?.join('|');
  const value = kind === 'switch' ? '' : ` ${named ?? (kind === 'text' || kind === 'list' ? 'TEXT' : 'N')}`;
  return `${letter === '' ? '    ' : `-${letter}, `}--${option}${value}`;
}

function description({ description: text, fallback, kind }: Parameter): string {
  const usual = fallback === undefined || kind === 'switch' || text.includes('(default') ? '' : ` (default: ${String(fallback)})`;
  return text.replace(/; may be given again$/, ' (may be given again)') + usual;
}

function section(title: string, rows: readonly (readonly [string, string])[], paint: Paint): string {
  if (rows.length === 0) return '';
  return `${paint('bold', title)}\n${indent(columns(rows.map(([left, right]) => [{ text: left }, { text: right }])))}`;
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
