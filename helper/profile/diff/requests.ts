/** Which HTTP requests to ask about where rules name methods or paths, and how a set of them is told in words. */
import type { HostRule } from '../../policy/network/rules.ts';
import { listed } from './words.ts';

export interface RequestSample {
  /** empty where no rule looks at requests */
  readonly intent: { readonly method?: string; readonly path?: string };
  /** as it is told; absent for what stands for every method, or every path, that no rule names */
  readonly method?: string;
  readonly path?: string;
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
const otherMethod = 'OTHER';

/** @param rules those that name one host */
export function requestSamples(rules: readonly HostRule[]): readonly RequestSample[] {
  const patterns = [...new Set(rules.flatMap(({ paths }) => paths ?? []))];
  const aware = patterns.length > 0 || rules.some((rule) => rule.methods !== undefined);
  if (!aware) return [{ intent: {} }];
  const named = [...new Set([...methods, ...rules.flatMap((rule) => rule.methods ?? [])])];
  const paths = [...patterns.map((path) => ({ path, sample: sampleOf(path) })), { sample: '/a-path-that-no-rule-names' }];
  return [...named, undefined].flatMap((method) =>
    paths.map(({ sample, ...told }): RequestSample => ({
      intent: { method: method ?? otherMethod, path: sample },
      ...(method === undefined ? {} : { method }),
      ...told,
    })),
  );
}

/** `connections to`, `GET and HEAD requests to`, `requests for /a to`, `POST /a requests to` */
export function requestText(changed: readonly RequestSample[], all: readonly RequestSample[]): string {
  if (changed.length === all.length) return 'connections to';
  const verbs = [...new Set(changed.map(({ method }) => method))];
  const paths = [...new Set(changed.map(({ path }) => path))];
  const everyVerb = verbs.length === new Set(all.map(({ method }) => method)).size;
  const everyPath = paths.length === new Set(all.map(({ path }) => path)).size;
  if (changed.length < verbs.length * paths.length)
    return `${listed(changed.map(({ method, path }) => `${method ?? 'other'} ${path ?? 'other paths'}`))} requests to`;
  const verbText = everyVerb
    ? ''
    : verbs.includes(undefined)
      ? `${exceptions(
          all.map(({ method }) => method),
          verbs,
        )} `
      : `${listed(verbs.flatMap((verb) => verb ?? []))} `;
  const pathText = everyPath
    ? ''
    : paths.includes(undefined)
      ? ` for paths but ${listed(all.flatMap(({ path }) => (paths.includes(path) ? [] : (path ?? []))).filter(unique))}`
      : ` for ${listed(paths.flatMap((path) => path ?? []))}`;
  return `${verbText}requests${pathText} to`;
}

function exceptions(all: readonly (string | undefined)[], verbs: readonly (string | undefined)[]): string {
  return `all but ${listed(all.flatMap((verb) => (verbs.includes(verb) ? [] : (verb ?? []))).filter(unique))}`;
}

const unique = (item: string, index: number, items: readonly string[]): boolean => items.indexOf(item) === index;

/** A path the pattern stands for. */
const sampleOf = (pattern: string): string => pattern.replaceAll('**', 'some/where').replaceAll('*', 'some');
