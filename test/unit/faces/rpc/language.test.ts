/** Profiles in an editor: an in-memory JSON-RPC pair stands for the socket, and what is published is compared place by place. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { createMessageConnection, type MessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import type { Diagnostic, PublishDiagnosticsParams } from 'vscode-languageserver';
import { registerLanguage } from '../../../../helper/faces/rpc/language.ts';
import { memorySources } from '../../../kit/profile-sources.ts';

/** an answer that never comes fails the test instead of holding up all others */
const limit = { timeout: 30_000 };

interface Client {
  readonly connection: MessageConnection;
  readonly undo: () => void;
  notify(method: string, params: unknown): void;
  /** the next diagnostics the helper publishes */
  published(): Promise<PublishDiagnosticsParams>;
}

function connect(context: TestContext, files: Readonly<Record<string, string>> = {}): Client {
  const up = new PassThrough();
  const down = new PassThrough();
  const server = createMessageConnection(new StreamMessageReader(up), new StreamMessageWriter(down));
  const connection = createMessageConnection(new StreamMessageReader(down), new StreamMessageWriter(up));
  const registered = registerLanguage(server, memorySources(files));
  const waiting: ((params: PublishDiagnosticsParams) => void)[] = [];
  const arrived: PublishDiagnosticsParams[] = [];
  connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
    const next = waiting.shift();
    if (next) next(params);
    else arrived.push(params);
  });
  server.listen();
  connection.listen();
  context.after(() => {
    void registered.dispose();
    for (const end of [connection, server]) end.dispose();
    for (const stream of [up, down]) stream.destroy();
  });
  return {
    connection,
    undo: () => void registered.dispose(),
    notify: (method, params) => void connection.sendNotification(method, params),
    published: () => {
      const first = arrived.shift();
      return first ? Promise.resolve(first) : new Promise((resolve) => waiting.push(resolve));
    },
  };
}

const opened = (uri: string, text: string, version = 1): object => ({ textDocument: { uri, languageId: 'lasso-profile', version, text } });
const places = (diagnostics: readonly Diagnostic[]): readonly string[] =>
  diagnostics.map(
    ({ range: { start, end }, severity, code }) =>
      `${start.line}:${start.character}-${end.line}:${end.character} ${severity ?? 0} ${code ?? ''}`,
  );

test('a bad key gives a diagnostic at the exact range', limit, async (context) => {
  const client = connect(context);
  const { capabilities } = await client.connection.sendRequest<{ capabilities: object }>('initialize', { capabilities: {} });
  assert.deepEqual(capabilities, { textDocumentSync: { openClose: true, change: 2 } });
  client.notify('initialized', {});
  client.notify('textDocument/didOpen', opened('file:///p.toml', 'name = "p"\n[resources]\nmax_pid = 3\n'));
  const { uri, version, diagnostics } = await client.published();
  assert.deepEqual([uri, version, places(diagnostics)], ['file:///p.toml', 1, ['2:0-2:7 1 unknown-key']]);
  assert.deepEqual(
    [diagnostics[0]?.source, diagnostics[0]?.message],
    ['lasso', '"max_pid" is not a key of [resources]. Did you mean max_pids?'],
  );
});

test('an edit is looked at again, and a closed document is cleared', limit, async (context) => {
  const client = connect(context);
  const uri = 'file:///p.toml';
  client.notify('textDocument/didOpen', opened(uri, 'name = "p"\nmode = "x"\n'));
  assert.deepEqual(places((await client.published()).diagnostics), ['1:0-1:4 3 not-enforced', '1:7-1:10 1 bad-value']);
  const range = { start: { line: 1, character: 8 }, end: { line: 1, character: 9 } };
  client.notify('textDocument/didChange', { textDocument: { uri, version: 2 }, contentChanges: [{ range, text: 'assist' }] });
  const second = await client.published();
  assert.deepEqual([second.version, places(second.diagnostics)], [2, ['1:0-1:4 3 not-enforced']]);
  client.notify('textDocument/didChange', { textDocument: { uri, version: 3 }, contentChanges: [{ text: 'name = "p"' }] });
  assert.deepEqual((await client.published()).diagnostics, []);
  client.notify('textDocument/didClose', { textDocument: { uri } });
  assert.deepEqual(await client.published(), { uri, diagnostics: [] });
});

test('an edit of a base is seen in what builds on it before it is saved', limit, async (context) => {
  const client = connect(context, { '/base.toml': 'name = "base"' });
  client.notify('textDocument/didOpen', opened('file:///p.toml', 'name = "p"\nextends = "base.toml"'));
  assert.deepEqual((await client.published()).diagnostics, []);
  client.notify('textDocument/didOpen', opened('file:///base.toml', 'name = "base"\nmoed = 1'));
  const both = [await client.published(), await client.published()]
    .map(({ uri, diagnostics }) => `${uri} ${places(diagnostics).join()}`)
    .sort();
  assert.deepEqual(both, ['file:///base.toml 1:0-1:4 1 unknown-key', 'file:///p.toml 1:10-1:21 1 broken-base']);
});

test('malformed messages change nothing and end nothing', limit, async (context) => {
  const client = connect(context);
  for (const params of [{}, { textDocument: null }, { textDocument: { uri: 3 } }, opened('file:///p.toml', 'x', NaN), [1]])
    for (const method of ['didOpen', 'didChange', 'didClose']) client.notify(`textDocument/${method}`, params);
  client.notify('textDocument/didChange', { textDocument: { uri: 'file:///unknown', version: 1 }, contentChanges: [{ text: '' }] });
  client.notify('exit', {});
  assert.equal(await client.connection.sendRequest('shutdown'), null);
  client.notify('textDocument/didOpen', opened('untitled:x', 'name = "p"'));
  assert.deepEqual(await client.published(), { uri: 'untitled:x', version: 1, diagnostics: [] });
});

test('after the undo nothing is answered', limit, async (context) => {
  const client = connect(context);
  await client.connection.sendRequest('initialize', {});
  client.undo();
  await assert.rejects(client.connection.sendRequest('initialize', {}), /Unhandled method/);
});
