/** Hosts, patterns, addresses, paths, connections and URLs, one case a line in test/corpus/network. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { judgeAddress } from '../../../../helper/policy/network/addresses.ts';
import { canonicalHost, commonPattern, hostMatches, patternCovers } from '../../../../helper/policy/network/hosts.ts';
import { judgeConnection } from '../../../../helper/policy/network/judge.ts';
import { matchPath } from '../../../../helper/policy/network/paths.ts';
import { type NetworkRules, networkRulesOf } from '../../../../helper/policy/network/rules.ts';
import { judgeUrl } from '../../../../helper/policy/network/urls.ts';
import { profileSchema } from '../../../../helper/protocol/profile/profile.ts';
import type { Verdict } from '../../../../helper/protocol/verdict.ts';

function rows(name: string): readonly unknown[] {
  const file = join(import.meta.dirname, '../../../corpus/network', `${name}.jsonl`);
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as unknown);
}

const groups = { npm: [{ host: 'registry.mirror.example', ports: [4873] }] };
const rulesOf = (network: unknown): NetworkRules => networkRulesOf(profileSchema.parse({ name: 'a', network }), groups);

interface Expected {
  readonly says: string;
  readonly decision: string;
  readonly stage: string;
  readonly rule?: string;
}

function tell(verdict: Verdict, { decision, stage, rule }: Expected): void {
  assert.deepEqual([verdict.decision, verdict.stage], [decision, stage], verdict.reason);
  if (rule !== undefined) assert.equal(verdict.rule, rule);
  assert.match(verdict.reason, /^[^\n]+\.$/);
}

test('a host has one spelling, or is none', () => {
  for (const { says, text, host } of rows('hosts') as readonly { says: string; text: string; host: string | null }[]) {
    const canonical = canonicalHost(text);
    assert.equal(canonical.ok ? canonical.host : null, host, says);
    if (!canonical.ok) assert.match(canonical.reason, /^it /);
  }
});

test('a pattern covers what it says, and two have exactly their common hosts in common', () => {
  for (const { a, b, covers, common } of rows('patterns') as readonly { a: string; b: string; covers: boolean; common: string | null }[]) {
    assert.equal(patternCovers(a, b), covers, `${a} covers ${b}`);
    assert.equal(commonPattern(a, b) ?? null, common, `${a} and ${b}`);
    assert.equal(commonPattern(b, a) ?? null, common, `${b} and ${a}`);
    if (!b.includes('*')) assert.equal(hostMatches(a, b), covers);
  }
});

for (const row of rows('addresses') as readonly (Expected & { address: string; allowed?: string[]; blocked?: string[] })[]) {
  test(`address: ${row.says}`, () => {
    const rules = rulesOf({ allowed_cidrs: [], ...(row.blocked ? { blocked_cidrs: row.blocked } : {}) });
    tell(judgeAddress(row.address, { ...rules, allowedRanges: row.allowed ?? [] }), row);
  });
}

test('a path matches in its one form, or cannot be told', () => {
  for (const { pattern, path, match } of rows('paths') as readonly { pattern: string; path: string | null; match: string }[])
    assert.equal(matchPath(pattern, path ?? undefined), match, `${pattern} and ${path ?? 'no path'}`);
});

for (const row of rows('connections') as readonly (Expected & {
  network: unknown;
  host: string;
  port: number;
  method?: string;
  path?: string;
})[]) {
  test(`connection: ${row.says}`, () => tell(judgeConnection(row, rulesOf(row.network)), row));
}

const network = {
  allowed_domains: ['api.corp.example'],
  allowed_ports: [443, 8443],
  rules: [
    { host: 'api.corp.example', methods: ['GET'], paths: ['/a/**'] },
    { host: 'git.corp.example', ports: [22] },
  ],
};

for (const row of rows('urls') as readonly (Expected & { url: string; method?: string })[]) {
  test(`URL: ${row.says}`, () => tell(judgeUrl(row.url, row.method, rulesOf(network)), row));
}
