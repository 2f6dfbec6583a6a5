/**
 * The attacks on the way out against sandboxes of Docker, gVisor and Podman, as far as their programs go; git from inside; and no byte
 * of a secret in anything that is left, there and with bubblewrap.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { addressAttacks } from '../kit/attacks/addresses.ts';
import { type Attack, tellAttacks, tryAttacks } from '../kit/attacks/attack.ts';
import { attackerProfile, openBattlefield } from '../kit/attacks/field.ts';
import { nameAttacks } from '../kit/attacks/names.ts';
import { placeholderAttacks } from '../kit/attacks/placeholders.ts';
import { requestAttacks } from '../kit/attacks/requests.ts';
import { inspected } from '../kit/engine-inspection.ts';
import { canStartEngines, startDocker, startPodman, type TestEngine } from '../kit/engines.ts';
import { TestLasso } from '../kit/lasso.ts';
import { networkProgram } from '../kit/network.ts';
import { filesWith, processesWith } from '../kit/secret-search.ts';
import { gitSite, makeRepository } from '../kit/servers/git-web.ts';
import type { Outside } from '../kit/servers/outside.ts';
import { recordsOf } from '../kit/starts.ts';
import type { BackendName, Isolation } from '../../helper/protocol/sandbox.ts';

const limit = { timeout: 120_000 };
/** kept in a file, so that it is in no environment of this machine either */
const keptSecret = 'a-value-that-only-one-file-holds-0123456789';
/** where control groups cannot be had, as on gVisor here, the way out must hold all the same */
const profile = `${attackerProfile}
[resources]
enforcement = "preferred"

[secrets.kept]
from = "file:KEPT#token"
hosts = ["model.example"]
env = "KEPT_TOKEN"
`.replace('allowed_domains = [', 'allowed_domains = ["git.example",');

/** So many tries of each row, spread over it. */
const some = (attacks: readonly Attack[], count: number): readonly Attack[] =>
  attacks.map((attack) => {
    const step = Math.ceil(attack.tries.length / count);
    return { ...attack, tries: attack.tries.filter((_, index) => index % step === 0) };
  });

interface Place {
  readonly title: string;
  readonly backend: BackendName;
  readonly isolation: Isolation;
}

const onDocker: readonly Place[] = [
  { title: 'docker', backend: 'docker', isolation: 'container' },
  { title: 'gvisor', backend: 'docker', isolation: 'gvisor' },
];
const onPodman: readonly Place[] = [{ title: 'podman', backend: 'podman', isolation: 'container' }];
const onNoEngine: readonly Place[] = [{ title: 'bubblewrap', backend: 'bubblewrap', isolation: 'container' }];

