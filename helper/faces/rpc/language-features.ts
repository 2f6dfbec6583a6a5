/** Requests about an open profile, each answered by a pure function. What is not open, or not plainly asked, has an empty answer. */
import { MarkupKind, type Location } from 'vscode-languageserver-types';
import { completionAt } from '../../profile/language/completion.ts';
import { definitionsAt } from '../../profile/language/definition.ts';
import { fixesAt } from '../../profile/language/fixes.ts';
import { foldsOf } from '../../profile/language/folding.ts';
import { formatEdits } from '../../profile/language/format.ts';
import { hoverAt } from '../../profile/language/hover.ts';
import { lensesOf } from '../../profile/language/lenses.ts';
import type { Reading } from '../../profile/language/reading.ts';
import type { Surroundings } from '../../profile/language/surroundings.ts';
import { symbolsOf } from '../../profile/language/symbols.ts';
import { documentPosition, documentRange, namedDocument, type DocumentPosition } from './documents.ts';
import type { OpenProfiles } from './language-documents.ts';
import { actionOf, itemOf, lensOf, symbolOf } from './language-shapes.ts';

export type Features = Readonly<Record<string, (params: unknown) => Promise<unknown>>>;

/** by method */
export function languageFeatures(profiles: OpenProfiles, around: Surroundings): Features {
  const at = async <T>(params: unknown, answer: (reading: Reading, offset: number) => T | Promise<T>): Promise<T | null> => {
    const given = documentPosition(params);
    const reading = given && (await profiles.reading(given.uri));
    return given && reading ? answer(reading, offsetOf(reading, given)) : null;
  };
  const edits = async (uri: string | undefined, range?: Parameters<typeof formatEdits>[1]): Promise<unknown> => {
    const reading = uri === undefined ? undefined : await profiles.reading(uri);
    return reading ? formatEdits(reading.text, range).map((edit) => ({ range: edit.range, newText: edit.text })) : [];
  };
  return {
    'textDocument/completion': async (params) => {
      const proposals = await at(params, (reading, offset) => completionAt(reading, offset, around));
      return { isIncomplete: false, items: proposals?.map(itemOf) ?? [] };
    },
    'textDocument/hover': async (params) => {
      const hover = await at(params, hoverAt);
      return hover ? { contents: { kind: MarkupKind.Markdown, value: hover.markdown }, range: hover.range } : null;
    },
    'textDocument/definition': async (params) => {
      const places = await at(params, definitionsAt);
      return places?.map(({ file, range }): Location => ({ uri: profiles.uriOf(file), range })) ?? [];
    },
    'textDocument/documentSymbol': async (params) => {
      const reading = await read(profiles, params);
      return reading ? symbolsOf(reading.text, reading.outline, reading.positions).map(symbolOf) : [];
    },
    'textDocument/foldingRange': async (params) => {
      const reading = await read(profiles, params);
      return reading ? foldsOf(reading.text, reading.outline, reading.positions) : [];
    },
    'textDocument/codeLens': async (params) => {
      const uri = namedDocument(params);
      const reading = await read(profiles, params);
      return uri !== undefined && reading ? lensesOf(reading).map((lens) => lensOf(lens, uri)) : [];
    },
    'textDocument/formatting': (params) => edits(namedDocument(params)),
    'textDocument/rangeFormatting': async (params) => {
      const given = documentRange(params);
      return given ? edits(given.uri, given.range) : [];
    },
    'textDocument/codeAction': async (params) => {
      const given = documentRange(params);
      const reading = given && (await profiles.reading(given.uri));
      const checked = given && (await profiles.checked(given.uri));
      if (given === undefined || reading === undefined || checked === undefined) return [];
      const own = checked.check.findings.filter(({ file }) => file === reading.file);
      const fixes = fixesAt(own, given.range, reading.text, reading.positions);
      return fixes.map((fix) => actionOf(fix, given.uri, checked.version));
    },
  };
}

async function read(profiles: OpenProfiles, params: unknown): Promise<Reading | undefined> {
  const uri = namedDocument(params);
  return uri === undefined ? undefined : profiles.reading(uri);
}

/** A place beyond the end of its line is that end. */
function offsetOf({ positions, text }: Reading, { position: { line, character } }: DocumentPosition): number {
  const start = positions.offset(line, 0);
  const length = text.slice(start, start + character).search(/[\n\r]/);
  return start + (length < 0 ? Math.min(character, text.length - start) : length);
}
