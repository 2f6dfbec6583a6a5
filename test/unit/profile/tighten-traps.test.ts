/** Places where taking something away could open something else, each once by hand and then by chance among few hosts and ports. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'smol-toml';
import { judgeProgram } from '../../../helper/policy/commands/judge.ts';
import { judgeConnection } from '../../../helper/policy/network/judge.ts';
import { policyOf } from '../../../helper/policy/policy.ts';
import type { Decision } from '../../../helper/protocol/verdict.ts';
import { baseOf, groups, held, tightened } from '../../kit/tightening.ts';

type Trap = readonly [what: string, base: string, said: string, host: string, port: number, method: string | undefined, decision: Decision];

const rule = (text: string): string => `\n[[network.rules]]\n${text}\n`;
const traps: readonly Trap[] = [
  [
    'an ask rule about allowed ports goes on asking after full mode ended',
    `[network]\nmode = "full"${rule('host = "a.test"\naction = "ask"')}${rule('host = "a.test"\nports = [8443]')}`,
    '[network]\nmode = "restricted"',
    'a.test',
    8443,
    'GET',
    'ask',
  ],
  [
    'an ask rule about allowed ports goes on asking after one of them went',
    `[network]\nallowed_ports = [80, 443]${rule('host = "a.test"\naction = "ask"')}${rule('host = "a.test"\nports = [80]')}`,
    '[network]\nallowed_ports = [443]',
    'a.test',
    80,
    'GET',
    'deny',
  ],
  [
    'an address whose allow rule went is not open by its range',
    `[network]\nallowed_cidrs = ["203.0.113.0/24"]${rule('host = "203.0.113.7"\nmethods = ["GET"]')}`,
    '[network]\nallowed_domains = []',
    '203.0.113.7',
    443,
    'POST',
    'deny',
  ],
  [
    'asking about many hosts does not ask about what one of them is denied',
    `[network]\nallowed_domains = ["*.test"]${rule('host = "b.a.test"\nmethods = ["GET"]')}`,
    rule('host = "*.test"\naction = "ask"'),
    'b.a.test',
    443,
    'POST',
    'deny',
  ],
  [
    'a request nobody sees is not asked about where only some are allowed',
    `[network]\nallowed_domains = ["a.test"]${rule('host = "a.test"\nmethods = ["GET"]')}`,
    rule('host = "a.test"\naction = "ask"'),
    'a.test',
    443,
    undefined,
    'deny',
  ],
  [
    'a host of a group with a port of its own is not opened on the usual ones',
    '[network]\nallowed_domains = ["@mirror", "a.test"]',
    '[network]\nallowed_domains = ["a.test", "one.mirror.test"]',
    'one.mirror.test',
    443,
    'GET',
    'deny',
  ],
  [
    'a host whose allow rule went is not asked about',
    `[network]\nallowed_domains = ["*.test"]\nunlisted = "ask"${rule('host = "a.test"\nmethods = ["GET"]')}`,
    '[network]\nallowed_domains = ["z.test"]',
    'a.test',
    443,
    'POST',
    'deny',
  ],
  [
    'a port a workspace leaves out is closed also where a rule names it',
    `[network]\nallowed_domains = ["a.test"]${rule('host = "a.test"\nports = [443, 8443]')}`,
    '[network]\nallowed_ports = [443]',
    'a.test',
    8443,
    'GET',
    'deny',
  ],
  [
    'a narrower range does not open what a block between the two keeps closed',
    '[network]\nallowed_cidrs = ["10.0.0.0/8"]\nblocked_cidrs = ["10.0.0.0/12"]',
    '[network]\nallowed_cidrs = ["10.1.0.0/16"]',
    '10.1.2.3',
    443,
    'GET',
    'deny',
  ],
  [
    'what is asked about and allowed stays asked about',
    '[network]\nallowed_domains = ["a.test"]',
    rule('host = "a.test"\naction = "ask"'),
    'a.test',
    443,
    'GET',
    'ask',
  ],
];

describe('taking away opens nothing else', () => {
  for (const [what, base, said, host, port, method, decision] of traps)
    test(what, async () => {
      const { result } = await held(base, said);
      assert.ok(result);
      const intent = { host, port, ...(method === undefined ? {} : { method }) };
      assert.equal(judgeConnection(intent, policyOf(result.profile, groups).network).decision, decision);
    });
  test('who may only look runs nothing that who assists may not', async () => {
    const lists = '[commands]\nmode = "blacklist"\nblacklist = []\nobserve_whitelist = ["ls", "curl"]\nassist_whitelist = ["ls"]';
    const { result } = await held(`mode = "assist"\n${lists}`, 'mode = "observe"');
    assert.ok(result);
    assert.equal(judgeProgram(['curl'], policyOf(result.profile, groups).commands).decision, 'deny');
    const { result: usual } = await held(
      'mode = "assist"\n[commands]\nmode = "blacklist"\nobserve_whitelist = ["ls", "curl"]',
      'mode = "observe"',
    );
    assert.deepEqual(usual?.profile.commands.observe_whitelist, ['ls']);
  });
});

const some = <T>(items: readonly T[], least = 0): fc.Arbitrary<T[]> =>
  fc.uniqueArray(fc.constantFrom(...items), { minLength: least, maxLength: 3 });
const names = ['a.test', '*.test', 'b.a.test', '@mirror', 'one.mirror.test', '203.0.113.7'];
const ports = [80, 443, 8443];
const fewRules = (actions: readonly string[]): fc.Arbitrary<object[]> =>
  fc.array(
    fc
      .record(
        { host: fc.constantFrom(...names), action: fc.constantFrom(...actions), ports: some(ports, 1), methods: fc.constant(['GET']) },
        { requiredKeys: ['host', 'action'] },
      )
      .map((value): object => value),
    { minLength: 1, maxLength: 3 },
  );
const network = (actions: readonly string[], modes: readonly string[]): fc.Arbitrary<object> =>
  fc
    .record(
      {
        mode: fc.constantFrom(...modes),
        allowed_domains: some(names),
        allowed_ports: some(ports, 1),
        unlisted: fc.constantFrom('deny', 'ask'),
        allowed_cidrs: fc.constant(['203.0.113.0/24']),
        rules: fewRules(actions),
      },
      { requiredKeys: [] },
    )
    .map((table): object => ({ network: table }));

const rank: Readonly<Record<Decision, number>> = { allow: 0, exec: 1, ask: 2, deny: 3 };
const intents = ['a.test', 'b.a.test', 'z.test', 'one.mirror.test', '203.0.113.7'].flatMap((host) =>
  [...ports, 9999].flatMap((port) => [
    { host, port },
    { host, port, method: 'GET' },
    { host, port, method: 'POST' },
  ]),
);

test('among few hosts and ports, every connection is judged no more kindly than before', async () => {
  const pairs = [
    network(['allow', 'allow', 'deny', 'ask'], ['restricted', 'full']),
    network(['deny', 'ask'], ['restricted', 'full']),
  ] as const;
  await fc.assert(
    fc.asyncProperty(...pairs, async (base, said) => {
      const user = await baseOf(stringify(base));
      const { result } = await tightened(user, stringify(said));
      assert.ok(result);
      const [before, after] = [policyOf(user.profile, groups).network, policyOf(result.profile, groups).network];
      for (const intent of intents) {
        const [wanted, got] = [judgeConnection(intent, before), judgeConnection(intent, after)];
        assert.ok(rank[got.decision] >= rank[wanted.decision], `${JSON.stringify(intent)}: ${wanted.reason} → ${got.reason}`);
      }
    }),
    { numRuns: Number(process.env['LASSO_PROPERTY_RUNS'] ?? 600) },
  );
});
