/** One generated file in one text: what becomes of it, and that taking it out gives back what was there. One case a line where it can be. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { GeneratedFile, JsonObject } from '../../../../helper/agents/agent.ts';
import type { FileRecord } from '../../../../helper/agents/told/manifest.ts';
import { mergeFile, stillThere, takeOutFile, type Written } from '../../../../helper/agents/merging/merge.ts';
import { isRefusal } from '../../../../helper/agents/merging/outcome.ts';

const mark = { profile: 'strict', digest: 'a1'.repeat(32) };
const ours: JsonObject = { permissions: { deny: ['curl', 'rm'], mode: 'ask' }, telemetry: false };

const json = (value: JsonObject = ours): GeneratedFile => ({ kind: 'values', path: 'a.json', form: 'json', value });
const jsonc = (value: JsonObject = ours): GeneratedFile => ({ kind: 'values', path: 'a.json', form: 'jsonc', value });
const yaml = (value: JsonObject): GeneratedFile => ({ kind: 'values', path: 'a.yml', form: 'yaml', value });
const toml = (value: JsonObject): GeneratedFile => ({ kind: 'values', path: 'a.toml', form: 'toml', value });
const block = (text = 'Be careful.\n'): GeneratedFile => ({ kind: 'block', path: 'A.md', text, comment: 'html' });
const whole = (text = 'rule one\n'): GeneratedFile => ({ kind: 'whole', path: 'a.rules', text, comment: '#' });

function written(before: string | null, file: GeneratedFile, record?: FileRecord): Written {
  const merged = mergeFile(before, file, mark, record);
  assert.ok(!isRefusal(merged), isRefusal(merged) ? merged.refused : '');
  return merged;
}

const recordOf = ({ record }: Written, path = 'a'): FileRecord => ({ path, agents: ['claude'], folders: [], ...record });

function takenOut(now: string, record: FileRecord | undefined): string | null {
  const left = takeOutFile(now, record);
  assert.ok(!isRefusal(left), isRefusal(left) ? left.refused : '');
  return left.text;
}

describe('merged and taken out again, every byte is as it was', () => {
  const cases: readonly (readonly [name: string, before: string | null, file: GeneratedFile])[] = [
    ['no file', null, json()],
    ['an empty file', '', json()],
    ['a file of blanks', ' \n\n', json()],
    ['an empty object', '{}', json()],
    ['an empty object on lines', '{\n}\n', json()],
    ['an object with a blank', '{ }', json()],
    ['one line', '{"a":1,"permissions":{"deny":["x"]}}', json()],
    ['a value of the user’s replaced', '{"telemetry": true, "permissions": {"mode": "never", "deny": ["rm"]}}\n', json()],
    ['a list where an object belongs', '{"permissions": [1, 2]}', json()],
    ['tabs and CRLF', '{\r\n\t"a": 1,\r\n\t"permissions": {\r\n\t\t"deny": [\r\n\t\t\t"x"\r\n\t\t]\r\n\t}\r\n}\r\n', json()],
    ['a byte order mark', '\ufeff{"a": 1}', json()],
    [
      'comments and commas at ends',
      '{\n  // mine\n  "a": [1, 2,], /* two */\n  "permissions": { "deny": [ // none yet\n  ] },\n}\n',
      jsonc(),
    ],
    ['a comment alone in an object', '{ /* nothing */ }', jsonc()],
    ['a comment behind the last', '{\n  "a": 1 // one\n}', jsonc()],
    [
      'words that look like parts of objects',
      '{"__proto__": {"x": 1}, "constructor": 2, "toString": [3]}',
      json({ toString: [4], ['__proto__']: { y: 2 } }),
    ],
    ['all of it there already', '{"permissions": {"deny": ["curl", "rm"], "mode": "ask"}, "telemetry": false}', json()],
    ['no YAML', null, yaml({ a: 1 })],
    ['YAML with comments', '# mine\nb: 2 # two\n', yaml({ a: 1, list: ['x'] })],
    ['YAML without a last line end', 'b: 2', yaml({ a: 1 })],
    ['YAML where a list grows', '# mine\nread:\n  - ONE.md # keep\nother: "x"\n', yaml({ read: ['TWO.md'], auto: false })],
    ['YAML with CRLF', 'b: 2\r\nc: 3\r\n', yaml({ a: 1 })],
    ['no TOML', null, toml({ a: 1, t: { b: 2 } })],
    [
      'TOML with tables',
      '# mine\nmodel = "x"\n\n[features]\nweb = true\n',
      toml({ sandbox: 'on', features: { proxy: true }, other: { x: { y: [1] } } }),
    ],
    ['TOML without a last line end', '[a]\nb = 1', toml({ top: 'x', c: { d: true } })],
    ['TOML with tables in a list', '[[hook]]\nname = "mine"\n', toml({ hook: [{ name: 'ours' }] })],
    ['TOML with CRLF', 'a = 1\r\n[b]\r\nc = 2\r\n', toml({ d: 4, b: { e: 5 } })],
    ['no instructions', null, block()],
    ['instructions', '# Mine\n\nText.\n', block()],
    ['instructions without a last line end', '# Mine', block()],
    ['instructions with CRLF', '# Mine\r\n\r\nText.\r\n', block()],
    ['an empty file of instructions', '', block()],
    ['no rules', null, whole()],
    ['an empty file of rules', '', whole()],
  ];
  for (const [name, before, file] of cases)
    test(name, () => {
      const once = written(before, file);
      assert.equal(takenOut(once.text, recordOf(once)), before);
      const twice = written(once.text, file, recordOf(once));
      assert.deepEqual(twice, once);
      assert.equal(stillThere(once.text, recordOf(once)), true);
    });
});

