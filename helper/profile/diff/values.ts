/** Values of two profiles that are no rules: limits, modes, variables and whatever else one of them says otherwise. Nothing is left out. */
import type { PolicyChange } from '../../protocol/profile-operations.ts';
import type { Profile } from '../../protocol/profile/profile.ts';
import { listed } from './words.ts';
import { valueText } from '../effective-text.ts';
import { type KeyPath, keyPathText } from '../key-path.ts';
import { withoutSecrets } from '../without-secrets.ts';

/** told by who asks the judges, or speaking of the file itself */
const elsewhere: readonly string[] = [
  ...['name', 'description', 'version', 'extends', 'profile_version', 'created_at', 'updated_at', 'tags', 'lasso_metadata', 'secrets'],
  ...[
    'mode',
    'whitelist',
    'blacklist',
    'observe_whitelist',
    'assist_whitelist',
    'blocked_args',
    'ask_args',
    'ask_except',
    'workspace_only',
    'allow_shell_operators',
    'undecided',
  ].map((key) => `commands.${key}`),
  ...[
    'mode',
    'allowed_domains',
    'blocked_domains',
    'allowed_ports',
    'blocked_ports',
    'allowed_cidrs',
    'blocked_cidrs',
    'rules',
    'unlisted',
  ].map((key) => `network.${key}`),
  ...['hidden', 'readonly', 'guarded'].map((key) => `workspace.${key}`),
  'git_access.block_git_history_content',
];

interface Wording {
  readonly label: string;
  readonly unit?: string;
  /** what a value is called instead */
  readonly words?: Readonly<Record<string, string>>;
}

const megabytes = (label: string): Wording => ({ label, unit: ' MB' });
const wordings: Readonly<Record<string, Wording>> = {
  mode: { label: 'mode' },
  isolation: { label: 'isolation' },
  exec_gate: { label: 'judging of every program start' },
  'workspace.mode': { label: 'workspace' },
  'workspace.target': { label: 'folder of the workspace in the sandbox' },
  'resources.max_memory_mb': megabytes('memory'),
  'resources.max_cpu_percent': { label: 'processors', unit: ' %' },
  'resources.max_pids': { label: 'processes' },
  'resources.max_open_files': { label: 'open files' },
  'resources.max_file_size_mb': megabytes('size of a file'),
  'resources.enforcement': { label: 'limits that cannot be enforced here', words: { required: 'refuse the start', preferred: 'are told' } },
  'filesystem.max_disk_mb': megabytes('disk'),
  'filesystem.temp_dir_mb': megabytes('size of /tmp'),
  'filesystem.home_dir_mb': megabytes('size of /home/agent'),
  'commands.max_execution_seconds': { label: 'time of a command', unit: ' s', words: { '0': 'no limit' } },
  'approvals.timeout_seconds': { label: 'time for an answer', unit: ' s' },
  'approvals.longest': { label: 'longest a yes may last' },
};

export function valueChanges(a: Profile, b: Profile): readonly PolicyChange[] {
  return compare(withoutSecrets(a), withoutSecrets(b, a), []);
}

function compare(before: unknown, after: unknown, path: KeyPath): readonly PolicyChange[] {
  const name = keyPathText(path);
  if (elsewhere.includes(name) || same(before, after)) return [];
  if (isTable(before) && isTable(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => compare(valueAt(before, key), valueAt(after, key), [...path, key]));
  }
  if (Array.isArray(before) && Array.isArray(after)) return lists(before, after, name);
  const { label, unit = '', words = {} } = wordings[name] ?? { label: name };
  const shown = (value: unknown): string => {
    const text = typeof value === 'string' ? value : valueText(value);
    if (Object.hasOwn(words, text)) return words[text] ?? text;
    if (value === undefined) return 'nothing';
    return value === '' ? '""' : `${text}${unit}`;
  };
  return [{ effect: 'changed', text: `${label}: ${shown(before)} → ${shown(after)}`, path: name }];
}

/** lists whose items give something, or take it away: what is told of an item */
const items: Readonly<Record<string, readonly [gained: 'allowed' | 'denied', text: (items: string) => string]>> = {
  'filesystem.writable_paths': ['allowed', (paths) => `writing to ${paths} in the sandbox`],
  'filesystem.hidden_paths': ['denied', (paths) => `seeing ${paths} in the sandbox`],
  'git_access.allowed_repos': ['allowed', (repositories) => `using ${repositories} on the forge`],
};

function lists(before: readonly unknown[], after: readonly unknown[], path: string): readonly PolicyChange[] {
  const [was, is] = [before.map(valueText), after.map(valueText)];
  const gained = is.filter((item) => !was.includes(item));
  const lost = was.filter((item) => !is.includes(item));
  const row = items[path];
  if (row !== undefined) {
    const [effect, text] = row;
    const opposite = effect === 'allowed' ? 'denied' : 'allowed';
    return [
      ...(gained.length === 0 ? [] : [{ effect, text: text(plainList(after, was)), path }]),
      ...(lost.length === 0 ? [] : [{ effect: opposite, text: text(plainList(before, is)), path } as const]),
    ];
  }
  const parts = [
    ...(gained.length === 0 ? [] : [`with ${gained.join(', ')}`]),
    ...(lost.length === 0 ? [] : [`without ${lost.join(', ')}`]),
  ];
  return [{ effect: 'changed', text: `${path}: ${parts.length === 0 ? 'in another order' : parts.join(', ')}`, path }];
}

/** The items of a list whose texts are not among `others`. */
const plainList = (list: readonly unknown[], others: readonly string[]): string =>
  listed(list.filter((item) => !others.includes(valueText(item))).map(String));

const same = (a: unknown, b: unknown): boolean => a === b || (a !== undefined && b !== undefined && valueText(a) === valueText(b));
const isTable = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
const valueAt = (table: object, key: string): unknown =>
  Object.hasOwn(table, key) ? (table as Readonly<Record<string, unknown>>)[key] : undefined;
