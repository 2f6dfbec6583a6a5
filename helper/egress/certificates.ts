/**
 * The authority of one sandbox: made in memory and trusted in that sandbox alone. Its key is for nobody but the helper; every name it
 * vouches for shares another one, as all of them are answered by this process.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { promisify } from 'node:util';
import { bits, der, integer, moment, objectIdentifier, octets, sequence, set, text, yes } from './der.ts';
import { GivenValues } from './redact.ts';

/** what is needed to find an authority again; it holds the key */
export interface KeptAuthority {
  readonly certificatePem: string;
  readonly keyPem: string;
}

export interface SandboxAuthority {
  /** PEM, to be trusted inside */
  readonly certificatePem: string;
  /** what a server called `host` (name or address, canonical) presents itself with inside; kept for the next time */
  contextFor(host: string): SecureContext;
  /** the host's own trust and these PEM certificates; kept for the next time */
  trusting(authorities: readonly string[]): SecureContext;
  /** for a file that this user alone can read: programs that run go on trusting it when the helper was killed */
  readonly kept: KeptAuthority;
  /** values of secrets that were given out for this sandbox */
  readonly given: GivenValues;
}

/** certificates kept; a name beyond them costs a signature again */
const keptLimit = 1000;
const dayMs = 86_400_000;
const validDays = 1825;

const generate = promisify(generateKeyPair);

/** @param earlier the authority as it was kept; undefined: a new one @throws Error for one that cannot be read */
export async function openAuthority(earlier?: KeptAuthority): Promise<SandboxAuthority> {
  const [own, shared] = await Promise.all([earlier === undefined ? newKey() : keyOf(earlier), newKey()]);
  const name = earlier === undefined ? `LASSO sandbox ${randomBytes(4).toString('hex')}` : commonNameOf(earlier);
  const certificatePem =
    earlier?.certificatePem ?? certificate({ issuer: name, subject: name, key: own.publicKey, extensions: authorityExtensions(own) }, own);
  const sharedKeyPem = shared.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const contexts = new Map<string, SecureContext>();
  const trusted = new Map<string, SecureContext>();
  return {
    certificatePem,
    kept: { certificatePem, keyPem: own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() },
    given: new GivenValues(),
    contextFor: (host) =>
      kept(contexts, host, () => {
        const leaf = { issuer: name, subject: host.slice(0, 64), key: shared.publicKey, extensions: serverExtensions(host, shared, own) };
        const cert = certificate(leaf, own) + certificatePem;
        return createSecureContext({ key: sharedKeyPem, cert, minVersion: 'TLSv1.2' });
      }),
    trusting: (authorities) =>
      kept(trusted, authorities.join('\n'), () => {
        const ca = [...new Set([...getCACertificates('default'), ...getCACertificates('system'), ...authorities])];
        return createSecureContext({ ca, minVersion: 'TLSv1.2' });
      }),
  };
}

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

function keyOf({ keyPem }: KeptAuthority): KeyPair {
  const privateKey = createPrivateKey(keyPem);
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

const commonNameOf = ({ certificatePem }: KeptAuthority): string =>
  /^CN=(.+)$/m.exec(new X509Certificate(certificatePem).subject)?.[1] ?? '';

const newKey = (): Promise<KeyPair> => generate('ec', { namedCurve: 'P-256' });

interface Contents {
  readonly issuer: string;
  readonly subject: string;
  readonly key: KeyObject;
  readonly extensions: readonly Buffer[];
}

/** A certificate of version 3 (RFC 5280, 4.1), signed with ECDSA and SHA-256, as PEM. */
function certificate({ issuer, subject, key, extensions }: Contents, signer: KeyPair): string {
  const algorithm = sequence(objectIdentifier('1.2.840.10045.4.3.2'));
  const now = Date.now();
  const contents = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    nameOf(issuer),
    sequence(moment(new Date(now - dayMs)), moment(new Date(now + validDays * dayMs))),
    nameOf(subject),
    publicKeyDer(key),
    der(0xa3, sequence(...extensions)),
  );
  const signed = sequence(contents, algorithm, bits(sign('sha256', contents, signer.privateKey)));
  return new X509Certificate(signed).toString();
}

function authorityExtensions({ publicKey }: KeyPair): readonly Buffer[] {
  return [
    extension('2.5.29.19', sequence(yes(), integer(Buffer.from([0]))), true),
    extension('2.5.29.15', bits(Buffer.from([0x06]), 1), true),
    extension('2.5.29.14', octets(keyIdentifier(publicKey))),
  ];
}

function serverExtensions(host: string, own: KeyPair, authority: KeyPair): readonly Buffer[] {
  const named = isIP(host) === 0 ? der(0x82, Buffer.from(host)) : der(0x87, addressBytes(host));
  return [
    extension('2.5.29.17', sequence(named)),
    extension('2.5.29.19', sequence(), true),
    extension('2.5.29.15', bits(Buffer.from([0x80]), 7), true),
    extension('2.5.29.37', sequence(objectIdentifier('1.3.6.1.5.5.7.3.1'))),
    extension('2.5.29.14', octets(keyIdentifier(own.publicKey))),
    extension('2.5.29.35', sequence(der(0x80, keyIdentifier(authority.publicKey)))),
  ];
}

const nameOf = (common: string): Buffer => sequence(set(sequence(objectIdentifier('2.5.4.3'), text(common))));

function extension(identifier: string, value: Buffer, critical = false): Buffer {
  return sequence(objectIdentifier(identifier), ...(critical ? [yes()] : []), octets(value));
}

const publicKeyDer = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });

/** The first way of RFC 7093, 2, over the whole key. */
const keyIdentifier = (key: KeyObject): Buffer => createHash('sha256').update(publicKeyDer(key)).digest().subarray(0, 20);

/** @param address canonical IPv4 or IPv6 */
function addressBytes(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  const [before = '', after] = address.split('::');
  const groups = (part: string): number[] => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const [head, tail] = [groups(before), after === undefined ? [] : groups(after)];
  const all = [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => 0), ...tail];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

function kept<T>(among: Map<string, T>, key: string, make: () => T): T {
  const found = among.get(key);
  if (found !== undefined) return found;
  const oldest = among.keys().next();
  if (among.size >= keptLimit && oldest.done !== true) among.delete(oldest.value);
  const made = make();
  among.set(key, made);
  return made;
}
