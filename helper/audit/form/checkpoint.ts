/**
 * Checkpoints: where a chain stood, signed, so that whoever keeps one can tell later whether that part is still what it was.
 * The form is C2SP's signed note (c2sp.org/signed-note), its text laid out as a checkpoint (c2sp.org/tlog-checkpoint) whose
 * hash is the digest of the last line instead of a Merkle root. Pure: no file, no clock. What is parsed is hostile input.
 */
import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';

export interface Checkpoint {
  readonly sandbox: string;
  /** lines of the chain, all its files together */
  readonly size: number;
  /** SHA-256 of the last of them, 64 hex digits */
  readonly digest: string;
  /** index of the chain among those of its user */
  readonly index: number;
  readonly epoch: number;
  /** ISO 8601, UTC, milliseconds */
  readonly at: string;
}

/** name under which checkpoints are signed */
const signerName = 'lasso-record';
const originPrefix = 'lasso/record/v3/';
/** longest note that is read, in characters */
const noteLimit = 16_384;
const ed25519 = 0x01;
/** DER before the 32 bytes of an Ed25519 public key (RFC 8410) */
const publicPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/** A signed note, its last newline included. */
export function signCheckpoint(checkpoint: Checkpoint, privateKey: KeyObject): string {
  const text = textOf(checkpoint);
  const publicBytes = rawPublicKey(createPublicKey(privateKey));
  const signature = Buffer.concat([keyHash(signerName, publicBytes), sign(null, Buffer.from(text), privateKey)]);
  return `${text}\n\u2014 ${signerName} ${signature.toString('base64')}\n`;
}

/** What a note says when `verifierKey` signed it; undefined for anything else. */
export function openCheckpoint(note: string, verifierKey: VerifierKey): Checkpoint | undefined {
  if (note.length > noteLimit) return undefined;
  const end = note.lastIndexOf('\n\n');
  if (end < 0) return undefined;
  const text = note.slice(0, end + 1);
  const signed = note
    .slice(end + 2)
    .split('\n')
    .some((line) => isSignatureOf(line, text, verifierKey));
  return signed ? parseText(text) : undefined;
}

/** The notes of a text in which they follow each other. */
export function splitNotes(text: string): readonly string[] {
  return text.split(/(?<=\n\u2014 [^\n]*\n)(?!\u2014 )/u).filter((note) => note.trim() !== '');
}

export interface VerifierKey {
  readonly name: string;
  readonly hash: Buffer;
  readonly key: KeyObject;
}

/** `<name>+<hash>+<key>`, the form in which a note's public key is handed on. */
export function verifierKeyText(publicKey: KeyObject): string {
  const bytes = rawPublicKey(publicKey);
  const key = Buffer.concat([Buffer.from([ed25519]), bytes]);
  return `${signerName}+${keyHash(signerName, bytes).toString('hex')}+${key.toString('base64')}`;
}

/** Reads what `verifierKeyText` wrote; undefined for anything else. */
export function parseVerifierKey(text: string): VerifierKey | undefined {
  const [, name, hash, encoded] = /^([^\s+]{1,100})\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})\s*$/.exec(text) ?? [];
  if (name === undefined || hash === undefined || encoded === undefined) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length !== 33 || bytes[0] !== ed25519 || keyHash(name, bytes.subarray(1)).toString('hex') !== hash) return undefined;
  const key = createPublicKey({ key: Buffer.concat([publicPrefix, bytes.subarray(1)]), format: 'der', type: 'spki' });
  return { name, hash: Buffer.from(hash, 'hex'), key };
}

function textOf({ sandbox, size, digest, index, epoch, at }: Checkpoint): string {
  const hash = Buffer.from(digest, 'hex').toString('base64');
  return `${originPrefix}${sandbox}\n${size}\n${hash}\nindex ${index}\nepoch ${epoch}\ntime ${at}\n`;
}

function parseText(text: string): Checkpoint | undefined {
  const number = '(0|[1-9][0-9]{0,14})';
  const found = new RegExp(
    `^${originPrefix}([a-z0-9-]{1,64})\\n${number}\\n([A-Za-z0-9+/]{43}=)\\nindex ${number}\\nepoch ${number}\\ntime (\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z)\\n$`,
  ).exec(text);
  if (!found) return undefined;
  const [, sandbox = '', size = '', hash = '', index = '', epoch = '', at = ''] = found;
  const checkpoint: Checkpoint = {
    sandbox,
    size: Number(size),
    digest: Buffer.from(hash, 'base64').toString('hex'),
    index: Number(index),
    epoch: Number(epoch),
    at,
  };
  return textOf(checkpoint) === text ? checkpoint : undefined;
}

function isSignatureOf(line: string, text: string, { name, hash, key }: VerifierKey): boolean {
  const [, signer, encoded] = /^\u2014 (\S+) ([A-Za-z0-9+/]+={0,2})$/u.exec(line) ?? [];
  if (signer !== name || encoded === undefined) return false;
  const bytes = Buffer.from(encoded, 'base64');
  return bytes.length === 68 && bytes.subarray(0, 4).equals(hash) && verify(null, Buffer.from(text), key, bytes.subarray(4));
}

/** First four bytes of SHA-256 over name, newline, 0x01 and the key, as C2SP says. */
function keyHash(name: string, publicBytes: Uint8Array): Buffer {
  return createHash('sha256')
    .update(`${name}\n`)
    .update(Buffer.from([ed25519]))
    .update(publicBytes)
    .digest()
    .subarray(0, 4);
}

function rawPublicKey(publicKey: KeyObject): Buffer {
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(publicPrefix.length);
}
