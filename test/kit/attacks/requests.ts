/**
 * Attacks within HTTP and TLS: one name to the guard and another to the server, messages with two readings, and paths that mean
 * another. The profile allows `api.example` GET and POST below /public, and nothing else of it.
 */
import type { Attack } from './attack.ts';

const next = 'GET /private/$M HTTP/1.1\\r\\nHost: api.example\\r\\n\\r\\n';
/** an allowed POST with these header lines, and what follows its head */
const post = (fields: string, body: string): string =>
  `say api.example 80 "POST /public/a HTTP/1.1\\r\\nHost: api.example\\r\\n${fields}\\r\\n\\r\\n${body}"`;
const smuggled = `0\\r\\n\\r\\n${next}`;
/** a first line with this target, and more header lines */
const get = (line: string, fields = 'Host: api.example'): string =>
  `say api.example 80 "${line}\\r\\n${fields}\\r\\nConnection: close\\r\\n\\r\\n"`;

const paths = [
  ...[
    '/public/../private/$M',
    '/public/%2e%2e/private/$M',
    '/public/%2E./private/$M',
    '/public/..%2fprivate/$M',
    '/public/..%5cprivate/$M',
  ],
  ...[
    '/public/%252e%252e/private/$M',
    '/public/..%252fprivate/$M',
    '//private/$M',
    '/private/$M',
    '/%70rivate/$M',
    '/public/..;/private/$M',
  ],
  ...[
    '/public/..;a=b/private/$M',
    '/public/..\\\\private/$M',
    '/public%00/$M',
    '/public/%00/$M',
    '/PUBLIC/$M',
    '/publicly/$M',
    '/public/%c0%ae%c0%ae/private/$M',
  ],
  ...[
    '/public/%u002e%u002e/private/$M',
    '/public/%2/$M',
    '/./private/$M',
    '/public/.%2e;/private/$M',
    '/x/../../private/$M',
    '/public/%0d%0a/$M',
  ],
];

/** says one thing, and after longer than anybody is patient another */
const slowly = (host: string, port: number, first: string, second: string): string =>
  `exec 5<>/dev/tcp/${host}/${port}; printf "${first}" >&5; sleep 1.3; printf "${second}" >&5; timeout 3 cat <&5`;
const rest = (path: string, host: string): string => `T ${path}/$M HTTP/1.1\\r\\nHost: ${host}\\r\\nConnection: close\\r\\n\\r\\n`;
const tunnelled = (text: string): string =>
  `say 127.0.0.1 3128 "CONNECT api.example:80 HTTP/1.1\\r\\nHost: api.example:80\\r\\n\\r\\n${text}"`;

