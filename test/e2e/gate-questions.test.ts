/** A question to a person is open only as long as who asked it lives. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Approval } from '../../helper/protocol/approval.ts';
import { TestLasso } from '../kit/lasso.ts';
import { sh } from '../kit/programs.ts';
import { chainVerifies, recordsOf } from '../kit/starts.ts';

const profile = `name = "asks"
mode = "autonomous"
[commands]
mode = "blacklist"
blacklist = ["docker"]
allow_shell_operators = true
ask_args = { ls = ["-a"] }
[approvals]
timeout_seconds = 600
`;
const limit = { timeout: 60_000 };
let lasso: TestLasso;

before(async () => {
  lasso = new TestLasso();
  const dir = join(lasso.root, 'work');
  mkdirSync(dir);
  lasso.profile('asks', profile);
  await lasso.create({ dir, backend: 'bubblewrap', profile: 'asks', name: 'app' });
  void (await lasso.connect()).call('attend', {}).catch(() => undefined);
});
after(() => lasso.dispose());

/** Waits until so many questions are open. */
async function open(count: number): Promise<readonly Approval[]> {
  for (;;) {
    const { approvals } = await (await lasso.connect()).call('approvals', {});
    if (approvals.length === count) return approvals;
    await delay(20);
  }
}

const answers = async (): Promise<readonly unknown[]> =>
  (await recordsOf(lasso, 'app'))
    .filter(({ type, action }) => type === 'approval' && action === 'answer')
    .map(({ detail }) => detail?.['answer']);

test(
  'a program that is killed while its start is asked about takes its question along, and what comes after it runs on',
  limit,
  async () => {
    const running = lasso.exec('app', sh('timeout -s KILL 2 ls -a; echo "status $?"'));
    const [asked] = await open(1);
    assert.equal(asked?.what, 'ls -a');
    await open(0);
    assert.equal((await running).stdout, 'status 137\n');
    assert.deepEqual(await answers(), ['withdrawn']);
  },
);

test('a command that meets its time limit takes its questions along', limit, async () => {
  const running = lasso.exec('app', sh('ls -a . & ls -a .. & wait'), { timeoutSeconds: 2 });
  await open(2);
  await open(0);
  assert.match((await running).exit.reason ?? '', /time/);
  assert.deepEqual(await answers(), ['withdrawn', 'withdrawn', 'withdrawn']);
});

test('a question that was withdrawn cannot be answered, and the next one can', limit, async () => {
  const first = lasso.exec('app', sh('timeout -s KILL 1 ls -a; ls -a /usr'));
  const [gone] = await open(1);
  assert.ok(gone);
  let next = gone;
  while (next.id === gone.id) [next = gone] = (await (await lasso.connect()).call('approvals', {})).approvals;
  const connection = await lasso.connect();
  await assert.rejects(connection.call('approve', { id: gone.id }), { code: 'BAD_REQUEST' });
  await connection.call('approve', { id: next.id });
  assert.match((await first).stdout, /bin/);
  await chainVerifies(lasso, 'app');
});
