/** The JSON Schema of profiles, judged by a validator that knows nothing of LASSO: it accepts every valid profile and no wrong key or type. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { parse } from 'smol-toml';
import { z } from 'zod';
import { checkProfile } from '../../../helper/profile/check.ts';
import { profileJsonSchema } from '../../../helper/profile/schema.ts';
import { builtInProfiles, memorySources } from '../../kit/profile-sources.ts';

const validate = new Ajv({ strict: true, allowUnionTypes: false, allErrors: true }).compile(profileJsonSchema());
const corpus = join(import.meta.dirname, '../../corpus/profiles');

/** What a validator gets from a TOML extension: dates are text. */
const plain = (text: string): unknown => JSON.parse(JSON.stringify(parse(text)));
const errors = (text: string): readonly string[] =>
  validate(plain(text)) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);

for (const { name, text } of builtInProfiles) test(`it accepts the built-in profile ${name}`, () => assert.deepEqual(errors(text), []));

for (const file of [...readdirSync(join(corpus, '1.x')).map((entry) => `1.x/${entry}`), 'everything-new.toml'])
  test(`it accepts ${file}`, () => assert.deepEqual(errors(readFileSync(join(corpus, file), 'utf8')), []));

const accepted: readonly (readonly [says: string, text: string])[] = [
  ['a removal from a list of numbers', 'network.blocked_ports = ["!5432", "!*", 25]'],
  ['a removal from a list of hosts', 'network.allowed_domains = ["!@npm", "*.corp.example"]'],
  ['a list of tables that is emptied', 'guardrails.rules = ["!*"]'],
  ['a table that gets the rest from its base', '[secrets.NPM]\nhosts = ["a.example"]'],
  ['a date and a text as time', 'created_at = 2026-01-02T03:04:05Z\nupdated_at = "2026"'],
];
for (const [says, text] of accepted) test(`it accepts ${says}`, () => assert.deepEqual(errors(`name = "a"\n${text}`), []));

const refused: readonly (readonly [says: string, text: string])[] = [
  ['an unknown key', 'name = "a"\nnmae = 1'],
  ['an unknown key of a table', 'name = "a"\n[network]\nmodes = "full"'],
  ['an unknown key of a rule', 'name = "a"\n[[network.rules]]\nhost = "a.example"\nport = 1'],
  ['text for a number', 'name = "a"\nresources.max_pids = "100"'],
  ['a word in a list of ports', 'name = "a"\nnetwork.allowed_ports = ["https"]'],
  ['a choice that is none', 'name = "a"\nisolation = "vm"'],
  ['a number out of range', 'name = "a"\nresources.max_cpu_percent = 101'],
  ['a removal inside a rule', 'name = "a"\n[[network.rules]]\nhost = "a.example"\nports = ["!1"]'],
  ['a rule about no host', 'name = "a"\n[[network.rules]]\naction = "deny"'],
  ['a profile without a name', 'mode = "assist"'],
];
for (const [says, text] of refused) test(`it refuses ${says}`, () => assert.notEqual(errors(text).length, 0));

/** what the schema alone must find; the rest takes a whole profile, or the names of others */
const structural = new Set(['unknown-key', 'wrong-type', 'out-of-range', 'missing-key']);
const golden = z.object({ says: z.string(), text: z.string() });

test('it refuses every profile of the corpus that has a wrong key, type or range, and accepts every valid one', async () => {
  for (const line of readFileSync(join(corpus, 'findings.jsonl'), 'utf8').trim().split('\n')) {
    const { says, text } = golden.parse(JSON.parse(line));
    const { findings, profile } = await checkProfile({ file: '/a.toml', text }, memorySources({}));
    if (findings.some(({ code }) => code === 'toml-syntax' || code === 'too-deep')) continue;
    // JSON has neither, and to a TOML extension a date is text.
    if (/__proto__|= nan$|= \d{4}-\d\d/m.test(text)) continue;
    const found = errors(text.replace('99999999999999999999', '9e99'));
    if (profile !== undefined) assert.deepEqual(found, [], says);
    if (findings.some(({ code, severity }) => severity === 'error' && structural.has(code))) assert.notEqual(found.length, 0, says);
  }
});
