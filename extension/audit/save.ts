/** Saves a record or its report where a person says, piece by piece; a file that could not be finished is not left there. */
import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { RecordFilter } from '../../helper/protocol/record-operations.ts';
import type { PageExport } from '../../helper/protocol/record-page.ts';
import type { Context } from '../context.ts';
import { Failure } from '../failure.ts';
import { foldersHere } from '../sandboxes/folders.ts';

interface Subject {
  readonly sandbox: string;
  readonly name: string;
}

const formats: Readonly<Record<PageExport, { readonly title: string; readonly endings: Readonly<Record<string, string[]>> }>> = {
  csv: { title: 'Export as CSV', endings: { CSV: ['csv'] } },
  json: { title: 'Export as JSON', endings: { JSON: ['json'] } },
  jsonl: { title: 'Export as JSON Lines', endings: { 'JSON Lines': ['jsonl'] } },
  ocsf: { title: 'Export as OCSF Events', endings: { 'JSON Lines': ['jsonl'], JSON: ['json'] } },
  report: { title: 'Save a Report', endings: { HTML: ['html'], Markdown: ['md'] } },
};

/** Returns when it is saved, or a person did not want it after all. @throws Failure */
export async function saveRecord(context: Context, { sandbox, name }: Subject, format: PageExport, filter: RecordFilter): Promise<void> {
  const { title, endings } = formats[format];
  const ending = Object.values(endings)[0]?.[0] ?? 'txt';
  const file = `${name.replace(/[^\w.-]+/g, '-')}-${format === 'report' ? 'report' : 'record'}.${ending}`;
  const [folder] = foldersHere();
  const defaultUri = vscode.Uri.file(folder === undefined ? path.join(path.sep, file) : path.join(folder, file));
  const target = await vscode.window.showSaveDialog({ defaultUri, filters: endings, title });
  if (target === undefined) return;
  const options = { location: vscode.ProgressLocation.Notification, title: `${title}…`, cancellable: true };
  const done = await vscode.window.withProgress(options, async (_, cancellation) => {
    const pieces = format === 'report' ? report(context, sandbox, target) : records(context, sandbox, format, filter, cancellation);
    await write(target, pieces);
    return !cancellation.isCancellationRequested;
  });
  if (!done) return;
  // Not waited for: it may stand there for long, and the next export must not.
  void vscode.window.showInformationMessage(`Saved ${path.basename(target.path)}.`, 'Open').then((chosen) => {
    return chosen === 'Open' ? vscode.commands.executeCommand('vscode.open', target) : undefined;
  });
}

async function* report({ helper }: Context, sandbox: string, target: vscode.Uri): AsyncGenerator<string> {
  const { text } = await helper.request('auditReport', { sandbox, format: target.path.endsWith('.md') ? 'markdown' : 'html' });
  yield text;
}

async function* records(
  { helper }: Context,
  sandbox: string,
  format: Exclude<PageExport, 'report'>,
  filter: RecordFilter,
  cancellation: vscode.CancellationToken,
): AsyncGenerator<string> {
  let after: string | undefined;
  do {
    const place = after === undefined ? {} : { after };
    const { text, next } = await helper.request('auditExport', { sandbox, format, ...filter, ...place }, { cancellation });
    yield text;
    after = next;
  } while (after !== undefined && !cancellation.isCancellationRequested);
  if (cancellation.isCancellationRequested) throw new Failure('The export was cancelled.', { code: 'CANCELLED' });
}

/** A record may be larger than memory, so on a disk it is written as it comes; elsewhere it has to be there whole. */
async function write(target: vscode.Uri, pieces: AsyncIterable<string>): Promise<void> {
  if (target.scheme !== 'file') {
    const all: string[] = [];
    for await (const piece of pieces) all.push(piece);
    await vscode.workspace.fs.writeFile(target, Buffer.from(all.join('')));
    return;
  }
  const partial = `${target.fsPath}.${randomUUID()}.partial`;
  try {
    const file = await open(partial, 'wx', 0o600);
    try {
      for await (const piece of pieces) await file.writeFile(piece);
    } finally {
      await file.close();
    }
    await rename(partial, target.fsPath);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
