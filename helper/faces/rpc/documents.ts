/** What a client says about its open documents, read from messages that may be malformed: whatever is not plainly right is undefined. */
import { z } from 'zod';

const position = z.object({ line: z.int().min(0), character: z.int().min(0) });
const opened = z.object({
  textDocument: z.object({ uri: z.string(), languageId: z.string(), version: z.int(), text: z.string() }),
});
const changed = z.object({
  textDocument: z.object({ uri: z.string(), version: z.int() }),
  contentChanges: z.array(
    z.union([z.object({ range: z.object({ start: position, end: position }), text: z.string() }), z.strictObject({ text: z.string() })]),
  ),
});
const closed = z.object({ textDocument: z.object({ uri: z.string() }) });

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

export const openedDocument = (params: unknown): OpenedDocument | undefined => opened.safeParse(params).data?.textDocument;

export function changedDocument(params: unknown): ChangedDocument | undefined {
  const { data } = changed.safeParse(params);
  return data && { ...data.textDocument, changes: data.contentChanges };
}

export const closedDocument = (params: unknown): string | undefined => closed.safeParse(params).data?.textDocument.uri;
