/** Hidden and closed files of a sandbox whose profile changes, or whose workspace cannot be kept as the profile says. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { TestLasso } from '../kit/lasso.ts';

const limit = { timeout: 60_000 };
const profile = (guarded: string, execGate = 'required'): string => `name = "mine"
mode = "autonomous"
exec_gate = "${execGate}"

[commands]
mode = "blacklist"
blacklist = []
allow_shell_operators = true

[workspace]
hidden = ["*.key"]
guarded = [${guarded}]
`;

let lasso: TestLasso;
let workspace: string;

before(() => {
  lasso = new TestLasso();
  workspace = join(lasso.root, 'work');
  mkdirSync(workspace);
});
after(() => lasso.dispose());

/** Writes a file from a program inside; whether it could. */
async function writes(sandbox: string, path: string): Promise<boolean> {
  writeFileSync(join(workspace, 'write.pl'), `open(my $f, ">", "${path}") or exit 1; print $f "agent";`);
  return (await lasso.exec(sandbox, ['perl', './write.pl'])).exit.code === 0;
}

describe('closed files', () => {
  test('that a changed profile names are closed at once, also for what runs; what is opened again waits for a restart', limit, async () => {
    lasso.profile('mine', profile('"first"'));
    await lasso.create({ profile: 'mine', dir: workspace, backend: 'bubblewrap', name: 'live' });
    assert.deepEqual([await writes('live', 'first'), await writes('live', 'second')], [false, true]);
    lasso.profile('mine', profile('"second", "third"'));
    const { changes, afterRestart } = await (await lasso.connect()).call('reload', { sandbox: 'live' });
    assert.deepEqual(
      changes.map(({ effect, path }) => [effect, path]),
      [['denied', 'workspace.guarded']],
    );
    assert.ok(afterRestart.some(({ effect, path }) => effect === 'allowed' && path === 'workspace.guarded'));
    assert.deepEqual([await writes('live', 'second'), await writes('live', 'third')], [false, false]);
    assert.equal(readFileSync(join(workspace, 'second'), 'utf8'), 'agent');
  });

  test('are closed where program starts are not judged, too', limit, async () => {
    lasso.profile('mine', profile('"first"', 'off'));
    await lasso.create({ profile: 'mine', dir: workspace, backend: 'bubblewrap', name: 'unjudged' });
    assert.deepEqual([await writes('unjudged', 'first'), await writes('unjudged', 'other')], [false, true]);
    assert.equal(existsSync(join(workspace, 'first')), false);
  });
});

test('hidden files of any name are hidden, and too many are refused with the pattern', limit, async () => {
  const name = 'a "b",\n:\\x.key';
  writeFileSync(join(workspace, name), 'a secret');
  lasso.profile('mine', profile(''));
  await lasso.create({ profile: 'mine', dir: workspace, backend: 'bubblewrap', name: 'odd' });
  assert.equal((await lasso.exec('odd', ['cat', name])).stdout, '');
  await lasso.exec('odd', ['sh', '-c', 'for n in $(seq 300); do echo > n$n.key; done']);
  await assert.rejects(lasso.create({ profile: 'mine', dir: workspace, backend: 'bubblewrap', name: 'many' }), {
    code: 'CANNOT_ENFORCE',
    message: /301 files .* match \*\.key \(workspace\.hidden\[0\]\)/,
    hint: /folders/,
  });
});
