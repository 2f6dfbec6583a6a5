/** The guest's C mirrors the protocol: the same names, the same numbers. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as guest from '../../helper/protocol/guest.ts';

const header = readFileSync(join(import.meta.dirname, '..', '..', 'images', 'guest', 'frames.h'), 'utf8');
const main = readFileSync(join(import.meta.dirname, '..', '..', 'images', 'guest', 'main.c'), 'utf8');
const settings = readFileSync(join(import.meta.dirname, '..', '..', 'images', 'guest', 'settings.c'), 'utf8');

/** every `PREFIX_NAME = number` of the header */
function numbers(prefix: string): Record<string, number> {
  const found = [...header.matchAll(new RegExp(`\\b${prefix}_([A-Z_]+) = (\\d+)`, 'g'))];
  return Object.fromEntries(found.map(([, name, value]) => [name ?? '', Number(value)]));
}

test('images/guest/frames.h and helper/protocol/guest.ts have the same numbers', () => {
  const { HEADER_BYTES, LIMIT_BYTES, ...types } = numbers('FRAME');
  assert.deepEqual(types, { ...guest.frameType });
  assert.deepEqual(numbers('HELLO'), { ...guest.helloFlag });
  assert.deepEqual(numbers('SPAWN'), { ...guest.spawnFlag });
  assert.deepEqual(numbers('STAGE'), { ...guest.spawnStage });
  assert.deepEqual(numbers('SIGNAL'), { ...guest.signalTarget });
  assert.deepEqual([HEADER_BYTES, LIMIT_BYTES], [guest.frameHeaderBytes, guest.frameLimitBytes]);
  assert.match(header, new RegExp(`PROTOCOL_VERSION = ${guest.guestProtocolVersion},`));
  assert.match(header, new RegExp(`DATA_LIMIT_BYTES = ${guest.dataLimitBytes},`));
  assert.match(header, new RegExp(`TOKEN_BYTES = ${guest.tokenBytes},`));
  assert.match(header, new RegExp(`INITIAL_WINDOW_BYTES = ${guest.initialWindowBytes},`));
});

test('the guest reads the variables and the path the protocol names', () => {
  for (const name of Object.values(guest.guestEnvironment)) assert.ok(settings.includes(`"${name}=`), name);
  assert.ok(main.includes(`"${guest.guestPaths.link}"`));
});