describe('what somebody wrote beside it since stays, and what LASSO put in goes', () => {
  const cases: readonly (readonly [
    name: string,
    before: string | null,
    file: GeneratedFile,
    change: (text: string) => string,
    after: RegExp,
  ])[] = [
    ['a key of their own', null, json(), (text) => text.replace('{', '{\n  "own": 1,'), /^\{\s*"own": 1\s*\}\s*$/],
    [
      'an item of their own',
      '{"permissions": {"deny": []}}',
      json(),
      (text) => text.replace('"rm"', '"rm", "own"'),
      /"deny": \[\s*"own"\s*\]/,
    ],
    [
      'a value they changed',
      null,
      json(),
      (text) => text.replace('"ask"', '"mine"'),
      /^\{\s*"permissions": \{\s*"mode": "mine"\s*\}\s*\}\s*$/,
    ],
    ['a comment', '{\n  "a": 1\n}\n', jsonc(), (text) => text.replace('{', '{ // why'), /^\{ \/\/ why\n {2}"a": 1\s*\}\s*$/],
    ['a value of theirs that was replaced', '{"telemetry": true}', json(), (text) => `${text}\n`, /^\{"telemetry": true\}\s*$/],
    ['a line of YAML', 'b: 2\n', yaml({ a: 1 }), (text) => `${text}c: 3\n`, /^b: 2\nc: 3\n$/],
    ['a line of TOML', 'b = 2\n', toml({ a: 1, t: { x: 1 } }), (text) => text.replace('b = 2', 'b = 3'), /^b = 3\n$/],
    ['a paragraph', '# Mine\n', block(), (text) => `${text}\nMore.\n`, /^# Mine\n\nMore\.\n$/],
    ['a paragraph before', '# Mine\n', block(), (text) => `Before.\n\n${text}`, /^Before\.\n\n# Mine\n$/],
  ];
  for (const [name, before, file, change, after] of cases)
    test(name, () => {
      const once = written(before, file);
      const changed = change(once.text);
      assert.notEqual(changed, once.text);
      assert.match(takenOut(changed, recordOf(once)) ?? '', after);
      if (!stillThere(changed, recordOf(once))) return;
      const again = written(changed, file, recordOf(once));
      assert.equal(written(again.text, file, recordOf(again)).text, again.text);
      assert.match(takenOut(again.text, recordOf(again)) ?? '', after);
    });
});

describe('when the profile says something else, only the difference changes', () => {
  const cases: readonly (readonly [
    name: string,
    before: string,
    old: GeneratedFile,
    now: GeneratedFile,
    change: (text: string) => string,
  ])[] = [
    ['nobody touched it', '{\n  "a": 1\n}\n', json(), json({ permissions: { deny: ['rm', 'dd'] } }), (text) => text],
    ['somebody did', '{\n  "a": 1\n}\n', json(), json({ permissions: { deny: ['rm', 'dd'] } }), (text) => text.replace('"a": 1', '"a": 2')],
  ];
  for (const [name, before, old, now, change] of cases)
    test(name, () => {
      const once = written(before, old);
      const next = written(change(once.text), now, recordOf(once));
      assert.deepEqual(JSON.parse(next.text), { a: change(once.text) === once.text ? 1 : 2, permissions: { deny: ['rm', 'dd'] } });
      assert.deepEqual(JSON.parse(takenOut(next.text, recordOf(next)) ?? ''), { a: change(once.text) === once.text ? 1 : 2 });
    });

  test('a marked part stays where somebody moved it', () => {
    const once = written('# Mine\n', block());
    const moved = `${once.text}\nBelow.\n`;
    const next = written(moved, block('Something else.\n'), recordOf(once));
    assert.match(next.text, /^# Mine\n\n<!-- LASSO begin[^\n]*\nSomething else\.\n<!-- LASSO end -->\n\nBelow\.\n$/);
    assert.equal(takenOut(next.text, recordOf(next)), '# Mine\n\nBelow.\n');
  });

  test('a marked part that nobody wrote down is found and replaced', () => {
    const once = written('# Mine\n', block());
    const next = written(once.text, block('Else.\n'));
    assert.equal([...next.text.matchAll(/LASSO begin/g)].length, 1);
    assert.equal(takenOut(next.text, undefined), '# Mine\n');
  });
});

describe('where the last match wins', () => {
  const file: GeneratedFile = {
    kind: 'values',
    path: 'o.json',
    form: 'jsonc',
    value: { bash: { '*': 'allow', 'rm *': 'deny' } },
    last: [['bash']],
  };
  const cases: readonly (readonly [name: string, before: string])[] = [
    ['keys of the user’s come first', '{"bash": {"ls": "allow"}}'],
    ['the same key of the user’s moves behind', '{\n  "bash": {\n    "rm *": "allow", // no\n    "ls": "allow"\n  }\n}'],
    ['there is none', '{}'],
    ['they are the last already', '{"bash": {"ls": "ask", "*": "allow", "rm *": "deny"}}'],
  ];
  for (const [name, before] of cases)
    test(`ours are behind all others: ${name}`, () => {
      const once = written(before, file);
      assert.match(once.text, /"\*": "allow",\s*"rm \*": "deny"\s*\}\s*\}\s*$/);
      assert.equal(takenOut(once.text, recordOf(once)), before);
    });
});

describe('a text that cannot be changed safely is refused, with its place and the way out', () => {
  const cases: readonly (readonly [name: string, before: string, file: GeneratedFile, reason: RegExp])[] = [
    ['JSON that is none', '{\n  "a": \n}', json(), /no valid JSON \(3:1.*correct it/],
    ['comments where its reader takes none', '{\n  // mine\n}', json(), /2:3.*takes no comments: take them out/],
    ['a comma too many', '{"a": 1,}', json(), /no valid JSON \(1:9/],
    ['a list', '[1]', json(), /something else than an object/],
    ['two values', '{} {}', json(), /no valid JSON/],
    ['a key twice', '{"a": 1, "b": {"c": 1, "c": 2}}', jsonc(), /key c twice \(1:24\)/],
    ['nested too deeply', `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`, json(), /too deeply/],
    ['brackets without end', '['.repeat(100_000), json(), /too deeply/],
    ['YAML that is none', 'a: [1\nb: 2\n', yaml({ x: 1 }), /no valid YAML \(\d+:\d+.*correct it/],
    ['a YAML key twice', 'a: 1\na: 2\n', yaml({ x: 1 }), /no valid YAML/],
    ['YAML of two documents', 'a: 1\n---\nb: 2\n', yaml({ x: 1 }), /no valid YAML/],
    ['YAML that is a list', '- 1\n', yaml({ x: 1 }), /something else than settings/],
    [
      'YAML that grows',
      `a: &a [x, x, x, x, x, x, x, x, x]\n${'bcdefghi'
        .split('')
        .map((key, at) => `${key}: &${key} [${`*${'abcdefghi'[at] ?? ''}, `.repeat(9)}]\n`)
        .join('')}`,
      yaml({ x: 1 }),
      /too large|no valid/,
    ],
    ['TOML that is none', 'a = \n', toml({ x: 1 }), /no valid TOML \(1:\d+.*correct it/],
    ['a TOML key that says something else', 'a = 1\n[t]\nx = "y"\n', toml({ a: 2, t: { x: 'z' } }), /itself about a, t\.x: take that out/],
    ['a TOML table on one line', 't = { a = 1 }\n', toml({ t: { b: 2 } }), /do not fit.*\(t\)/],
    ['rules of somebody else’s', 'their rule\n', whole(), /somebody else’s.*move it aside/],
    ['a part without an end', '# A\n<!-- LASSO begin: profile x 0, text 0123456789abcdef; y -->\n', block(), /line 2:.*never ends/],
    ['an end without a part', '<!-- LASSO end -->\n', block(), /line 1:.*never begins/],
  ];
  for (const [name, before, file, reason] of cases)
    test(name, () => {
      const merged = mergeFile(before, file, mark, undefined);
      assert.ok(isRefusal(merged), isRefusal(merged) ? '' : merged.text);
      assert.match(merged.refused, reason);
    });

  for (const there of ['{"permission":{"bash":"ask"}}', '{"permission":"ask"}'])
    test(`one word is not replaced by rules that let through what it keeps back: ${there}`, () => {
      const last = [['permission'], ['permission', 'bash']];
      const merged = mergeFile(
        there,
        { ...jsonc({ permission: { bash: { 'docker *': 'deny' } } }), last } as GeneratedFile,
        mark,
        undefined,
      );
      assert.match(isRefusal(merged) ? merged.refused : '', /is one word in it, .*write \{"\*":"ask"\} in its place/);
    });

  test('a text of ours cannot end its own part', () => {
    const merged = mergeFile('# A\n', block('x\n<!-- LASSO end -->\ny\n'), mark, undefined);
    assert.ok(isRefusal(merged));
  });
});

describe('what is marked says so', () => {
  test('a file that is all LASSO’s names profile and digest in its first line', () => {
    assert.match(
      written(null, whole()).text,
      /^# Written by LASSO from profile strict a1a1a1a1a1a1a1a1, text [0-9a-f]{16};.*\nrule one\n$/,
    );
  });
  test('settings above a page and the kernel’s line stay first', () => {
    assert.match(written(null, whole('---\na: 1\n---\nx\n')).text, /^---\na: 1\n---\n# Written by LASSO/);
    assert.match(written(null, whole('#!/bin/sh\nx\n')).text, /^#!\/bin\/sh\n# Written by LASSO/);
  });
  test('a marked file may be replaced and taken out without notes; a change in it is seen', () => {
    const once = written(null, whole());
    assert.equal(written(once.text, whole('rule two\n')).text.endsWith('rule two\n'), true);
    assert.equal(takenOut(once.text, undefined), null);
    assert.equal(stillThere(once.text.replace('one', 'two'), recordOf(once)), false);
    assert.equal(stillThere(`${written('# A\n', block()).text}More.\n`, recordOf(written('# A\n', block()))), true);
    assert.equal(stillThere(written('# A\n', block()).text.replace('careful', 'quick'), recordOf(written('# A\n', block()))), false);
  });
});
