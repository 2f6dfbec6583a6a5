/** A server in a sandbox is reached on this machine, for as long as the sandbox runs and nowhere but here. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { TestLasso } from '../kit/lasso.ts';
import { chainVerifies, recordsOf } from '../kit/starts.ts';

const limit = { timeout: 90_000 };
const profile = `name = "open"
mode = "autonomous"
exec_gate = "off"

[commands]
mode = "blacklist"
blacklist = []
allow_shell_operators = true
`;

let lasso: TestLasso;
let id: string;

before(async () => {
  lasso = new TestLasso();
  const workspace = join(lasso.root, 'work');
  mkdirSync(workspace);
  lasso.profile('open', profile);
  ({ id } = await lasso.create({ profile: 'open', dir: workspace, backend: 'bubblewrap', name: 'app' }));
});
after(() => lasso.dispose());

async function fetched(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } });
  return response.text();
}

async function forward(
  ...words: readonly string[]
): Promise<{ readonly code: number | null; readonly port: number; readonly text: string }> {
  const { code, stdout, stderr } = await lasso.cli(['forward', 'app', ...words]);
  return { code, port: Number(/127\.0\.0\.1:(\d+)/.exec(stdout)?.[1]), text: stdout + stderr };
}

test('a server inside is reached by a port of this machine, and listed', limit, async () => {
  const code = 'mkdir -p /tmp/site && cd /tmp/site && echo "from inside" > index.html && exec python3 -m http.server 3000';
  await lasso.exec('app', ['bash', '-c', `(setsid bash -c '${code}' >/dev/null 2>&1 &)`]);
  const { code: status, port, text } = await forward('3000:0');
  assert.equal(status, 0, text);
  let got = '';
  for (let tries = 0; got === '' && tries < 100; tries += 1) {
    got = await fetched(port).catch(() => '');
    if (got === '') await delay(50);
  }
  assert.equal(got, 'from inside\n');
  assert.match((await forward()).text, /HERE +IN THE SANDBOX +CONNECTIONS\n127\.0\.0\.1:\d+ +3000 /);
});

test('a port that is taken here is said, with what to do', limit, async () => {
  const { port } = await forward();
  const { code, text } = await forward(`4000:${port}`);
  assert.equal(code, 1);
  assert.match(text, new RegExp(`Port ${port} of 127\\.0\\.0\\.1 is taken by another program\\.[^]*lasso forward app 4000:HOSTPORT`));
});

test('it can be ended, and ends with the sandbox; all of it is on record', limit, async () => {
  const before = (await forward()).port;
  assert.match((await forward('--end', '3000')).text, /No port of app is reached from here\./);
  await assert.rejects(fetched(before));
  const { port } = await forward('3000:0');
  assert.equal(await fetched(port), 'from inside\n');
  const open = connect(port, '127.0.0.1').on('error', () => undefined);
  const closed = once(open, 'close');
  open.write('GET /');
  await delay(100);
  await (await lasso.connect()).call('remove', { sandbox: 'app' });
  await closed;
  await assert.rejects(fetched(port));
  const told = (await recordsOf(lasso, id)).filter(({ type }) => type === 'network');
  for (const action of ['forward', 'forwarded']) {
    const outcomes = told.filter((one) => one.action === action).map(({ outcome }) => outcome);
    assert.ok(outcomes.includes('intent') && outcomes.includes('success'), `${action}: ${outcomes.join(' ')}`);
    assert.equal(outcomes.filter((one) => one === 'intent').length, outcomes.filter((one) => one !== 'intent').length);
  }
  await chainVerifies(lasso, id);
});
