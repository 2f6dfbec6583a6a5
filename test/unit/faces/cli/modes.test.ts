import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TerminalModes } from '../../../../helper/faces/cli/modes.ts';

const soft = '\u001b[0 q\u001b[!p\u001b>\u001b[0m';

const cases: readonly (readonly [what: string, pieces: readonly string[], reset: string])[] = [
  ['plain text', ['hello\r\n', 'world'], ''],
  ['cursor movement', ['\u001b[2J\u001b[1;1H'], ''],
  [
    'an editor in the middle',
    ['\u001b[?1049h\u001b[?25l\u001b[?1000;1006h\u001b[?2004h'],
    `\u001b[?1049l\u001b[?25h\u001b[?1000l\u001b[?1006l\u001b[?2004l${soft}`,
  ],
  ['an editor that has ended', ['\u001b[?1049h\u001b[?25l', '\u001b[?25h\u001b[?1049l'], soft],
  ['a sequence cut anywhere', ['\u001b', '[', '?10', '49', 'h'], `\u001b[?1049l${soft}`],
  ['colours', ['\u001b[31mred'], soft],
  ['the keyboard protocol', ['\u001b[>1u\u001b[>3u\u001b[<u'], `\u001b[<1u${soft}`],
  ['a full reset', ['\u001b[?1049h\u001bc\u001b[31m'], soft],
  ['unknown modes', ['\u001b[?9999h'], ''],
];

test('leaving a program midway gives back every mode it had switched', () => {
  for (const [what, pieces, reset] of cases) {
    const modes = new TerminalModes();
    for (const piece of pieces) modes.take(Buffer.from(piece, 'latin1'));
    assert.equal(modes.reset(), reset, what);
  }
});

test('endless unfinished sequences take no memory and no time', () => {
  const modes = new TerminalModes();
  for (let at = 0; at < 1000; at += 1) modes.take(Buffer.from(`\u001b[?${'1;'.repeat(5000)}`, 'latin1'));
  assert.equal(modes.reset(), '');
});
