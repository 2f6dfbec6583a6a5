/** Findings at exact places, one case a line in test/corpus/profiles/findings.jsonl, and files of LASSO 1.x as they are. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { checkProfile } from '../../../helper/profile/check.ts';
import { loadProfile } from '../../../helper/profile/load.ts';
import type { Finding } from '../../../helper/protocol/finding.ts';
import { memorySources } from '../../kit/profile-sources.ts';

const corpus = join(import.meta.dirname, '../../corpus/profiles');
const golden = z.object({ says: z.string(), text: z.string(), findings: z.array(z.string()) });
const cases = readFileSync(join(corpus, 'findings.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => golden.parse(JSON.parse(line)));

const shown = ({ range: { start, end }, severity, code, hint }: Finding): string => {
  const at = `${start.line + 1}:${start.character + 1}-${end.line + 1}:${end.character + 1}`;
  return [at, severity, code, ...(hint?.startsWith('Did') || hint?.includes('belongs') || code === 'missing-key' ? [hint] : [])].join(' ');
};

for (const { says, text, findings } of cases) {
  test(says, async () => {
    const check = await checkProfile({ file: '/a.toml', text }, memorySources({}));
    assert.deepEqual(check.findings.filter(({ file }) => file === '/a.toml').map(shown), findings);
    assert.equal(
      check.profile === undefined,
      findings.some((line) => line.includes(' error ')),
    );
  });
}

for (const file of readdirSync(join(corpus, '1.x'))) {
  test(`the LASSO 1.x file ${file} loads unchanged`, async () => {
    const text = readFileSync(join(corpus, '1.x', file), 'utf8');
    const loaded = await loadProfile('/old/profile.toml', memorySources({ '/old/profile.toml': text }));
    assert.deepEqual(
      loaded.findings.filter(({ severity }) => severity === 'error'),
      [],
    );
  });
}
