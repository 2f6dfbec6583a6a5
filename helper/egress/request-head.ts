/**
 * The head of a request from inside, made sure of: one meaning only, or refused. Node's parser has refused most of what is
 * malformed before; what it lets through is refused here.
 */
import { canonicalHost } from '../policy/network/hosts.ts';
import { parseAuthority } from './authority.ts';
import { endToEnd, type Fields, listOf, valuesOf, without } from './fields.ts';

export interface RequestHead {
  readonly method: string;
  /** canonical */
  readonly host: string;
  readonly port: number;
  /** path and query, or `*` */
  readonly target: string;
  /** what goes on, without `Host` */
  readonly fields: Fields;
  /** bytes of the body, where they were announced */
  readonly length: number | undefined;
  readonly webSocket: boolean;
}

/** why a request is not carried */
export interface Malformed {
  readonly status: 400 | 417 | 421 | 431 | 501;
  readonly action: 'malformed-request' | 'name-mismatch';
  /** one sentence */
  readonly message: string;
}

export type ReadHead = { readonly ok: true; readonly head: RequestHead } | { readonly ok: false; readonly refused: Malformed };

/** a request as it arrived; hostile */
export interface ArrivedHead {
  readonly version: string;
  readonly method: string;
  readonly target: string;
  readonly fields: Fields;
}

export interface Expected {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  /** targets say host and port themselves, and any is fine */
  readonly proxy: boolean;
}

const fieldLimit = 256;
/** fields that say how the message is read; `Connection` must not take them away */
const framing = ['host', 'content-length', 'transfer-encoding', 'te', 'trailer', 'authorization', 'cookie'];

/** Reads a head of HTTP/1 (RFC 9112, 3 and 6). */
export function readHead(arrived: ArrivedHead, expected: Expected): ReadHead {
  const { fields, method, version } = arrived;
  if (version !== '1.1' && version !== '1.0') return no(400, 'this version of HTTP is not carried');
  if (fields.length > fieldLimit) return no(431, 'the request has too many header fields');
  const hosts = valuesOf(fields, 'host');
  if (hosts.length > 1) return no(400, 'the request names its host more than once');
  const transfer = valuesOf(fields, 'transfer-encoding');
  if (transfer.length > 0 && (version === '1.0' || transfer.length > 1 || transfer[0]?.toLowerCase() !== 'chunked'))
    return no(501, 'the only transfer coding that is carried is “chunked”');
  const length = lengthOf(fields);
  if (length === 'unclear' || (length !== undefined && transfer.length > 0)) return no(400, 'the length of the request is not clear');
  const listed = listOf(fields, 'connection');
  if (listed.some((name) => framing.includes(name) && name !== 'te')) return no(400, 'its Connection field names what must go on');
  const upgrade = listOf(fields, 'upgrade');
  const webSocket = upgrade.length === 1 && upgrade[0] === 'websocket' && listed.includes('upgrade');
  if (upgrade.length > 0 && !webSocket) return no(501, 'no other protocol is carried after an upgrade than “websocket”');
  if (webSocket && (method !== 'GET' || version !== '1.1' || transfer.length > 0 || (length ?? 0) > 0))
    return no(400, 'this is no way to ask for a WebSocket');
  const where = aim(arrived, hosts[0], expected);
  if (!where.ok) return where;
  const kept = without(endToEnd(fields), 'host', ...(webSocket ? ['content-length'] : []));
  return { ok: true, head: { method, ...where.aim, fields: kept, length: webSocket ? undefined : length, webSocket } };
}

