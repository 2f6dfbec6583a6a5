import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createScreen } from '../../../helper/core/terminal-screen.ts';
import { TerminalModes } from '../../../helper/core/terminal-modes.ts';

const shown = async (...parts: readonly string[]): Promise<string> => {
  const screen = createScreen({ rows: 10, columns: 40 });
  for (const part of parts) screen.write(Buffer.from(part));
  return screen.snapshot();
};

test('what was written is drawn again, scrollback, colours and wide characters included', async () => {
  const lines = Array.from({ length: 30 }, (_, n) => `line ${n}`).join('\r\n');
  const drawn = await shown(lines, '\r\n\x1b[31mred\x1b[0m 漢字 café');
  for (const expected of ['line 0', 'line 29', 'red', '漢字 café', '\x1b[31m']) assert.ok(drawn.includes(expected), expected);
});

test('an alternate screen comes back as one, with what a full-screen program drew on it', async () => {
  const drawn = await shown('shell\r\n', '\x1b[?1049h\x1b[H\x1b[2J\x1b[3;5Heditor\x1b[?25l');
  assert.ok(drawn.includes('\x1b[?1049h') && drawn.includes('editor'), JSON.stringify(drawn));
});

test('modes switched on long ago are remembered when their output is forgotten', async () => {
  const screen = createScreen({ rows: 10, columns: 40, limitBytes: 64 * 1024 });
  screen.write(Buffer.from('\x1b[?2004h\x1b[?1h'));
  const block = Buffer.from(`${'x'.repeat(79)}\r\n`.repeat(100));
  for (let n = 0; n < 200; n += 1) screen.write(block);
  const drawn = await screen.snapshot();
  assert.ok(drawn.includes('\x1b[?2004h'), 'bracketed paste');
  assert.ok(drawn.includes('\x1b[?1h'), 'application cursor keys');
});

test('switches are found wherever the output was cut', () => {
  const output = Buffer.from('a\x1b[?1049;2004hb\x1b[?25l\x1b=c\x1b[31md\x1b[?25h');
  for (let cut = 0; cut <= output.length; cut += 1) {
    const modes = new TerminalModes();
    modes.scan(output.subarray(0, cut));
    modes.scan(output.subarray(cut));
    assert.equal(modes.prefix, '\x1b[?1049h\x1b[?2004h\x1b[?25h\x1b=', `cut at ${cut}`);
  }
});

test('a resize is what the next one sees', async () => {
  const screen = createScreen({ rows: 10, columns: 20 });
  screen.resize(10, 60);
  screen.write(Buffer.from('x'.repeat(50)));
  assert.ok((await screen.snapshot()).includes('x'.repeat(50)));
});
