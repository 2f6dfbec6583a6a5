/**
 * What a profile and the one it builds on say together, before any default: a value replaces the base's, tables merge key by
 * key, lists append without repeating. In a list "!item" removes an inherited item, and "!*" in front drops all inherited ones.
 */
import type { Finding } from '../protocol/finding.ts';
import { type KeyPath, keyPathText } from './key-path.ts';
import type { Table, Tree } from './tree.ts';

/** keys that speak of one file and are not inherited */
const own = new Set(['name', 'description', 'extends', 'profile_version', 'created_at', 'updated_at', 'lasso_metadata']);

export interface Extended {
  readonly tree: Table;
  readonly findings: readonly Finding[];
}

/** @param base what the base says, already merged with its own base; undefined where there is none */
export function extend(base: Table | undefined, child: Table): Extended {
  const findings: Finding[] = [];
  const inherited = new Map([...(base?.entries ?? [])].filter(([key]) => !own.has(key)));
  return { tree: tables(inherited, child, [], findings), findings };
}

function merged(base: Tree | undefined, child: Tree, path: KeyPath, findings: Finding[]): Tree {
  if (child.kind === 'table') return tables(base?.kind === 'table' ? base.entries : new Map<string, Tree>(), child, path, findings);
  if (child.kind === 'list') return lists(base?.kind === 'list' ? base.items : [], child, path, findings);
  return child;
}

function tables(base: ReadonlyMap<string, Tree>, child: Table, path: KeyPath, findings: Finding[]): Table {
  const entries = new Map(base);
  for (const [key, value] of child.entries) entries.set(key, merged(base.get(key), value, [...path, key], findings));
  return { kind: 'table', entries, origin: child.origin };
}

function lists(base: readonly Tree[], child: Extract<Tree, { kind: 'list' }>, path: KeyPath, findings: Finding[]): Tree {
  const items = new Map(base.map((item) => [identity(item), item]));
  child.items.forEach((item, index) => {
    const text = item.kind === 'leaf' && typeof item.value === 'string' ? item.value : '';
    const remark = (severity: 'error' | 'warning', code: string, message: string): void => {
      findings.push({ severity, code, message, file: item.origin.file, path: [...path, index], range: item.origin.value });
    };
    if (text === '!*') {
      if (index === 0) items.clear();
      else remark('error', 'misplaced-marker', `"!*" drops what ${keyPathText(path)} inherits, so it must be the first item`);
    } else if (/^!./.test(text)) {
      const removed = text.slice(1);
      const gone = [JSON.stringify(removed), removed].filter((key) => items.delete(key));
      if (gone.length === 0)
        remark('warning', 'nothing-to-remove', `There is no ${JSON.stringify(removed)} in the inherited ${keyPathText(path)}`);
    } else items.set(identity(item), item);
  });
  return { kind: 'list', items: [...items.values()], origin: child.origin };
}

/** Equal for equal values: text in quotes, numbers bare. */
function identity(tree: Tree): string {
  if (tree.kind === 'list') return `[${tree.items.map(identity).join()}]`;
  if (tree.kind === 'table') {
    const pairs = [...tree.entries].map(([key, value]) => `${JSON.stringify(key)}:${identity(value)}`);
    return `{${pairs.sort().join()}}`;
  }
  return typeof tree.value === 'string' ? JSON.stringify(tree.value) : String(tree.value);
}
