/** Profiles as a table, and one with every value and the place it was written. What a profile says may be hostile text. */
import type { Finding } from '../../../protocol/finding.ts';
import type { OperationResult } from '../../../protocol/operations.ts';
import { type Cell, columns, visible, widthOf } from './text.ts';
import type { View } from './view.ts';

type Shown = OperationResult<'profileShow'>;
type Value = Shown['values'][number];

/** columns a value may take before the rest of a list is only counted */
const valueLimit = 64;

/** what the first lines say already */
const inHead: ReadonlySet<string> = new Set(['name', 'description', 'extends']);

export function profileTable({ profiles }: OperationResult<'profileList'>, { paint }: View): string {
  const dim = (text: string): Cell => ({ text, paint: (shown) => paint('dim', shown) });
  return columns([
    ['NAME', 'SOURCE', 'BUILDS ON', 'DESCRIPTION'].map(dim),
    ...profiles.map(({ name, source, extends: base, description, valid }) => [
      { text: name, paint: (shown: string) => paint('bold', shown) },
      { text: source },
      { text: base ?? '-' },
      valid
        ? { text: description }
        : { text: `has errors; \`lasso profile show ${name}\` lists them`, paint: (shown: string) => paint('red', shown) },
    ]),
  ]);
}

export function profileDetail(shown: Shown, view: View): string {
  if (view.asked['toml'] === true) return documentText(shown.effective, view);
  if (view.asked['written'] === true) return documentText(shown.text, view);
  const { paint } = view;
  const head = `${paint('bold', visible(shown.name))}  ${visible(shown.source)}  ${visible(shown.file)}\n${shown.description === '' ? '' : `${visible(shown.description)}\n`}`;
  const base = shown.files.slice(1).map((file) => `${paint('dim', 'builds on')}  ${visible(file)}\n`);
  const notes = [...new Set(shown.values.flatMap(({ note }) => note ?? []))];
  const short = shortFiles(shown.files);
  const tables = tablesOf(shown.values.filter(({ path }) => !inHead.has(path)));
  // Columns are one for all tables, and no heading widens them.
  const lines = columns(tables.flatMap(({ table, values }) => values.map((value) => row(value, { table, notes, short, view })))).split(
    '\n',
  );
  const body = tables.map(({ table, values }) => {
    const heading = table === '' ? '' : `\n${paint('bold', visible(`[${table}]`))}\n`;
    return `${heading}${lines.splice(0, values.length).join('\n')}\n`;
  });
  const foot = notes.map((note, index) => `${paint('yellow', `(${index + 1})`)} ${visible(note)}\n`);
  const long = shown.values.some(({ value }) => shortened(value).length < wholeText(value).length);
  const hint = long ? `${paint('dim', `\`lasso profile show ${visible(shown.name)} --toml\` shows lists in full.`)}\n` : '';
  return `${head}${base.join('')}\n${body.join('')}\n${foot.join('')}${hint}${notices(shown.notices, view)}${findingLines(shown.findings, view)}`;
}

/** What should be looked at: errors and warnings, each with its place. */
export function findingLines(findings: readonly Finding[], { paint }: View): string {
  const told = findings.filter(({ severity }) => severity !== 'information');
  return told
    .map(({ severity, message, hint, file, range: { start } }) => {
      const place = `${file === undefined ? '' : `${visible(file)}:`}${start.line + 1}:${start.character + 1}`;
      const advice = hint === undefined ? '' : ` (${visible(hint)})`;
      return `${paint(severity === 'error' ? 'red' : 'yellow', `${severity}:`)} ${paint('dim', place)} ${visible(message)}${advice}\n`;
    })
    .join('');
}

export function notices(texts: readonly string[], { paint }: View): string {
  return texts.map((text) => `${paint('yellow', 'note:')} ${visible(text)}\n`).join('');
}

/** A whole file: as it is for programs, with deceptive characters made visible for eyes. */
export function documentText(text: string, { terminal }: View): string {
  const ended = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return terminal
    ? ended
        .split('\n')
        .map((line) => line.split('\t').map(visible).join('\t'))
        .join('\n')
    : ended;
}

interface Table {
  readonly table: string;
  readonly values: readonly Value[];
}

function tablesOf(values: readonly Value[]): readonly Table[] {
  const tables = new Map<string, Value[]>();
  for (const value of values) {
    const at = value.path.search(/\.[^."]+$|\."[^"]*"$/);
    const table = at < 0 ? '' : value.path.slice(0, at);
    tables.set(table, [...(tables.get(table) ?? []), value]);
  }
  return [...tables].map(([table, its]) => ({ table, values: its }));
}

interface Around {
  readonly table: string;
  readonly notes: readonly string[];
  readonly short: (file: string) => string;
  readonly view: View;
}

function row({ path, value, origin, note }: Value, { table, notes, short, view: { paint } }: Around): readonly Cell[] {
  const place = origin === undefined ? 'default' : `${short(origin.file)}:${origin.line}`;
  return [
    { text: table === '' ? path : path.slice(table.length + 1) },
    { text: shortened(value) },
    { text: place, paint: (text) => paint('dim', text) },
    ...(note === undefined ? [] : [{ text: `(${notes.indexOf(note) + 1})`, paint: (text: string) => paint('yellow', text) }]),
  ];
}

function wholeText(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(wholeText).join(', ');
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([key, inner]: [string, unknown]) => `${key} ${wholeText(inner)}`)
      .join(' ');
  return value === '' ? '""' : String(value);
}

function shortened(value: unknown): string {
  if (!Array.isArray(value) || widthOf(wholeText(value)) <= valueLimit) return wholeText(value);
  const kept: string[] = [];
  for (const item of value.map(wholeText)) {
    if (widthOf([...kept, item].join(', ')) > valueLimit - 12) break;
    kept.push(item);
  }
  return `${kept.join(', ')}${kept.length === 0 ? '' : ', '}… ${value.length - kept.length} more`;
}

/** The last part of a path where that is enough to tell the files apart. */
function shortFiles(files: readonly string[]): (file: string) => string {
  const last = (file: string): string => file.split(/[/\\]/).at(-1) ?? file;
  const names = files.map(last);
  return (file) => (names.filter((name) => name === last(file)).length > 1 ? file : last(file));
}
