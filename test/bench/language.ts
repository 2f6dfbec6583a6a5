/** A key pressed in a profile of 1,000 lines: until what is wrong is shown, and until proposals are there, through a real helper. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'smol-toml';
import { createMessageConnection, type MessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import type { PublishDiagnosticsParams } from 'vscode-languageserver';
import { HelperSearch } from '../../helper/faces/client/find.ts';
import { formatPreface } from '../../helper/faces/client/preface.ts';
import type { TestLasso } from '../kit/lasso.ts';
import { median, medianMs, type Figure } from './measurement.ts';

const target = { text: '≤ 50 ms', atMost: 50 } as const;

/** @param keys pressed for each figure */
export async function measureLanguage(lasso: TestLasso, keys: number): Promise<readonly Figure[]> {
  const text = longProfile();
  const what = `${text.split('\n').length} lines`;
  const floor = { name: 'smol-toml, the same text', value: await medianMs(keys, async () => void parse(text)) };
  const figures: Figure[] = [];
  for (const [folder, note] of [
    ['plain', 'on “standard”'],
    ['.lasso', 'a folder’s own, held against the chosen one'],
  ] as const) {
    mkdirSync(join(lasso.root, folder), { recursive: true });
    const file = join(lasso.root, folder, 'profile.toml');
    writeFileSync(file, text);
    const editor = await openEditor(lasso, pathToFileURL(file).href, text);
    figures.push({
      what: `${what}: a key, until diagnostics`,
      unit: 'ms',
      ours: median(await editor.diagnosed(keys)),
      floor,
      target,
      note,
    });
    figures.push({ what: `${what}: a key, until proposals`, unit: 'ms', ours: median(await editor.proposed(keys)), floor, target, note });
    editor.close();
  }
  return figures;
}

interface Editor {
  /** milliseconds from each key to the diagnostics of the text with it */
  diagnosed(keys: number): Promise<readonly number[]>;
  /** milliseconds from each key to the proposals where it was typed */
  proposed(keys: number): Promise<readonly number[]>;
  close(): void;
}

async function openEditor(lasso: TestLasso, uri: string, text: string): Promise<Editor> {
  await lasso.connect();
  const search = new HelperSearch({ host: lasso.host, folders: lasso.folders, spawn: null }, performance.now() + 10_000);
  const { announcement, socket } = await search.find();
  socket.write(formatPreface({ kind: 'rpc', token: announcement.token, face: 'editor' }));
  const connection = createMessageConnection(new StreamMessageReader(socket), new StreamMessageWriter(socket));
  connection.listen();
  await connection.sendRequest('initialize', { capabilities: {} });
  await connection.sendNotification('initialized', {});
  const { line, character } = placeOf(text, 'host-200');
  let version = 1;
  const shown = published(connection, 1);
  await connection.sendNotification('textDocument/didOpen', { textDocument: { uri, languageId: 'lasso-profile', version, text } });
  await shown;

  const press = async (): Promise<void> => {
    version += 1;
    const at = { line, character: character + version };
    const contentChanges = [{ range: { start: at, end: at }, text: 'x' }];
    await connection.sendNotification('textDocument/didChange', { textDocument: { uri, version }, contentChanges });
  };
  const timed = async (keys: number, once: () => Promise<unknown>): Promise<readonly number[]> => {
    const took: number[] = [];
    for (let key = 0; key < keys; key += 1) {
      const startedMs = performance.now();
      await once();
      took.push(performance.now() - startedMs);
    }
    return took;
  };
  return {
    diagnosed: (keys) =>
      timed(keys, async () => {
        const done = published(connection, version + 1);
        await press();
        await done;
      }),
    proposed: (keys) =>
      timed(keys, async () => {
        await press();
        const position = { line, character: character + version };
        await connection.sendRequest('textDocument/completion', { textDocument: { uri }, position });
      }),
    close: () => {
      connection.dispose();
      socket.destroy();
    },
  };
}

function published(connection: MessageConnection, version: number): Promise<void> {
  return new Promise((resolve) => {
    const listener = connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
      if (params.version !== version) return;
      listener.dispose();
      resolve();
    });
  });
}

function placeOf(text: string, words: string): { readonly line: number; readonly character: number } {
  const before = text.slice(0, text.indexOf(words)).split('\n');
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
}

function longProfile(): string {
  const lines = (count: number, line: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => line(index)).join('');
  return [
    'name = "long"\nextends = "standard"\n\n[network]\nallowed_domains = [\n',
    lines(400, (index) => `  "host-${index}.corp.example", # what number ${index} is for\n`),
    ']\n\n[commands]\nblacklist = [\n',
    lines(280, (index) => `  "tool-${index}",\n`),
    ']\n\n',
    lines(
      50,
      (index) =>
        `[[network.rules]]\nhost = "host-${index}.corp.example"\nmethods = ["GET", "HEAD"]\npaths = ["/team/**"]\naction = "allow"\n\n`,
    ),
  ].join('');
}
