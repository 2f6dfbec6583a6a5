/** What several agents want in one file, as one: two that read the same file must not undo each other. Pure; the order of agents decides. */
import type { AgentName } from '../../protocol/agent.ts';
import type { GeneratedFile } from '../agent.ts';
import { isObject, putInto } from '../merging/values.ts';

export interface CombinedFile {
  readonly file: GeneratedFile;
  readonly agents: readonly AgentName[];
}

/** By path, in the order in which paths first come. */
export function combine(told: readonly (readonly [AgentName, readonly GeneratedFile[]])[]): ReadonlyMap<string, CombinedFile> {
  const all = new Map<string, CombinedFile>();
  for (const [agent, files] of told)
    for (const file of files) {
      const there = all.get(file.path);
      all.set(
        file.path,
        there ? { file: both(there.file, file), agents: [...new Set([...there.agents, agent])] } : { file, agents: [agent] },
      );
    }
  return all;
}

function both(one: GeneratedFile, other: GeneratedFile): GeneratedFile {
  if (one.kind === 'values' && other.kind === 'values') {
    const value = putInto(one.value, other.value);
    const last = [...(one.last ?? []), ...(other.last ?? [])].filter(
      (path, at, paths) => paths.findIndex((each) => same(each, path)) === at,
    );
    return { ...one, value: isObject(value) ? value : one.value, ...(last.length === 0 ? {} : { last }) };
  }
  if (one.kind === 'block' && other.kind === 'block' && !one.text.includes(other.text))
    return { ...one, text: `${one.text.replace(/\n+$/, '')}\n\n${other.text}` };
  return one;
}

const same = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((key, at) => key === b[at]);
