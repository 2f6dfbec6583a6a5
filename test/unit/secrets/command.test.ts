/** A secret that a program tells: started without a shell, from no place of an agent, and bounded; what it says is never repeated. */
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { argvOf, commandSource } from '../../../helper/secrets/command.ts';
import { LassoError } from '../../../helper/protocol/errors.ts';
import { testPlace } from '../../kit/folders.ts';
import { missing, scriptIn } from '../../kit/secrets.ts';

const place = testPlace();
test.after(place.remove);
const bin = join(place.root, 'bin');
const workspace = join(place.root, 'project');
mkdirSync(workspace);
const host = {
  ...place.host,
  environment: { ...place.host.environment, PATH: `${bin}:${join(workspace, 'bin')}:relative:/usr/bin:/bin`, KEPT: 'from-here' },
};
const told = (line: string): Promise<string> => commandSource(line, [workspace], host).read();

const lines: readonly (readonly [line: string, argv: readonly string[]])[] = [
  ['op read op://dev/npm/token', ['op', 'read', 'op://dev/npm/token']],
  [`  a\t"b c" 'd "e"' f"g h"i `, ['a', 'b c', 'd "e"', 'fg hi']],
  [`a '' ""`, ['a', '', '']],
  ['a $HOME `b` $(c) ; d | e > f && g \\ *', ['a', '$HOME', '`b`', '$(c)', ';', 'd', '|', 'e', '>', 'f', '&&', 'g', '\\', '*']],
  ['C:\\tools\\get.exe x', ['C:\\tools\\get.exe', 'x']],
];
test('a line is words and quotes, and nothing else has a meaning', () => {
  for (const [line, argv] of lines) assert.deepEqual(argvOf(line), argv);
});

test('no line is a fault of ours, and words without spaces and quotes come out as they went in', () => {
  fc.assert(
    fc.property(fc.string(), (line) => {
      try {
        assert.ok(argvOf(line).every((word) => typeof word === 'string'));
      } catch (error) {
        assert.ok(error instanceof LassoError && error.code === 'SECRET_UNAVAILABLE');
      }
    }),
  );
  fc.assert(fc.property(fc.array(fc.stringMatching(/^[!#-&(-~]+$/)), (words) => assert.deepEqual(argvOf(words.join(' ')), words)));
});

test('the program gets its arguments, the helper’s variables and no input, and is asked again each time', async () => {
  scriptIn(bin, 'tell', [
    'count=$(cat "$0.count" 2>/dev/null || echo 0)',
    'echo $((count + 1)) > "$0.count"',
    'printf "%s|%s|%s|%s" "$1" "$KEPT" "$(cat)" "$count"',
  ]);
  assert.equal(await told(`tell 'a $(b) c'`), 'a $(b) c|from-here||0');
  assert.equal(await told(`${join(bin, 'tell')} x`), 'x|from-here||1');
  assert.equal(await told('~/bin/tell x'), 'x|from-here||2');
});

test('a program that fails, says too much or is not there is told as such, without what it said', async () => {
  scriptIn(bin, 'fail', ['echo hunter2-value; echo hunter2-value >&2; exit 3']);
  scriptIn(bin, 'flood', ['head -c 70000 /dev/zero | tr "\\0" a']);
  const cases: readonly (readonly [line: string, why: RegExp])[] = [
    ['fail hunter2-argument', /^fail ended with status 3$/],
    ['flood', /said more than 64 kB/],
    ['no-such-program', /there is no program no-such-program/],
    ['./tell', /no absolute path/],
    ['bin/tell', /no absolute path/],
    ['"', /quote that never ends/],
    ['tell a\0b', /NUL/],
    ['   ', /no program is named/],
  ];
  for (const [line, why] of cases) {
    await missing(told(line), why);
    await assert.rejects(told(line), (error) => !String(error).includes('hunter2'));
  }
});

test('nothing an agent can write is started on the host: no program, no script, no link to one', async () => {
  const inside = scriptIn(join(workspace, 'bin'), 'agent-tool', ['echo v']);
  symlinkSync(inside, join(bin, 'linked'));
  for (const line of ['agent-tool', inside, 'linked', `sh ${inside}`, `sh ~/project/bin/agent-tool`, `sh ${bin}/../project/bin/agent-tool`])
    await missing(told(line), /which the agent can write/);
});
