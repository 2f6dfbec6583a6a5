/**
 * What a word typed here means to the helper, which runs elsewhere: relative paths become absolute, `--env NAME` takes the
 * value this shell has. Nothing is opened or checked here; the helper judges.
 */
import nodePath from 'node:path';
import type { Command } from './command.ts';
import type { Console } from './console.ts';
import type { Value } from './parse.ts';

type Place = Pick<Console, 'cwd' | 'environment' | 'platform'>;
type Values = Readonly<Record<string, Value>>;

export function localise({ parameters }: Pick<Command, 'parameters'>, values: Values, place: Place): Values {
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
  change('key', absolute);
  change('profile', (text) => (isFile(text) ? absolute(text) : text));
  change('target', (text) => (isFile(text) ? absolute(text) : text));
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
