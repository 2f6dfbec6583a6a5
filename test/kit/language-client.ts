/** An editor for tests: an in-memory JSON-RPC pair stands for the socket, and what the helper publishes can be waited for. */
import { PassThrough } from 'node:stream';
import type { TestContext } from 'node:test';
import { createMessageConnection, type MessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import type { Diagnostic, PublishDiagnosticsParams } from 'vscode-languageserver';
import { silentLog } from '../../helper/base/log.ts';
import { type LanguageOptions, registerLanguage } from '../../helper/faces/rpc/language.ts';
import { memorySources } from './profile-sources.ts';

export interface LanguageClient {
  readonly connection: MessageConnection;
  readonly undo: () => void;
  notify(method: string, params: unknown): void;
  /** the next diagnostics the helper publishes */
  published(): Promise<PublishDiagnosticsParams>;
  /** Opens a document and waits until it was looked at. */
  opened(uri: string, text: string): Promise<PublishDiagnosticsParams>;
  request<T>(method: string, params: unknown): Promise<T>;
}

/** @param files path → text; they may be changed while the client is in use */
export function languageClient(
  context: TestContext,
  files: Readonly<Record<string, string>> = {},
  options: Partial<LanguageOptions> = {},
): LanguageClient {
  const up = new PassThrough();
  const down = new PassThrough();
  const server = createMessageConnection(new StreamMessageReader(up), new StreamMessageWriter(down));
  const connection = createMessageConnection(new StreamMessageReader(down), new StreamMessageWriter(up));
  const registered = registerLanguage(server, {
    sources: memorySources(files),
    variables: [],
    usualProfile: () => Promise.resolve('standard'),
    log: silentLog,
    ...options,
  });
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
  const notify = (method: string, params: unknown): void => void connection.sendNotification(method, params);
  const published = (): Promise<PublishDiagnosticsParams> => {
    const first = arrived.shift();
    return first ? Promise.resolve(first) : new Promise((resolve) => waiting.push(resolve));
  };
  return {
    connection,
    undo: () => void registered.dispose(),
    notify,
    published,
    opened: (uri, text) => {
      notify('textDocument/didOpen', openedMessage(uri, text));
      return published();
    },
    request: (method, params) => connection.sendRequest(method, params),
  };
}

export const openedMessage = (uri: string, text: string, version = 1): object => ({
  textDocument: { uri, languageId: 'lasso-profile', version, text },
});

/** `line:character-line:character severity code`, zero-based */
export const placesOf = (diagnostics: readonly Diagnostic[]): readonly string[] =>
  diagnostics.map(
    ({ range: { start, end }, severity, code }) =>
      `${start.line}:${start.character}-${end.line}:${end.character} ${severity ?? 0} ${code ?? ''}`,
  );

/** A text whose cursor is written as “|”: the text without it, and where it was. */
export function atCursor(marked: string): {
  readonly text: string;
  readonly offset: number;
  readonly position: { readonly line: number; readonly character: number };
} {
  const offset = marked.indexOf('|');
  const before = marked.slice(0, offset).split('\n');
  const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
  return { text: before.join('\n') + marked.slice(offset + 1), offset, position };
}
