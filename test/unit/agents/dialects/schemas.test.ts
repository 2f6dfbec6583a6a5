/** What agents are told, held against the schemas their own programs carry. Where those come from: test/corpus/agents/schemas/README.md. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Ajv, type AnySchemaObject, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse as parseToml } from 'smol-toml';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import type { Brief } from '../../../../helper/agents/brief.ts';
import { agents } from '../../../../helper/agents/index.ts';
import { agentNames } from '../../../../helper/protocol/agent.ts';
import { briefFor, dialectTexts, oddProfile } from '../../../kit/agents/dialects.ts';
import { builtInProfiles } from '../../../kit/profile-sources.ts';
import { root } from '../../../kit/sources.ts';

interface Held {
  /** files of a workspace, of a sandbox, of a home in one */
  readonly files: readonly string[];
  /** keys of ours the schema does not speak of, so that nothing was looked at there, and who looks instead */
  readonly unsaid: Readonly<Record<string, string>>;
  /** file, place of a value, and one that must not be taken there */
  readonly broken: readonly (readonly [path: string, place: readonly string[], value: unknown])[];
}

const strictly = 'codex itself, with --strict-config, in test/e2e/agent-dialects.test.ts';

const held: Readonly<Record<'opencode' | 'gemini' | 'codex', Held>> = {
  opencode: {
    files: ['opencode.json', '/etc/opencode/opencode.json'],
    unsaid: {},
    broken: [
      ['opencode.json', ['share'], 'never'],
      ['opencode.json', ['lasso'], true],
      ['opencode.json', ['permission', 'bash'], { 'curl *': 'block' }],
      ['/etc/opencode/opencode.json', ['permission', 'doom_loop'], 'yes'],
      ['/etc/opencode/opencode.json', ['plugin'], '/etc/opencode/lasso.js'],
    ],
  },
  gemini: {
    files: ['.gemini/settings.json', '~/.gemini/settings.json'],
    unsaid: {},
    broken: [
      ['.gemini/settings.json', ['policyPaths'], '.gemini/lasso'],
      ['.gemini/settings.json', ['lasso'], true],
      ['.gemini/settings.json', ['hooks', 'BeforeTool'], { matcher: '.*' }],
      ['.gemini/settings.json', ['hooks', 'BeforeTool', '0', 'hooks', '0', 'timeout'], 'soon'],
      ['.gemini/settings.json', ['privacy', 'usageStatisticsEnabled'], 'never'],
      ['~/.gemini/settings.json', ['general', 'enableAutoUpdates'], false],
      ['~/.gemini/settings.json', ['security', 'auth', 'selectedType'], 1],
    ],
  },
  codex: {
    files: ['.codex/config.toml', '/etc/codex/managed_config.toml', '~/.codex/config.toml'],
    unsaid: {
      default_permissions: strictly,
      features: strictly,
      permissions: strictly,
      check_for_update_on_startup: strictly,
      projects: strictly,
    },
    broken: [
      ['.codex/config.toml', ['web_search'], 'off'],
      ['/etc/codex/managed_config.toml', ['sandbox_mode'], 'none'],
      ['/etc/codex/managed_config.toml', ['approval_policy'], 'no'],
      ['~/.codex/config.toml', ['analytics', 'enabled'], 'no'],
    ],
  },
};

const names = ['opencode', 'gemini', 'codex'] as const;
const object = z.record(z.string(), z.unknown());

for (const agent of names)
  describe(`for ${agent}`, () => {
    const { files, unsaid, broken } = held[agent];
    const { schema, valid } = read(agent);
    const known = Object.keys(object.parse(schema['properties']));

    for (const profile of [...builtInProfiles.map(({ name }) => name), 'mine'])
      test(`every file under ${profile} is valid`, async () => {
        const found = await valuesOf(agent, profile);
        assert.deepEqual([...found.keys()].sort(), [...files].sort());
        for (const [path, value] of found) {
          assert.ok(valid(value), `${path}: ${JSON.stringify(valid.errors)}`);
          for (const key of Object.keys(value)) assert.ok(known.includes(key) || key in unsaid, `${path}: nothing was looked at in ${key}`);
        }
      });

    for (const [path, place, value] of broken)
      test(`${JSON.stringify(value)} is refused as ${place.join('.')} of ${path}`, async () => {
        const whole = (await valuesOf(agent, 'standard')).get(path);
        assert.ok(whole);
        assert.ok(!valid(withValue(whole, place, value)));
      });

    test('what it is said not to speak of it does not speak of', () => {
      assert.deepEqual(
        Object.keys(unsaid).filter((key) => known.includes(key)),
        [],
      );
    });
  });

test('no list of any agent’s says one thing twice, which Claude Code’s published schema forbids', async () => {
  for (const profile of [...builtInProfiles.map(({ name }) => name), 'mine']) {
    const brief = await briefOfProfile(profile);
    for (const agent of agentNames)
      for (const { path, text } of dialectTexts(agent, brief).filter(({ path }) => /\.(json|toml|ya?ml)$/.test(path)))
        assert.deepEqual(repeated(valueOf(path, text)), [], `${profile} ${path}`);
  }
});

function read(agent: string): { readonly schema: AnySchemaObject; readonly valid: ValidateFunction } {
  const schema: AnySchemaObject = object.parse(JSON.parse(readFileSync(join(root, 'test/corpus/agents/schemas', `${agent}.json`), 'utf8')));
  // Formats of numbers are those of Rust, which say no more than the type does.
  const options = { strict: false, validateFormats: false };
  const ajv = schema['$schema'] === 'http://json-schema.org/draft-07/schema#' ? new Ajv(options) : new Ajv2020(options);
  return { schema, valid: ajv.compile(schema) };
}

/** Files that hold settings, by path; those of the home, which are the same under every profile, too. */
async function valuesOf(agent: (typeof names)[number], profile: string): Promise<ReadonlyMap<string, Record<string, unknown>>> {
  const brief = await briefOfProfile(profile);
  const seeds = Object.entries(agents[agent].run?.seeds ?? {}).map(([path, text]) => ({ path: `~/${path}`, text }));
  return new Map(
    [...dialectTexts(agent, brief), ...seeds]
      .filter(({ path }) => held[agent].files.includes(path))
      .map(({ path, text }) => [path, object.parse(valueOf(path, text))]),
  );
}

function withValue(whole: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(whole)) return whole.map((item: unknown, at) => (String(at) === key ? withValue(item, rest, value) : item));
  const fields = object.parse(whole ?? {});
  return { ...fields, [key]: withValue(fields[key], rest, value) };
}

const briefOfProfile = (name: string): Promise<Brief> => briefFor(name, name === 'mine' ? oddProfile : undefined);

function valueOf(path: string, text: string): unknown {
  if (path.endsWith('.toml')) return parseToml(text);
  return path.endsWith('.json') ? JSON.parse(text) : parseYaml(text);
}

function repeated(value: unknown): readonly string[] {
  if (value === null || typeof value !== 'object') return [];
  const items = Array.isArray(value) ? value.map((item: unknown) => JSON.stringify(item)) : [];
  return [...items.filter((item, at) => items.indexOf(item) !== at), ...Object.values(value).flatMap(repeated)];
}
