/**
 * The user's own config.toml and the LASSO_* variables beside it: what is meant where a command says nothing. Reads only. What
 * is wrong with the file comes back as findings, at the very place; whoever uses a setting refuses while one is an error.
 */
import { join, resolve } from 'node:path';
import type { Folders } from '../../base/platform.ts';
import { defaultBase } from '../../images/recipe.ts';
import { locate } from '../../profile/locate.ts';
import { parseText } from '../../profile/parse.ts';
import { type Table, treeOf } from '../../profile/tree.ts';
import { LassoError } from '../../protocol/errors.ts';
import type { Finding } from '../../protocol/finding.ts';
import { type BackendName, type Isolation, backendName, isolation } from '../../protocol/sandbox.ts';
import { checkConfig } from './config-check.ts';
import { readTextFile } from './profiles.ts';

export interface Config {
  /** where it is, or would be */
  readonly file: string;
  readonly defaults: {
    readonly profile?: string;
    readonly backend?: BackendName;
    readonly isolation?: Isolation;
    readonly agent?: string;
  };
  /** host group → address used instead of its public hosts, and the line it stands on */
  readonly mirrors: Readonly<Record<string, { readonly value: string; readonly origin: string }>>;
  /** where and as whom `lasso auth login` signs in */
  readonly github: { readonly address?: string; readonly clientId?: string; readonly scopes?: string };
  /** for `images`: LASSO_BASE_IMAGE and its like, the variables first, then the file */
  readonly imageEnvironment: Readonly<Record<string, string | undefined>>;
  readonly settings: readonly Setting[];
  readonly findings: readonly Finding[];
}

export interface Setting {
  readonly key: string;
  /** empty where nothing is set */
  readonly value: string;
  /** file:line, a variable, or “default” */
  readonly origin: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** what is used where neither a command nor the config names a profile */
export const usualProfile = 'standard';

/** keys of [containers] and the variable that wins over each */
const imageVariables = {
  base_image: 'LASSO_BASE_IMAGE',
  ca_cert_path: 'LASSO_CA_CERT',
  apt_mirror: 'LASSO_APT_MIRROR',
  npm_mirror: 'LASSO_NPM_MIRROR',
} as const;
const githubKeys = ['address', 'client_id', 'scopes'] as const;
const defaultKeys = ['profile', 'backend', 'isolation', 'agent'] as const;

/** @param groups names of host groups a mirror may stand for; without them any is accepted */
export async function readConfig(folders: Pick<Folders, 'home'>, environment: Environment, groups?: readonly string[]): Promise<Config> {
  const file = join(folders.home, 'config.toml');
  const { tree, findings } = await readTree(file, groups);
  const written = (table: string, key: string): Written | undefined => {
    const inner = tree?.entries.get(table);
    const leaf = inner?.kind === 'table' ? inner.entries.get(key) : undefined;
    if (leaf?.kind !== 'leaf' || typeof leaf.value !== 'string') return undefined;
    return { value: leaf.value, origin: `${file}:${leaf.origin.line}` };
  };
  const given = (variable: string): Written | undefined => {
    const value = environment[variable]?.trim() ?? '';
    return value === '' ? undefined : { value, origin: variable };
  };
  const images = Object.entries(imageVariables).map(([key, variable]) => {
    const own = written('containers', key);
    const fromFile = own && key === 'ca_cert_path' ? { ...own, value: absolute(own.value, folders.home, environment) } : own;
    return { key, variable, found: given(variable) ?? fromFile };
  });
  const mirrors = new Map<string, Written>();
  const npm = written('containers', 'npm_mirror');
  if (npm) mirrors.set('npm', npm);
  const table = tree?.entries.get('mirrors');
  for (const group of table?.kind === 'table' ? table.entries.keys() : []) {
    const own = written('mirrors', group);
    if (own) mirrors.set(group, own);
  }
  const setting = (key: string, found: Written | undefined, usual = ''): Setting => ({
    key,
    ...(found ?? { value: usual, origin: 'default' }),
  });
  return {
    file,
    defaults: defaultsOf((key) => written('defaults', key)?.value),
    mirrors: Object.fromEntries(mirrors),
    github: githubOf((key) => written('github', key)?.value),
    imageEnvironment: { ...environment, ...Object.fromEntries(images.map(({ variable, found }) => [variable, found?.value])) },
    settings: [
      ...defaultKeys.map((key) => setting(`defaults.${key}`, written('defaults', key), key === 'profile' ? usualProfile : '')),
      ...images.map(({ key, found }) => setting(`containers.${key}`, found, key === 'base_image' ? defaultBase : '')),
      ...githubKeys.map((key) => setting(`github.${key}`, written('github', key))),
    ],
    findings,
  };
}

/** @throws LassoError BAD_REQUEST when an error in the file leaves open what the user chose */
export function requireSound({ file, findings }: Pick<Config, 'file' | 'findings'>): void {
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  const details = errors.map(({ message, hint, range: { start } }) => {
    const place = `${file}:${start.line + 1}:${start.character + 1}`;
    return `${place} ${message}${hint === undefined ? '' : ` (${hint})`}`;
  });
  const count = errors.length === 1 ? 'an error' : `${errors.length} errors`;
  throw new LassoError('BAD_REQUEST', `Your settings in ${file} have ${count}`, 'Correct what is listed, then try again.', { details });
}

interface Written {
  readonly value: string;
  readonly origin: string;
}

async function readTree(
  file: string,
  groups: readonly string[] | undefined,
): Promise<{ readonly tree?: Table; readonly findings: readonly Finding[] }> {
  let text;
  try {
    text = await readTextFile(file);
  } catch {
    const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } };
    return {
      findings: [
        {
          severity: 'error',
          code: 'unreadable',
          message: 'This cannot be read',
          hint: 'Check that it is a file and that you may read it.',
          file,
          path: [],
          range,
        },
      ],
    };
  }
  if (text === undefined) return { findings: [] };
  const parsed = parseText(text, file);
  if (!parsed.ok) return { findings: [parsed.finding] };
  const tree = treeOf(parsed.raw, locate(text), file);
  return { tree, findings: checkConfig(tree, groups) };
}

/** What is not one of the choices has a finding, and counts as not said. */
function defaultsOf(value: (key: string) => string | undefined): Config['defaults'] {
  const [profile, agent] = [value('profile'), value('agent')];
  const backend = backendName.safeParse(value('backend')).data;
  const kind = isolation.safeParse(value('isolation')).data;
  return {
    ...(profile === undefined ? {} : { profile }),
    ...(backend === undefined ? {} : { backend }),
    ...(kind === undefined ? {} : { isolation: kind }),
    ...(agent === undefined ? {} : { agent }),
  };
}

function githubOf(value: (key: (typeof githubKeys)[number]) => string | undefined): Config['github'] {
  const [address, clientId, scopes] = githubKeys.map(value);
  return {
    ...(address === undefined ? {} : { address }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(scopes === undefined ? {} : { scopes }),
  };
}

function absolute(path: string, from: string, environment: Environment): string {
  const home = environment['HOME'] ?? environment['USERPROFILE'];
  return home !== undefined && /^~[/\\]/.test(path) ? resolve(home, path.slice(2)) : resolve(from, path);
}
