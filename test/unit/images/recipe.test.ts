import assert from 'node:assert/strict';
import { readFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { agentImageDigest } from '../../../helper/images/agent-image.ts';
import { readRecipe } from '../../../helper/images/read-recipe.ts';
import { recipeOf, type RecipeInput } from '../../../helper/images/recipe.ts';

const input: RecipeInput = {
  base: 'debian:bookworm-slim',
  containerfile: 'FROM x',
  packages: '# remark\ngit\n\ncurl\n',
  guest: Buffer.from('guest'),
  caCertificates: '',
  aptMirror: '',
  npmMirror: '',
};

test('the same recipe has the same digest, and every part of it counts', () => {
  const digest = recipeOf(input).digest;
  assert.equal(recipeOf({ ...input }).digest, digest);
  const changes: readonly Partial<RecipeInput>[] = [
    { base: 'other' },
    { containerfile: 'FROM y' },
    { packages: 'git' },
    { guest: Buffer.from('other') },
    { caCertificates: 'PEM' },
    { aptMirror: 'http://mirror.example' },
    { npmMirror: 'http://mirror.example' },
  ];
  assert.equal(new Set([digest, ...changes.map((change) => recipeOf({ ...input, ...change }).digest)]).size, changes.length + 1);
});

test('packages are names and nothing else', () => {
  assert.deepEqual(recipeOf({ ...input, packages: 'git\n--option\n; rm\ncurl' }).packages, ['git', 'curl']);
});

test('settings that cannot be right are refused before anything is built', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lasso-recipe-'));
  try {
    const guestProgram = join(folder, 'guest');
    await writeFile(guestProgram, 'guest');
    const imagesFolder = join(import.meta.dirname, '../../../images');
    const read = (environment: Record<string, string>): Promise<unknown> => readRecipe({ imagesFolder, guestProgram, environment });
    await assert.rejects(read({ LASSO_CA_CERT: join(folder, 'none') }), { code: 'BAD_REQUEST' });
    await assert.rejects(read({ LASSO_CA_CERT: guestProgram }), { code: 'BAD_REQUEST' });
    await assert.rejects(read({ LASSO_APT_MIRROR: 'http://x.example/$(id)' }), { code: 'BAD_REQUEST' });
    await assert.rejects(read({ LASSO_NPM_MIRROR: 'file:///etc' }), { code: 'BAD_REQUEST' });
    const recipe = await readRecipe({ imagesFolder, guestProgram, environment: { LASSO_BASE_IMAGE: 'mine:1' } });
    assert.equal(recipe.base, 'mine:1');
    assert.ok((await readFile(join(imagesFolder, 'packages'), 'utf8')).includes(recipe.packages[0] ?? '-'));
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('an image with an agent stands for its base and for all the agent is made of', () => {
  const base = recipeOf(input);
  const agent = { name: 'claude', digest: 'a'.repeat(64) } as const;
  const all = [
    agentImageDigest(base, agent),
    agentImageDigest(recipeOf({ ...input, packages: 'git' }), agent),
    agentImageDigest(base, { ...agent, digest: 'b'.repeat(64) }),
    agentImageDigest(base, { ...agent, name: 'codex' }),
  ];
  assert.equal(new Set([base.digest, ...all]).size, all.length + 1);
  assert.equal(agentImageDigest(recipeOf({ ...input }), { ...agent }), all[0]);
});
