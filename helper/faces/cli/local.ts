/**
 * What a word typed here means to the helper, which runs elsewhere: relative paths become absolute, `--env NAME` takes the
 * value this shell has. Nothing is opened or checked here; the helper judges.
 */
import nodePath from 'node:path';
import type { OperationName } from '../../protocol/operations.ts';
import type { Command } from './command.ts';
import type { Console } from './console.ts';
import type { Value } from './parse.ts';

type Place = Pick<Console, 'cwd' | 'environment' | 'platform'>;
type Values = Readonly<Record<string, Value>>;

/** parameters that are always a file: those of any verb, and of single ones */
const files: Readonly<Partial<Record<OperationName | 'any', readonly string[]>>> = {
  any: ['key'],
  auditKey: ['move'],
  auditVerify: ['publicKey', 'checkpoint'],
  auditPack: ['output'],
  profileSave: ['from'],
  profileExport: ['output'],
  profileImport: ['file'],
};
/** parameters that are a name or a file */
const references = ['profile', 'target', 'from', 'to'] as const;

export function localise({ operation, parameters }: Pick<Command, 'operation' | 'parameters'>, values: Values, place: Place): Values {
  const has = (name: string): boolean => parameters.some((parameter) => parameter.name === name);
  const path = place.platform === 'win32' ? nodePath.win32 : nodePath.posix;
  const absolute = (text: string): string => (text.startsWith('~') ? text : path.resolve(place.cwd, text));
  const changed: Record<string, Value> = { ...values };
  const change = (name: string, map: (text: string) => string): void => {
    const value = changed[name];
    if (typeof value === 'string' && has(name)) changed[name] = map(value);
  };

  if (has('dir')) changed['dir'] ??= place.cwd;
  change('dir', absolute);
  const always = [...(files.any ?? []), ...(files[operation] ?? [])];
  for (const name of always) change(name, absolute);
  for (const name of references) if (!always.includes(name)) change(name, (text) => (isFile(text) ? absolute(text) : text));
  const { env, mount } = changed;
  if (Array.isArray(env)) changed['env'] = env.flatMap((entry: string) => assignment(entry, place.environment));
  if (Array.isArray(mount))
    changed['mount'] = mount.map((entry: string) => (/^\.\.?(?:[/\\:]|$)/.test(entry) ? absoluteMount(entry, absolute) : entry));
  return changed;
}

/** a file rather than a name */
function isFile(text: string): boolean {
  return /[/\\]|\.(?:toml|jsonl)$/.test(text);
}

function absoluteMount(entry: string, absolute: (text: string) => string): string {
  const at = entry.indexOf(':');
  return at < 0 ? absolute(entry) : absolute(entry.slice(0, at)) + entry.slice(at);
}

/** A variable this shell does not have is not passed on. */
function assignment(entry: string, environment: Console['environment']): readonly string[] {
  if (entry.includes('=')) return [entry];
  const value = environment[entry];
  return value === undefined ? [] : [`${entry}=${value}`];
}
