/** Attacks that go to an address, or make an allowed name lead to one. */
import type { Attack } from './attack.ts';
import { outsideAddress } from '../network.ts';
import { privateAddress, rawPort } from '../servers/outside.ts';

/** names that lead where nobody may go; all of them are allowed by the profile */
export const misleadingNames = {
  'private.example': [privateAddress],
  'mixed.example': [outsideAddress, privateAddress],
  'metadata.example': ['169.254.169.254'],
  'loopback.example': ['127.0.0.1'],
  'loopback6.example': ['::1'],
  'mapped.example': ['::ffff:10.1.2.3'],
  'nowhere.example': ['0.0.0.0'],
  'rebound-a.example': [[outsideAddress], [privateAddress]],
  'rebound-b.example': [[outsideAddress], ['127.0.0.1']],
  'rebound-c.example': [[outsideAddress], ['169.254.169.254']],
  'rebound-d.example': [[outsideAddress], [outsideAddress, privateAddress]],
} as const;

const notations = [
  ...[outsideAddress, '3405803786', '0xcb00710a', '0313.0.0161.012', '203.0.28938', '203.28938'],
  ...['[::ffff:203.0.113.10]', '[::ffff:cb00:710a]', '[64:ff9b::cb00:710a]', '[2002:cb00:710a::]', `${outsideAddress}.`],
  ...[privateAddress, '167838211', '0xa.0x1.0x2.0x3', '192.0.2.1', '[::ffff:10.1.2.3]'],
  ...[
    '127.1',
    '0x7f.1',
    '2130706433',
    '017700000001',
    '0',
    '0.0.0.0',
    '[::1]',
    '[::]',
    '[::127.0.0.1]',
    'localhost',
    'a.localhost',
    'localhost.',
  ],
  ...['169.254.169.254', '2852039166', '0xa9fea9fe', '0251.0376.0251.0376', '[::ffff:169.254.169.254]', '[fd00:ec2::254]', '[fe80::1]'],
  ...['①②⑦.⓪.⓪.①', '127。0。0。1', '１０.1.2.3'],
];
const to = (way: string, scheme: string): readonly string[] => notations.map((address) => `${way} '${scheme}://${address}/'$M`);

export const addressAttacks: readonly Attack[] = [
  { name: 'an address in any notation, past the proxy', needs: 'curl', must: 'fail', tries: to('direct', 'http') },
  { name: 'an address in any notation, through the proxy', needs: 'curl', must: 'fail', tries: to('proxied', 'http') },
  { name: 'a tunnel to an address in any notation', needs: 'curl', must: 'fail', tries: to('proxied', 'https') },
  {
    name: 'an address, in bash’s own words',
    must: 'fail',
    tries: [outsideAddress, privateAddress, '169.254.169.254', '192.0.2.1', '0x7f.1', '2130706433'].flatMap((address) =>
      [80, 443, 22, rawPort].map((port) => `say ${address} ${port} "GET /$M HTTP/1.1\\r\\nHost: web.example\\r\\n\\r\\n"`),
    ),
  },
  {
    name: 'an allowed name that leads where nobody may go',
    needs: 'curl',
    must: 'fail',
    tries: Object.keys(misleadingNames)
      .filter((name) => !name.startsWith('rebound'))
      .flatMap((name) => [`direct http://${name}/$M`, `proxied http://${name}/$M`, `proxied https://${name}/$M`]),
  },
  {
    name: 'a name that leads somewhere else the second time',
    needs: 'curl',
    must: 'fail',
    tries: ['a', 'b', 'c', 'd'].map((which) => {
      const host = `rebound-${which}.example`;
      const again = ['direct http:', 'proxied http:', 'proxied https:'].map((way) => `${way}//${host}/$M`);
      return `direct -o /dev/null http://${host}/the-first-time; ${again.join('; ')}`;
    }),
  },
  {
    name: 'a redirect to where nobody may go',
    needs: 'curl',
    must: 'fail',
    tries: ['direct', 'proxied'].flatMap((way) =>
      [
        'http://other.example',
        `http://${outsideAddress}`,
        'http://169.254.169.254',
        `http://${privateAddress}`,
        'http://private.example',
        'http://web.example:6379',
      ].map((target) => `${way} -L 'http://web.example/redirect?to=${target}/'$M`),
    ),
  },
  {
    name: 'a redirect to an allowed host',
    needs: 'curl',
    must: 'work',
    tries: ['direct', 'proxied'].map((way) => `${way} -L "http://web.example/redirect?to=https://x.wild.example/$M"`),
  },
];
