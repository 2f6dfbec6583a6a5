/** What profiles are told about this machine: at once, without waiting for an engine, and what starting would find as well. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Backend, Probe } from '../../../helper/backends/backend.ts';
import type { Clock } from '../../../helper/base/clock.ts';
import { systemClock } from '../../../helper/base/clock.ts';
import { factsOf, machineFacts } from '../../../helper/core/machine-facts.ts';
import { Probes } from '../../../helper/core/selection.ts';

const good: Probe = {
  backend: 'docker',
  available: true,
  rootless: false,
  remote: false,
  isolations: [
    { level: 'container', available: true },
    { level: 'gvisor', available: false, reason: 'runsc is not installed' },
  ],
  missing: [],
  links: ['socket'],
  survives: true,
  needsImage: true,
  notices: [],
};
const weak: Probe = { ...good, backend: 'podman', missing: [{ control: 'memory', reason: 'no control groups' }] };
const absent: Probe = { ...good, available: false };
const withGvisor: Probe = {
  ...weak,
  isolations: [{ level: 'gvisor', available: true, missing: [{ control: 'pids', reason: 'not with runsc' }] }],
};

test('controls are those of the backend that would be chosen', () => {
  assert.deepEqual(factsOf([weak, good])?.missing, []);
  assert.deepEqual(factsOf([absent, weak])?.missing, weak.missing);
});

test('an isolation is there if any backend that works has it, with what it lacks', () => {
  const levels = factsOf([good, withGvisor])?.isolations;
  assert.deepEqual(levels, [
    { level: 'container', available: true },
    { level: 'gvisor', available: true, missing: [{ control: 'pids', reason: 'not with runsc' }] },
    { level: 'kata', available: false },
  ]);
  assert.equal(factsOf([good])?.isolations[1]?.reason, 'runsc is not installed');
});

test('where no backend works nothing is said', () => assert.equal(factsOf([absent]), undefined));

test('nobody waits for an engine, and engines are asked again only after a while', async () => {
  let nowMs = 0;
  const clock: Clock = { ...systemClock, monotonicMs: () => nowMs, sleep: async () => undefined };
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  let asked = 0;
  const answers: ((probe: Probe) => void)[] = [];
  const no = (): never => assert.fail('only probed');
  const probe = (): Promise<Probe> => {
    asked += 1;
    return new Promise((resolve) => answers.push(resolve));
  };
  const backend: Backend = { name: 'docker', probe, start: no, find: no, adopt: no, discard: no, dispose: async () => undefined };
  const facts = machineFacts(new Probes([backend], clock), clock);
  assert.equal(await facts(), undefined);
  assert.equal(await facts(), undefined);
  await settled();
  assert.equal(asked, 1);
  answers[0]?.(good);
  await settled();
  assert.deepEqual(await facts(), factsOf([good]));
  nowMs += 30_000;
  await facts();
  await settled();
  assert.equal(asked, 1);
  nowMs += 60_000;
  assert.deepEqual(await facts(), factsOf([good]), 'the old answer until there is a new one');
  await settled();
  assert.equal(asked, 2);
});
