/** Makes a chain out of fixed keys, a fixed clock and the two functions that seal lines and checkpoints: the same bytes each time. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { chainFileName } from '../../helper/audit/form/chain-files.ts';
import { genesis, sealLine } from '../../helper/audit/form/chain.ts';
import { signCheckpoint, verifierKeyText } from '../../helper/audit/form/checkpoint.ts';
import { chainSeed, fingerprintOf, lineKey, nextSeed, seedAfter } from '../../helper/audit/form/key-schedule.ts';
import type { RecordEntry } from '../../helper/protocol/record.ts';

/** 32 bytes that count up from a number */
export const countingBytes = (from: number): Buffer => Buffer.from(Array.from({ length: 32 }, (_, at) => (from + at) % 256));

export const firstKey = countingBytes(0);
/** DER before the 32 bytes of an Ed25519 private key (RFC 8410) */
const privatePrefix = Buffer.from('302e020100300506032b657004220420', 'hex');
export const signerOf = (seed: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([privatePrefix, seed]), format: 'der', type: 'pkcs8' });
export const signer = signerOf(countingBytes(32));
export const publicKey = verifierKeyText(createPublicKey(signer));

export interface ChainFacts {
  readonly sandbox: string;
  readonly index: number;
  /** default: `firstKey` */
  readonly firstKey?: Buffer;
}

/** One chain as its writer would leave it. What it holds can be taken and tampered with at any time. */
export class ChainMaker {
  readonly files: { readonly name: string; text: string }[] = [];
  readonly notes: string[] = [];
  readonly #facts: ChainFacts;
  #seed: Buffer;
  #epoch = 0;
  #seq = 0;
  #prev = genesis;
  #lines = 0;
  #atMs = Date.UTC(2026, 0, 1);

  constructor(facts: ChainFacts) {
    this.#facts = facts;
    const first = facts.firstKey ?? firstKey;
    this.#seed = chainSeed(seedAfter(first, facts.index), facts.sandbox);
    this.#begin(1);
    const detail = { index: facts.index, fingerprint: fingerprintOf(first), publicKey, helper: '2.0.0', boot: 'boot-1' };
    this.chain('begun', detail).note();
  }

  /** The same chain as it is now, to go another way from here. */
  fork(): ChainMaker {
    const copy = new ChainMaker(this.#facts);
    copy.files.splice(0, copy.files.length, ...this.files.map((file) => ({ ...file })));
    copy.notes.splice(0, copy.notes.length, ...this.notes);
    copy.#seed = this.#seed;
    copy.#epoch = this.#epoch;
    copy.#seq = this.#seq;
    copy.#prev = this.#prev;
    copy.#lines = this.#lines;
    copy.#atMs = this.#atMs;
    return copy;
  }

  /** A program that ran. */
  ran(target: string): this {
    return this.line({ type: 'command', action: 'exec', outcome: 'success', actor: { kind: 'agent', face: 'guest' }, target });
  }

  chain(action: string, detail: NonNullable<RecordEntry['detail']>): this {
    return this.line({ type: 'chain', action, outcome: 'success', actor: { kind: 'system', face: 'helper' }, detail });
  }

  /** Ends the epoch. */
  epoch(): this {
    this.chain('epoch', { next: this.#epoch + 1 });
    this.note();
    return this.#evolve();
  }

  /** Goes on in another file. */
  rotate(): this {
    const number = this.files.length + 1;
    this.chain('rotated', { next: chainFileName(this.#facts.sandbox, number) }).note();
    const before = this.files.at(-1);
    const detail = { previous: before?.name ?? '', bytes: before?.text.length ?? 0, digest: this.#prev, lines: this.#lines };
    this.#evolve().#begin(number);
    return this.chain('continued', detail);
  }

  /** Signs where it stands. */
  note(by: KeyObject = signer): this {
    const { sandbox, index } = this.#facts;
    const at = new Date(this.#atMs).toISOString();
    this.notes.push(signCheckpoint({ sandbox, size: this.#seq, digest: this.#prev, index, epoch: this.#epoch, at }, by));
    return this;
  }

  line(entry: RecordEntry): this {
    const { sandbox } = this.#facts;
    this.#atMs += 1000;
    const ts = new Date(this.#atMs).toISOString();
    const place = { sandbox, seq: this.#seq, epoch: this.#epoch, ts, mono: this.#seq + 0.5, prev: this.#prev };
    const { line, digest } = sealLine(lineKey(this.#seed), place, entry);
    const file = this.files.at(-1);
    if (file !== undefined) file.text += `${line}\n`;
    this.#seq += 1;
    this.#lines += 1;
    this.#prev = digest;
    return this;
  }

  /** Goes on with the next key as who stole it would: without a last line of this epoch, or with one that it forges. */
  steal(forged = false): this {
    if (!forged) return this.#evolve();
    this.#seed = nextSeed(this.#seed);
    this.chain('epoch', { next: this.#epoch + 1 });
    this.#epoch += 1;
    return this;
  }

  #evolve(): this {
    this.#seed = nextSeed(this.#seed);
    this.#epoch += 1;
    return this;
  }

  #begin(number: number): void {
    this.files.push({ name: chainFileName(this.#facts.sandbox, number), text: '' });
    this.#lines = 0;
  }
}
