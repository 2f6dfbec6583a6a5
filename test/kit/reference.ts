/** The reference page of the profile language, made from the schema and the tables beside it. Only its last part is written by hand. */
import type { HostGroups } from '../../helper/policy/network/rules.ts';
import { rows } from '../../helper/profile/tighten/rows.ts';
import { unenforced } from '../../helper/profile/unenforced.ts';
import { keysAt, type Shape, shapeAt } from '../../helper/protocol/profile/shape.ts';

/** what LASSO 1.x did not have; a table stands for all its keys */
const ours = new Set([
  ...[
    'exec_gate',
    'workspace',
    'secrets',
    'approvals',
    'commands.ask_args',
    'commands.ask_except',
    'commands.workspace_only',
    'commands.undecided',
  ],
  ...['network.unlisted', 'network.rules', 'resources.enforcement', 'filesystem.home_dir_mb'],
]);

/** tables in tables: their path, as `shapeAt` takes it, and how a profile writes them */
const inner: readonly (readonly [path: readonly (string | number)[], title: string])[] = [
  [['network', 'rules', 0], '[[network.rules]]'],
  [['secrets', 'NAME'], '[secrets.NAME]'],
  [['guardrails', 'rules', 0], '[[guardrails.rules]]'],
  [['audit', 'webhooks', 0], '[[audit.webhooks]]'],
];

/** @param byHand the last part of the page, from its heading */
export function referencePage(groups: HostGroups, byHand: string): string {
  const top = keysAt([]).filter((key) => shapeAt([key])?.kind !== 'table');
  const tables = keysAt([]).filter((key) => shapeAt([key])?.kind === 'table');
  const sections = [
    section(
      'Above the first table',
      '',
      top.map((key) => [key]),
    ),
    ...tables.flatMap((table) => [
      section(
        `[${table}]`,
        shapeAt([table])?.description ?? '',
        keysAt([table]).map((key) => [table, key]),
      ),
      ...inner.filter(([path]) => path[0] === table).map(innerSection),
    ]),
    ...inner.filter(([path]) => path[0] === 'secrets').map(innerSection),
  ];
  return [opening, building, ...sections, groupSection(groups), tightening(), byHand.trimEnd()].join('\n\n').concat('\n');
}

const opening = `# Profiles: the reference

A profile says what an agent may do in a sandbox. It is a TOML file with a name; every key has a default, so that
\`name = "mine"\` is a whole profile. \`lasso profile new mine --from standard\` begins one, \`lasso profile show mine --all\` says what
every value is and where it was written, and \`lasso why\` says what a profile does with a command or an address.

Editors that know JSON Schema find one in \`profile.schema.json\`; \`lasso profile schema\` prints it. A first line
\`#:schema ./profile.schema.json\` tells many editors where it is.

**Enforced** says whether anything holds an agent to a key today. What is not enforced is read, checked and shown as such.`;

const building = `## Building on another profile

\`extends = "standard"\` names a profile, \`extends = "./base.toml"\` a file beside this one. A value replaces the base's, tables
merge key by key, lists append without repeating. Up to 8 profiles may build on one another; a circle is an error.

In a list, text that begins with \`!\` edits instead of adding:

| item | does |
|---|---|
| \`"!ssh"\`, \`"!5432"\` | takes this item out of what is inherited |
| \`"!*"\` | takes all inherited items out; it must be the first item |

\`\`\`toml
name = "team"
extends = "standard"

[commands]
blacklist = ["!rsync", "terraform"] # what standard bans, without rsync, with terraform

[network]
allowed_domains = ["!*", "@npm", "registry.corp.example"] # these and no others
blocked_ports = ["!5432"]
\`\`\`

Where nothing is inherited, such a list edits the default: \`blocked_ports = ["!5432"]\` keeps every other port closed. A list without
\`!\` replaces the default. Keys that speak of one file (name, description, versions, times, the stamp of an export) are not inherited.`;

function section(title: string, about: string, paths: readonly (readonly (string | number)[])[]): string {
  const shown = paths.flatMap((path) => {
    const shape = shapeAt(path);
    return shape === undefined ? [] : [row(path, shape)];
  });
  const heading = `## ${title.startsWith('[') ? `\`${title}\`` : title}`;
  const table = ['| key | means | type | default | example | since | enforced |', '|---|---|---|---|---|---|---|', ...shown].join('\n');
  const reasons = Map.groupBy(
    paths.filter((path) => reasonOf(path) !== undefined),
    (path) => reasonOf(path) ?? '',
  );
  const notes = [...reasons].map(([reason, those]) => {
    const keys = those.length === paths.length ? 'None of it' : those.map((path) => `\`${String(path.at(-1))}\``).join(', ');
    return `${keys}: ${reason}.`;
  });
  return [
    heading,
    ...(about === '' ? [] : [`${capital(about)}.`]),
    table,
    ...(notes.length === 0 ? [] : [`Not enforced yet. ${notes.join(' ')}`]),
  ].join('\n\n');
}

