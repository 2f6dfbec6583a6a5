/** Help while typing as an editor gets it: the shapes of the protocol, over a real JSON-RPC pair. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  CodeAction,
  CodeLens,
  CompletionList,
  DocumentSymbol,
  Hover,
  Location,
  TextDocumentEdit,
  TextEdit,
} from 'vscode-languageserver-types';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { atCursor, languageClient, type LanguageClient } from '../../../kit/language-client.ts';
import { team } from '../../../kit/profile-reading.ts';

const limit = { timeout: 30_000 };
const uri = 'file:///w/p.toml';

interface Opened extends LanguageClient {
  readonly text: string;
  readonly ask: <T>(name: string, more?: object) => Promise<T>;
}

async function open(context: Parameters<typeof languageClient>[0], marked: string): Promise<Opened> {
  const client = languageClient(context, { '/user/team.toml': team }, { variables: ['NPM_TOKEN'] });
  const { text, position } = marked.includes('|') ? atCursor(marked) : { text: marked, position: { line: 0, character: 0 } };
  await client.opened(uri, text);
  return {
    ...client,
    text,
    ask: (name, more = { position }) => client.request(`textDocument/${name}`, { textDocument: { uri }, ...more }),
  };
}

const applied = (text: string, edits: readonly TextEdit[]): string =>
  TextDocument.applyEdits(TextDocument.create(uri, '', 1, text), [...edits]);
const everything = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };

test('completion', limit, async (context) => {
  const { ask } = await open(context, 'extends = "team"\n[network]\nallowed_domains = ["@|"]');
  const { items, isIncomplete } = await ask<CompletionList>('completion');
  const item = items.find(({ label }) => label === '@pypi');
  const range = { start: { line: 2, character: 19 }, end: { line: 2, character: 22 } };
  assert.equal(isIncomplete, false);
  assert.deepEqual([item?.textEdit, item?.filterText, item?.insertTextFormat], [{ range, newText: '"@pypi"' }, '"@pypi', 2]);
});

test('names of the host’s variables, and of profiles', limit, async (context) => {
  const variables = await (await open(context, '[secrets.x]\nfrom = "env:|"')).ask<CompletionList>('completion');
  assert.deepEqual(
    variables.items.map(({ label }) => label),
    ['env:NPM_TOKEN'],
  );
  const profiles = await (await open(context, 'extends = "|"')).ask<CompletionList>('completion');
  const [first] = profiles.items;
  assert.deepEqual([first?.label, first?.detail], ['team', 'user · What the team uses']);
  assert.ok(profiles.items.some(({ label }) => label === 'strict'));
});

test('hover', limit, async (context) => {
  const { ask } = await open(context, 'extends = "team"\nmo|de = "observe"');
  const { contents, range } = await ask<Hover>('hover');
  assert.deepEqual(range, { start: { line: 1, character: 0 }, end: { line: 1, character: 4 } });
  assert.ok(typeof contents === 'object' && 'kind' in contents && contents.kind === 'markdown');
  assert.match(contents.value, /Replaces `"assist"` from `team.toml:3`/);
});

test('definition', limit, async (context) => {
  const { ask } = await open(context, 'extends = "te|am"');
  assert.deepEqual(
    (await ask<Location[]>('definition')).map((place) => place.uri),
    ['file:///user/team.toml'],
  );
});

test('symbols', limit, async (context) => {
  const { ask } = await open(context, 'name = "p"\n[network]\nmode = "none"\n');
  const symbols = await ask<DocumentSymbol[]>('documentSymbol', {});
  assert.deepEqual(
    symbols.map(({ name, children }) => [name, children?.map((child) => child.name)]),
    [
      ['name', []],
      ['network', ['mode']],
    ],
  );
});

test('lenses carry the document’s name', limit, async (context) => {
  const { ask } = await open(context, 'name = "p"\nextends = "team"\n');
  const lenses = await ask<CodeLens[]>('codeLens', {});
  assert.deepEqual(
    lenses.map(({ command }) => [command?.title, command?.command, command?.arguments]),
    [
      ['Show effective', 'lasso.showEffectiveProfile', [uri]],
      ['Diff with base', 'lasso.diffProfileWithBase', [uri]],
      ['Try a command…', 'lasso.tryCommand', [uri]],
    ],
  );
});

test('laying out, the whole and a part', limit, async (context) => {
  const { ask, text } = await open(context, 'name="p" # me\nmode="assist"\n');
  const options = { options: { tabSize: 4, insertSpaces: true } };
  assert.equal(applied(text, await ask<TextEdit[]>('formatting', options)), 'name = "p" # me\nmode = "assist"\n');
  const range = { start: { line: 1, character: 0 }, end: { line: 1, character: 3 } };
  assert.equal(applied(text, await ask<TextEdit[]>('rangeFormatting', { ...options, range })), 'name="p" # me\nmode = "assist"\n');
});

test('a misspelt key is corrected, and all of them at once', limit, async (context) => {
  const { ask, text } = await open(context, 'name = "p"\nmoed = "asist"\n[network]\nmod = "none"\n');
  const of = (line: number): Promise<CodeAction[]> =>
    ask('codeAction', { range: { start: { line, character: 1 }, end: { line, character: 1 } }, context: { diagnostics: [] } });
  const edited = (action: CodeAction | undefined): string => {
    const [change] = action?.edit?.documentChanges ?? [];
    const { textDocument, edits } = change as TextDocumentEdit;
    assert.deepEqual([textDocument.uri, textDocument.version], [uri, 1]);
    return applied(text, edits as TextEdit[]);
  };
  const actions = await of(3);
  assert.ok(actions.every(({ kind }) => kind === 'quickfix'));
  assert.equal(edited(actions[0]), 'name = "p"\nmoed = "asist"\n[network]\nmode = "none"\n');
  const all = actions.find(({ title }) => title === 'Correct all misspelt names');
  assert.match(edited(all), /^name = "p"\nmode = .*\n\[network\]\nmode = "none"\n$/);
  assert.deepEqual(await of(0), []);
  const every = await ask<CodeAction[]>('codeAction', { range: everything, context: { diagnostics: [] } });
  assert.ok(every.length >= 3);
});
