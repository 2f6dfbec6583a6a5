/** Promises about finding the helper, losing it, and what a person is told when there is none. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Failure } from '../../../extension/failure.ts';
import { Helper } from '../../../extension/helper.ts';
import { activated, until } from './extension.ts';

export function helperTests(): void {
  describe('the helper', () => {
    it('that cannot be started is reported with what to do', async () => {
      const log = vscode.window.createOutputChannel('LASSO test', { log: true });
      const helper = new Helper('/nowhere/lasso.js', log);
      try {
        const failure = await failureOf(helper.connect());
        assert.equal(failure.code, 'HELPER_UNREACHABLE');
        assert.notEqual(failure.hint, '');
        assert.equal(helper.state.kind, 'unreachable');
      } finally {
        helper.dispose();
        log.dispose();
      }
    });

    it('is refused where others could write into its folder, with the folder named', async () => {
      const { helper } = await activated();
      const before = process.env['LASSO_RUNTIME_DIR'];
      const folder = mkdtempSync(path.join(tmpdir(), 'open-'));
      chmodSync(folder, 0o777);
      process.env['LASSO_RUNTIME_DIR'] = folder;
      try {
        const failure = await failureOf(helper.connect());
        assert.equal(failure.code, 'HELPER_DIRECTORY_UNSAFE');
        assert.ok(`${failure.message} ${failure.hint} ${failure.details.join(' ')}`.includes(folder));
      } finally {
        process.env['LASSO_RUNTIME_DIR'] = before;
        rmSync(folder, { recursive: true });
      }
    });

    it('is started when somebody needs it, and answers', async () => {
      const { helper } = await activated();
      const { pid } = await helper.request('hello', { version: '0', build: 'test' });
      assert.ok(pid > 0 && pid !== process.pid);
      assert.equal(helper.state.kind, 'connected');
    });

    it('answers a bad request with a code and a hint', async () => {
      const { helper } = await activated();
      const failure = await failureOf(helper.request('stop', { sandbox: 'nobody-here' }));
      assert.equal(failure.code, 'SANDBOX_UNKNOWN');
      assert.notEqual(failure.hint, '');
    });

    it('that was killed is found again without being asked', async () => {
      const { helper } = await activated();
      const { pid } = await helper.request('hello', { version: '0', build: 'test' });
      const states: string[] = [];
      const listener = helper.onState(({ kind }) => states.push(kind));
      process.kill(pid, 'SIGKILL');
      await until('connected again', () => states.includes('connected'));
      listener.dispose();
      assert.equal(states[0], 'lost');
      const again = await helper.request('hello', { version: '0', build: 'test' });
      assert.notEqual(again.pid, pid);
    });
  });
}

async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  try {
    await promise;
  } catch (error) {
    // The extension's own bundle has a class of its own: the shape is what counts.
    assert.ok(error instanceof Error && 'code' in error && 'hint' in error && 'details' in error);
    return error as Failure;
  }
  return assert.fail('it was expected to fail');
}
