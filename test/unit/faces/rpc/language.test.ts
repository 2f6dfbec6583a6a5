/** Profiles in an editor: what is published and answered over a real JSON-RPC pair, and that no message ends anything. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Diagnostic } from 'vscode-languageserver';
import { memorySources } from '../../../kit/profile-sources.ts';
import { atCursor, languageClient, openedMessage, placesOf } from '../../../kit/language-client.ts';

/** an answer that never comes fails the test instead of holding up all others */
const limit = { timeout: 30_000 };
const uri = 'file:///p.toml';

/** without remarks about what is not enforced yet, which come and go */
const faults = (diagnostics: readonly Diagnostic[]): readonly string[] => placesOf(diagnostics.filter(({ severity }) => severity !== 3));

test('what the helper can do is told at the start', limit, async (context) => {
  const client = languageClient(context);
  const { capabilities } = await client.request<{ capabilities: Record<string, unknown> }>('initialize', { capabilities: {} });
  assert.deepEqual(capabilities['textDocumentSync'], { openClose: true, change: 2 });
  for (const feature of ['completion', 'hover', 'definition', 'documentSymbol', 'documentFormatting', 'codeLens', 'codeAction'])
    assert.ok(capabilities[`${feature}Provider`], feature);
});

test('a bad key gives a diagnostic at the exact range', limit, async (context) => {
  const client = languageClient(context);
  const { version, diagnostics } = await client.opened(uri, 'name = "p"\n[resources]\nmax_pid = 3\n');
  assert.deepEqual([version, faults(diagnostics)], [1, ['2:0-2:7 1 unknown-key']]);
  assert.deepEqual(
    [diagnostics[0]?.source, diagnostics[0]?.message],
    ['lasso', '"max_pid" is not a key of [resources]. Did you mean max_pids?'],
  );
});

test('a field of LASSO 1.x is shown as one that has gone', limit, async (context) => {
  const client = languageClient(context);
  const { diagnostics } = await client.opened(uri, 'name = "p"\n[audit]\nsign_entries = true\n');
  assert.deepEqual(diagnostics.find(({ code }) => code === 'deprecated')?.tags, [2]);
});

test('an edit is looked at again, and a closed document is cleared', limit, async (context) => {
  const client = languageClient(context);
  assert.deepEqual(faults((await client.opened(uri, 'name = "p"\nmode = "x"\n')).diagnostics), ['1:7-1:10 1 bad-value']);
  const range = { start: { line: 1, character: 8 }, end: { line: 1, character: 9 } };
  client.notify('textDocument/didChange', { textDocument: { uri, version: 2 }, contentChanges: [{ range, text: 'assist' }] });
  const second = await client.published();
  assert.deepEqual([second.version, faults(second.diagnostics)], [2, []]);
  client.notify('textDocument/didChange', { textDocument: { uri, version: 3 }, contentChanges: [{ text: 'name = "p"' }] });
  assert.deepEqual((await client.published()).diagnostics, []);
  client.notify('textDocument/didClose', { textDocument: { uri } });
  assert.deepEqual(await client.published(), { uri, diagnostics: [] });
});

test('an edit of a base is seen in what builds on it before it is saved', limit, async (context) => {
  const client = languageClient(context, { '/base.toml': 'name = "base"' });
  assert.deepEqual((await client.opened(uri, 'name = "p"\nextends = "base.toml"')).diagnostics, []);
  client.notify('textDocument/didOpen', openedMessage('file:///base.toml', 'name = "base"\nmoed = 1'));
  const both = [await client.published(), await client.published()]
    .map((published) => `${published.uri} ${faults(published.diagnostics).join()}`)
    .sort();
  assert.deepEqual(both, ['file:///base.toml 1:0-1:4 1 unknown-key', 'file:///p.toml 1:10-1:21 1 broken-base']);
});

test('a base that changes on disk is read again when the editor tells of it', limit, async (context) => {
  const files: Record<string, string> = { '/base.toml': 'name = "base"\nmode = "assist"' };
  const client = languageClient(context, files);
  const { text, position } = atCursor('name = "p"\nextends = "base.toml"\nmo|de = "observe"');
  await client.opened(uri, text);
  const hover = (): Promise<{ contents: { value: string } }> => client.request('textDocument/hover', { textDocument: { uri }, position });
  assert.match((await hover()).contents.value, /Replaces `"assist"` from `base.toml:2`/);
  files['/base.toml'] = 'name = "base"\n\nmode = "autonomous"';
  client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: 'file:///base.toml', type: 2 }] });
  await client.published();
  assert.match((await hover()).contents.value, /Replaces `"autonomous"` from `base.toml:3`/);
});

test('a client that can is asked to tell of changed profiles, also in the user’s own folder', limit, async (context) => {
  const client = languageClient(context);
  const asked = new Promise<unknown>((resolve) => client.connection.onRequest('client/registerCapability', resolve));
  const didChangeWatchedFiles = { dynamicRegistration: true, relativePatternSupport: true };
  await client.request('initialize', { capabilities: { workspace: { didChangeWatchedFiles } } });
  client.notify('initialized', {});
  assert.deepEqual(await asked, {
    registrations: [
      {
        id: 'lasso-profiles',
        method: 'workspace/didChangeWatchedFiles',
        registerOptions: {
          watchers: [
            { globPattern: '**/*.lasso.toml' },
            { globPattern: '**/.lasso/**/*.toml' },
            { globPattern: { baseUri: 'file:///user', pattern: '*.toml' } },
          ],
        },
      },
    ],
  });
});

