/**
 * The language half of a client's connection: profiles are checked as they are typed, and what is wrong is shown at the very
 * key. It answers the lifecycle of LSP without ever ending the process, and keeps nothing but the texts a client has open.
 */
import { fileURLToPath } from 'node:url';
import type { Diagnostic, InitializeResult, PublishDiagnosticsParams } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Disposable } from '../../base/lifetime.ts';
import { checkProfile, type ProfileCheck } from '../../profile/check.ts';
import type { ProfileSources } from '../../profile/sources.ts';
import type { Finding } from '../../protocol/finding.ts';
import { changedDocument, closedDocument, openedDocument } from './documents.ts';

/** what is used of a JSON-RPC connection, which may carry much else */
export interface LanguageConnection {
  onRequest(method: string, handler: (params: unknown) => unknown): Disposable;
  onNotification(method: string, handler: (params: unknown) => void): Disposable;
  sendNotification(method: string, params: unknown): Promise<void>;
}

interface OpenDocument {
  readonly file: string;
  document: TextDocument;
  /** files the last check read */
  files: readonly string[];
  busy: boolean;
  stale: boolean;
}

const severities = { error: 1, warning: 2, information: 3 } as const;
/** documents of one client that are kept */
const openLimit = 200;

/** Registers the handlers; the undo takes them back and forgets the texts. */
export function registerLanguage(connection: LanguageConnection, sources: ProfileSources): Disposable {
  const open = new Map<string, OpenDocument>();
  const overlaid: ProfileSources = {
    ...sources,
    readFile: async (path) => [...open.values()].find(({ file }) => file === path)?.document.getText() ?? (await sources.readFile(path)),
  };
  const publish = (params: PublishDiagnosticsParams): void =>
    void connection.sendNotification('textDocument/publishDiagnostics', params).catch(() => undefined);

  const refresh = async (entry: OpenDocument): Promise<void> => {
    entry.stale = true;
    if (entry.busy) return;
    entry.busy = true;
    // What arrives together is looked at once.
    await Promise.resolve();
    while (entry.stale && open.get(entry.document.uri) === entry) {
      entry.stale = false;
      const { uri, version } = entry.document;
      const check = await checkProfile({ file: entry.file, text: entry.document.getText() }, overlaid);
      entry.files = check.files;
      if (entry.document.version === version && open.get(uri) === entry)
        publish({ uri, version, diagnostics: diagnosticsOf(check, entry.file) });
    }
    entry.busy = false;
  };
  const changed = (file: string): void => {
    for (const entry of open.values()) if (entry.file === file || entry.files.includes(file)) void refresh(entry);
  };

  const handlers: readonly Disposable[] = [
    connection.onRequest('initialize', (): InitializeResult => ({
      capabilities: { textDocumentSync: { openClose: true, change: 2 } },
      serverInfo: { name: 'lasso' },
    })),
    connection.onRequest('shutdown', () => null),
    ...['initialized', 'exit', 'textDocument/didSave', 'workspace/didChangeConfiguration'].map((method) =>
      connection.onNotification(method, () => undefined),
    ),
    connection.onNotification('textDocument/didOpen', (params) => {
      const given = openedDocument(params);
      if (given === undefined || (open.size >= openLimit && !open.has(given.uri))) return;
      const document = TextDocument.create(given.uri, given.languageId, given.version, given.text);
      const file = fileOf(given.uri);
      open.set(given.uri, { file, document, files: [file], busy: false, stale: false });
      changed(file);
    }),
    connection.onNotification('textDocument/didChange', (params) => {
      const given = changedDocument(params);
      const entry = given && open.get(given.uri);
      if (given === undefined || entry === undefined) return;
      entry.document = TextDocument.update(entry.document, [...given.changes], given.version);
      changed(entry.file);
    }),
    connection.onNotification('textDocument/didClose', (params) => {
      const uri = closedDocument(params);
      const entry = uri === undefined ? undefined : open.get(uri);
      if (uri === undefined || entry === undefined) return;
      open.delete(uri);
      publish({ uri, diagnostics: [] });
      changed(entry.file);
    }),
  ];
  return {
    dispose: () => {
      open.clear();
      for (const handler of handlers) void handler.dispose();
    },
  };
}

function diagnosticsOf(check: ProfileCheck, file: string): Diagnostic[] {
  const own = check.findings.filter((finding) => finding.file === file).map(diagnosticOf);
  const [first, ...others] = check.findings.filter((finding) => finding.file !== file && finding.severity === 'error');
  const base = check.tree?.entries.get('extends');
  if (first === undefined || base === undefined) return own;
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  const message = `What this profile builds on has an error: ${first.file ?? ''}:${first.range.start.line + 1} ${first.message}${more}`;
  return [...own, diagnosticOf({ severity: 'error', code: 'broken-base', message, path: ['extends'], range: base.origin.value })];
}

const diagnosticOf = ({ severity, code, message, hint, range }: Finding): Diagnostic => ({
  range,
  severity: severities[severity],
  code,
  source: 'lasso',
  message: hint === undefined ? message : `${message}. ${hint}`,
});

function fileOf(uri: string): string {
  try {
    return uri.startsWith('file:') ? fileURLToPath(uri) : uri;
  } catch {
    return uri;
  }
}
