/**
 * What a profile and the one it builds on say together, before any default: a value replaces the base's, tables merge key by
 * key, lists append without repeating. In a list "!item" removes an inherited item, and "!*" in front drops all inherited ones;
 * where nothing is inherited, they edit the default. So a list that only removes never opens more than what it names.
 */
import type { Finding } from '../protocol/finding.ts';
import { shapeAt } from '../protocol/profile/shape.ts';
import { type KeyPath, keyPathText } from './key-path.ts';
import { nearestName } from './nearest.ts';
import { type List, type Table, type Tree, assumedTree } from './tree.ts';

/** keys that speak of one file and are not inherited */
const own = new Set(['name', 'description', 'extends', 'profile_version', 'created_at', 'updated_at', 'lasso_metadata']);

/** How often, and among how many, the name somebody meant is looked for in one list. */
const guessLimit = 100;

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

/** Whether an item of a list edits what the list would be without it. */
export const isMarker = (value: unknown): value is string => typeof value === 'string' && /^!./s.test(value);

const hasMarker = (tree: Tree): tree is List =>
  tree.kind === 'list' && tree.items.some((item) => item.kind === 'leaf' && isMarker(item.value));

function merged(base: Tree | undefined, child: Tree, path: KeyPath, findings: Finding[]): Tree {
  if (child.kind === 'table') {
    // Lists of a map that has a default, such as commands.blocked_args, are edited in place; their neighbours stay.
    const start = base ?? ([...child.entries.values()].some(hasMarker) ? assumed(child, path) : undefined);
    return tables(start?.kind === 'table' ? start.entries : new Map<string, Tree>(), child, path, findings);
  }
  if (child.kind === 'list') {
    const start = base ?? (hasMarker(child) ? assumed(child, path) : undefined);
    return lists(start?.kind === 'list' ? start : undefined, child, path, findings);
  }
  return child;
}

const assumed = (child: Tree, path: KeyPath): Tree | undefined => {
  const shape = shapeAt(path);
  return shape?.default === undefined ? undefined : assumedTree(shape.default, child.origin);
};

function tables(base: ReadonlyMap<string, Tree>, child: Table, path: KeyPath, findings: Finding[]): Table {
  const entries = new Map(base);
  for (const [key, value] of child.entries) entries.set(key, merged(base.get(key), value, [...path, key], findings));
  return { kind: 'table', entries, origin: child.origin };
}

function lists(base: List | undefined, child: List, path: KeyPath, findings: Finding[]): Tree {
  if (child.items.length === 0 && base !== undefined && base.items.length > 0) {
    const message = `An empty list adds nothing: ${keyPathText(path)} keeps what it inherits`;
    const { file, value } = child.origin;
    findings.push({
      severity: 'information',
      code: 'empty-list',
      message,
      hint: 'To empty it, write ["!*"].',
      file,
      path: [...path],
      range: value,
    });
    return base;
  }
  let guesses = 0;
  const items = new Map(base?.items.map((item) => [identity(item), item]));
  child.items.forEach((item, index) => {
    const remark = (severity: Finding['severity'], code: string, message: string, hint: string): void => {
      findings.push({ severity, code, message, hint, file: item.origin.file, path: [...path, index], range: item.origin.value });
    };
    const name = keyPathText(path);
    if (item.kind !== 'leaf' || !isMarker(item.value)) {
      const earlier = items.get(identity(item));
      if (earlier?.origin.file === item.origin.file && earlier.assumed !== true)
        remark('warning', 'duplicate-item', `${name} has this item on line ${earlier.origin.line} already`, 'Take one of them out.');
      else if (earlier !== undefined && item.kind === 'leaf') {
        const where = earlier.assumed ? 'by default' : `from ${earlier.origin.file}:${earlier.origin.line}`;
        remark('information', 'inherited-item', `${name} has this item already, ${where}`, 'It can be left out.');
      }
      items.set(identity(item), earlier === undefined || earlier.assumed ? item : earlier);
    } else if (item.value === '!*') {
      if (index === 0) items.clear();
      else remark('error', 'misplaced-marker', `"!*" drops what ${name} inherits, so it must be the first item`, 'Move it to the front.');
    } else {
      const removed = item.value.slice(1);
      const gone = [JSON.stringify(removed), removed].filter((key) => items.delete(key));
      if (gone.length > 0) return;
      guesses += 1;
      const near =
        guesses > guessLimit || items.size > guessLimit
          ? undefined
          : nearestName(
              removed,
              [...items.values()].flatMap((other) => (other.kind === 'leaf' ? [String(other.value)] : [])),
            );
      const where = base === undefined ? 'nothing is inherited here' : `${JSON.stringify(removed)} is not in the inherited ${name}`;
      const hint = near === undefined ? 'Take it out.' : `Did you mean ${JSON.stringify(`!${near}`)}?`;
      remark('warning', 'nothing-to-remove', `There is nothing to remove: ${where}`, hint);
    }
  });
  return { kind: 'list', items: [...items.values()], origin: child.origin, edited: base?.edited === true || hasMarker(child) };
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
