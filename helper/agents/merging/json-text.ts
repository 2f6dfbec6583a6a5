/**
 * JSON, with comments where its reader takes them, changed in its text: entries put into a list or an object, children taken
 * out, everything else as it stands. One pass over the text, whatever is in it.
 */
import { createScanner, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import type { JsonObject, JsonValue } from '../agent.ts';
import type { Edit } from './edits.ts';
import { endOfLine, placeOf, type Refusal } from './outcome.ts';
import { isList, isObject, objectOf } from './values.ts';

/** deeper is no settings file, and would exhaust the stack of whoever reads it */
const depthLimit = 100;
/** characters that may be added to a line */
const wideLimit = 80;
// Kinds of tokens: the library's own enumeration is not there at run time.
const [openBrace, closeBrace, openBracket, closeBracket, comma, end]: readonly number[] = [1, 2, 3, 4, 5, 17];

export interface JsonText {
  readonly text: string;
  readonly root: Node;
  readonly comments: boolean;
}

/** @param comments whether its reader takes comments, and a comma behind the last */
export function readJson(text: string, comments: boolean): JsonText | Refusal {
  const deep = tooDeep(text);
  if (deep !== undefined) return { refused: `it is nested too deeply (${placeOf(text, deep)}): make it simpler, or move it aside` };
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: !comments, allowTrailingComma: comments });
  const [error] = errors;
  if (error) {
    const what = printParseErrorCode(error.error)
      .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
      .toLowerCase();
    const way = what === 'invalid comment token' ? 'its reader takes no comments: take them out' : 'correct it, or move it aside';
    return { refused: `it is no valid JSON (${placeOf(text, error.offset)}, ${what}): ${way}` };
  }
  if (root?.type !== 'object') return { refused: 'it holds something else than an object of settings: move it aside' };
  const twice = repeated(root);
  if (twice)
    return {
      refused: `it has the key ${keyOf(twice)} twice (${placeOf(text, twice.offset)}), and programs differ in which counts: keep one`,
    };
  return { text, root, comments };
}

