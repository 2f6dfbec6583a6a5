import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { helpOn, overview } from '../../../../helper/faces/cli/help.ts';
import { commands } from '../../../../helper/faces/cli/table.ts';
import { root } from '../../../kit/sources.ts';

const plain = (_: string, text: string): string => text;
const golden = join(root, 'test', 'golden', 'help.txt');

test('help says what the golden text says', () => {
  const topics = ['', ...new Set(commands.map(({ name }) => name))];
  const text = topics
    .map((topic) =>
      `$ lasso ${topic} -h\n${topic === '' ? overview(commands, plain) : helpOn(topic, commands, plain)}`.replace('lasso  -h', 'lasso -h'),
    )
    .join('\n');
  const before = readGolden();
  if (before !== text) writeFileSync(golden, text);
  assert.equal(before, text, `${golden} was out of date and has been written anew: look at it, then run this again`);
});

test('no line of help is too wide for a wide terminal', () => {
  for (const { name } of commands) {
    for (const line of helpOn(name, commands, plain).split('\n')) assert.ok(line.length <= 132, line);
  }
});

test('every command has an example that its own parser understands', async () => {
  const { parse } = await import('../../../../helper/faces/cli/parse.ts');
  for (const { name, examples } of commands) {
    assert.ok(examples.length > 0, name);
    for (const example of examples) {
      const line = /lasso (.*?)(?: [<>] .*)?$/.exec(example)?.[1] ?? '';
      const words = (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ''));
      const request = parse(words, commands);
      assert.ok(request.kind === 'command' && request.command.name === name, example);
    }
  }
});

function readGolden(): string {
  try {
    return readFileSync(golden, 'utf8');
  } catch {
    return '';
  }
}
