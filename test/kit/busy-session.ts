/** A session in which a bit of everything happened, as the helper writes it down. */
import type { Actor, RecordEntry } from '../../helper/protocol/record.ts';
import type { TimedEntry } from './sealed-lines.ts';

const person: Actor = { kind: 'user', face: 'cli', user: 'alice' };
const agent: Actor = { kind: 'agent', face: 'guest' };
const system: Actor = { kind: 'system', face: 'helper' };

type Detail = NonNullable<RecordEntry['detail']>;

const started = (program: string, target: string, blocked?: Detail): TimedEntry => ({
  ...{ type: 'command', action: 'start', outcome: blocked ? 'blocked' : 'success', actor: agent, target },
  detail: { file: `/usr/bin/${program}`, argv: target.split(' '), cwd: '/workspace', verdict: blocked ? 'deny' : 'allow', ...blocked },
});
const request = (host: string, method: string, blocked?: Detail): TimedEntry => ({
  ...{ type: 'network', action: 'request', outcome: blocked ? 'blocked' : 'success', actor: agent, target: `${method} ${host}:443/v1` },
  detail: { host, port: 443, method, path: '/v1', pid: 7, executable: '/usr/bin/curl', argv: ['curl'], verdict: 'allow', ...blocked },
});
const closed = (host: string, bytesUp: number, bytesDown: number): TimedEntry => ({
  ...{ type: 'network', action: 'closed', outcome: 'success', actor: agent, target: `${host}:443` },
  detail: { bytesUp, bytesDown, ms: 20 },
});

const rmRule = {
  rule: 'commands.blacklist[0]',
  origin: '/home/alice/work/.lasso/profile.toml:12',
  reason: 'It removes what is outside the workspace.',
};