/** The value a node stands for; keys may be any word. */
export function valueAt(node: Node): JsonValue {
  if (node.type === 'object') return objectAt(node);
  if (node.type === 'array') return childrenOf(node).map(valueAt);
  const value: unknown = node.value;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

export const objectAt = (node: Node): JsonObject =>
  objectOf(
    childrenOf(node).flatMap((property) => {
      const inner = propertyValue(property);
      return inner ? [[keyOf(property), valueAt(inner)] as const] : [];
    }),
  );

export const childrenOf = (node: Node): readonly Node[] => node.children ?? [];
export const keyOf = (property: Node): string => String(property.children?.[0]?.value ?? '');
export const propertyValue = (property: Node): Node | undefined => property.children?.[1];
export const propertyOf = (node: Node, key: string): Node | undefined => childrenOf(node).find((child) => keyOf(child) === key);

/** Text of a value as it would stand in that file, its further lines as far in as `indent`. */
export function written(value: JsonValue, { text, root }: JsonText, indent: string, spread: boolean): string {
  if (!spread) return compact(value);
  return JSON.stringify(value, null, unitOf(text, root)).replaceAll('\n', `${endOfLine(text)}${indent}`);
}

function compact(value: JsonValue): string {
  if (isList(value)) return `[${value.map(compact).join(', ')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)}: ${compact(inner)}`)
    .join(', ')}}`;
}

/** Whether the children of a node stand on lines of their own; where it has none, they would. */
export function isSpread({ text }: JsonText, node: Node): boolean {
  const [first] = childrenOf(node);
  return first === undefined || text.slice(node.offset, first.offset).includes('\n');
}

/** How far in the children of a node stand. */
export function indentOf({ text, root }: JsonText, node: Node): string {
  const [first] = childrenOf(node);
  return first === undefined ? lineIndent(text, node.offset) + unitOf(text, root) : lineIndent(text, first.offset);
}

/** Entries behind the last child of a node; many on one line get lines of their own. */
export function inserted(json: JsonText, node: Node, entries: readonly string[]): readonly Edit[] {
  if (entries.length === 0) return [];
  const { text } = json;
  const closing = node.offset + node.length - 1;
  const last = childrenOf(node).at(-1);
  const from = last ? last.offset + last.length : node.offset + 1;
  const inner = text.slice(from, closing);
  const base = lineIndent(text, node.offset);
  const end = `${endOfLine(text)}${base}`;
  const spread = isSpread(json, node) || inner.includes('\n');
  const wide = !spread && entries.join(', ').length > wideLimit;
  const line = spread ? `${endOfLine(text)}${indentOf(json, node)}` : wide ? `${end}${unitOf(text, json.root)}` : ' ';
  const all = `${line}${entries.join(`,${line}`)}${wide ? end : ''}`;
  // Behind whatever is said about the last child.
  const said = inner.replace(/[ \t\r\n]+$/, '');
  const at = from + said.length;
  if (last === undefined) {
    if (said === '') return [{ at: from, remove: inner.length, insert: `${all}${end}` }];
    return [{ at, remove: 0, insert: inner.slice(said.length).includes('\n') ? all : `${all}${end}` }];
  }
  if (commaAfter(text, from, closing) !== undefined) return [{ at, remove: 0, insert: all }];
  if (said === '') return [{ at, remove: 0, insert: `,${all}` }];
  return [
    { at: from, remove: 0, insert: ',' },
    { at, remove: 0, insert: all },
  ];
}

/** Children of a node taken out, with their commas and the lines they leave empty. */
export function removed(json: JsonText, node: Node, gone: ReadonlySet<Node>): readonly Edit[] {
  const { text } = json;
  const children = childrenOf(node);
  const closing = node.offset + node.length - 1;
  if (gone.size === 0) return [];
  if (gone.size === children.length) return [emptied(text, node, children, closing)];
  const edits: Edit[] = [];
  for (let at = 0; at < children.length; at += 1) {
    const first = children[at];
    if (first === undefined || !gone.has(first)) continue;
    let stop = at;
    for (let next = children[stop + 1]; next !== undefined && gone.has(next); next = children[stop + 1]) stop += 1;
    const last = children[stop] ?? first;
    const before = children[at - 1];
    at = stop;
    const until = last.offset + last.length;
    const next = children[stop + 1];
    if (next === undefined && before !== undefined) edits.push(...tail(text, before, first, until));
    else edits.push(run(text, first.offset, (commaAfter(text, until, next?.offset ?? closing) ?? until - 1) + 1));
  }
  return edits;
}

function emptied(text: string, node: Node, children: readonly Node[], closing: number): Edit {
  const from = children[0]?.offset ?? closing;
  const last = children.at(-1);
  const until = last ? last.offset + last.length : from;
  const to = (commaAfter(text, until, closing) ?? until - 1) + 1;
  const rest = text.slice(node.offset + 1, from) + text.slice(to, closing);
  return rest.trim() === ''
    ? { at: node.offset + 1, remove: closing - node.offset - 1, insert: '' }
    : { at: from, remove: to - from, insert: '' };
}

/** The last children: the comma before them goes as well. */
function tail(text: string, before: Node, first: Node, until: number): readonly Edit[] {
  const from = before.offset + before.length;
  const behind = commaAfter(text, from, first.offset) ?? from;
  const between = text.slice(behind + 1, first.offset);
  if (between.trim() === '') return [{ at: behind, remove: until - behind, insert: '' }];
  return [
    { at: behind, remove: 1, insert: '' },
    { at: first.offset, remove: until - first.offset, insert: '' },
  ];
}

/** A stretch of text, with the whole line where nothing else stands on it. */
function run(text: string, from: number, to: number): Edit {
  const start = text.lastIndexOf('\n', from - 1) + 1;
  const stop = text.indexOf('\n', to);
  if (text.slice(start, from).trim() === '' && stop >= 0 && text.slice(to, stop).trim() === '')
    return { at: start, remove: stop + 1 - start, insert: '' };
  const spaces = /^[ \t]*/.exec(text.slice(to, to + 200))?.[0].length ?? 0;
  return { at: from, remove: to + spaces - from, insert: '' };
}

function commaAfter(text: string, from: number, until: number): number | undefined {
  const scanner = createScanner(text, true);
  scanner.setPosition(from);
  if (scanner.scan() !== comma) return undefined;
  const at = scanner.getTokenOffset();
  return at < until ? at : undefined;
}

function lineIndent(text: string, at: number): string {
  const start = text.lastIndexOf('\n', at - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start, at))?.[0] ?? '';
}

/** One step inwards, as the root's first child shows it. */
function unitOf(text: string, root: Node): string {
  const first = root.children?.[0];
  const found = first && text.slice(root.offset, first.offset).includes('\n') ? lineIndent(text, first.offset) : '';
  return found === '' ? '  ' : found;
}

function tooDeep(text: string): number | undefined {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (let kind = scanner.scan(); kind !== end; kind = scanner.scan()) {
    if (kind === openBrace || kind === openBracket) depth += 1;
    if (kind === closeBrace || kind === closeBracket) depth -= 1;
    if (depth > depthLimit) return scanner.getTokenOffset();
  }
  return undefined;
}

function repeated(node: Node): Node | undefined {
  const seen = new Set<string>();
  for (const child of childrenOf(node)) {
    if (node.type === 'object') {
      if (seen.has(keyOf(child))) return child;
      seen.add(keyOf(child));
    }
    const inner = node.type === 'object' ? propertyValue(child) : child;
    const found = inner && repeated(inner);
    if (found) return found;
  }
  return undefined;
}
