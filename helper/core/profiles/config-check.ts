/** What is wrong with a config.toml, one finding for each key or value, at its place. The text may be hostile; nothing is used here. */
import type { Finding, Range } from '../../protocol/finding.ts';
import { type KeyPath, keyPathText } from '../../profile/key-path.ts';
import { nearestName } from '../../profile/nearest.ts';
import type { Table, Tree } from '../../profile/tree.ts';
import { backendNames, isolation } from '../../protocol/sandbox.ts';

/** says what a text must be, or undefined when it is that */
type Check = (value: string) => string | undefined;

const oneOf =
  (choices: readonly string[]): Check =>
  (value) =>
    choices.includes(value) ? undefined : `must be one of ${choices.join(', ')}`;
const filled: Check = (value) => (value.trim() === '' ? 'must not be empty' : undefined);
const address: Check = (value) =>
  URL.canParse(value) && /^https?:$/.test(new URL(value).protocol) ? undefined : 'must be an http(s) address';
const short: Check = (value) => filled(value) ?? (value.length > 40 ? 'must be 40 characters at most' : undefined);

const tables: Readonly<Record<string, Readonly<Record<string, Check>> | Check>> = {
  defaults: { profile: filled, backend: oneOf(backendNames), isolation: oneOf(isolation.options), agent: short },
  mirrors: address,
  github: { address, client_id: short, scopes: filled },
  containers: { base_image: filled, ca_cert_path: filled, apt_mirror: address, npm_mirror: address },
};

/** What config.toml of LASSO 1.x also had; a table of these names may hold anything. */
const formerly = new Set(['dashboard', 'audit', 'containers.opencode_template', 'containers.claude_code_template']);

/** @param groups names a key of [mirrors] may have; without them any */
export function checkConfig(tree: Table, groups?: readonly string[]): readonly Finding[] {
  return [...tree.entries].flatMap(([name, inner]) => {
    const path = [name];
    if (formerly.has(name)) return [unused(inner, path)];
    const known = Object.hasOwn(tables, name) ? tables[name] : undefined;
    if (known === undefined) return [unknownKey(inner, path, Object.keys(tables))];
    if (inner.kind !== 'table') return [wrong(inner, path, `must be a table: write [${name}] above its keys`)];
    return [...inner.entries].flatMap(([key, value]) => ofKey(value, [name, key], known, groups));
  });
}

function ofKey(
  value: Tree,
  path: readonly [string, string],
  known: Readonly<Record<string, Check>> | Check,
  groups?: readonly string[],
): readonly Finding[] {
  const [, key] = path;
  if (formerly.has(path.join('.'))) return [unused(value, path)];
  const names = typeof known === 'function' ? (groups ?? [key]) : Object.keys(known);
  if (!names.includes(key)) return [unknownKey(value, path, names)];
  const check = typeof known === 'function' ? known : known[key];
  if (value.kind !== 'leaf' || typeof value.value !== 'string') return [wrong(value, path, 'must be text in quotes')];
  const fault = check?.(value.value);
  return fault === undefined ? [] : [wrong(value, path, fault)];
}

function wrong({ origin }: Tree, path: KeyPath, text: string): Finding {
  return at('error', 'bad-value', `${keyPathText(path)}: ${text}`, origin.file, path, origin.value);
}

function unused({ origin }: Tree, path: KeyPath): Finding {
  return at('information', 'not-used', `${keyPathText(path)} is accepted and not used`, origin.file, path, origin.key);
}

/** An error, because a misspelt setting is one that does not hold. */
function unknownKey({ origin }: Tree, path: KeyPath, names: readonly string[]): Finding {
  const [table, key] = path;
  const word = String(key ?? table);
  const where = key === undefined ? 'a table of config.toml' : `a key of [${String(table)}]`;
  const near = nearestName(word, names);
  const hint = near === undefined ? `There are: ${names.join(', ')}.` : `Did you mean ${near}?`;
  return { ...at('error', 'unknown-key', `${JSON.stringify(word)} is not ${where}`, origin.file, path, origin.key), hint };
}

function at(severity: Finding['severity'], code: string, message: string, file: string, path: KeyPath, range: Range): Finding {
  return { severity, code, message, file, path: [...path], range };
}
