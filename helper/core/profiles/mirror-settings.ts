/** What npm, pip, cargo and go are told about registries on this machine, by variables and by the user's files. Reads only. */
import { join, posix, win32 } from 'node:path';
import type { Host } from '../../base/platform.ts';
import { parseText } from '../../profile/parse.ts';
import { readTextFile } from './profiles.ts';

export interface ToolSetting {
  /** as written: a URL, perhaps with credentials, or anything else */
  readonly address: string;
  /** file or variable */
  readonly origin: string;
  /** whether it stands beside the usual registry, not in its place */
  readonly adds: boolean;
}

type Facts = Pick<Host, 'home' | 'platform' | 'environment'>;

/** LASSO's own variable, then npm's in any case, then the user's .npmrc; registries of scopes are additional. */
export async function npmSettings({ home, environment }: Facts): Promise<readonly ToolSetting[]> {
  const variables = Object.entries(environment).flatMap(([name, value]) => {
    const key = name.toLowerCase();
    return (key === 'npm_config_registry' || name === 'LASSO_NPM_MIRROR') && value ? [{ address: value, origin: name, adds: false }] : [];
  });
  const file = valueOf(environment, 'npm_config_userconfig', 'NPM_CONFIG_USERCONFIG') ?? join(home, '.npmrc');
  const entries = iniEntries(await read(file)).map(({ key, value }) => ({ key, value: expanded(value, environment) }));
  const own = entries.filter(({ key }) => key === 'registry').map(({ value }) => ({ address: value, origin: file, adds: false }));
  const scoped = entries
    .filter(({ key }) => /^@[^:]+:registry$/.test(key))
    .map(({ value }) => ({ address: value, origin: file, adds: true }));
  variables.sort((a, b) => Number(b.origin === 'LASSO_NPM_MIRROR') - Number(a.origin === 'LASSO_NPM_MIRROR'));
  return [...[...variables, ...own.toReversed()].slice(0, 1), ...scoped];
}

