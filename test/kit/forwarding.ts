/**
 * A chain written line by line, rotated and signed as a test wants it, an outbox that reads it, and receivers on loopback that
 * keep what they are told and answer what they are told to.
 */
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { appendFileSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Server as NetServer } from 'node:net';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { chainFileName } from '../../helper/audit/form/chain-files.ts';
import { genesis, sealLine } from '../../helper/audit/form/chain.ts';
import { signCheckpoint } from '../../helper/audit/form/checkpoint.ts';
import { lineKey } from '../../helper/audit/form/key-schedule.ts';
import type { ForwardFacts } from '../../helper/audit/forward/contract.ts';
import { Outbox } from '../../helper/audit/forward/outbox.ts';
import type { Notice, SenderPlaces } from '../../helper/audit/forward/sender.ts';
import type { SinkSettings, WebhookSettings } from '../../helper/audit/forward/settings.ts';
import { systemClock, type Clock } from '../../helper/base/clock.ts';
import { silentLog } from '../../helper/base/log.ts';
import type { RecordEntry } from '../../helper/protocol/record.ts';
import { testPlace } from './folders.ts';

export const chainName = '0123456789ab';
const lineSeal = lineKey(Buffer.alloc(32, 7));

export class WrittenChain {
  readonly places: SenderPlaces;
  readonly #privateKey = createPrivateKey(
    generateKeyPairSync('ed25519', {
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    }).privateKey,
  );
  head = { seq: -1, digest: genesis };
  number = 1;

  constructor(root: string) {
    this.places = { outbox: join(root, 'outbox'), audit: join(root, 'audit'), checkpoints: join(root, 'checkpoints') };
    for (const folder of [this.places.audit, this.places.checkpoints]) mkdirSync(folder, { recursive: true });
  }

  get file(): string {
    return join(this.places.audit, chainFileName(chainName, this.number));
  }

  /** Appends one line; tells its digest. */
  write(entry: Partial<RecordEntry> = {}): string {
    const place = { sandbox: chainName, seq: this.head.seq + 1, epoch: 0, ts: '2026-01-02T03:04:05.678Z', mono: 1, prev: this.head.digest };
    const { line, digest } = sealLine(lineSeal, place, {
      ...{ type: 'command', action: 'exec', outcome: 'success', actor: { kind: 'agent', face: 'guest' }, target: 'git' },
      ...entry,
    });
    appendFileSync(this.file, `${line}\n`);
    this.head = { seq: place.seq, digest };
    return digest;
  }

  writeMany(count: number, entry: Partial<RecordEntry> = {}): void {
    for (let n = 0; n < count; n += 1) this.write(entry);
  }

  rotate(): void {
    this.write({ type: 'chain', action: 'rotated' });
    this.number += 1;
    this.write({ type: 'chain', action: 'continued' });
  }

  /** Signs where the chain stands. */
  sign(): string {
    const { seq, digest } = this.head;
    const note = signCheckpoint(
      { sandbox: chainName, size: seq + 1, digest, index: 0, epoch: 0, at: '2026-01-02T03:04:06.000Z' },
      this.#privateKey,
    );
    appendFileSync(join(this.places.checkpoints, `${chainName}.checkpoints`), note);
    return note;
  }

  get bytes(): number {
    return statSync(this.file).size;
  }
}

/** Waits that pass at once, and are kept for a look: nothing in a test depends on how long anything takes. */
export function hastyClock(): Clock & { readonly slept: number[] } {
  const slept: number[] = [];
  return {
    ...systemClock,
    slept,
    sleep: async (ms, signal) => {
      slept.push(ms);
      await systemClock.sleep(Math.min(ms, 5), signal);
    },
  };
}

export interface TestOutbox {
  readonly chain: WrittenChain;
  readonly outbox: Outbox;
  readonly facts: ForwardFacts;
  readonly notices: Notice[];
  readonly clock: ReturnType<typeof hastyClock>;
  /** Another helper, over the same files. */
  readonly again: () => Outbox;
  readonly end: () => Promise<void>;
}

/** @param more facts that are to be otherwise */
export function testOutbox(more: Partial<ForwardFacts> = {}): TestOutbox {
  const place = testPlace();
  const chain = new WrittenChain(place.root);
  const clock = hastyClock();
  const notices: Notice[] = [];
  const facts: ForwardFacts = {
    ...{ clock, chance: () => 0.5, log: silentLog, version: '2.0.0', hostName: 'machine.test', environment: process.env },
    dial: ({ host, port }) =>
      new Promise((resolve, reject) => {
        const socket = connect({ host, port, allowHalfOpen: true });
        socket.once('connect', () => resolve(socket)).once('error', () => reject(new Error('it could not be reached')));
      }),
    trust: () => Promise.resolve(createSecureContext()),
    secret: (source) => Promise.resolve(`value of ${source}`),
    requireSafe: () => Promise.resolve(),
    ...more,
  };
  const made: Outbox[] = [];
  const again = (): Outbox => {
    const outbox = new Outbox({ places: chain.places, facts });
    outbox.onNotice = (notice) => void notices.push(notice);
    made.push(outbox);
    return outbox;
  };
  return {
    ...{ chain, facts, notices, clock, again },
    outbox: again(),
    end: async () => {
      await Promise.all(made.map((outbox) => outbox.close(0)));
      rmSync(place.root, { recursive: true, force: true });
    },
  };
}

export interface Told {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly url: string;
}

export interface Receiver {
  readonly url: string;
  readonly told: readonly Told[];
  /** what it says to the next one who asks */
  answer: (asked: IncomingMessage, answer: ServerResponse) => void;
  close(): Promise<void>;
}

const well = (_asked: IncomingMessage, answer: ServerResponse): void => void answer.writeHead(204).end();

/** A receiver over HTTP. @param port an earlier receiver's, to come back at its address */
export async function receiver(port = 0, server: Server = createServer()): Promise<Receiver> {
  const told: Told[] = [];
  const made = { told, answer: well };
  server.on('request', (asked: IncomingMessage, answer: ServerResponse) => {
    const pieces: Buffer[] = [];
    asked.on('data', (piece: Buffer) => pieces.push(piece));
    asked.on('error', () => undefined);
    asked.on('end', () => {
      told.push({ headers: asked.headers, body: Buffer.concat(pieces).toString(), url: asked.url ?? '' });
      made.answer(asked, answer);
    });
  });
  const at = await listening(server, port);
  return Object.assign(made, {
    url: `http://127.0.0.1:${at}/hook`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

export async function listening(server: NetServer | Server, port = 0): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

export function webhookTo(url: string, more: Partial<WebhookSettings> = {}): WebhookSettings {
  const written = { profile: 'test', files: [] };
  return { kind: 'webhook', url, events: ['command', 'lifecycle'], timeoutMs: 2000, retries: 2, ...written, ...more };
}

export const written: Pick<SinkSettings, 'profile' | 'files'> = { profile: 'test', files: [] };

/** Looks again until it is so. */
export async function until(what: string, so: () => boolean): Promise<void> {
  for (let looks = 0; looks < 6000; looks += 1) {
    if (so()) return;
    await systemClock.sleep(5);
  }
  throw new Error(`never: ${what}`);
}