function innerSection([path, title]: (typeof inner)[number]): string {
  return section(
    title,
    '',
    keysAt(path).map((key) => [...path, key]),
  );
}

function row(path: readonly (string | number)[], shape: Shape): string {
  const [example] = shape.examples;
  const cells = [
    `\`${String(path.at(-1))}\``,
    `${capital(shape.description)}${shape.deprecated === undefined ? '' : `. **Deprecated**: ${shape.deprecated}`}`,
    kindText(shape, path),
    shape.required ? 'must be given' : shape.default === undefined ? '–' : code(shape.default),
    example === undefined ? '–' : code(example),
    since(path),
    enforcement(path, shape),
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function kindText(shape: Shape, path: readonly (string | number)[]): string {
  switch (shape.kind) {
    case 'choice':
      return shape.choices.map((choice) => `\`"${choice}"\``).join(', ');
    case 'number': {
      const bounds = [shape.minimum, shape.maximum].map((bound) =>
        bound === undefined || Math.abs(bound) === Number.MAX_SAFE_INTEGER ? '' : bound,
      );
      return `${shape.integer ? 'whole number' : 'number'}${bounds[1] === '' ? `, at least ${String(bounds[0])}` : `, ${bounds.join(' to ')}`}`;
    }
    case 'list': {
      const item = shapeAt([...path, 0]);
      return item?.kind === 'table' ? 'list of tables' : `list of ${item?.kind === 'number' ? 'numbers' : 'texts'}`;
    }
    case 'boolean':
      return '`true` or `false`';
    case 'date':
      return 'text or a date';
    case 'map':
      return 'table with keys of your choice';
    case 'table':
    case 'text':
      return shape.kind;
    default:
      return shape.kind satisfies never;
  }
}

function since([table = '', key]: readonly (string | number)[]): string {
  return ours.has(String(table)) || ours.has(`${table}.${key ?? ''}`) ? '2.0' : '1.x';
}

function enforcement(path: readonly (string | number)[], { deprecated }: Shape): string {
  if (deprecated !== undefined) return 'no';
  if (rows[String(path[0])]?.how === 'own') return '–';
  return reasonOf(path) === undefined ? 'yes' : 'not yet';
}

/** What happens instead, where nothing enforces a key yet. */
function reasonOf(path: readonly (string | number)[]): string | undefined {
  const names = path.map(String);
  const covers = (listed: string): boolean =>
    listed.split('.').every((step, index) => step === names[index] || (step === '*' && index > 0)) || listed === `${names.join('.')}.*`;
  return unenforced.find(([listed]) => covers(listed))?.[1];
}

function code(value: unknown): string {
  return `\`${inline(value)}\``;
}

/** As TOML writes it on one line. */
function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).map(([key, entry]: [string, unknown]) => `${key} = ${inline(entry)}`);
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
}

function groupSection(groups: HostGroups): string {
  const shown = Object.entries(groups).map(([name, hosts]) => `| \`"@${name}"\` | ${hosts.map(({ host }) => `\`${host}\``).join(', ')} |`);
  return `## Groups of hosts

Wherever a profile names a host it may name a group. Where npm, pip, cargo, go or your own settings (\`[mirrors]\` in \`config.toml\`) name a mirror,
the group means the mirror. \`*.x\` is every name below x and not x itself. The groups are kept in \`hosts.toml\`.

| group | hosts |
|---|---|
${shown.join('\n')}`;
}

function tightening(): string {
  const shown = Object.entries(rows)
    .filter(([, how]) => how.how !== 'own')
    .map(([path, how]) => `| \`${path}\` | ${tightened(how)} |`);
  return `## What a workspace may say

A folder may bring a profile of its own, \`.lasso/profile.toml\`, and named ones in \`.lasso/profiles\`. They may only take away from what
you chose, they never stand in for a name that exists, and they hold only after you agreed to them, again whenever they change. What
such a file may do with each key; those that only describe it (name, description, tags …) say nothing about the sandbox:

| key | in a workspace's profile |
|---|---|
${shown.join('\n')}`;
}

function tightened(row: (typeof rows)[string]): string {
  switch (row.how) {
    case 'own':
      return 'says nothing about the sandbox';
    case 'forbidden':
      return `may not be set: ${row.why}`;
    case 'minimum':
      return row.unlimited === undefined ? 'the smaller number holds' : `the smaller number holds; ${row.unlimited} is no limit`;
    case 'strongest':
      return `the stronger holds: ${row.order.map((choice) => `\`${JSON.stringify(choice)}\``).join(' < ')}`;
    case 'union':
      return 'adds to yours';
    case 'intersection':
      return 'only what both allow holds';
    case 'together':
      return `only what both allow holds, with the rest of \`[${row.with}]\``;
    default:
      return row satisfies never;
  }
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