function holdsOn(places: readonly Place[], start: (() => Promise<TestEngine>) | undefined): void {
  const skip = start !== undefined && !canStartEngines() ? 'private engines can be started only by root on Linux' : false;
  const folder = mkdtempSync(join(tmpdir(), 'lasso-engines-'));
  // In the environment of this helper and of no other.
  const value = `sk-a-value-in-one-environment-${places.map(({ title }) => title).join('-')}`;
  let engine: TestEngine | undefined;
  let outside: Outside;
  let lasso: TestLasso;
  const workspaceOf = ({ title }: Place): string => join(lasso.root, title);
  const run = async (place: Place, text: string): Promise<string> => {
    writeFileSync(join(workspaceOf(place), 'run.sh'), `${text}\n`);
    const { exit, stdout, stderr } = await lasso.exec(place.title, ['bash', './run.sh'], { timeoutSeconds: 60 });
    assert.equal(exit.code, 0, stdout + stderr);
    return stdout;
  };

  before(async () => {
    if (skip !== false) return;
    await makeRepository(folder, 'project.git');
    outside = await openBattlefield(folder, { 'git.example': gitSite(folder) });
    engine = await start?.();
    lasso = new TestLasso({ environment: { ...engine?.environment, ...outside.environment, TEST_SECRET: value }, program: networkProgram });
    writeFileSync(join(folder, 'kept'), JSON.stringify({ token: keptSecret }), { mode: 0o600 });
    lasso.profile('attacker', profile.replace('KEPT', join(folder, 'kept')));
    for (const place of places) {
      mkdirSync(workspaceOf(place));
      const { backend, isolation, title } = place;
      await lasso.create({ profile: 'attacker', dir: workspaceOf(place), backend, isolation, name: title });
    }
  }, limit);

  after(async () => {
    if (skip === false) {
      await lasso.dispose();
      await outside.close();
      await engine?.stop();
    }
    rmSync(folder, { recursive: true });
  });

  for (const place of places) {
    const { title } = place;
    if (start !== undefined) {
      test(`${title}: nothing that may not get out gets out`, { ...limit, skip }, async () => {
        const attacks = [nameAttacks, addressAttacks, requestAttacks, placeholderAttacks].flatMap((each) => some(each, 4));
        tellAttacks(title, await tryAttacks({ lasso, outside, sandbox: title, workspace: workspaceOf(place) }, `e${title}`, attacks));
        assert.deepEqual(outside.trapped, []);
      });

      test(`${title}: git clones and pushes over https`, { ...limit, skip }, async () => {
        const out = await run(
          place,
          `set -e; cd /tmp; git clone -q https://git.example/project.git ${title}; cd ${title}; git checkout -q -B ${title}
git config user.email somebody@web.example; git config user.name Somebody
echo ${title} > file; git add .; git commit -qm file; git push -q origin ${title}; git ls-remote origin ${title}`,
        );
        assert.match(out, new RegExp(`\\trefs/heads/${title}\n$`));
      });
    }

    test(`${title}: secrets are used, and no byte of them is in anything that is left`, { ...limit, skip }, async () => {
      const inside = await run(
        place,
        `curl -sSf -H "X-Api-Key: $MODEL_KEY" https://model.example/v1/${title}
curl -sSf -H "Authorization: Bearer $KEPT_TOKEN" https://model.example/v1/${title}
curl -sSf -u "me:$KEPT_TOKEN" https://model.example/v1/${title}
curl -sS -H "Authorization: Bearer $KEPT_TOKEN" http://web.example/
env; cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr '\\0' '\\n'; cat /etc/* 2>/dev/null; mount`,
      );
      const used = outside.seen.filter(({ url }) => url === `/v1/${title}`).map(({ headers }) => headers);
      assert.equal(used[0]?.['x-api-key'], value);
      assert.equal(used[1]?.authorization, `Bearer ${keptSecret}`);
      assert.equal(used[2]?.authorization, `Basic ${Buffer.from(`me:${keptSecret}`).toString('base64')}`);
      writeFileSync(join(workspaceOf(place), 'said'), inside);
      writeFileSync(join(workspaceOf(place), 'inspected'), engine === undefined ? '' : await inspected(engine));
      writeFileSync(join(workspaceOf(place), 'records'), JSON.stringify(await recordsOf(lasso, title)));
      for (const secret of [keptSecret, value]) assert.deepEqual(filesWith(secret, [lasso.root]), []);
      assert.deepEqual(processesWith(keptSecret, []), []);
      assert.deepEqual(processesWith(value, [await lasso.helperPid()]), []);
      assert.ok(filesWith(keptSecret, [folder]).length === 1, 'the search finds nothing at all');
    });
  }
}

// Starting engines is mostly waiting.
describe('the way out', { concurrency: 3 }, () => {
  describe('without an engine', { concurrency: 1 }, () => holdsOn(onNoEngine, undefined));
  describe('on Docker', { concurrency: 1 }, () => holdsOn(onDocker, startDocker));
  describe('on Podman', { concurrency: 1 }, () => holdsOn(onPodman, () => startPodman({ service: true })));
});