export const requestAttacks: readonly Attack[] = [
  {
    name: 'a request that the rules allow',
    needs: 'curl',
    must: 'work',
    tries: ['/public/$M', '/public/a%20b/$M', '/public/a/../$M', '/%70ublic/$M', '/public//$M', '/public/$M?to=../../private'].flatMap(
      (path) => [`direct "https://api.example${path}"`, `proxied "https://api.example${path}"`, `direct "http://api.example${path}"`],
    ),
  },
  {
    name: 'a path that means another',
    needs: 'curl',
    must: 'fail',
    tries: paths.flatMap((path) => [
      `direct "https://api.example${path}"`,
      `proxied "http://api.example${path}"`,
      `direct --http2 "https://api.example${path}"`,
    ]),
  },
  {
    name: 'a method that the rules do not allow',
    needs: 'curl',
    must: 'fail',
    tries: ['DELETE', 'PUT', 'delete', 'FOO', 'CONNECT', 'TRACE', 'OPTIONS', 'HEAD'].flatMap((method) => [
      `direct -X ${method} https://api.example/public/$M`,
      `proxied -X ${method} http://api.example/public/$M`,
    ]),
  },
  {
    name: 'a message with two lengths or none that is clear',
    must: 'fail',
    tries: [
      post('Content-Length: 5\\r\\nTransfer-Encoding: chunked', smuggled),
      post('Transfer-Encoding: chunked\\r\\nContent-Length: 5', smuggled),
      post('Content-Length: 0\\r\\nContent-Length: 200', next),
      post('Content-Length: 200\\r\\nContent-Length: 0', next),
      post('Content-Length: +0', next),
      post('Content-Length: 0x0', next),
      post('Content-Length: 0, 0', next),
      post('Content-Length: 0\\r\\nTransfer-Encoding: identity', next),
      post('Content-Length : 0', next),
      ...[
        'xchunked',
        'chunked, identity',
        'identity, chunked',
        'gzip, chunked',
        '\\tchunked\\r\\nTransfer-Encoding: identity',
        '\\x0bchunked',
        'chunked;x',
      ].map((coding) => post(`Transfer-Encoding: ${coding}\\r\\nContent-Length: 5`, smuggled)),
      post('Transfer-Encoding : chunked\\r\\nContent-Length: 5', smuggled),
      post(' Transfer-Encoding: chunked\\r\\nContent-Length: 5', smuggled),
      post('Transfer-Encoding: chunked', `fffffffffffffffff\\r\\n${next}`),
      post('Transfer-Encoding: chunked', `-1\\r\\n${next}`),
      post('Transfer-Encoding: chunked', `0\\n\\n${next}`),
      post('Transfer-Encoding: chunked', `1;\\nx\\r\\n${smuggled}`),
    ],
  },
  {
    name: 'a head with two readings',
    must: 'fail',
    tries: [
      get('GET /private/$M HTTP/1.1', 'Host: api.example\\r\\nX: a\\r\\n folded'),
      get('GET /public/$M HTTP/1.1', 'Host: api.example\\r\\n Host: other.example'),
      get('GET /public/$M HTTP/1.1', 'Host: api.example\\r\\nX: a\\r\\n\\tfolded: b'),
      get('GET /public/$M HTTP/1.1', 'Host: api.example\\r\\nHost: other.example'),
      get('GET /public/$M HTTP/1.1', 'Host: api.example@other.example'),
      get('GET /public/$M HTTP/1.1', 'Host: api.example, other.example'),
      get('GET /public/$M HTTP/1.1', 'Host: other.example'),
      get('GET /public/$M HTTP/1.1', 'X: no host'),
      get('GET /public/$M HTTP/1.1', 'Host: api.example\\r\\nX: a\\0b'),
      get('GET /public/$M HTTP/1.1', 'Host: api.example\\0.other.example'),
      get('GET /public/$M HTTP/1.1', 'Host: api.example\\r\\nX: a\\rY: b'),
      get('GET /public/$M HTTP/1.1', 'Host: api.example\\r\\nX y: z'),
      get('GET /public/\\0/$M HTTP/1.1'),
      get('GET /public/\\r/$M HTTP/1.1'),
      get('GET  /private/$M HTTP/1.1'),
      get('GET\\t/private/$M HTTP/1.1'),
      get('GET /public/$M\\t/x HTTP/1.1'),
      get('GET /public /private/$M HTTP/1.1'),
      get('GET http://other.example/$M HTTP/1.1'),
      get('GET http://api.example/private/$M HTTP/1.1'),
      get('GET /public/$M HTTP/2.0'),
      get('GET /public/$M HTTP/1.2'),
      get('GET /public/$M http/1.1'),
      'say api.example 80 "GET /private/$M\\r\\n"',
      'say api.example 80 "GET /private/$M HTTP/1.1\\nHost: api.example\\n\\n"',
      `say api.example 80 "\\r\\n\\r\\n${next}"`,
      `say api.example 80 "GET /public/a HTTP/1.1\\r\\nHost: api.example\\r\\n\\r\\n${next}"`,
      `say api.example 80 "G"; sleep 0.1; say api.example 80 "ET /private/$M HTTP/1.1\\r\\nHost: api.example\\r\\n\\r\\n"`,
    ],
  },
  {
    name: 'another protocol within a connection',
    needs: 'curl',
    must: 'fail',
    tries: [
      'direct --http2 http://api.example/private/$M',
      'direct --http2-prior-knowledge http://api.example/private/$M',
      'direct --http2-prior-knowledge http://api.example/public/$M',
      'direct -H "Connection: Upgrade" -H "Upgrade: websocket" -H "Sec-WebSocket-Version: 13" -H "Sec-WebSocket-Key: MTIzNDU2Nzg5MDEyMzQ1Ng==" https://api.example/private/$M',
      post('Connection: Upgrade, HTTP2-Settings\\r\\nUpgrade: h2c\\r\\nHTTP2-Settings: AAMAAABkAAQAAP__\\r\\nContent-Length: 0', next),
      post('Connection: Upgrade\\r\\nUpgrade: foo\\r\\nContent-Length: 0', next),
    ],
  },
  {
    name: 'one name to the guard and another to the server',
    needs: 'curl',
    must: 'fail',
    tries: [
      ...['direct', 'proxied'].flatMap((way) => [
        `${way} --connect-to other.example:443:web.example:443 https://other.example/$M`,
        `${way} --connect-to other.example:443:api.example:443 https://other.example/public/$M`,
        `${way} --connect-to web.example:443:api.example:443 https://web.example/public/$M`,
        `${way} -H 'Host: other.example' http://web.example/$M`,
        `${way} -H 'Host: web.example:22' http://web.example/$M`,
        `${way} -H 'Host: other.example' https://api.example/public/$M`,
        `${way} --http2 -H 'Host: other.example' https://api.example/public/$M`,
        `${way} -H 'Host: x.wild.example' http://web.example/$M`,
      ]),
      'proxied -p --proxy-header "Host: other.example:443" https://web.example/$M',
      'say 127.0.0.1 3128 "GET http://web.example/$M HTTP/1.1\\r\\nHost: other.example\\r\\nConnection: close\\r\\n\\r\\n"',
      'say 127.0.0.1 3128 "GET http://web.example@other.example/$M HTTP/1.1\\r\\nHost: web.example\\r\\nConnection: close\\r\\n\\r\\n"',
      'say 127.0.0.1 3128 "GET http://other.example/$M HTTP/1.1\\r\\nHost: web.example\\r\\nConnection: close\\r\\n\\r\\n"',
      'say 127.0.0.1 3128 "GET ftp://web.example/$M HTTP/1.1\\r\\nHost: web.example\\r\\nConnection: close\\r\\n\\r\\n"',
      'say 127.0.0.1 3128 "GET https://web.example/$M HTTP/1.1\\r\\nHost: web.example\\r\\nConnection: close\\r\\n\\r\\n"',
      'say 127.0.0.1 3128 "GET /$M HTTP/1.1\\r\\nHost: web.example\\r\\nConnection: close\\r\\n\\r\\n"',
      'say 127.0.0.1 3128 "CONNECT web.example:443 HTTP/1.1\\r\\nHost: other.example:443\\r\\n\\r\\n" | grep -a "HTTP/1.1 200" && through',
      'say 127.0.0.1 3128 "\\5\\1\\0" | od -An -tx1 | grep -q "05 00" && through',
    ],
  },
  {
    name: 'TLS that names no server or another',
    needs: 'openssl',
    must: 'fail',
    tries: ['-noservername', '-servername other.example', '-servername web.example.other.example', '-servername 127.0.0.1'].flatMap(
      (name) =>
        ['web.example', 'api.example'].map(
          (host) =>
            `printf "GET /public/$M HTTP/1.1\\r\\nHost: ${host}\\r\\nConnection: close\\r\\n\\r\\n" | timeout 4 openssl s_client -quiet ${name} -connect ${host}:443`,
        ),
    ),
  },
  {
    name: 'a request that begins slowly, within a tunnel, or is none',
    must: 'fail',
    tries: [
      slowly('api.example', 80, 'GE', rest('/private', 'api.example')),
      slowly('api.example', 80, 'FOO', rest(' /public', 'api.example')),
      slowly('web.example', 80, 'GE', rest('', 'other.example')),
      slowly('127.0.0.1', 3128, 'GE', rest('http://other.example', 'other.example')),
      `(${slowly('127.0.0.1', 3128, 'CONNEC', 'T other.example:443 HTTP/1.1\\r\\n\\r\\n')}) | grep -a "HTTP/1.1 200" && through`,
      slowly('api.example', 80, '', `GE${rest('/private', 'api.example')}`),
      tunnelled(next),
      tunnelled('SSH-2.0-$M\\r\\n'),
      'say api.example 80 "SSH-2.0-$M\\r\\n"',
      'say api.example 80 "\\0\\1\\2$M\\n"',
      'say api.example 80 "$M"',
    ],
  },
  {
    name: 'an allowed request that begins slowly, or within a tunnel',
    must: 'work',
    tries: [
      slowly('api.example', 80, 'GE', rest('/public', 'api.example')),
      tunnelled('GET /public/$M HTTP/1.1\\r\\nHost: api.example\\r\\nConnection: close\\r\\n\\r\\n'),
    ],
  },
];
