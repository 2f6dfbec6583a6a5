/** A record of a million lines verified, in files of 100 MB with epochs and checkpoints: on one thread, on two, and what memory that takes. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { chainFileName } from '../../helper/audit/form/chain-files.ts';
import { genesis, sealLine } from '../../helper/audit/form/chain.ts';
import { signCheckpoint, verifierKeyText } from '../../helper/audit/form/checkpoint.ts';
import { chainSeed, fingerprintOf, lineKey, nextSeed } from '../../helper/audit/form/key-schedule.ts';
import { verifyInThread } from '../../helper/audit/verifying/threads.ts';
import { verifyChain, type VerifyOptions } from '../../helper/audit/verifying/verify.ts';
import type { RecordEntry, VerifyReport } from '../../helper/protocol/record.ts';
import { median, type Figure } from './measurement.ts';

const sandbox = '0123456789ab';
const actor = { kind: 'system', face: 'helper' } as const;
const firstKey = Buffer.alloc(32, 5);
const fileLines = 240_000;
const epochLines = 20_000;

/** @param records lines of the chain; each has about 400 bytes */
export async function measureVerifying(runs: number, records = 1_000_000): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'lasso-bench-verify-'));
  try {
    const options = writeRecord(folder, records);
    const one = await timed(runs, async () => expectIntact(await verifyChain(options), records));
    const two = await timed(runs, async () => expectIntact((await verifyInThread([options]))[0], records));
    const { files, verifierKey = '', checkpoints = [] } = options;
    const digests = await timed(runs, async () => expectIntact(await verifyChain({ files, verifierKey, checkpoints }), records));
    const hashing = await timed(runs, () => hashFiles(files));
    const floor = { name: 'SHA-256 of the files', value: hashing.seconds };
    const figure = (what: string, { seconds }: Timed, atMost: number): Figure => ({
      ...{ what: `verify ${records} records: ${what}`, unit: 's', ours: seconds, floor },
      target: { text: `≤ ${atMost} s`, atMost },
    });
    return [
      figure('every mac and digest, one thread', one, 4),
      figure('the same on two threads', two, 2.5),
      figure('digests and checkpoints alone', digests, 4),
      { what: '… memory one thread takes', unit: 'MB', ours: one.grownMB, target: { text: '≤ 60 MB', atMost: 60 } },
      { what: '… memory two threads take', unit: 'MB', ours: two.grownMB, target: { text: '≤ 150 MB', atMost: 150 } },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Timed {
  readonly seconds: number;
  /** resident memory at its highest, over what it was before */
  readonly grownMB: number;
}

async function timed(runs: number, once: () => Promise<void>): Promise<Timed> {
  const durations: number[] = [];
  const before = process.memoryUsage().rss;
  let peak = before;
  const looking = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
  for (let run = 0; run < runs; run += 1) {
    const startedMs = performance.now();
    await once();
    durations.push((performance.now() - startedMs) / 1000);
  }
  clearInterval(looking);
  return { seconds: median(durations), grownMB: (peak - before) / 1e6 };
}

function expectIntact(report: VerifyReport | undefined, records: number): Promise<void> {
  if (report?.status === 'intact' && report.records === records) return Promise.resolve();
  throw new Error(`the record is ${report?.status ?? 'not verified'}: ${JSON.stringify(report?.problems.slice(0, 3))}`);
}

async function hashFiles(files: readonly string[]): Promise<void> {
  for (const file of files) await pipeline(createReadStream(file, { highWaterMark: 1_048_576 }), createHash('sha256'));
}

/** Faster than the real writer, which syncs and answers; its lines are the same. */
function writeRecord(folder: string, records: number): VerifyOptions {
  const writer = new LargeRecord(folder);
  writer.add({ type: 'chain', action: 'begun', detail: { index: 0, fingerprint: fingerprintOf(firstKey), publicKey: writer.verifierKey } });
  writer.sign();
  for (let n = 2; n < records; n += 1) {
    if (writer.lines === fileLines - 1) {
      writer.leaveFile();
      n += 1;
    } else if (n % epochLines === 0) writer.endEpoch('epoch', { next: writer.epoch + 1 });
    else writer.add(command(n));
  }
  return writer.close();
}

const command = (n: number): Part => ({
  type: 'command',
  action: 'exec',
  detail: { argv: ['git', 'commit', '-m', `message ${n} with "quotes" and ü`], cwd: '/workspace/some/folder' },
});

type Part = Pick<RecordEntry, 'type' | 'action' | 'detail'>;

class LargeRecord {
  readonly #folder: string;
  readonly #signer = generateKeyPairSync('ed25519');
  readonly verifierKey = verifierKeyText(this.#signer.publicKey);
  readonly #files: string[] = [];
  #handle = -1;
  #seed = chainSeed(firstKey, sandbox);
  #key = lineKey(this.#seed);
  #seq = -1;
  #prev = genesis;
  #lineEpoch = 0;
  #waiting: string[] = [];
  #bytes = 0;
  #notes = '';
  epoch = 0;
  /** of the present file */
  lines = 0;

  constructor(folder: string) {
    this.#folder = folder;
    this.#enterFile();
  }

  add({ type, action, detail }: Part): void {
    this.#seq += 1;
    const place = { sandbox, seq: this.#seq, epoch: this.epoch, ts: this.#at, mono: this.#seq * 10, prev: this.#prev };
    const entry = { type, action, outcome: 'success', actor, ...(detail === undefined ? {} : { detail }) } as const;
    const { line, digest } = sealLine(this.#key, place, entry);
    this.#prev = digest;
    this.#lineEpoch = this.epoch;
    this.lines += 1;
    this.#waiting.push(line, '\n');
    if (this.#waiting.length > 4000) this.#write();
  }

  sign(): void {
    const stand = { sandbox, size: this.#seq + 1, digest: this.#prev, index: 0, epoch: this.#lineEpoch, at: this.#at };
    this.#notes += signCheckpoint(stand, this.#signer.privateKey);
  }

  endEpoch(action: string, detail: NonNullable<RecordEntry['detail']>): void {
    this.add({ type: 'chain', action, detail });
    this.sign();
    this.#seed = nextSeed(this.#seed);
    this.#key = lineKey(this.#seed);
    this.epoch += 1;
  }

  leaveFile(): void {
    const previous = chainFileName(sandbox, this.#files.length);
    this.endEpoch('rotated', { next: chainFileName(sandbox, this.#files.length + 1) });
    this.#write();
    closeSync(this.#handle);
    const detail = { previous, bytes: this.#bytes, digest: this.#prev, lines: this.lines };
    this.#enterFile();
    this.add({ type: 'chain', action: 'continued', detail });
  }

  close(): VerifyOptions {
    this.add({ type: 'chain', action: 'closed', detail: {} });
    this.sign();
    this.#write();
    closeSync(this.#handle);
    const checkpoints = [{ file: 'notes', text: this.#notes, mixed: false }];
    return { files: this.#files, sandbox, firstKey, verifierKey: this.verifierKey, checkpoints };
  }

  get #at(): string {
    return new Date(Date.UTC(2026, 0, 1) + this.#seq * 10).toISOString();
  }

  #enterFile(): void {
    const file = join(this.#folder, chainFileName(sandbox, this.#files.length + 1));
    this.#files.push(file);
    this.#handle = openSync(file, 'wx');
    this.#bytes = 0;
    this.lines = 0;
  }

  #write(): void {
    this.#bytes += writeSync(this.#handle, this.#waiting.join(''), null, 'latin1');
    this.#waiting = [];
  }
}
