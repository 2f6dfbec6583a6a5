/** What the extension makes of the answers of the `lasso` program and of the helper: hostile or broken ones included. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorDataOf, failureOf } from '../../../extension/failure.ts';
import { addressOf, ensureHelper, failureIn, programEnvironment } from '../../../extension/launch.ts';
import { profileDocuments } from '../../../extension/profiles/documents.ts';

const token = 'a'.repeat(64);

test('an address is taken only when all of it is there', () => {
  const address = { socket: '/run/lasso/helper.sock', token, version: '2.0.0' };
  assert.deepEqual(addressOf(JSON.stringify({ ...address, build: 'x' })), address);
  for (const broken of [
    '',
    'null',
    '[]',
    '{}',
    JSON.stringify({ ...address, token: `${token}\nrpc` }),
    JSON.stringify({ ...address, socket: 1 }),
  ]) {
    assert.equal(addressOf(broken), undefined, broken);
  }
});

test('a failure keeps the code, the hint and the details that the program gave', () => {
  const error = { code: 'HELPER_OUTDATED', message: 'An older helper runs.', hint: 'lasso stop all', details: ['two sandboxes'] };
  const failure = failureIn('', JSON.stringify({ error }));
  assert.deepEqual({ code: failure.code, message: failure.message, hint: failure.hint, details: failure.details }, { ...error });
});

test('a program that crashed is reported with the line that says why', () => {
  const { code, hint } = failureIn('', 'node:internal/modules\n\nError: Cannot find module\n    at somewhere\n\nNode.js v24\n');
  assert.equal(code, 'HELPER_UNREACHABLE');
  assert.equal(hint, 'Error: Cannot find module');
});

test('a program that is not there is reported, not thrown', async () => {
  await assert.rejects(ensureHelper('/nowhere/lasso.js', {}), { name: 'Failure', code: 'HELPER_UNREACHABLE' });
});

test('the program runs without the variables of VS Code', () => {
  const environment = programEnvironment({
    PATH: '/bin',
    LASSO_HOME: '/h',
    VSCODE_IPC_HOOK_CLI: 'x',
    ELECTRON_NO_ASAR: '1',
    NODE_OPTIONS: '--x',
  });
  assert.deepEqual(environment, { PATH: '/bin', LASSO_HOME: '/h', ELECTRON_RUN_AS_NODE: '1' });
});

test('whatever was thrown becomes a failure', () => {
  assert.equal(failureOf('text').message, 'text');
  assert.equal(failureOf(Object.assign(new Error('no'), { code: -32800 })).code, 'CANCELLED');
  assert.equal(failureOf(Object.assign(new Error('no'), { data: { code: 'NO_ENGINE', hint: 'install one' } })).code, 'NO_ENGINE');
});

test('error data of another shape is left out', () => {
  assert.deepEqual(errorDataOf({ code: '../x', hint: 1, details: ['a', 2] }), { details: ['a'] });
  assert.deepEqual(errorDataOf('text'), {});
});

test('profiles are known by name, by folder, and in the user’s own folders', () => {
  const patterns = profileDocuments({ LASSO_HOME: '/srv/lasso', LASSO_PROFILE_DIR: '/etc/lasso:relative' }).map(({ pattern }) => pattern);
  assert.deepEqual(patterns, [undefined, '**/*.lasso.toml', '**/.lasso/**/*.toml', '/srv/lasso/profiles/*.toml', '/etc/lasso/*.toml']);
});
