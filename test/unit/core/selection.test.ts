import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Backend, Probe } from '../../../helper/backends/backend.ts';
import { systemClock } from '../../../helper/base/clock.ts';
import { Probes, selectBackend, type Wanted } from '../../../helper/core/selection.ts';
import { LassoError } from '../../../helper/protocol/errors.ts';

const good: Omit<Probe, 'backend'> = {
  available: true,
  rootless: false,
  remote: false,
  isolations: [
    { level: 'container', available: true, runtime: 'runc' },
    { level: 'gvisor', available: false, reason: 'runsc is not installed' },
  ],
  missing: [],
  links: ['socket', 'stdio'],
  survives: true,
  needsImage: true,
  notices: [],
};
const absent = { ...good, available: false, failure: 'absent', reason: 'not installed', hint: 'Install it.' } as const;
const forbidden = { ...good, available: false, failure: 'permission', reason: 'you may not use it', hint: 'Join the group.' } as const;
const weak = { ...good, missing: [{ control: 'memory', reason: 'no control groups' }] } as const;
const wanted: Wanted = { backend: undefined, isolation: 'container', link: undefined, enforcement: 'required' };

function backends(...probes: readonly Omit<Probe, 'backend'>[]): { readonly probes: Probes; asked(): number } {
  const names = ['docker', 'podman', 'bubblewrap'] as const;
  let asked = 0;
  const no = (): never => assert.fail('only probed');
  const made = probes.map((probe, index): Backend => {
    const name = names[index] ?? 'bubblewrap';
    const answer = async (): Promise<Probe> => {
      asked += 1;
      return { ...probe, backend: name };
    };
    return { name, probe: answer, start: no, find: no, adopt: no, discard: no, dispose: async () => undefined };
  });
  return { probes: new Probes(made, systemClock), asked: () => asked };
}

const refusal = async (probes: Probes, wish: Wanted): Promise<LassoError> => {
  try {
    await selectBackend(probes, wish);
  } catch (error) {
    assert.ok(error instanceof LassoError);
    return error;
  }
  return assert.fail('something was selected');
};

test('the first backend that works is taken', async () => {
  assert.equal((await selectBackend(backends(absent, good, good).probes, wanted)).backend.name, 'podman');
  assert.equal((await selectBackend(backends(good, good).probes, wanted)).backend.name, 'docker');
});

test('a backend that cannot enforce what the profile requires is passed over, and taken where that is only preferred', async () => {
  assert.equal((await selectBackend(backends(weak, good).probes, wanted)).backend.name, 'podman');
  const chosen = await selectBackend(backends(weak, good).probes, { ...wanted, enforcement: 'preferred' });
  assert.deepEqual(
    [chosen.backend.name, chosen.waived, chosen.notices],
    ['docker', ['memory'], ['Not enforced: memory (no control groups)']],
  );
});

test('refusals name the reason and the way out', async () => {
  const cases: readonly (readonly [readonly Omit<Probe, 'backend'>[], Partial<Wanted>, string, RegExp])[] = [
    [[absent, absent], {}, 'NO_ENGINE', /No backend works/],
    [[absent, forbidden], {}, 'ENGINE_PERMISSION', /may not use/],
    [[forbidden, weak], {}, 'CANNOT_ENFORCE', /memory/],
    [[good], { isolation: 'gvisor' }, 'ISOLATION_ABSENT', /runsc is not installed/],
    [[good], { isolation: 'kata' }, 'ISOLATION_ABSENT', /no such runtime/],
    [[{ ...good, links: ['stdio'] }], { link: 'socket' }, 'UNSUPPORTED', /socket/],
    [[good], { backend: 'podman' }, 'NO_ENGINE', /No backend/],
  ];
  for (const [probes, wish, code, message] of cases) {
    const error = await refusal(backends(...probes).probes, { ...wanted, ...wish });
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.notEqual(error.hint, '');
  }
});

test('user-space kernels get the link that crosses their boundary', async () => {
  const gvisor = { ...good, isolations: [{ level: 'gvisor', available: true, runtime: 'runsc' }] } as const;
  assert.equal((await selectBackend(backends(gvisor).probes, { ...wanted, isolation: 'gvisor' })).link, 'stdio');
  assert.equal((await selectBackend(backends(good).probes, wanted)).link, 'socket');
});

test('good news is remembered for a while, bad news is asked for again', async () => {
  const working = backends(good);
  await selectBackend(working.probes, wanted);
  await selectBackend(working.probes, wanted);
  assert.equal(working.asked(), 1);
  working.probes.forget();
  await selectBackend(working.probes, wanted);
  assert.equal(working.asked(), 2);
  const broken = backends(absent);
  await refusal(broken.probes, wanted);
  await refusal(broken.probes, wanted);
  assert.equal(broken.asked(), 2);
});

test('what an isolation level itself cannot enforce or carry counts too', async () => {
  const isolations = [{ level: 'gvisor', available: true, links: ['stdio'], missing: [{ control: 'pids', reason: 'ignored' }] }] as const;
  const gvisor = { ...good, isolations };
  assert.equal((await refusal(backends(gvisor).probes, { ...wanted, isolation: 'gvisor' })).code, 'CANNOT_ENFORCE');
  const chosen = await selectBackend(backends(gvisor).probes, { ...wanted, isolation: 'gvisor', enforcement: 'preferred' });
  assert.deepEqual([chosen.link, chosen.waived], ['stdio', ['pids']]);
  assert.equal(
    (await refusal(backends(gvisor).probes, { ...wanted, isolation: 'gvisor', link: 'socket', enforcement: 'preferred' })).code,
    'UNSUPPORTED',
  );
});
