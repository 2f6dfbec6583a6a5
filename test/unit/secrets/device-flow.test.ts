/** Signing in with a code typed elsewhere (RFC 8628), against a server of this machine that may be slow, wrong or hostile. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { test, type TestContext } from 'node:test';
import { beginLogin, finishLogin, isSafeAddress, type LoginServer, renewLogin } from '../../../helper/secrets/device-flow.ts';
import { GithubLogin } from '../../../helper/secrets/github.ts';
import { OwnStore } from '../../../helper/secrets/own-store.ts';
import { testPlace } from '../../kit/folders.ts';
import { missing, stillClock } from '../../kit/secrets.ts';

type Answer = unknown;
interface Served extends LoginServer {
  /** `path?form` of each request */
  readonly asked: string[];
}

/** Gives `answers` in turn; a function answers by itself. */
async function served(t: TestContext, answers: readonly Answer[]): Promise<Served> {
  const asked: string[] = [];
  const left = [...answers];
  const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let form = '';
    for await (const chunk of request) form += String(chunk);
    asked.push(`${request.url ?? ''}?${form}`);
    const answer = left.shift();
    if (typeof answer === 'function') (answer as (response: ServerResponse) => void)(response);
    else response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
  };
  const server = createServer((request, response) => void listener(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return { asked, address: `http://127.0.0.1:${address.port}`, clientId: 'client', scopes: 'repo read:org' };
}

const signal = new AbortController().signal;
const begun = {
  device_code: 'device-secret',
  user_code: 'ABCD-1234',
  verification_uri: 'https://login.example/device',
  expires_in: 900,
  interval: 5,
};
const given = { access_token: 'hunter2-token', token_type: 'bearer', scope: 'repo' };

test('a code is asked for, and the token comes once the person has agreed', async (t) => {
  const clock = stillClock();
  const server = await served(t, [begun, { error: 'authorization_pending' }, { error: 'slow_down', interval: 10 }, given]);
  const code = await beginLogin(server, clock, signal);
  assert.deepEqual([code.userCode, code.page, code.intervalMs], ['ABCD-1234', 'https://login.example/device', 5000]);
  const from = clock.nowMs;
  const got = await finishLogin(server, code, clock, signal);
  assert.deepEqual([got.accessToken, got.scopes, clock.nowMs - from], ['hunter2-token', 'repo', 5000 + 5000 + 10_000]);
  assert.equal(server.asked[0], '/login/device/code?client_id=client&scope=repo+read%3Aorg');
  assert.equal(
    server.asked[1],
    '/login/oauth/access_token?client_id=client&device_code=device-secret&grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code',
  );
});

const ends: readonly (readonly [answer: Answer, why: RegExp])[] = [
  [{ error: 'access_denied' }, /declined on the page/],
  [{ error: 'expired_token' }, /nobody agreed on the page in time/],
  [{ error: 'incorrect_client_credentials' }, /does not know the client id/],
  [{ error: 'something_new' }, /the server says something_new/],
  [{ error: '\u001b[2J hunter2' }, /answers what cannot be understood/],
  ['<html>hunter2</html>', /answers what cannot be understood/],
  [{ access_token: 'a b\r\nc' }, /answers what cannot be understood/],
  [(response: ServerResponse) => response.destroy(), /cannot be reached/],
  [(response: ServerResponse) => response.writeHead(302, { location: '/elsewhere' }).end(), /cannot be reached/],
  [(response: ServerResponse) => response.end('x'.repeat(100_000)), /cannot be reached/],
];
test('every way it can end without a token is told in words of ours', async (t) => {
  const server = await served(
    t,
    ends.flatMap(([answer]) => [begun, answer]),
  );
  for (const [, why] of ends) {
    const clock = stillClock();
    const code = await beginLogin(server, clock, signal);
    await missing(finishLogin(server, code, clock, signal), why);
  }
});

test('nobody is waited for longer than the code holds, and giving up ends it', async (t) => {
  const clock = stillClock();
  const server = await served(t, [{ ...begun, expires_in: 12 }, ...Array.from({ length: 9 }, () => ({ error: 'authorization_pending' }))]);
  const code = await beginLogin(server, clock, signal);
  await missing(finishLogin(server, code, clock, signal), /in time/);
  assert.equal(server.asked.length, 1 + 3);
  await assert.rejects(finishLogin(server, { ...code, expiresMs: Infinity }, clock, AbortSignal.abort(new Error('given up'))), /given up/);
});

test('a page that is not encrypted is not shown, and no server is asked that is not', async (t) => {
  const server = await served(t, [
    { ...begun, verification_uri: 'http://login.example/' },
    { ...begun, verification_uri: 'javascript:1' },
  ]);
  for (let answers = 0; answers < 2; answers += 1) await missing(beginLogin(server, stillClock(), signal), /not encrypted/);
  await missing(beginLogin({ ...server, address: 'http://login.example' }, stillClock(), signal), /not encrypted/);
  for (const safe of ['https://a.example', 'http://127.0.0.1:1', 'http://[::1]:1/x']) assert.ok(isSafeAddress(safe), safe);
  for (const unsafe of ['http://a.example', 'http://127.0.0.1.a.example', 'ftp://a.example', 'https://me@a.example', 'x'])
    assert.ok(!isSafeAddress(unsafe), unsafe);
});

test('the variable comes first, then the login, which is renewed once for all who wait', async (t) => {
  const clock = stillClock();
  const place = testPlace();
  t.after(place.remove);
  const server = await served(t, [{ ...given, access_token: 'second', expires_in: 3600, refresh_token: 'r2' }]);
  const store = new OwnStore(place.folders, place.host, undefined);
  const login = new GithubLogin({}, store, () => Promise.resolve(server), clock);
  await missing(login.source.read(), /nobody is signed in/);
  assert.deepEqual(await login.state(), {});
  await login.keep({ accessToken: 'first', scopes: '', obtainedMs: clock.nowMs, expiresMs: clock.nowMs + 120_000, refreshToken: 'r1' });
  assert.equal(await login.source.read(), 'first');
  assert.equal((await login.state()).from, 'login');
  clock.nowMs += 61_000;
  assert.deepEqual(await Promise.all([login.source.read(), login.source.read()]), ['second', 'second']);
  assert.equal(await login.source.read(), 'second');
  assert.equal(server.asked.length, 1);
  assert.match(server.asked[0] ?? '', /refresh_token=r1&grant_type=refresh_token$/);
  const named = new GithubLogin({ GH_TOKEN: 'gh', GITHUB_TOKEN: 'first of all' }, store, () => Promise.resolve(server), clock);
  assert.equal(await named.source.read(), 'first of all');
  assert.deepEqual(await named.state(), { from: 'GITHUB_TOKEN' });
  assert.deepEqual([await login.forget(), await login.forget()], [true, false]);
  await missing(login.source.read(), /nobody is signed in/);
});

test('a login that has ended and cannot be renewed is not used', async (t) => {
  const clock = stillClock();
  const place = testPlace();
  t.after(place.remove);
  const server = await served(t, [{ error: 'bad_refresh_token' }]);
  const login = new GithubLogin({}, new OwnStore(place.folders, place.host, undefined), () => Promise.resolve(server), clock);
  await login.keep({ accessToken: 'v', scopes: '', obtainedMs: 0, expiresMs: clock.nowMs - 1 });
  await missing(login.source.read(), /has ended/);
  await login.keep({ accessToken: 'v', scopes: '', obtainedMs: 0, expiresMs: clock.nowMs - 1, refreshToken: 'r' });
  await missing(login.source.read(), /the login has ended/);
});

test('a server that keeps the refresh token keeps it for us too', async (t) => {
  const server = await served(t, [given]);
  assert.equal((await renewLogin(server, 'r1', stillClock(), signal)).refreshToken, 'r1');
});
