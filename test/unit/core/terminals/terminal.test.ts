import assert from 'node:assert/strict';
import { Duplex, PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { GuestExit, GuestProcess } from '../../../../helper/guest/contract.ts';
import { Terminal } from '../../../../helper/core/terminals/terminal.ts';

interface Fake {
  readonly process: GuestProcess;
  /** what the program was sent */
  readonly typed: string[];
  readonly signals: (readonly [number, string])[];
  say(text: string): void;
  exit(exit: GuestExit): void;
}

function fakeProcess(): Fake {
  const typed: string[] = [];
  const signals: (readonly [number, string])[] = [];
  let exit: (value: GuestExit) => void = () => undefined;
  const exited = new Promise<GuestExit>((resolve) => {
    exit = resolve;
  });
  const stdio = new Duplex({
    read: () => undefined,
    write: (bytes: Buffer, _, done) => {
      typed.push(bytes.toString());
      done();
    },
  });
  const process: GuestProcess = {
    id: 1,
    pid: 2,
    stdio,
    stderr: null,
    exited,
    signal: (signal, target) => signals.push([signal, target]),
    resize: () => undefined,
  };
  return {
    process,
    typed,
    signals,
    say: (text) => stdio.push(text),
    exit: (value) => {
      stdio.push(null);
      exit(value);
    },
  };
}

function viewer(): { readonly far: Duplex; readonly near: Duplex; seen(): string } {
  const [there, back] = [new PassThrough(), new PassThrough()];
  const near = Duplex.from({ readable: there, writable: back });
  const far = Duplex.from({ readable: back, writable: there });
  let seen = '';
  far.on('data', (bytes: Buffer) => (seen += bytes.toString()));
  far.on('error', () => undefined);
  return { far, near, seen: () => seen };
}

const open = (fake: Fake): Terminal =>
  new Terminal({
    id: 't1',
    title: 'sh',
    rows: 24,
    columns: 80,
    process: fake.process,
    explain: async () => ({ code: 3, signal: null }),
    onChange: () => undefined,
  });

const until = async (what: () => boolean): Promise<void> => {
  for (let tries = 0; !what(); tries += 1) {
    assert.ok(tries < 200, 'it never came to be');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

test('everybody who looks sees the same, and what anybody types arrives', async () => {
  const fake = fakeProcess();
  const terminal = open(fake);
  const [one, two] = [viewer(), viewer()];
  await terminal.attach({ stream: one.near, token: 'a', hangup: false }, false);
  await terminal.attach({ stream: two.near, token: 'b', hangup: false }, false);
  assert.equal(terminal.info.attached, 2);
  fake.say('hello');
  await until(() => one.seen() === 'hello' && two.seen() === 'hello');
  two.far.write('ls\r');
  await until(() => fake.typed.includes('ls\r'));
  fake.exit({ kind: 'exited', status: 3 });
  assert.deepEqual(await terminal.ended, { code: 3, signal: null });
});

test('whoever comes back sees the screen first, then what follows', async () => {
  const fake = fakeProcess();
  const terminal = open(fake);
  fake.say('before\r\n');
  await until(() => fake.process.stdio.readableLength === 0);
  const late = viewer();
  await terminal.attach({ stream: late.near, token: 'a', hangup: false }, true);
  fake.say('after');
  await until(() => /before[\s\S]*after/.test(late.seen()));
  fake.exit({ kind: 'exited', status: 0 });
  await terminal.ended;
});

test('a viewer that goes without a word hangs up; one that said good-bye does not', async () => {
  const fake = fakeProcess();
  const terminal = open(fake);
  const [polite, rude] = [viewer(), viewer()];
  await terminal.attach({ stream: polite.near, token: 'polite', hangup: true }, false);
  terminal.release('polite');
  polite.near.destroy();
  await until(() => terminal.info.attached === 0);
  assert.equal(fake.signals.length, 0);
  await terminal.attach({ stream: rude.near, token: 'rude', hangup: true }, false);
  rude.near.destroy();
  await until(() => fake.signals.length > 0);
  assert.equal(fake.signals[0]?.[0], 1);
  fake.exit({ kind: 'signalled', status: 1 });
  await terminal.ended;
});

test('a viewer that does not read holds the program back instead of filling memory', async () => {
  const fake = fakeProcess();
  const terminal = open(fake);
  const stuck = new Duplex({ read: () => undefined, write: () => undefined });
  await terminal.attach({ stream: stuck, token: 'a', hangup: false }, false);
  const block = 'x'.repeat(64 * 1024);
  for (let n = 0; n < 40; n += 1) fake.say(block);
  await until(() => fake.process.stdio.isPaused());
  assert.ok(stuck.writableLength < 2 * 1024 * 1024);
  stuck.destroy();
  await until(() => !fake.process.stdio.isPaused());
  fake.exit({ kind: 'exited', status: 0 });
  await terminal.ended;
});