/** Value of the Authorization header that the user's .npmrc has for a registry, by the longest part of its address that is named there. */
export async function npmLogin({ home, environment }: Pick<Facts, 'home' | 'environment'>, registry: string): Promise<string | undefined> {
  const file = valueOf(environment, 'npm_config_userconfig', 'NPM_CONFIG_USERCONFIG') ?? join(home, '.npmrc');
  const address = registry
    .replace(/^https?:/, '')
    .replace(/\/*$/, '/')
    .toLowerCase();
  const found = iniEntries(await read(file)).flatMap(({ key, value }) => {
    const [, place = '', kind = ''] = /^(\/\/.*\/):(_authtoken|_auth)$/.exec(key) ?? [];
    return place !== '' && address.startsWith(place) ? [{ place, kind, value: expanded(value, environment) }] : [];
  });
  const [best] = found.toSorted((a, b) => b.place.length - a.place.length);
  return best === undefined ? undefined : `${best.kind === '_auth' ? 'Basic' : 'Bearer'} ${best.value}`;
}

/** PIP_INDEX_URL, then pip's files, the more particular one first; extra indexes are additional. */
export async function pipSettings({ home, platform, environment }: Facts): Promise<readonly ToolSetting[]> {
  const told = valueOf(environment, 'PIP_CONFIG_FILE');
  const windows = platform === 'win32';
  const files = windows
    ? [win32.join(environment['APPDATA'] ?? win32.join(home, 'AppData', 'Roaming'), 'pip', 'pip.ini'), win32.join(home, 'pip', 'pip.ini')]
    : [
        posix.join(environment['XDG_CONFIG_HOME'] ?? posix.join(home, '.config'), 'pip', 'pip.conf'),
        ...(platform === 'darwin' ? [posix.join(home, 'Library', 'Application Support', 'pip', 'pip.conf')] : []),
        posix.join(home, '.pip', 'pip.conf'),
      ];
  const settings: ToolSetting[] = [
    ...words(environment['PIP_INDEX_URL'], 'PIP_INDEX_URL', false),
    ...words(environment['PIP_EXTRA_INDEX_URL'], 'PIP_EXTRA_INDEX_URL', true),
  ];
  for (const file of [...(told === undefined ? [] : [told]), ...files]) {
    for (const { section, key, value } of iniEntries(await read(file))) {
      if (section !== 'global' && section !== 'install') continue;
      if (key === 'index-url') settings.push(...words(value, file, false));
      if (key === 'extra-index-url') settings.push(...words(value, file, true));
    }
  }
  return [...settings.filter(({ adds }) => !adds).slice(0, 1), ...settings.filter(({ adds }) => adds)];
}

/** Source replacement of the public registry, followed to its end, and additional registries. */
export async function cargoSettings({ home, environment }: Facts): Promise<readonly ToolSetting[]> {
  const folder = valueOf(environment, 'CARGO_HOME') ?? join(home, '.cargo');
  for (const file of [join(folder, 'config.toml'), join(folder, 'config')]) {
    const parsed = parseText(await read(file), file);
    if (!parsed.ok) continue;
    const sources = tableIn(parsed.raw, 'source');
    const registries = tableIn(parsed.raw, 'registries');
    const seen = new Set<string>();
    let name = 'crates-io';
    for (let next: unknown = name; typeof next === 'string' && !seen.has(next); next = tableIn(sources, name)['replace-with']) {
      name = next;
      seen.add(name);
    }
    const replaced = tableIn(sources, name)['registry'] ?? tableIn(registries, name)['index'];
    const others = Object.keys(registries).map((registry) => tableIn(registries, registry)['index']);
    const settings = [
      ...(typeof replaced === 'string' && name !== 'crates-io' ? [{ address: replaced, origin: file, adds: false }] : []),
      ...others.flatMap((index) => (typeof index === 'string' ? [{ address: index, origin: file, adds: true }] : [])),
    ];
    if (settings.length > 0) return settings;
  }
  return [];
}

/** GOPROXY, from the environment or from the file that `go env -w` writes: every proxy of the list. */
export async function goSettings({ home, platform, environment }: Facts): Promise<readonly ToolSetting[]> {
  const folders: Partial<Record<string, string>> = {
    win32: environment['APPDATA'] ?? join(home, 'AppData', 'Roaming'),
    darwin: join(home, 'Library', 'Application Support'),
  };
  const folder = folders[platform] ?? environment['XDG_CONFIG_HOME'] ?? join(home, '.config');
  const file = valueOf(environment, 'GOENV') ?? join(folder, 'go', 'env');
  const own = valueOf(environment, 'GOPROXY');
  const proxies = own ?? iniEntries(await read(file)).find(({ key }) => key === 'goproxy')?.value ?? '';
  return proxies.split(/[,|]/).map((address) => ({ address, origin: own === undefined ? file : 'GOPROXY', adds: false }));
}

interface IniEntry {
  readonly section: string;
  readonly key: string;
  readonly value: string;
}

/** `key = value` lines of .npmrc and pip.conf, keys in lower case; an indented line continues the value before it. */
function iniEntries(text: string): readonly IniEntry[] {
  const entries: IniEntry[] = [];
  let section = '';
  for (const line of text.split(/\r\n|\n|\r/)) {
    const trimmed = line.trim();
    const last = entries.at(-1);
    if (trimmed === '' || /^[#;]/.test(trimmed)) continue;
    if (/^\[.*\]$/.test(trimmed)) section = trimmed.slice(1, -1).trim().toLowerCase();
    else if (/^[ \t]/.test(line) && last && !trimmed.includes('='))
      entries.splice(-1, 1, { ...last, value: `${last.value} ${trimmed}`.trim() });
    else {
      const at = trimmed.indexOf('=');
      const value = trimmed.slice(at + 1).trim();
      if (at > 0) entries.push({ section, key: trimmed.slice(0, at).trim().toLowerCase(), value: value.replace(/^(["'])(.*)\1$/, '$2') });
    }
  }
  return entries;
}

/** `${NAME}` as npm replaces it; an unknown name stays. */
function expanded(text: string, environment: Facts['environment']): string {
  return text.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (all, name: string) => environment[name] ?? all);
}

function words(text: string | undefined, origin: string, adds: boolean): readonly ToolSetting[] {
  return (text ?? '').split(/\s+/).flatMap((address) => (address === '' ? [] : [{ address, origin, adds }]));
}

function valueOf(environment: Facts['environment'], ...names: readonly string[]): string | undefined {
  return names.map((name) => environment[name]).find((value) => value !== undefined && value !== '');
}

function tableIn(table: unknown, key: string): Readonly<Record<string, unknown>> {
  if (typeof table !== 'object' || table === null || !Object.hasOwn(table, key)) return {};
  const inner: unknown = (table as Readonly<Record<string, unknown>>)[key];
  return typeof inner === 'object' && inner !== null ? (inner as Readonly<Record<string, unknown>>) : {};
}

/** The beginning of a regular file; empty for anything else, so that no pipe or device can hold LASSO up. */
async function read(file: string): Promise<string> {
  return (await readTextFile(file).catch(() => undefined)) ?? '';
}
