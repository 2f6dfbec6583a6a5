import assert from 'node:assert/strict';
import { test } from 'node:test';
import headless from '@xterm/headless';
import { createScreen } from '../../../../helper/core/terminals/terminal-screen.ts';
import { TerminalModes } from '../../../../helper/core/terminals/terminal-modes.ts';

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

/** What a terminal shows after these bytes: its lines, cursor, modes and which screen is on. */
async function seen(
  rows: number,
  columns: number,
  ...parts: readonly (string | readonly [rows: number, columns: number])[]
): Promise<unknown> {
  const terminal = new headless.Terminal({ rows, cols: columns, scrollback: 5_000, allowProposedApi: true, logLevel: 'off' });
  for (const part of parts) {
    await new Promise<void>((resolve) => terminal.write(typeof part === 'string' ? part : '', resolve));
    if (typeof part !== 'string') terminal.resize(part[1], part[0]);
  }
  const { active } = terminal.buffer;
  const lines = Array.from({ length: active.length }, (_, y) => {
    const line = active.getLine(y);
    return Array.from({ length: terminal.cols }, (_cell, x) => {
      const cell = line?.getCell(x);
      return `${cell?.getChars() ?? ''}${cell?.getFgColor() ?? ''}${cell?.isBold() ?? ''}`;
    }).join('|');
  });
  const found = { lines, at: [active.cursorX, active.cursorY], screen: active.type, modes: { ...terminal.modes } };
  terminal.dispose();
  return found;
}

const drawings: readonly (readonly [name: string, output: string])[] = [
  [
    'a shell with colours and scrollback',
    `${Array.from({ length: 60 }, (_, n) => `\x1b[1;3${n % 8}mline ${n}\x1b[0m`).join('\r\n')}\r\n$ `,
  ],
  ['wide, combining and joined characters', '漢字かな交じり文 e\u0301 नमस्ते 👩‍👩‍👧 end\r\n한국어'],
  ['an editor on the alternate screen', 'shell\r\n\x1b[?1049h\x1b[?1h\x1b=\x1b[H\x1b[2Jtext\x1b[5;7Hhere\x1b[?25l\x1b[?2004h'],
  ['a full-screen program with a mouse', '\x1b[?1049h\x1b[?1002h\x1b[?1006h\x1b[?1004hmouse\x1b[3;3H'],
  ['a shell after an editor was left', 'one\r\n\x1b[?1049h\x1b[2Jgone\x1b[?1049ltwo'],
  ['long lines that wrap', `${'abcdefghij'.repeat(13)}\r\n${'x'.repeat(40)}`],
  ['a reset', '\x1b[?1049h\x1b[?2004h\x1b[?1000hbefore\x1bcafter'],
  ['a progress line below a scrolling region', 'a\r\nb\r\n\x1b[1;9r\x1b[10;1Hprogress\x1b[4;1Hhere'],
];
for (const [name, output] of drawings) {
  test(`drawn again it is the same: ${name}`, async () => {
    assert.deepEqual(await seen(10, 40, await shown(output)), await seen(10, 40, output));
  });
}

test('what the emulator does not draw is switched too: cursor, mouse coding, cursor shape, title, scrolling region', async () => {
  const drawn = await shown('\x1b[?25l\x1b[?1006h\x1b[4 q\x1b]0;größer\x07\x1b[2;8r\x1b[>4;2m\x1b[6;3H');
  for (const expected of ['\x1b[?25l', '\x1b[?1006h', '\x1b[4 q', '\x1b]2;größer\x07', '\x1b[2;8r\x1b[6;3H', '\x1b[>4;2m'])
    assert.ok(drawn.includes(expected), JSON.stringify([expected, drawn]));
});

test('nothing is drawn that a terminal would answer or that reaches a clipboard', async () => {
  const drawn = await shown('\x1b[c\x1b[6n\x1b]52;c;c2VjcmV0\x07\x1b]10;?\x07\x1bP$qm\x1b\\text');
  assert.equal(drawn, 'text');
});

test('made-up modes are not collected without end', () => {
  const modes = new TerminalModes();
  for (let mode = 1; mode < 20_000; mode += 1) modes.scan(Buffer.from(`\x1b[?${mode}h`));
  assert.ok(modes.prefix.length < 2_000);
});

test('bytes of any value never break it', async () => {
  let seed = 7;
  const random = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648);
  const screen = createScreen({ rows: 10, columns: 40, limitBytes: 4_096 });
  for (let n = 0; n < 200; n += 1) screen.write(Buffer.from(Array.from({ length: 100 }, () => (random() >> 8) & 0xff)));
  assert.equal(typeof (await screen.snapshot()), 'string');
});

test('ten megabytes later the mode is still on, and only the latest lines are kept', async () => {
  const screen = createScreen({ rows: 10, columns: 40 });
  screen.write(Buffer.from('\x1b[?2004h'));
  for (let n = 0; n < 160; n += 1) screen.write(Buffer.from(`block ${n}\r\n`.padEnd(65_536, '0123456789\r\n')));
  const drawn = await screen.snapshot();
  assert.ok(drawn.includes('\x1b[?2004h'));
  assert.ok(drawn.split('\r\n').length <= 5_011);
});

test('output cut in the middle begins with a whole character or sequence', async () => {
  for (const unit of ['漢', '\x1b[31mred\x1b[0m']) {
    const bytes = Buffer.from(unit.repeat(400));
    for (let cut = 1; cut < 14; cut += 1) {
      const screen = createScreen({ rows: 10, columns: 40, limitBytes: bytes.length - cut });
      screen.write(bytes.subarray(0, cut));
      screen.write(bytes.subarray(cut));
      const drawn = await screen.snapshot();
      assert.doesNotMatch(drawn, /\ufffd|^(1m|\[|m)/, `${unit} cut at ${cut}: ${JSON.stringify(drawn.slice(0, 40))}`);
    }
  }
});

test('a terminal that was resized comes back as it would look had one never left', async () => {
  const before = `${'w'.repeat(30)}\r\nshort\r\n`;
  const screen = createScreen({ rows: 10, columns: 20 });
  screen.write(Buffer.from(before));
  screen.resize(12, 25);
  screen.resize(12, 60);
  screen.write(Buffer.from('x'.repeat(50)));
  assert.deepEqual(await seen(12, 60, await screen.snapshot()), await seen(10, 20, before, [12, 60], 'x'.repeat(50)));
});
