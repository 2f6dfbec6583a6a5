/** What holds for every host, pattern, address, path and set of rules, not only for those somebody thought of. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { judgeAddress } from '../../../../helper/policy/network/addresses.ts';
import { addressText, inRange, parseAddress, parseRange } from '../../../../helper/policy/network/address-numbers.ts';
import { canonicalHost, canonicalPattern, commonPattern, hostMatches, patternCovers } from '../../../../helper/policy/network/hosts.ts';
import { judgeConnection } from '../../../../helper/policy/network/judge.ts';
import { canonicalPath, matchPath } from '../../../../helper/policy/network/paths.ts';
import type { HostRule, NetworkRules } from '../../../../helper/policy/network/rules.ts';
import { judgeUrl } from '../../../../helper/policy/network/urls.ts';

const piece = fc.constantFrom(
  'a',
  'B',
  'example',
  '.',
  '..',
  '*',
  '%2e',
  '%25',
  '/',
  '..;',
  '@',
  ':',
  '[',
  ']',
  '::',
  '0x7f',
  '1',
  '\0',
  '字',
  '。',
  ' ',
);
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
);
const label = fc.constantFrom('a', 'b', 'c');
const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => `${labels.join('.')}.example`);
const host = fc.oneof(name, fc.ipV4(), fc.ipV6());
const pattern = fc.oneof(
  host,
  name.map((below) => `*.${below}`),
  fc.constant('*'),
);
const range = fc.constantFrom(
  '10.0.0.0/8',
  '10.1.0.0/16',
  '0.0.0.0/0',
  '::/0',
  'fd00::/8',
  '192.0.2.0/24',
  '127.0.0.0/8',
  '169.254.169.254/32',
);
const rule: fc.Arbitrary<HostRule> = fc.record(
  {
    hosts: fc.array(fc.record({ host: pattern, ports: fc.constant([8443]) }, { requiredKeys: ['host'] }), { minLength: 1, maxLength: 2 }),
    ports: fc.subarray([80, 443, 8443], { minLength: 1 }),
    methods: fc.subarray(['GET', 'POST'], { minLength: 1 }),
    paths: fc.subarray(['/a/**', '/*'], { minLength: 1 }),
    action: fc.constantFrom('allow', 'deny', 'ask'),
    rule: fc.constant('network.rules[0]'),
  },
  { requiredKeys: ['hosts', 'action', 'rule'] },
);
const entries = fc.array(fc.record({ host: pattern, rule: fc.constant('network.allowed_domains[0]') }), { maxLength: 3 });
const rules: fc.Arbitrary<NetworkRules> = fc.record({
  mode: fc.constantFrom('none', 'restricted', 'full'),
  allowed: entries,
  blocked: entries,
  allowedPorts: fc.subarray([80, 443, 8443]),
  blockedPorts: fc.subarray([443, 5432]),
  allowedRanges: fc.array(range, { maxLength: 2 }),
  blockedRanges: fc.array(range, { maxLength: 2 }),
  rules: fc.array(rule, { maxLength: 4 }),
  unlisted: fc.constantFrom('deny', 'ask'),
});
const intent = fc.record(
  {
    host,
    port: fc.constantFrom(80, 443, 8443),
    method: fc.constantFrom('GET', 'POST'),
    path: fc.constantFrom('/a/b', '/a', '/', '/a%2fb'),
  },
  { requiredKeys: ['host', 'port'] },
);

test('every text is a host with one spelling or a refusal, and the spelling stays', () => {
  fc.assert(
    fc.property(fc.oneof(text, fc.domain(), host), (written) => {
      const canonical = canonicalHost(written);
      if (canonical.ok) assert.deepEqual(canonicalHost(canonical.host), canonical);
    }),
    { numRuns: 3000 },
  );
});

test('capitals and the root’s dot change nothing', () => {
  const letters = fc.stringMatching(/^[a-z0-9_.-]{1,30}$/);
  fc.assert(
    fc.property(fc.oneof(fc.domain(), name, letters), (written) => {
      const spelt = (text: string): string | undefined => {
        const canonical = canonicalHost(text);
        return canonical.ok ? canonical.host : undefined;
      };
      assert.equal(spelt(written.toUpperCase()), spelt(written));
      if (!written.endsWith('.')) assert.equal(spelt(`${written}.`), spelt(written));
    }),
    { numRuns: 5000 },
  );
});

test('every path has one spelling or none, and the spelling stays and matches itself', () => {
  fc.assert(
    fc.property(text, (written) => {
      const path = canonicalPath(`/${written}`);
      if (path === undefined) return;
      assert.equal(canonicalPath(path), path);
      assert.ok(!path.split('/').includes('..') && !path.includes('//'));
      if (!path.includes('*')) assert.equal(matchPath(path, `/${written}`), 'yes');
      assert.equal(matchPath('/**', `/${written}`), 'yes');
    }),
    { numRuns: 3000 },
  );
});

test('addresses are written in one way, and lie in the ranges that are made from them', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(32), (written, prefix) => {
      const address = parseAddress(written);
      assert.ok(address);
      assert.deepEqual(parseAddress(addressText(address)), address);
      const made = parseRange(`${addressText(address)}/${prefix}`);
      assert.ok(made && inRange(address, made));
    }),
    { numRuns: 1000 },
  );
});

test('two patterns have exactly the hosts in common that both match', () => {
  fc.assert(
    fc.property(pattern, pattern, host, (a, b, sample) => {
      const common = commonPattern(a, b);
      assert.equal(common, commonPattern(b, a));
      assert.equal(common !== undefined && hostMatches(common, sample), hostMatches(a, sample) && hostMatches(b, sample));
    }),
    { numRuns: 5000 },
  );
});

test('a pattern covers another when it matches all of its hosts, and only then', () => {
  fc.assert(
    fc.property(pattern, pattern, name, (outer, inner, sample) => {
      // A name below the inner pattern that only itself names shows whether anything is left out.
      const written = canonicalPattern(inner) ?? '';
      const witness = written === '*' ? 'only.test' : written.startsWith('*.') ? `only${written.slice(1)}` : written;
      assert.equal(patternCovers(outer, inner), hostMatches(outer, witness) && (!written.startsWith('*') || outer.startsWith('*')));
      if (patternCovers(outer, inner) && hostMatches(inner, sample)) assert.ok(hostMatches(outer, sample));
    }),
    { numRuns: 5000 },
  );
});

test('anything whatever gets a verdict with a reason', () => {
  const port = fc.oneof(fc.integer(), fc.double());
  fc.assert(
    fc.property(
      text,
      port,
      fc.option(text, { nil: undefined }),
      fc.option(text, { nil: undefined }),
      rules,
      (written, number, method, path, all) => {
        const unknown = {
          host: written,
          port: number,
          ...(method === undefined ? {} : { method }),
          ...(path === undefined ? {} : { path }),
        };
        const odd = { ...all, blocked: [{ host: written, rule: 'network.blocked_domains[0]' }], blockedRanges: [written] };
        for (const verdict of [
          judgeConnection(unknown, all),
          judgeConnection(unknown, odd),
          judgeUrl(written, method, all),
          judgeAddress(written, odd),
        ])
          assert.match(verdict.reason, /\S\.$/);
      },
    ),
    { numRuns: 1000 },
  );
});

test('the order of rules does not matter', () => {
  fc.assert(
    fc.property(rules, intent, (all, what) => {
      const backwards = { ...all, rules: all.rules.toReversed(), allowed: all.allowed.toReversed(), blocked: all.blocked.toReversed() };
      assert.equal(judgeConnection(what, backwards).decision, judgeConnection(what, all).decision);
    }),
    { numRuns: 2000 },
  );
});

test('a block or a deny rule more never allows anything more', () => {
  fc.assert(
    fc.property(rules, intent, pattern, rule, range, (all, what, blocked, more, closed) => {
      const rank = { allow: 2, ask: 1, deny: 0, exec: 0 };
      const before = rank[judgeConnection(what, all).decision];
      for (const tighter of [
        { ...all, blocked: [...all.blocked, { host: blocked, rule: 'network.blocked_domains[9]' }] },
        { ...all, blockedPorts: [...all.blockedPorts, what.port] },
        { ...all, blockedRanges: [...all.blockedRanges, closed] },
        { ...all, rules: [...all.rules, { ...more, action: 'deny' as const }] },
        { ...all, mode: 'none' as const },
      ])
        assert.ok(rank[judgeConnection(what, tighter).decision] <= before);
    }),
    { numRuns: 2000 },
  );
});

test('what is blocked or denied is never allowed or asked about', () => {
  fc.assert(
    fc.property(rules, intent, (all, what) => {
      const { decision } = judgeConnection(what, all);
      const names = (hosts: readonly { readonly host: string }[]): boolean => hosts.some((entry) => hostMatches(entry.host, what.host));
      const denied = all.rules.some(
        ({ action, hosts, ports, methods, paths }) =>
          action === 'deny' && names(hosts) && (ports?.includes(what.port) ?? true) && methods === undefined && paths === undefined,
      );
      const refused = all.mode === 'none' || names(all.blocked) || all.blockedPorts.includes(what.port) || denied;
      if (refused) assert.equal(decision, 'deny');
    }),
    { numRuns: 2000 },
  );
});

test('no profile opens what nobody may open', () => {
  const closed = fc.oneof(
    fc.nat(0xffffff).map((number) => `127.${number >> 16}.${(number >> 8) & 255}.${number & 255}`),
    fc.nat(0xffff).map((number) => `169.254.${number >> 8}.${number & 255}`),
    fc.constantFrom('0.0.0.0', '::', '::1', 'fd00:ec2::254', 'fe80::1', 'ff02::1', '224.0.0.1', '100.100.100.200'),
  );
  fc.assert(
    fc.property(closed, rules, fc.constantFrom('', '::', '::ffff:', '::ffff:0:', '64:ff9b::'), (address, all, wrap) => {
      const written = address.includes(':') || !address.includes('.') ? address : wrap + address;
      const own = parseAddress(written)?.bits === 32 ? `${address}/32` : `${written}/128`;
      const open = { ...all, allowedRanges: [own, address], blockedRanges: [] };
      assert.equal(judgeAddress(written, open).decision, 'deny');
      assert.equal(judgeConnection({ host: written, port: 443 }, { ...open, mode: 'full' }).decision, 'deny');
    }),
    { numRuns: 1000 },
  );
});

test('long texts are refused or judged without being looked at again and again', () => {
  const long = 'a/'.repeat(4000);
  assert.equal(matchPath('/**/a/**/b', `/${long}`), 'no');
  assert.equal(matchPath(`/${'*a'.repeat(50)}*b`, `/${'a'.repeat(8000)}`), 'no');
  assert.equal(canonicalHost('a.'.repeat(1_000_000)).ok, false);
  assert.equal(canonicalHost('1:'.repeat(1_000_000)).ok, false);
  assert.equal(parseRange(`${'1.'.repeat(1_000_000)}/8`), undefined);
  assert.equal(canonicalPath(`/${'%41'.repeat(1_000_000)}`), undefined);
});
