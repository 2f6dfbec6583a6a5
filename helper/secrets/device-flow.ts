/**
 * Signing in on another page: the OAuth device flow (RFC 8628), and the renewal of what it gave (RFC 6749, 6). Which server, and
 * as which client, is the caller's to say. Codes and tokens go nowhere but to that server and to the caller.
 */
import { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import { unavailable } from './unavailable.ts';

export interface LoginServer {
  /** where `/login/device/code` and `/login/oauth/access_token` are */
  readonly address: string;
  readonly clientId: string;
  /** separated by spaces; empty: what the server gives by itself */
  readonly scopes: string;
}

export interface DeviceCode {
  /** only this process and the server know it */
  readonly secret: string;
  /** what a person types on the page */
  readonly userCode: string;
  readonly page: string;
  readonly expiresMs: number;
  readonly intervalMs: number;
}

export const tokens = z.object({
  accessToken: z.string(),
  scopes: z.string(),
  /** milliseconds since 1970 */
  obtainedMs: z.number(),
  expiresMs: z.number().optional(),
  refreshToken: z.string().optional(),
});
export type Tokens = z.infer<typeof tokens>;

type Time = Pick<Clock, 'now' | 'sleep'>;

const seconds = z.number().min(0).max(31_536_000);
const codeAnswer = z.object({
  device_code: z.string().min(1).max(4096),
  user_code: z.string().regex(/^[\x21-\x7e]{1,40}$/),
  verification_uri: z.string().max(500),
  expires_in: seconds,
  interval: seconds.default(5),
});
const tokenAnswer = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]{1,8192}$/),
  scope: z.string().max(2000).default(''),
  expires_in: seconds.optional(),
  refresh_token: z.string().max(8192).optional(),
});
const errorAnswer = z.object({ error: z.string().regex(/^[a-z_]{1,60}$/), interval: seconds.optional() });

const requestMs = 10_000;
const answerLimitBytes = 64 * 1024;

/** @throws LassoError SECRET_UNAVAILABLE when the server cannot be reached or refuses */
export async function beginLogin(server: LoginServer, clock: Time, signal: AbortSignal): Promise<DeviceCode> {
  const answer = await post(server, 'login/device/code', { client_id: server.clientId, scope: server.scopes }, signal);
  const { data } = codeAnswer.safeParse(answer);
  if (data === undefined) throw refused(server, answer);
  const { verification_uri: page } = data;
  if (!isSafeAddress(page)) throw unavailable('the server names a page that is not encrypted', 'Check github.address in config.toml.');
  return {
    secret: data.device_code,
    userCode: data.user_code,
    page,
    expiresMs: clock.now().getTime() + data.expires_in * 1000,
    intervalMs: Math.max(1, data.interval) * 1000,
  };
}

/** Waits until the person has agreed on the page. @throws LassoError SECRET_UNAVAILABLE when they did not, or not in time; the signal's reason */
export async function finishLogin(server: LoginServer, code: DeviceCode, clock: Time, signal: AbortSignal): Promise<Tokens> {
  const form = { client_id: server.clientId, device_code: code.secret, grant_type: 'urn:ietf:params:oauth:grant-type:device_code' };
  let { intervalMs } = code;
  while (clock.now().getTime() < code.expiresMs) {
    await clock.sleep(intervalMs, signal);
    const answer = await post(server, 'login/oauth/access_token', form, signal);
    const got = tokensIn(answer, clock);
    if (got !== undefined) return got;
    const { data } = errorAnswer.safeParse(answer);
    if (data?.error === 'slow_down') intervalMs = Math.max(intervalMs + 5000, (data.interval ?? 0) * 1000);
    else if (data?.error === 'expired_token') break;
    else if (data?.error !== 'authorization_pending') throw refused(server, answer);
  }
  throw unavailable('nobody agreed on the page in time', 'Begin again: lasso auth login');
}

/** Fresh tokens for a login that ends. @throws LassoError SECRET_UNAVAILABLE */
export async function renewLogin(server: LoginServer, refreshToken: string, clock: Time, signal: AbortSignal): Promise<Tokens> {
  const form = { client_id: server.clientId, refresh_token: refreshToken, grant_type: 'refresh_token' };
  const answer = await post(server, 'login/oauth/access_token', form, signal);
  const got = tokensIn(answer, clock);
  if (got === undefined) throw refused(server, answer);
  return { refreshToken, ...got };
}

function tokensIn(answer: unknown, clock: Time): Tokens | undefined {
  const { data } = tokenAnswer.safeParse(answer);
  if (data === undefined) return undefined;
  const now = clock.now().getTime();
  return {
    accessToken: data.access_token,
    scopes: data.scope,
    obtainedMs: now,
    ...(data.expires_in === undefined ? {} : { expiresMs: now + data.expires_in * 1000 }),
    ...(data.refresh_token === undefined ? {} : { refreshToken: data.refresh_token }),
  };
}

/** Encrypted, or this machine itself. */
export function isSafeAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username } = new URL(text);
  return username === '' && (protocol === 'https:' || (protocol === 'http:' && /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/.test(hostname)));
}

/** The server's JSON, whatever its status; undefined for what is none. It is hostile text. */
async function post(server: LoginServer, path: string, form: Readonly<Record<string, string>>, signal: AbortSignal): Promise<unknown> {
  if (!isSafeAddress(server.address))
    throw unavailable('the address of the login is not encrypted', 'Correct github.address in config.toml to https.');
  const url = new URL(path, server.address.endsWith('/') ? server.address : `${server.address}/`);
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(requestMs)]),
    });
    return jsonIn(await textOf(answer));
  } catch {
    signal.throwIfAborted();
    throw unavailable(`${url.host} cannot be reached`, 'Check the connection, and github.address in config.toml.');
  }
}

async function textOf({ body }: Response): Promise<string> {
  const pieces: AsyncIterable<unknown> | null = body;
  const bytes: Uint8Array[] = [];
  let length = 0;
  if (pieces !== null)
    for await (const piece of pieces) {
      if (!(piece instanceof Uint8Array)) continue;
      length += piece.length;
      if (length > answerLimitBytes) throw new Error('the answer is too long');
      bytes.push(piece);
    }
  return Buffer.concat(bytes).toString('utf8');
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const meanings: Readonly<Record<string, string>> = {
  access_denied: 'it was declined on the page',
  device_flow_disabled: 'this client may not sign in with a code',
  incorrect_client_credentials: 'the server does not know the client id',
  unauthorized_client: 'the server does not know the client id',
  bad_refresh_token: 'the login has ended',
  invalid_grant: 'the login has ended',
};

function refused(server: LoginServer, answer: unknown): Error {
  const { data } = errorAnswer.safeParse(answer);
  const known = data !== undefined && Object.hasOwn(meanings, data.error) ? meanings[data.error] : undefined;
  const why =
    known ?? (data === undefined ? `${new URL(server.address).host} answers what cannot be understood` : `the server says ${data.error}`);
  return unavailable(why, 'Begin again with `lasso auth login`, and check [github] in config.toml.');
}
