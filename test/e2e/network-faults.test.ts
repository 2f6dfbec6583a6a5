/** What becomes of a sandbox's way out when the helper is lost: open connections are reset, and its successor opens it again. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { canStartEngines, startDocker, type TestEngine } from '../kit/engines.ts';
import { gone, TestLasso } from '../kit/lasso.ts';
import { type MadeUpNetwork, networkProgram, openNetwork } from '../kit/network.ts';
import { sh } from '../kit/programs.ts';

const skip = canStartEngines() ? false : 'private engines can be started only by root on Linux';
const profile = `name = "net"
mode = "autonomous"

[commands]
mode = "blacklist"
blacklist = []
allow_shell_operators = true

[network]
allowed_domains = ["web.example"]

[[network.rules]]
host = "api.example"
methods = ["GET"]
`;
let engine: TestEngine;
let network: MadeUpNetwork;
let lasso: TestLasso;
let folder: string;

before(async () => {
  if (skip !== false) return;
  engine = await startDocker();
  folder = mkdtempSync(join(tmpdir(), 'lasso-network-'));
  network = await openNetwork(folder, ['web.example', 'api.example']);
  lasso = new TestLasso({ environment: { ...engine.environment, ...network.environment }, program: networkProgram });
  lasso.profile('net', profile);
});

after(async () => {
  if (skip !== false) return;
  await lasso.dispose();
  await network.close();
  rmSync(folder, { recursive: true });
  await engine.stop();
});

test('after the helper was killed, what ran on finds the way out again, and goes on trusting the same authority', { skip }, async () => {
  const dir = join(lasso.root, 'work');
  mkdirSync(dir);
  await lasso.create({ profile: 'net', dir, backend: 'docker', name: 'kept' });
  const run = async (line: string): Promise<string> => {
    const { exit, stdout, stderr } = await lasso.exec('kept', sh(line));
    assert.equal(exit.code, 0, stderr);
    return stdout;
  };
  await run('cp /etc/ssl/certs/ca-certificates.crt before && curl -sS -m 15 https://api.example/first');
  writeFileSync(join(dir, 'hold'), 'exec 5<>/dev/tcp/web.example/80 && touch open && cat <&5; touch over\n');
  await lasso.exec('kept', sh('(bash ./hold) > /dev/null 2>&1 &'));
  await run('for i in $(seq 100); do [ -e open ] && exit 0; sleep 0.1; done; exit 1');
  const pid = await lasso.helperPid();
  process.kill(pid, 'SIGKILL');
  await gone(pid);
  lasso.disconnect();
  const { sandboxes } = await (await lasso.connect()).call('status', { sandbox: 'kept' });
  assert.equal(sandboxes[0]?.state, 'running', sandboxes[0]?.reason);
  await run('for i in $(seq 100); do [ -e over ] && exit 0; sleep 0.1; done; exit 1');
  assert.match(await run('curl -sS -m 15 http://web.example/again'), /"url":"\/again"/);
  assert.match(await run('curl -sS -m 15 --cacert before https://api.example/second'), /"url":"\/second"/);
});
