/** A person's word about what starts in a sandbox: asked, answered, remembered, recorded, with a real helper and sandbox. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Approval } from '../../helper/protocol/approval.ts';
import { TestLasso } from '../kit/lasso.ts';
import { sh } from '../kit/programs.ts';

let lasso: TestLasso;
let file: string;
const limit = { timeout: 60_000 };
const profile = `name = "asks"
mode = "autonomous"
[commands]
mode = "blacklist"
blacklist = ["docker"]
allow_shell_operators = true
blocked_args = {}
ask_args = { ls = ["-l", "-a", "-A"] }
[approvals]
timeout_seconds = 30
`;

before(async () => {
  lasso = new TestLasso();
  const dir = join(lasso.root, 'work');
  mkdirSync(dir);
  lasso.profile('asks', profile);
  file = join(lasso.folders.home, 'profiles', 'asks.toml');
  await lasso.create({ dir, backend: 'bubblewrap', profile: 'asks', name: 'app' });
});
after(() => lasso.dispose());

/** The one question that waits. */
async function question(): Promise<Approval> {
  for (;;) {
    const [first] = (await (await lasso.connect()).call('approvals', {})).approvals;
    if (first) return first;
    await delay(20);
  }
}

const records = async (): Promise<string> => {
  const { records: lines } = await (await lasso.connect()).call('auditView', { sandbox: 'app' });
  return lines.map(({ text }) => text).join('\n');
};

test('where nobody is there to ask, what would be asked is refused at once, with the reason', limit, async () => {
  const { stderr, stdout } = await lasso.exec('app', sh('ls -l; echo "status $?"'));
  assert.equal(stdout, 'status 126\n');
  assert.match(stderr, /LASSO: `ls` needs approval by asks\.toml:8, and nobody is there to ask\./);
});

test('whoever attends is asked, and a yes lets this one start go', limit, async () => {
  void (await lasso.connect()).call('attend', {}).catch(() => undefined);
  const running = lasso.exec('app', sh('ls -a /usr; echo "status $?"'));
  const asked = await question();
  assert.deepEqual([asked.name, asked.kind, asked.what, asked.where], ['app', 'command', 'ls -a /usr', '/workspace']);
  assert.deepEqual([asked.rule, asked.origin, asked.answers], ['commands.ask_args.ls[1]', 'asks.toml:8', ['once', 'session', 'always']]);
  const shown = await lasso.cli(['approvals']);
  assert.match(shown.stdout, new RegExp(`${asked.id} .*ls -a /usr`));
  assert.equal((await lasso.cli(['approve', asked.id])).code, 0);
  assert.match((await running).stdout, /bin\n[^]*status 0\n$/);
  const again = lasso.exec('app', sh('ls -a /usr; echo "status $?"'));
  await (await lasso.connect()).call('deny', { id: (await question()).id });
  assert.match((await again).stderr, /and a person said no/);
});

test('a no is not asked about again at once, whoever repeats it', limit, async () => {
  const { stderr } = await lasso.exec('app', sh('ls -a /usr'));
  assert.match(stderr, /a person said no; nobody is asked the same again within 60 s/);
});

test('a yes for the sandbox lasts as long as it runs, for exactly that', limit, async () => {
  const first = lasso.exec('app', sh('ls -l /usr/bin/env'));
  await (await lasso.connect()).call('approve', { id: (await question()).id, for: 'session' });
  assert.match((await first).stdout, /env\n$/);
  assert.match((await lasso.exec('app', sh('ls -l /usr/bin/env'))).stdout, /env\n$/);
  const other = lasso.exec('app', sh('ls -l /usr/bin/true'));
  await (await lasso.connect()).call('deny', { id: (await question()).id });
  assert.equal((await other).stdout, '');
});

test('a lasting yes proposes a change of the profile, which is written only when somebody saves it', limit, async () => {
  const running = lasso.exec('app', sh('ls -A /usr/lib'));
  const { change } = await (await lasso.connect()).call('approve', { id: (await question()).id, for: 'always' });
  await running;
  assert.equal(readFileSync(file, 'utf8'), profile);
  assert.equal(change?.before, profile);
  await (await lasso.connect()).call('profileSave', { name: 'asks', text: change.after });
  const { verdict } = await (await lasso.connect()).call('why', { command: 'ls -A /usr/lib', profile: 'asks' });
  assert.equal(verdict.decision, 'allow');
  const { verdict: other } = await (await lasso.connect()).call('why', { command: 'ls -A /usr', profile: 'asks' });
  assert.equal(other.decision, 'ask');
});

test('a line for a shell is judged as a whole before anything of it runs', limit, async () => {
  const refused = await lasso.cli(['exec', 'app', '-c', 'touch made; docker ps']);
  assert.equal(refused.code, 126);
  assert.match(refused.stderr, /docker/);
  assert.equal((await lasso.exec('app', sh('test -e made; echo $?'))).stdout, '1\n');
  const ran = await lasso.cli(['exec', 'app', '-c', 'echo one | tr a-z A-Z; exit 7']);
  assert.deepEqual([ran.code, ran.stdout], [7, 'ONE\n']);
});

test('questions and answers are on record', limit, async () => {
  const text = await records();
  for (const expected of ['"action":"ask"', '"action":"answer"', '"once"', '"session"', '"deny"'])
    assert.ok(text.includes(expected), expected);
  const { valid } = await (await lasso.connect()).call('auditVerify', { target: 'app' });
  assert.equal(valid, true);
});

test('a question of a sandbox that stops is withdrawn', limit, async () => {
  const running = lasso.exec('app', sh('ls -l /etc')).catch(() => undefined);
  await question();
  await (await lasso.connect()).call('stop', { sandbox: 'app', graceSeconds: 0 });
  await running;
  assert.deepEqual((await (await lasso.connect()).call('approvals', {})).approvals, []);
});
