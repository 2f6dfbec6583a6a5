import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { openAuthority } from '../../../helper/egress/certificates.ts';
import { openOutside, type Outside, type OutsideOptions } from '../../kit/egress.ts';
import { secretCalled, textOf, until } from '../../kit/passage.ts';

const limits = { timeout: 8_000 };
const secret = secretCalled('token', 'sk-plain-value-1234');
const ranges = 'mode = "restricted"\nallowed_ports = [443]\n';

/** A sandbox whose hosts are `api.example` and `other.example`, on one server that says what it was told. */
async function opened(context: TestContext, options: Pick<OutsideOptions, 'rules' | 'secrets'>): Promise<Outside> {
  const authority = await openAuthority();
  const SNICallback = (name: string, done: (error: null, found: ReturnType<typeof authority.contextFor>) => void): void =>
    done(null, authority.contextFor(name));
  const server = createServer({ SNICallback }, (asked, answer) => answer.end(`${asked.url ?? ''} ${asked.headers.authorization ?? '-'}`));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return openOutside(context, {
    ...options,
    names: { 'api.example': ['203.0.113.5'], 'other.example': ['203.0.113.5'] },
    servers: { '203.0.113.5:443': address.port },
    extraAuthorities: [authority.certificatePem],
  });
}

/** Speaks TLS over a connection; whose certificate it got. */
async function secured(socket: Socket, host: string): Promise<{ readonly client: TLSSocket; readonly issuer: string }> {
  const client = connect({ socket, servername: host, rejectUnauthorized: false });
  client.on('error', () => undefined);
  await once(client, 'secureConnect');
  return { client, issuer: String(client.getPeerX509Certificate()?.issuer) };
}

const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n${more}\r\n`;

for (const way of ['name', 'proxy'] as const)
  test(`TLS is ended where a rule names paths, and requests are judged within, by ${way}`, limits, async (context) => {
    const outside = await opened(context, {
      rules: `${ranges}allowed_domains = ["other.example"]\nrules = [{ host = "api.example", paths = ["/open"], action = "allow" }]`,
    });
    const enter = async (host: string): Promise<Socket> => {
      if (way === 'name') {
        const socket = await outside.inside({ kind: 'name', host, port: 443 });
        assert.ok(typeof socket !== 'string');
        return socket;
      }
      const socket = await outside.proxy();
      socket.write(`CONNECT ${host}:443 HTTP/1.1\r\nHost: ${host}:443\r\n\r\n`);
      assert.match(await until(socket, '\r\n\r\n'), /^HTTP\/1\.1 200 /);
      return socket;
    };
    const ended = await secured(await enter('api.example'), 'api.example');
    ended.client.write(get('/open'));
    assert.match(await textOf(ended.client), /^HTTP\/1\.1 200 [^]*\/open -$/);
    const refused = await secured(await enter('api.example'), 'api.example');
    refused.client.write(get('/shut'));
    assert.match(await textOf(refused.client), /^HTTP\/1\.1 403 [^]*LASSO: /);
    // Where nothing needs its requests, the far side's own certificate is seen.
    const through = await secured(await enter('other.example'), 'other.example');
    assert.notEqual(through.issuer, ended.issuer);
    assert.equal(refused.issuer, ended.issuer);
    through.client.destroy();
  });

test('a placeholder becomes a value towards the host it is bound to, and comes back as one', limits, async (context) => {
  const outside = await opened(context, { rules: `${ranges}allowed_domains = ["api.example"]`, secrets: [secret] });
  const socket = await outside.inside({ kind: 'name', host: 'api.example', port: 443 });
  assert.ok(typeof socket !== 'string');
  const { client } = await secured(socket, 'api.example');
  client.write(get('/', `Authorization: Bearer ${secret.placeholder}\r\n`));
  assert.match(await textOf(client), new RegExp(`/ Bearer ${secret.placeholder}`));
  assert.equal((await outside.told('substituted')).outcome, 'success');
  assert.equal((await outside.told('redacted')).outcome, 'success');
});
