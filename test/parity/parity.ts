/** Runs every promise on one backend and one kind of link, in one sandbox, and then looks whether anything is left of it. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { BackendName, Isolation, LinkKind } from '../../helper/protocol/sandbox.ts';
import { TestLasso } from '../kit/lasso.ts';
import { type MadeUpNetwork, networkProgram, openNetwork } from '../kit/network.ts';
import { recordTexts, recordsOf } from '../kit/starts.ts';
import { hostSecret, outsideNames } from './network-promises.ts';
import { makeFolders, promises, smallProfile, type Exception, type Subject } from './promises.ts';

export interface Target {
  readonly title: string;
  readonly backend: BackendName;
  readonly isolation: Isolation;
  readonly link: LinkKind;
  /** promises this target cannot keep, each with the reason printed for the skip */
  readonly exceptions: Readonly<Partial<Record<Exception, string>>>;
  /** whether sandboxes here must have Python, make, node and npm */
  readonly everyday: boolean;
  /** mounted besides what the promises need */
  readonly mounts: readonly string[];
  /** environment that leads the helper to the engine under test; made when the tests run */
  readonly environment: () => Readonly<Record<string, string>>;
  /** what the engine still has of ours, one line each */
  readonly leftovers: (id: string) => Promise<readonly string[]>;
}

export function keepPromises(target: Target): void {
  describe(`${target.title}, ${target.link} link`, () => declare(target));
}

function declare(target: Target): void {
  let lasso: TestLasso | undefined;
  let subject: Subject | undefined;
  let id = '';
  let network: MadeUpNetwork | undefined;
  const folder = mkdtempSync(join(tmpdir(), 'lasso-network-'));

  before(async () => {
    const outside = await openNetwork(folder, outsideNames);
    network = outside;
    lasso = new TestLasso({ environment: { ...target.environment(), ...outside.environment, ...hostSecret }, program: networkProgram });
    const { workspace, data } = makeFolders(lasso.root);
    const profile = lasso.profile('small', smallProfile(Object.keys(target.exceptions).length > 0 ? 'preferred' : 'required'));
    const { backend, isolation, link } = target;
    const info = await lasso.create({
      profile,
      dir: workspace,
      backend,
      isolation,
      link,
      name: 'subject',
      mount: [`${data}:/data:ro`, ...target.mounts],
      env: [],
    });
    assert.deepEqual([info.state, info.backend, info.isolation, info.link], ['running', backend, isolation, link]);
    id = info.id;
    subject = {
      lasso,
      sandbox: 'subject',
      workspace,
      data,
      hostUid: process.getuid?.() ?? 0,
      everyday: target.everyday,
      seen: () => outside.seen,
    };
  });

  for (const promised of promises) {
    const skip = promised.needs === undefined ? undefined : target.exceptions[promised.needs];
    test(promised.name, skip === undefined ? {} : { skip }, async (t) => {
      assert.ok(subject, 'there is no sandbox to test');
      await promised.check(subject, (why) => t.skip(why));
    });
  }

  if (target.exceptions['exec-gate'] !== undefined) {
    test('where program starts cannot be judged, the sandbox says so, and on record', async () => {
      assert.ok(lasso && subject, 'there is no sandbox to test');
      const [info] = (await (await lasso.connect()).call('status', { sandbox: subject.sandbox })).sandboxes;
      assert.match(info?.notices.join('\n') ?? '', /Program starts are not judged here/);
      assert.match(info?.notices.join('\n') ?? '', /Closed files that are not there can be made here/);
      const started = (await recordsOf(lasso, id)).find(({ action, outcome }) => action === 'start' && outcome === 'success');
      assert.equal(started?.detail?.['gated'], false);
    });

    test('where they cannot be judged and the profile requires it, nothing starts, and the reason is told', async () => {
      assert.ok(lasso && subject, 'there is no sandbox to test');
      const text = smallProfile('preferred').replace('exec_gate = "preferred"', 'exec_gate = "required"');
      const profile = lasso.profile('judged', text.replace('"small"', '"judged"'));
      const { backend, isolation, link } = target;
      await assert.rejects(lasso.create({ profile, dir: subject.workspace, backend, isolation, link, name: 'judged' }), {
        code: 'CANNOT_ENFORCE',
        message: /exec_gate/,
        hint: /preferred/,
      });
    });
  }

  test('stopping leaves nothing in the engine, and the record verifies', async () => {
    assert.ok(lasso && subject, 'there is no sandbox to test');
    const connection = await lasso.connect();
    await connection.call('stop', { sandbox: 'subject', graceSeconds: 1 });
    assert.deepEqual(await target.leftovers(id), []);
    const [stopped] = (await connection.call('status', { sandbox: 'subject' })).sandboxes;
    assert.equal(stopped?.state, 'stopped');
    const { valid, reports } = await connection.call('auditVerify', { target: id });
    assert.equal(valid, true, JSON.stringify(reports));
    const text = (await recordTexts(lasso, id)).join('\n');
    for (const expected of ['"action":"start"', '"action":"exec"', '"action":"shell"', '"action":"stop"'])
      assert.ok(text.includes(expected), expected);
    assert.doesNotMatch(text, /do-not-pass/);
  });

  test('a stopped sandbox starts again with the same id', async () => {
    assert.ok(lasso, 'there is no sandbox to test');
    const connection = await lasso.connect();
    const info = await connection.call('start', { sandbox: 'subject' });
    assert.deepEqual([info.id, info.state], [id, 'running']);
    assert.equal((await lasso.exec('subject', ['cat', '/data/fact'])).stdout, 'a fact\n');
  });

  after(async () => {
    await network?.close();
    rmSync(folder, { recursive: true });
    if (!lasso) return;
    const log = lasso.helperLog();
    try {
      await lasso.dispose();
    } catch (error) {
      console.error(log);
      throw error;
    }
    assert.deepEqual(await target.leftovers(id), []);
    assert.ok(!readFileSync('/proc/self/mountinfo', 'utf8').includes(lasso.root));
  });
}
