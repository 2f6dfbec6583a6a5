/**
 * Files that are made from others are as those say. Where one is not, it is made anew and the test fails: look at the change,
 * and run again.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { format, resolveConfig } from 'prettier';
import { z } from 'zod';
import { profileJsonSchema } from '../../helper/profile/schema.ts';
import { testServer } from '../kit/mcp-server.ts';
import { builtInGroups } from '../kit/profile-sources.ts';
import { referencePage } from '../kit/reference.ts';
import { configurationBlock } from '../kit/settings.ts';
import { root } from '../kit/sources.ts';

/** where the part of the reference begins that people write */
const byHandHeading = '## Differences from LASSO 1.x';

async function pinned(file: string, made: string): Promise<void> {
  const path = join(root, file);
  const text = file.endsWith('.json') ? await format(made, { ...(await resolveConfig(path)), filepath: path }) : made;
  const old = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (old === text) return;
  writeFileSync(path, text);
  assert.fail(`${file} was not what it is made from; it has been made anew`);
}

test('profiles/profile.schema.json is the schema of profiles', () =>
  pinned('profiles/profile.schema.json', JSON.stringify(profileJsonSchema())));

test('profiles/reference.md says what the schema and the tables beside it say', () => {
  const path = join(root, 'profiles/reference.md');
  const old = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const at = old.indexOf(byHandHeading);
  return pinned('profiles/reference.md', referencePage(builtInGroups, at < 0 ? byHandHeading : old.slice(at)));
});

test('the settings in package.json are those of helper/protocol/settings.ts', () => {
  // A record keeps the order of what it is read from.
  const table = z.record(z.string(), z.unknown());
  const manifest = table.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  manifest['contributes'] = { ...table.parse(manifest['contributes']), configuration: configurationBlock() };
  return pinned('package.json', JSON.stringify(manifest));
});

test('test/golden/mcp-tools.json is what a client is told of the tools, which the table makes', async () => {
  const { client } = await testServer();
  await pinned('test/golden/mcp-tools.json', JSON.stringify(await client.listTools()));
});
