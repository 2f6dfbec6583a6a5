/**
 * The language half of a client's connection: help while profiles are written, and what is wrong shown at the very key. It
 * answers the lifecycle of LSP without ever ending the process, and keeps nothing but the texts a client has open.
 */
import { ErrorCodes, ResponseError } from 'vscode-jsonrpc/node';
import type { InitializeResult, PublishDiagnosticsParams } from 'vscode-languageserver';
import { CodeActionKind } from 'vscode-languageserver-types';
import type { Disposable } from '../../base/lifetime.ts';
import type { Log } from '../../base/log.ts';
import { listProfiles } from '../../profile/load.ts';
import type { ProfileSources } from '../../profile/sources.ts';
import { changedDocument, changedFiles, fileWatching, namedDocument, openedDocument } from './documents.ts';
import { openProfiles } from './language-documents.ts';
import { languageFeatures } from './language-features.ts';
import { diagnosticsOf } from './language-shapes.ts';
import { watchers } from './language-watchers.ts';

/** what is used of a JSON-RPC connection, which may carry much else */
export interface LanguageConnection {
  onRequest(method: string, handler: (params: unknown) => unknown): Disposable;
  onNotification(method: string, handler: (params: unknown) => void): Disposable;
  sendNotification(method: string, params: unknown): Promise<void>;
  sendRequest(method: string, params: unknown): Promise<unknown>;
}

export interface LanguageOptions {
  readonly sources: ProfileSources;
  /** names of the host's environment variables, for places that name one; never their values */
  readonly variables: readonly string[];
  /** the profile sandboxes get when none is named */
  readonly usualProfile: () => Promise<string>;
  readonly log: Log;
}

/** LSP’s code for a request that is right and could not be answered */
const requestFailed = -32803;

const capabilities: InitializeResult['capabilities'] = {
  textDocumentSync: { openClose: true, change: 2 },
  completionProvider: { triggerCharacters: ['"', "'", '[', '=', '.', '@', '!', ':'] },
  hoverProvider: true,
  definitionProvider: true,
  documentSymbolProvider: true,
  foldingRangeProvider: true,
  documentFormattingProvider: true,
  documentRangeFormattingProvider: true,
  codeLensProvider: {},
  codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
};

/** Registers the handlers; the undo takes them back and forgets the texts. */
export function registerLanguage(connection: LanguageConnection, { sources, variables, usualProfile, log }: LanguageOptions): Disposable {
  const publish = (params: PublishDiagnosticsParams): void =>
    void connection.sendNotification('textDocument/publishDiagnostics', params).catch(() => undefined);
  const profiles = openProfiles({
    sources,
    log,
    usualProfile,
    publish: (uri, file, checked) =>
      checked
        ? publish({ uri, version: checked.version, diagnostics: diagnosticsOf(checked.check, file) })
        : publish({ uri, diagnostics: [] }),
  });
  const features = languageFeatures(profiles, { profiles: () => listProfiles(sources), variables: () => variables });
  let watching: ReturnType<typeof fileWatching> = 'none';
  let shut = false;

  const answer = async (method: string, params: unknown, feature: (params: unknown) => Promise<unknown>): Promise<unknown> => {
    if (shut) throw new ResponseError(ErrorCodes.InvalidRequest, 'The language server was shut down.');
    try {
      return await feature(params);
    } catch (error) {
      log.error(`${method} failed`, error);
      throw new ResponseError(requestFailed, 'This could not be answered; the log says more.');
    }
  };
  const ignored = ['exit', 'textDocument/didSave', 'workspace/didChangeConfiguration', '$/setTrace'];

  const handlers: readonly Disposable[] = [
    connection.onRequest('initialize', (params): InitializeResult => {
      watching = fileWatching(params);
      shut = false;
      return { capabilities, serverInfo: { name: 'lasso' } };
    }),
    connection.onNotification('initialized', () => {
      if (watching === 'none') return;
      const registrations = [watchers(watching, sources.userFolders)];
      connection.sendRequest('client/registerCapability', { registrations }).catch(() => undefined);
    }),
    connection.onRequest('shutdown', () => {
      shut = true;
      return null;
    }),
    ...Object.entries(features).map(([method, feature]) => connection.onRequest(method, (params) => answer(method, params, feature))),
    ...ignored.map((method) => connection.onNotification(method, () => undefined)),
    connection.onNotification('workspace/didChangeWatchedFiles', (params) => profiles.filesChanged(changedFiles(params))),
    connection.onNotification('textDocument/didOpen', (params) => {
      const given = openedDocument(params);
      if (given) profiles.open(given);
    }),
    connection.onNotification('textDocument/didChange', (params) => {
      const given = changedDocument(params);
      if (given) profiles.change(given);
    }),
    connection.onNotification('textDocument/didClose', (params) => {
      const uri = namedDocument(params);
      if (uri !== undefined) profiles.close(uri);
    }),
  ];
  return {
    dispose: () => {
      profiles.clear();
      for (const handler of handlers) void handler.dispose();
    },
  };
}