/** numbers of records that tests name */
export const busySession: readonly TimedEntry[] = [
  {
    type: 'chain',
    action: 'begun',
    outcome: 'success',
    actor: system,
    detail: { index: 0, helper: '2.0.0', boot: 'b', publicKey: 'k', fingerprint: 'f' },
  },
  {
    ...{ type: 'lifecycle', action: 'start', outcome: 'intent', actor: person, target: '/home/alice/work' },
    detail: {
      ...{ lasso: '2.0.0', name: 'shop', profile: 'standard', profileDigest: 'ab'.repeat(32), workspaceProfile: null, backend: 'docker' },
      ...{ isolation: 'container', link: 'socket', image: `sha256:${'cd'.repeat(32)}`, network: 'filtered', secrets: ['npm', 'github'] },
      ...{ mounts: ['/home/alice/work:/workspace'], limits: { memoryBytes: 4_294_967_296, processes: 512 }, notices: [] },
    },
  },
  { type: 'lifecycle', action: 'start', outcome: 'success', actor: system, detail: { intent: 1, engineId: 'e', gated: true } },
  {
    type: 'command',
    action: 'exec',
    outcome: 'intent',
    actor: person,
    target: 'npm test',
    detail: { argv: ['npm', 'test'], cwd: '/workspace' },
  },
  started('npm', 'npm test'),
  started('node', 'node test.js'),
  started('git', 'git status'),
  started('git', 'git log'),
  started('rm', 'rm -rf /', rmRule),
  started('rm', 'rm -rf /etc', rmRule),
  {
    type: 'command',
    action: 'exec',
    outcome: 'error',
    actor: person,
    target: 'npm test',
    detail: { intent: 3, pid: 5, code: 1, signal: null, durationMs: 4200 },
    afterMs: 30_000,
  },
  { type: 'command', action: 'exec', outcome: 'intent', actor: person, target: 'make', detail: { argv: ['make'], cwd: '/workspace' } },
  {
    type: 'command',
    action: 'exec',
    outcome: 'error',
    actor: person,
    target: 'make',
    detail: { intent: 11, code: 137, signal: null, durationMs: 900, reason: 'killed by the memory limit (4096 MiB)' },
  },
  { type: 'terminal', action: 'shell', outcome: 'intent', actor: person, target: 'bash', detail: { argv: ['bash'], cwd: '/workspace' } },
  request('registry.example', 'GET'),
  closed('registry.example', 1200, 5_400_000),
  request('registry.example', 'GET'),
  request('api.example', 'POST', undefined),
  {
    type: 'secret',
    action: 'substituted',
    outcome: 'success',
    actor: agent,
    target: 'api.example:443',
    detail: { secret: 'github', header: 'authorization', of: 17 },
  },
  closed('api.example', 40_000, 900),
  { type: 'secret', action: 'redacted', outcome: 'success', actor: agent, target: 'api.example:443', detail: { count: 2 } },
  {
    type: 'violation',
    action: 'placeholder-refused',
    outcome: 'blocked',
    actor: agent,
    target: 'paste.example:443',
    detail: { secret: 'npm', bytesUp: 12 },
  },
  request('paste.example', 'POST', { stage: 'unlisted', reason: 'No rule allows this host.', rule: 'network.allowed_hosts' }),
  {
    type: 'network',
    action: 'name',
    outcome: 'blocked',
    actor: agent,
    target: 'tracker.example',
    detail: { host: 'tracker.example', stage: 'unlisted', reason: 'No rule allows this host.' },
    afterMs: 120_000,
  },
  {
    type: 'approval',
    action: 'ask',
    outcome: 'intent',
    actor: agent,
    target: 'git push',
    detail: { kind: 'command', where: '/workspace', why: 'It sends commits away.' },
  },
  {
    type: 'approval',
    action: 'answer',
    outcome: 'success',
    actor: { kind: 'user', face: 'editor', user: 'alice' },
    target: 'git push',
    detail: { kind: 'command', answer: 'once', intent: 24 },
    afterMs: 8000,
  },
  {
    type: 'approval',
    action: 'ask',
    outcome: 'intent',
    actor: agent,
    target: 'npm publish',
    detail: { kind: 'command', where: '/workspace', why: 'It publishes a package.' },
  },
  {
    type: 'approval',
    action: 'answer',
    outcome: 'blocked',
    actor: person,
    target: 'npm publish',
    detail: { kind: 'command', answer: 'deny', intent: 26 },
    afterMs: 3000,
  },
  {
    type: 'policy',
    action: 'mode',
    outcome: 'success',
    actor: person,
    target: 'observe',
    detail: { before: 'assist', profileDigest: 'ab'.repeat(32) },
  },
  {
    type: 'policy',
    action: 'reload',
    outcome: 'success',
    actor: person,
    target: 'standard',
    detail: { before: 'ab'.repeat(32), after: 'ef'.repeat(32), changes: ['now tighter: hosts'], afterRestart: [] },
  },
  {
    type: 'file',
    action: 'changed',
    outcome: 'success',
    actor: agent,
    target: '/workspace',
    detail: { created: ['src/new.ts'], modified: ['src/app.ts', 'package.json'], removed: ['old.ts'] },
  },
  {
    type: 'violation',
    action: 'program-changed',
    outcome: 'blocked',
    actor: agent,
    target: 'node x.js',
    detail: { pid: 9, reason: 'Another program ran than was allowed.' },
  },
  {
    type: 'violation',
    action: 'flood',
    outcome: 'blocked',
    actor: agent,
    target: 'paste.example:443',
    detail: { refused: 40, reason: 'this sandbox asks for too much that is not allowed.' },
  },
  { type: 'gap', action: 'helper-lost', outcome: 'unknown', actor: system, detail: { state: 'running', unfinished: 1 } },
  {
    type: 'chain',
    action: 'clock',
    outcome: 'success',
    actor: system,
    detail: { from: '2026-03-04T09:05:00.000Z', to: '2026-03-04T09:04:00.000Z' },
  },
  { type: 'network', action: 'forwarded', outcome: 'intent', actor: system, target: '127.0.0.1:8080', detail: { port: 3000, from: 5 } },
  { type: 'lifecycle', action: 'stop', outcome: 'intent', actor: person, detail: { graceMs: 3000 }, afterMs: 600_000 },
  { type: 'lifecycle', action: 'stop', outcome: 'success', actor: person, detail: { reason: 'Stopped.', intent: 36 } },
  { type: 'chain', action: 'closed', outcome: 'success', actor: system, detail: {} },
];
