/** What a client says about its documents, read from messages that may be malformed: whatever is not plainly right is undefined. */
import { z } from 'zod';
import { position, range, type Position, type Range } from '../../protocol/finding.ts';

const named = z.object({ uri: z.string() });
const opened = z.object({
  textDocument: z.object({ uri: z.string(), languageId: z.string(), version: z.int(), text: z.string() }),
});
const changed = z.object({
  textDocument: z.object({ uri: z.string(), version: z.int() }),
  contentChanges: z.array(
    z.union([z.object({ range: z.object({ start: position, end: position }), text: z.string() }), z.strictObject({ text: z.string() })]),
  ),
});
const about = z.object({ textDocument: named });
const aboutPosition = z.object({ textDocument: named, position });
const aboutRange = z.object({ textDocument: named, range });
const initialized = z.object({
  capabilities: z.object({
    workspace: z.object({
      didChangeWatchedFiles: z.object({ dynamicRegistration: z.literal(true), relativePatternSupport: z.boolean().default(false) }),
    }),
  }),
});
const fileChanges = z.object({ changes: z.array(named).max(10_000) });

export interface OpenedDocument {
  readonly uri: string;
  readonly languageId: string;
  readonly version: number;
  readonly text: string;
}

export interface ChangedDocument {
  readonly uri: string;
  readonly version: number;
  readonly changes: z.infer<typeof changed>['contentChanges'];
}

export interface DocumentPosition {
  readonly uri: string;
  readonly position: Position;
}

export interface DocumentRange {
  readonly uri: string;
  readonly range: Range;
}

export const openedDocument = (params: unknown): OpenedDocument | undefined => opened.safeParse(params).data?.textDocument;

export function changedDocument(params: unknown): ChangedDocument | undefined {
  const { data } = changed.safeParse(params);
  return data && { ...data.textDocument, changes: data.contentChanges };
}

/** the document a message is about */
export const namedDocument = (params: unknown): string | undefined => about.safeParse(params).data?.textDocument.uri;

export function documentPosition(params: unknown): DocumentPosition | undefined {
  const { data } = aboutPosition.safeParse(params);
  return data && { uri: data.textDocument.uri, position: data.position };
}

export function documentRange(params: unknown): DocumentRange | undefined {
  const { data } = aboutRange.safeParse(params);
  return data && { uri: data.textDocument.uri, range: data.range };
}

/** whether the client tells of changed files when it is asked to, and of files outside its folders too */
export function fileWatching(params: unknown): 'none' | 'workspace' | 'anywhere' {
  const { data } = initialized.safeParse(params);
  if (data === undefined) return 'none';
  return data.capabilities.workspace.didChangeWatchedFiles.relativePatternSupport ? 'anywhere' : 'workspace';
}

export const changedFiles = (params: unknown): readonly string[] => fileChanges.safeParse(params).data?.changes.map(({ uri }) => uri) ?? [];
