/** What somebody starts in a sandbox with the engine itself: on record with its command, told in a notice, and not stopped. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import { canStartEngines, startDocker, startPodman, type TestEngine } from '../kit/engines.ts';
import { TestLasso } from '../kit/lasso.ts';
import { chainVerifies, recordsOf } from '../kit/starts.ts';

const skip = canStartEngines() ? false : 'private engines can be started only by root on Linux';
const engines = [
  { backend: 'docker', start: startDocker },
  { backend: 'podman', start: () => startPodman({ service: true }) },
] as const;

for (const { backend, start } of engines) {
  describe(`a sandbox on ${backend} that is entered from outside`, { skip }, () => {
    let engine: TestEngine;
    let lasso: TestLasso;
    let id: string;
    let container: string;

    /** Has the engine start something in the container; its status. */
    const enter = (...argv: readonly string[]): number | null =>
      spawnSync(backend, ['exec', ...argv], { env: { ...engine.environment }, encoding: 'utf8', timeout: 30_000 }).status;

    const entered = async (count: number): Promise<readonly { readonly target: string; readonly detail: Record<string, unknown> }[]> => {
      for (let tries = 0; ; tries += 1) {
        const found = (await recordsOf(lasso, id)).filter(({ action }) => action === 'entered-from-outside');
        if (found.length >= count || tries === 100)
          return found.map(({ target, detail, type, outcome }) => {
            assert.deepEqual([type, outcome], ['violation', 'success']);
            return { target: target ?? '', detail: detail ?? {} };
          });
        await delay(100);
      }
    };

    before(async () => {
      engine = await start();
      lasso = new TestLasso({ environment: engine.environment });
      const workspace = join(lasso.root, 'workspace');
      mkdirSync(workspace);
      const info = await lasso.create({ dir: workspace, profile: 'standard', backend, name: 'box', mount: [], env: [] });
      id = info.id;
      container = info.engineId ?? '';
    });
    after(async () => {
      await lasso.dispose();
      await engine.stop();
    });

    test('nothing is told of what LASSO itself starts', async () => {
      assert.equal((await lasso.exec('box', ['true'])).exit.code, 0);
      assert.deepEqual(await entered(0), []);
    });

    test('the command is on record, although nothing judged it, and a notice says so', async () => {
      assert.equal(enter('-d', container, 'sleep', '61'), 0);
      const [first] = await entered(1);
      assert.equal(first?.target, 'sleep 61');
      assert.deepEqual([first.detail['argv'], first.detail['privileged']], [['sleep', '61'], false]);
      assert.match(String(first.detail['reason']), new RegExp(`${backend} exec`));
      for (let tries = 0; tries < 50; tries += 1) {
        const [info] = (await (await lasso.connect()).call('status', { sandbox: 'box' })).sandboxes;
        if (info?.notices.some((notice) => /entered from outside/.test(notice)) === true) return;
        await delay(100);
      }
      assert.fail('no notice says it');
    });

    test('every one counts, and who it ran as is told where it was asked for', async () => {
      assert.equal(enter(container, 'true'), 0);
      assert.equal(enter('-u', '1000', '-d', container, 'sh', '-c', 'exec sleep 62'), 0);
      const all = await entered(3);
      assert.equal(all.length, 3);
      const shell = all.find(({ target }) => target === 'sh -c exec sleep 62');
      assert.deepEqual([shell?.detail['user'], shell?.detail['argv']], ['1000', ['sh', '-c', 'exec sleep 62']]);
      await chainVerifies(lasso, 'box');
    });

    test('a helper that took the sandbox over goes on telling', async () => {
      process.kill(await lasso.helperPid(), 'SIGKILL');
      lasso.disconnect();
      await lasso.connect();
      const before = (await entered(3)).length;
      assert.equal(enter('-d', container, 'sleep', '63'), 0);
      const all = await entered(before + 1);
      assert.ok(all.some(({ target }) => target === 'sleep 63'));
    });

    test('after it was stopped and started the notice is gone', async () => {
      const connection = await lasso.connect();
      await connection.call('stop', { sandbox: 'box', graceSeconds: 0 });
      const info = await connection.call('start', { sandbox: 'box' });
      assert.deepEqual(
        info.notices.filter((notice) => /entered from outside/.test(notice)),
        [],
      );
    });
  });
}