/** Reads a head of HTTP/2 (RFC 9113, 8.3); pseudo-fields are among the fields. */
export function readStreamHead(fields: Fields, expected: Expected): ReadHead {
  const pseudo = (name: string): string => valuesOf(fields, name)[0] ?? '';
  const ordinary = fields.filter(([name]) => !name.startsWith(':'));
  const method = pseudo(':method');
  if (fields.length > fieldLimit) return no(431, 'the request has too many header fields');
  if (method === 'CONNECT' || pseudo(':protocol') !== '') return no(501, 'no tunnel is opened within a connection');
  if (pseudo(':scheme') !== expected.scheme) return no(400, 'the request is meant for another scheme');
  const hosts = valuesOf(ordinary, 'host');
  const authority = pseudo(':authority') === '' ? hosts[0] : pseudo(':authority');
  if (hosts.length > 1) return no(400, 'the request names its host more than once');
  if (authority === undefined) return no(400, 'the request does not name its host');
  const length = lengthOf(ordinary);
  if (length === 'unclear') return no(400, 'the length of the request is not clear');
  const where = aim({ version: '2.0', method, target: pseudo(':path'), fields }, authority, expected);
  if (!where.ok) return where;
  const second = hosts[0] === undefined ? where.aim : authorityOf(hosts[0], expected.scheme);
  if (second?.host !== where.aim.host || second.port !== where.aim.port) return mismatch('the request names two different hosts');
  const kept = joinedCookies(without(endToEnd(ordinary), 'host'));
  return { ok: true, head: { method, ...where.aim, fields: kept, length, webSocket: false } };
}

interface Aim {
  readonly host: string;
  readonly port: number;
  readonly target: string;
}

/** Where a request goes: target and host must say the same, and what the connection is for (RFC 9112, 3.2 and 3.3). */
function aim(
  { version, method, target }: ArrivedHead,
  named: string | undefined,
  expected: Expected,
): { readonly ok: true; readonly aim: Aim } | { readonly ok: false; readonly refused: Malformed } {
  const host = named === undefined ? undefined : authorityOf(named, expected.scheme);
  if (named === undefined ? version !== '1.0' : host === undefined) return no(400, 'the request does not name its host as it must');
  const absolute = /^([a-z]+):\/\/([^/?#]*)(.*)$/i.exec(target);
  if (absolute !== null && !expected.proxy) return no(400, 'a target with scheme and host is for proxies only');
  if (absolute === null && expected.proxy) return no(400, 'a request to a proxy says scheme and host in its target');
  if (absolute !== null && absolute[1]?.toLowerCase() !== 'http') return no(400, 'a proxy is asked for this with CONNECT');
  const rest = absolute === null ? target : originForm(absolute[3] ?? '');
  if (!/^\/[!-~]*$/.test(rest) && !(rest === '*' && method === 'OPTIONS')) return no(400, 'its target is not a path');
  if (rest.includes('#')) return no(400, 'its target has a fragment');
  const said = absolute === null ? (host ?? expected) : authorityOf(absolute[2] ?? '', 'http');
  if (said === undefined) return no(400, 'its target does not name a host');
  if (host !== undefined && (host.host !== said.host || host.port !== said.port)) return mismatch('the request names two different hosts');
  if (!expected.proxy && (said.host !== expected.host || said.port !== expected.port))
    return mismatch(`the request is for another host than this connection, which is for ${expected.host}:${expected.port}`);
  return { ok: true, aim: { host: said.host, port: said.port, target: rest } };
}

const originForm = (rest: string): string => (rest.startsWith('/') ? rest : `/${rest}`);

/** @returns canonical host, and port; undefined for what is none */
function authorityOf(text: string, scheme: 'http' | 'https'): { readonly host: string; readonly port: number } | undefined {
  const read = parseAuthority(text);
  const canonical = read === undefined ? undefined : canonicalHost(read.host);
  return canonical?.ok === true ? { host: canonical.host, port: read?.port ?? (scheme === 'https' ? 443 : 80) } : undefined;
}

function lengthOf(fields: Fields): number | 'unclear' | undefined {
  const given = valuesOf(fields, 'content-length');
  if (given.length === 0) return undefined;
  const length = given.length === 1 && /^\d{1,15}$/.test(given[0] ?? '') ? Number(given[0]) : -1;
  return length < 0 ? 'unclear' : length;
}

/** One field again of cookies that HTTP/2 lets come in pieces (RFC 9113, 8.2.3). */
function joinedCookies(fields: Fields): Fields {
  const cookies = valuesOf(fields, 'cookie');
  return cookies.length < 2 ? fields : [...without(fields, 'cookie'), ['cookie', cookies.join('; ')]];
}

function no(status: Malformed['status'], message: string): { readonly ok: false; readonly refused: Malformed } {
  return { ok: false, refused: { status, action: 'malformed-request', message } };
}

function mismatch(message: string): { readonly ok: false; readonly refused: Malformed } {
  return { ok: false, refused: { status: 421, action: 'name-mismatch', message } };
}