const addsSecret = 'name = "p"\n[network]\nallowed_domains = ["x.example"]\n[secrets.x]\nfrom = "env:X"\nhosts = ["x.example"]\n';
const refused = ['3:9-3:10 1 not-for-a-workspace'];
const folders = { '.lasso/profile.toml': refused, '.lasso/profiles/tight.toml': refused, 'own.lasso.toml': [] };
for (const [name, expected] of Object.entries(folders)) {
  test(`${name} is told what a folder may not say if it is the folder’s own`, limit, async (context) => {
    const client = languageClient(context);
    assert.deepEqual(faults((await client.opened(`file:///w/${name}`, addsSecret)).diagnostics), expected);
  });
}

test('a profile of the user’s own in a folder named .lasso is no folder’s own', limit, async (context) => {
  const sources = { ...memorySources({}), userFolders: ['/home/.lasso/profiles'] };
  const client = languageClient(context, {}, { sources });
  assert.deepEqual(faults((await client.opened('file:///home/.lasso/profiles/p.toml', addsSecret)).diagnostics), []);
});

test('a chosen profile that cannot be used hides no other finding', limit, async (context) => {
  const client = languageClient(context, {}, { usualProfile: () => Promise.resolve('none-such') });
  assert.deepEqual(faults((await client.opened('file:///w/.lasso/profile.toml', 'name = "p"\nmodee = 1')).diagnostics), [
    '1:0-1:5 1 unknown-key',
  ]);
});

test('settings beside profiles are not taken for one', limit, async (context) => {
  const client = languageClient(context);
  client.notify('textDocument/didOpen', openedMessage('file:///w/.lasso/config.toml', '[defaults]\nprofile = "strict"'));
  assert.equal((await client.opened(uri, 'name = "p"')).uri, uri);
});

const requests = [
  ...['completion', 'hover', 'definition'].map((name) => ({ name, params: { position: { line: 9, character: 900 } } })),
  ...['documentSymbol', 'formatting', 'codeLens', 'foldingRange'].map((name) => ({ name, params: {} })),
  ...['rangeFormatting', 'codeAction'].map((name) => ({
    name,
    params: { range: { start: { line: 5, character: 7 }, end: { line: 2, character: 1 } }, context: { diagnostics: [] } },
  })),
];
const isEmpty = (answer: unknown): boolean =>
  answer === null || JSON.stringify(answer) === '[]' || JSON.stringify(answer) === '{"isIncomplete":false,"items":[]}';

for (const { name, params } of requests) {
  test(`${name} is empty for what is not open or not plainly asked, and answered for any scheme and place`, limit, async (context) => {
    const client = languageClient(context);
    const ask = (sent: unknown): Promise<unknown> => client.request(`textDocument/${name}`, sent);
    for (const sent of [
      {},
      [],
      { textDocument: null },
      { textDocument: { uri: 3 } },
      { textDocument: { uri: 'file:///unknown' }, ...params },
    ])
      assert.ok(isEmpty(await ask(sent)), JSON.stringify(sent));
    for (const odd of ['untitled:Untitled-1', 'git:/p.toml?{"ref":"~"}', 'file://%', 'vscode-remote://x/y.toml']) {
      await client.opened(odd, 'name = "p"\nextends = "./other.toml"\n[network\nallowed_domains = ["@npm", "');
      assert.notEqual(await ask({ textDocument: { uri: odd }, ...params }), undefined);
    }
  });
}

test('malformed messages change nothing and end nothing', limit, async (context) => {
  const client = languageClient(context);
  for (const params of [{}, { textDocument: null }, { textDocument: { uri: 3 } }, openedMessage(uri, 'x', NaN), [1]])
    for (const method of ['didOpen', 'didChange', 'didClose']) client.notify(`textDocument/${method}`, params);
  client.notify('workspace/didChangeWatchedFiles', { changes: 3 });
  client.notify('textDocument/didChange', { textDocument: { uri: 'file:///unknown', version: 1 }, contentChanges: [{ text: '' }] });
  client.notify('exit', {});
  assert.deepEqual(await client.opened('untitled:x', 'name = "p"'), { uri: 'untitled:x', version: 1, diagnostics: [] });
});

test('after a shutdown requests are refused until there is a new start', limit, async (context) => {
  const client = languageClient(context);
  assert.equal(await client.request('shutdown', undefined), null);
  await assert.rejects(client.request('textDocument/hover', { textDocument: { uri }, position: { line: 0, character: 0 } }), {
    code: -32600,
  });
  await client.request('initialize', {});
  assert.deepEqual(await client.request('textDocument/documentSymbol', { textDocument: { uri } }), []);
});

test('after the undo nothing is answered', limit, async (context) => {
  const client = languageClient(context);
  await client.request('initialize', {});
  client.undo();
  await assert.rejects(client.request('initialize', {}), /Unhandled method/);
});
