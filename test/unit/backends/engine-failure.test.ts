import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engineFailure } from '../../../helper/backends/engine-failure.ts';
import { LassoError } from '../../../helper/protocol/errors.ts';

const answered = (message: string): Error => Object.assign(new Error('(HTTP code 500)'), { statusCode: 500, json: { message } });
const system = (code: string): Error => Object.assign(new Error(`connect ${code}`), { code });

const cases = [
  ['No such image: sha256:00', answered('No such image: sha256:00'), 'IMAGE_MISSING'],
  ['a full disk', answered('write /x: no space left on device'), 'ENGINE_FAILED'],
  ['a folder the machine cannot see', answered('Mounts denied: the path /x is not shared from the host'), 'SANDBOX_START_FAILED'],
  ['a runtime that refuses', answered('OCI runtime create failed: container_linux.go'), 'SANDBOX_START_FAILED'],
  ['a lost runtime', answered('Unknown or invalid runtime name: runsc'), 'CANNOT_ENFORCE'],
  ['a dead engine', system('ECONNREFUSED'), 'ENGINE_LOST'],
  ['a closed socket', system('ECONNRESET'), 'ENGINE_LOST'],
  ['a forbidden socket', system('EACCES'), 'ENGINE_PERMISSION'],
  ['anything else', answered('the moon is in the wrong place'), 'ENGINE_FAILED'],
  ['an error that is clear already', new LassoError('MOUNT_REFUSED', 'no', 'why'), 'MOUNT_REFUSED'],
] as const;

for (const [name, error, code] of cases) {
  test(`an engine’s refusal says what to do: ${name}`, () => {
    const failure = engineFailure('Docker', 'starting the sandbox', error);
    assert.equal(failure.code, code);
    assert.notEqual(failure.hint, '');
  });
}
