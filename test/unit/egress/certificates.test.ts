import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { describe, test } from 'node:test';
import { connect, TLSSocket } from 'node:tls';
import fc from 'fast-check';
import { openAuthority } from '../../../helper/egress/certificates.ts';
import { der, integer, moment, objectIdentifier } from '../../../helper/egress/der.ts';

const authority = await openAuthority();
const limits = { timeout: 5_000 };

/** Speaks TLS with a server called `host`; its certificate, if whoever asks for `asked` is content with it. */
async function certificateOf(host: string, asked = host): Promise<X509Certificate | string> {
  const [near, far] = duplexPair();
  const server = new TLSSocket(far, { isServer: true, secureContext: authority.contextFor(host) });
  server.on('error', () => undefined);
  const client = connect({
    socket: near,
    host: asked,
    ca: authority.certificatePem,
    ...(/^[\d.:a-f]+$/.test(asked) ? {} : { servername: asked }),
  });
  try {
    await once(client, 'secureConnect');
    return client.getPeerX509Certificate() ?? 'none';
  } catch (error) {
    return String(error);
  } finally {
    client.destroy();
    server.destroy();
  }
}

describe('whoever trusts the authority is content with what it vouches for', () => {
  const long = `${'a'.repeat(60)}.${'b'.repeat(60)}.example`;
  for (const host of ['api.example', 'xn--bcher-kva.example', '192.0.2.1', '2001:db8::1', '2001:db8:0:1:2:3:4:5', '::1', long])
    test(host, limits, async () => {
      const certificate = await certificateOf(host);
      assert.ok(certificate instanceof X509Certificate, String(certificate));
      assert.ok(certificate.verify(new X509Certificate(authority.certificatePem).publicKey));
      assert.equal(certificate.ca, false);
    });
});

test('it is not content with it for another name', limits, async () => {
  assert.match(String(await certificateOf('api.example', 'evil.example')), /altnames/);
  assert.match(String(await certificateOf('192.0.2.1', '192.0.2.2')), /does not match/);
});

test('each sandbox has an authority of its own, that can vouch for no other authority', async () => {
  const other = new X509Certificate((await openAuthority()).certificatePem);
  const own = new X509Certificate(authority.certificatePem);
  assert.ok(own.ca && own.verify(own.publicKey));
  assert.equal(own.verify(other.publicKey), false);
  assert.notEqual(own.subject, other.subject);
});

test('what was made for a name is used again', () => {
  assert.equal(authority.contextFor('again.example'), authority.contextFor('again.example'));
  assert.equal(authority.trusting([]), authority.trusting([]));
});

test('its key stands in what is kept for the next helper and nowhere else', () => {
  const { kept, ...shown } = authority;
  assert.match(kept.keyPem, /PRIVATE/);
  assert.doesNotMatch(JSON.stringify(shown), /PRIVATE/);
});

test('an authority that was kept vouches for the same', async () => {
  const again = await openAuthority(authority.kept);
  assert.equal(again.certificatePem, authority.certificatePem);
  await assert.rejects(openAuthority({ ...authority.kept, keyPem: 'nothing' }));
});

describe('values are encoded as X.690 says', () => {
  const cases: readonly (readonly [Buffer, string])[] = [
    [integer(Buffer.from([0])), '020100'],
    [integer(Buffer.from([0, 0, 1])), '020101'],
    [integer(Buffer.from([0x80])), '02020080'],
    [objectIdentifier('1.2.840.10045.4.3.2'), '06082a8648ce3d040302'],
    [moment(new Date('2026-11-21T01:02:03.456Z')), `170d${Buffer.from('261121010203Z').toString('hex')}`],
    [moment(new Date('2050-01-01T00:00:00Z')), `180f${Buffer.from('20500101000000Z').toString('hex')}`],
  ];
  for (const [bytes, hex] of cases) test(hex, () => assert.equal(bytes.toString('hex'), hex));
  test('lengths', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 65_535 }), (length) => {
        const bytes = der(4, Buffer.alloc(length));
        const header = bytes.length - length;
        assert.equal(header, length < 128 ? 2 : length < 256 ? 3 : 4);
        const told = header === 2 ? bytes.readUInt8(1) : bytes.readUIntBE(2, header - 2);
        assert.equal(told, length);
      }),
    );
  });
});
