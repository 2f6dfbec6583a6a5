/** How a sandbox looks in the view, for every state. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SandboxInfo } from '../../../helper/protocol/sandbox.ts';
import { contextOf, descriptionOf, elapsed, stateLooks, terminalDescriptionOf, tooltipOf } from '../../../extension/sandboxes/describe.ts';
import { Failure } from '../../../extension/failure.ts';
import { adviceOn, childrenOf, nodeId } from '../../../extension/sandboxes/nodes.ts';

const nowMs = Date.parse('2026-01-01T12:00:00Z');
const running: SandboxInfo = {
  id: '0123456789ab',
  name: 'app',
  state: 'running',
  profile: 'standard',
  profileDigest: '0'.repeat(64),
  backend: 'docker',
  isolation: 'container',
  workspace: '/src/app',
  createdAt: '2026-01-01T11:00:00Z',
  startedAt: '2026-01-01T11:53:00Z',
  terminals: [],
  running: 0,
  notices: [],
};

const ages: readonly (readonly [string, string])[] = [
  ['2026-01-01T12:00:00Z', 'just now'],
  ['2026-01-01T11:59:01Z', 'just now'],
  ['2026-01-01T11:59:00Z', '1 min'],
  ['2026-01-01T09:30:00Z', '2 h'],
  ['2025-12-25T12:00:00Z', '7 d'],
  ['2026-01-02T12:00:00Z', 'just now'],
  ['not a time', 'just now'],
];
for (const [since, said] of ages) {
  test(`what began at ${since} reads as ${said}`, () => assert.equal(elapsed(since, nowMs), said));
}

test('a running sandbox shows agent, profile, backend and uptime', () => {
  assert.equal(descriptionOf(running, nowMs), 'standard · docker · 7 min');
  assert.equal(
    descriptionOf({ ...running, agent: 'claude-code', isolation: 'gvisor' }, nowMs),
    'claude-code · standard · docker (gvisor) · 7 min',
  );
});

test('a sandbox in any other state shows that state instead of an uptime', () => {
  for (const state of ['creating', 'suspended', 'stopping', 'stopped', 'failed'] as const) {
    assert.ok(descriptionOf({ ...running, state }, nowMs).endsWith(` · ${stateLooks[state].word}`), state);
    assert.equal(contextOf({ ...running, state }), `sandbox.${state}`);
  }
});

test('the mode, and how much was blocked, are in the row and in the tooltip', () => {
  const event = { type: 'blocked', sandbox: running.id, what: 'docker ps', reason: 'No.', count: 3 } as const;
  const blocked = { count: 3, latest: [event] };
  const assisting = { ...running, mode: 'assist' } as const;
  assert.equal(descriptionOf(assisting, nowMs, blocked), '3 blocked · standard · assist · docker · 7 min');
  assert.match(tooltipOf(assisting, nowMs, blocked), /^Mode: assist$/m);
  assert.match(tooltipOf(assisting, nowMs, blocked), /^ {2}docker ps: No\.$/m);
});

test('the tooltip tells why it ended and what is weaker than wanted', () => {
  const text = tooltipOf({ ...running, state: 'failed', reason: 'out of memory', notices: ['no file size limit'] }, nowMs);
  assert.match(text, /^Reason: out of memory$/m);
  assert.match(text, /^Note: no file size limit$/m);
});

test('a terminal nobody looks at is called detached', () => {
  const terminal = { id: 't1', title: 'bash', rows: 24, columns: 80, attached: 0 };
  assert.equal(terminalDescriptionOf(terminal), 't1 · 80×24 · detached');
  assert.equal(terminalDescriptionOf({ ...terminal, attached: 1 }), 't1 · 80×24');
});

test('every row of a sandbox has an id of its own, the same after an update', () => {
  const terminal = { id: 't1', title: 'bash', rows: 24, columns: 80, attached: 0 };
  const rows = childrenOf({ ...running, reason: 'because', notices: ['one', 'two'], terminals: [terminal, { ...terminal, id: 't2' }] });
  const ids = rows.map(nodeId);
  assert.equal(new Set(ids).size, 7);
  assert.deepEqual(
    ids.slice(3),
    childrenOf({
      ...running,
      terminals: [
        { ...terminal, rows: 50 },
        { ...terminal, id: 't2' },
      ],
    }).map(nodeId),
  );
});

test('without a helper the view says why, and offers a way on', () => {
  const rows = adviceOn(new Failure('It could not be started.', { hint: 'chmod 700 /run/lasso' }));
  const texts = rows.map((row) => (row.kind === 'advice' ? [row.text, row.command] : row.kind));
  assert.deepEqual(texts, [
    ['It could not be started.', undefined],
    ['chmod 700 /run/lasso', undefined],
    ['Try again', 'lasso.refresh'],
    ['Show log', 'lasso.showLog'],
  ]);
});
