/** No field is silently without effect: what nothing enforces says so, and what is only kept for older files says that instead. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkProfile } from '../../../helper/profile/check.ts';
import { unenforced } from '../../../helper/profile/unenforced.ts';
import { authorityVariables, proxyVariables } from '../../../helper/protocol/profile/environment.ts';
import { keysAt, shapeAt } from '../../../helper/protocol/profile/shape.ts';
import { memorySources } from '../../kit/profile-sources.ts';

/** a row may be about one value of a key */
const unenforcedPaths = unenforced.map(([row]) => row.split('=')[0] ?? '');
const corpus = join(import.meta.dirname, '../../corpus/profiles');
const own = [...proxyVariables, ...authorityVariables].map((name) => `${name} = "x"`).join('\n');
const mounts = `[extra_env]\nLASSO_EXTRA_MOUNTS = ""\nLASSO_INJECT_GIT_IDENTITY = ""\n${own}`;
const texts = [
  readFileSync(join(corpus, '1.x/everything.toml'), 'utf8').replace('[extra_env]', mounts),
  readFileSync(join(corpus, 'everything-new.toml'), 'utf8'),
];

/** Key paths that a finding of this code is at, in profiles that have every key. */
async function said(code: string): Promise<ReadonlySet<string>> {
  const checks = await Promise.all(texts.map((text) => checkProfile({ file: '/a.toml', text }, memorySources({}))));
  const findings = checks.flatMap((check) => check.findings);
  return new Set(findings.filter((finding) => finding.code === code).map(({ path }) => path.join('.')));
}

test('every field that nothing enforces says so', async () => {
  const remarked = await said('not-enforced');
  for (const path of unenforcedPaths) {
    const found = path.endsWith('.*') ? [...remarked].some((entry) => entry.startsWith(path.slice(0, -1))) : remarked.has(path);
    assert.ok(found, path);
  }
});

test('every deprecated field says so, and is in no other list', async () => {
  const deprecated = keysAt([])
    .flatMap((key) => [[key], ...keysAt([key]).map((inner) => [key, inner])])
    .filter((path) => shapeAt(path)?.deprecated !== undefined)
    .map((path) => path.join('.'));
  assert.ok(deprecated.length > 0);
  assert.deepEqual([...(await said('deprecated'))].sort(), deprecated.sort());
  for (const [path] of unenforced) assert.ok(!deprecated.includes(path), path);
});

test('the list names only keys that exist', () => {
  for (const path of unenforcedPaths) {
    const steps = path.split('.').filter((step) => step !== '*');
    assert.ok(shapeAt(steps) !== undefined, path);
  }
});
