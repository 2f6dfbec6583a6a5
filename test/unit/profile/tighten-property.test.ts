/** A workspace only ever takes away: for any two profiles, what holds allows nothing that the user's profile does not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'smol-toml';
import { judgeCommand, judgeProgram } from '../../../helper/policy/commands/judge.ts';
import { judgeConnection } from '../../../helper/policy/network/judge.ts';
import { type Policy, policyOf } from '../../../helper/policy/policy.ts';
import type { Profile } from '../../../helper/protocol/profile/profile.ts';
import type { Decision } from '../../../helper/protocol/verdict.ts';
import { baseOf, groups, tightened } from '../../kit/tightening.ts';

const some = <T>(items: readonly T[], maxLength = 4): fc.Arbitrary<T[]> => fc.uniqueArray(fc.constantFrom(...items), { maxLength });
/** any part of a table, each key there or not */
const part = (model: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<object> => fc.record(model, { requiredKeys: [] });

const programs = [
  'git',
  'ls',
  'rm',
  'RM',
  'python3',
  'python3.11',
  'python',
  'curl',
  'busybox',
  'env',
  'sh',
  '/bin/rm',
  'xargs',
  'sudo',
  'find',
];
const hosts = [
  'a.test',
  '*.test',
  'b.a.test',
  '*.a.test',
  'c.example',
  '*',
  '@pair',
  '@mirror',
  'one.mirror.test',
  'A.TEST',
  '203.0.113.7',
  '10.1.2.3',
];
const ports = [22, 80, 443, 8443, 9999];
const ranges = [
  '10.0.0.0/8',
  '10.0.0.0/12',
  '10.1.0.0/16',
  '10.1.2.0/24',
  '0.0.0.0/0',
  '203.0.113.0/24',
  '192.168.1.1',
  'fd00::/8',
  'fd00:1::/32',
  '::ffff:10.0.0.0/104',
];
const patterns = ['src/', '*.md', '.env', 'Makefile'];

const rule = (actions: readonly string[]): fc.Arbitrary<object> =>
  fc
    .record(
      {
        host: fc.constantFrom(...hosts),
        action: fc.constantFrom(...actions),
        ports: some(ports, 3).filter((list) => list.length > 0),
        methods: some(['GET', 'POST'], 2).filter((list) => list.length > 0),
        paths: some(['/', '/x/*', '/**', '/x/1'], 2).filter((list) => list.length > 0),
      },
      { requiredKeys: ['host', 'action'] },
    )
    .map((value): object => value);

const networkOf = (actions: readonly string[]): fc.Arbitrary<object> =>
  part({
    mode: fc.constantFrom('none', 'restricted', 'full'),
    allowed_domains: some(hosts),
    blocked_domains: some(hosts, 2),
    allowed_ports: some(ports),
    blocked_ports: some(ports, 2),
    allowed_cidrs: some(ranges),
    blocked_cidrs: some(ranges),
    unlisted: fc.constantFrom('deny', 'ask'),
    rules: fc.array(rule(actions), { maxLength: 3 }),
  });

const commands = part({
  mode: fc.constantFrom('whitelist', 'blacklist'),
  whitelist: some([...programs, '!git'], 6),
  blacklist: some([...programs, '!rm'], 6),
  observe_whitelist: some(programs, 6),
  assist_whitelist: some(programs, 6),
  blocked_args: fc.dictionary(fc.constantFrom('git', 'Git', 'rm', 'python3'), some(['push', '-r', 'push --force', '-c'], 2), {
    maxKeys: 2,
  }),
  workspace_only: some(programs, 3),
  undecided: fc.constantFrom('exec', 'deny'),
  allow_shell_operators: fc.boolean(),
  max_execution_seconds: fc.constantFrom(0, 1, 60, 600),
});

const number = (least: number): fc.Arbitrary<number> => fc.integer({ min: least, max: least + 100 });
const profileOf = (actions: readonly string[]): fc.Arbitrary<object> =>
  part({
    // What only looks runs next to nothing, which would prove next to nothing.
    mode: fc.constantFrom('observe', 'assist', 'assist', 'autonomous', 'autonomous', 'autonomous'),
    isolation: fc.constantFrom('container', 'gvisor', 'kata'),
    exec_gate: fc.constantFrom('off', 'preferred', 'required'),
    commands,
    network: networkOf(actions),
    workspace: part({
      mode: fc.constantFrom('read-write', 'review', 'read-only'),
      hidden: some(patterns),
      readonly: some(patterns),
      guarded: some(patterns),
    }),
    filesystem: part({ max_disk_mb: number(1), temp_dir_mb: number(1), home_dir_mb: number(1), hidden_paths: some(['/x', '/y']) }),
    resources: part({
      max_memory_mb: number(64),
      max_cpu_percent: fc.integer({ min: 1, max: 100 }),
      max_pids: number(1),
      max_open_files: number(64),
      max_file_size_mb: number(1),
      enforcement: fc.constantFrom('required', 'preferred'),
    }),
    approvals: part({ timeout_seconds: number(0), longest: fc.constantFrom('once', 'session', 'always') }),
    git_access: part({
      allowed_repos: some(['a/b', 'A/b', 'c/d']),
      access_mode: fc.constantFrom('read', 'read-write'),
      block_git_history_content: fc.boolean(),
    }),
  });

/** what only a user may give */
const gifts = part({
  extra_env: fc.constant({ CI: '1' }),
  secrets: fc.constant({ token: { from: 'env:TOKEN', hosts: ['a.test'] } }),
  docker_from_docker: fc.boolean(),
  audit: fc.constant({ log_dir: '/var/log/lasso', rotation_count: 3 }),
  agent_auth: fc.constant({ github_token_env: 'OTHER' }),
  filesystem: fc.constant({ writable_paths: ['cache'], session_volume: 'kept', temp_dir_mb: 64 }),
});
const userProfile = fc.tuple(profileOf(['allow', 'deny', 'ask']), gifts).map(([said, given]) => ({ ...said, ...given }));
const workspaceProfile = profileOf(['deny', 'ask']);

const connections = fc.record(
  {
    host: fc.constantFrom(
      'a.test',
      'b.a.test',
      'c.b.a.test',
      'z.test',
      'c.example',
      'd.example',
      'one.pair.test',
      'one.mirror.test',
      '203.0.113.7',
      '10.1.2.3',
      '10.1.9.9',
      '10.200.0.1',
      '192.168.1.1',
      'fd00:1::1',
      '::ffff:10.1.2.3',
    ),
    port: fc.constantFrom(...ports, 8080),
    method: fc.constantFrom('GET', 'POST', 'DELETE'),
    path: fc.constantFrom('/', '/x/1', '/x/1/2', '/y'),
  },
  { requiredKeys: ['host', 'port'] },
);
const argvs = fc
  .tuple(
    fc.constantFrom(...programs, 'python3.12', 'cat', '/usr/bin/git'),
    some(['push', '--force', '-r', '-rf', '/etc', 'src/x', '.git', 'rm', '-c', 'id', '--', '.'], 4),
  )
  .map(([name, rest]) => [name, ...rest]);
const wrappings: readonly ((line: string) => string)[] = [
  (line) => line,
  (line) => `sh -c '${line}'`,
  (line) => `env X=1 ${line}`,
  (line) => `find . -exec ${line} {} \\;`,
  (line) => `xargs ${line}`,
  (line) => `busybox ${line}`,
  (line) => `echo $(${line})`,
  (line) => `git -c alias.x='!${line}' x`,
  (line) => `f() { ${line}; }; f`,
  (line) => `${line} > src/out`,
  (line) => `$X ${line}`,
  (line) => `sudo -u root ${line}`,
];
const wrapped = fc.tuple(argvs, fc.constantFrom(...wrappings)).map(([argv, wrap]) => wrap(argv.join(' ')));
const lines = fc
  .tuple(fc.array(wrapped, { minLength: 1, maxLength: 3 }), fc.constantFrom(' | ', ' && ', '; ', '\n'))
  .map(([parts, operator]) => parts.join(operator));

const rank: Readonly<Record<Decision, number>> = { allow: 0, exec: 1, ask: 2, deny: 3 };

async function both(
  base: object,
  said: object,
): Promise<{ readonly before: Policy; readonly after: Policy; readonly profiles: readonly [Profile, Profile] }> {
  const user = await baseOf(stringify(base));
  const { result, findings } = await tightened(user, stringify(said));
  assert.ok(result, JSON.stringify(findings));
  return { before: policyOf(user.profile, groups), after: policyOf(result.profile, groups), profiles: [user.profile, result.profile] };
}

const runs = { numRuns: Number(process.env['LASSO_PROPERTY_RUNS'] ?? 150) };

test('no connection the user’s profile denies is allowed or asked about, and none it asks about is allowed unasked', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ network: networkOf(['allow', 'deny', 'ask']) }),
      fc.record({ network: networkOf(['deny', 'ask']) }),
      fc.array(connections, { minLength: 20, maxLength: 40 }),
      async (base, said, intents) => {
        const { before, after } = await both(base, said);
        for (const intent of intents) {
          const [wanted, got] = [judgeConnection(intent, before.network), judgeConnection(intent, after.network)];
          assert.ok(rank[got.decision] >= rank[wanted.decision], `${JSON.stringify(intent)}: ${wanted.reason} → ${got.reason}`);
        }
      },
    ),
    runs,
  );
});

test('no command the user’s profile denies may run', async () => {
  await fc.assert(
    fc.asyncProperty(
      userProfile,
      workspaceProfile,
      fc.array(argvs, { minLength: 10, maxLength: 20 }),
      fc.array(lines, { minLength: 5, maxLength: 10 }),
      async (base, said, intents, texts) => {
        const { before, after } = await both(base, said);
        for (const argv of intents) {
          const [wanted, got] = [judgeProgram(argv, before.commands), judgeProgram(argv, after.commands)];
          assert.ok(rank[got.decision] >= rank[wanted.decision], `${argv.join(' ')}: ${wanted.reason} → ${got.reason}`);
        }
        for (const text of texts) {
          const [wanted, got] = [judgeCommand(text, before.commands).verdict, judgeCommand(text, after.commands).verdict];
          assert.ok(rank[got.decision] >= rank[wanted.decision], `${text}: ${wanted.reason} → ${got.reason}`);
        }
      },
    ),
    runs,
  );
});

test('no number grows, no choice weakens, and nothing an agent could gain is touched', async () => {
  await fc.assert(
    fc.asyncProperty(userProfile, workspaceProfile, async (base, said) => {
      const { before, after, profiles } = await both(base, said);
      for (const [name, value] of Object.entries(after.limits))
        assert.ok(value <= (Object.entries(before.limits).find(([other]) => other === name)?.[1] ?? 0), name);
      assert.ok((after.commandTimeoutMs ?? Infinity) <= (before.commandTimeoutMs ?? Infinity));
      const [user, held] = profiles;
      const least = (order: readonly string[], pick: (profile: Profile) => string): void =>
        assert.ok(order.indexOf(pick(held)) >= order.indexOf(pick(user)), `${pick(user)} → ${pick(held)}`);
      least(['autonomous', 'assist', 'observe'], ({ mode }) => mode);
      least(['container', 'gvisor', 'kata'], ({ isolation }) => isolation);
      least(['off', 'preferred', 'required'], ({ exec_gate }) => exec_gate);
      least(['preferred', 'required'], ({ resources }) => resources.enforcement);
      least(['read-write', 'review', 'read-only'], ({ workspace }) => workspace.mode);
      least(['always', 'session', 'once'], ({ approvals }) => approvals.longest);
      least(['read-write', 'read'], ({ git_access }) => git_access.access_mode);
      for (const key of ['hidden', 'readonly', 'guarded'] as const)
        for (const item of user.workspace[key]) assert.ok(held.workspace[key].includes(item), `${key}: ${item}`);
      for (const repo of held.git_access.allowed_repos) assert.ok(user.git_access.allowed_repos.includes(repo), repo);
      assert.ok(held.approvals.timeout_seconds <= user.approvals.timeout_seconds);
      assert.ok(held.filesystem.max_disk_mb <= user.filesystem.max_disk_mb);
      assert.deepEqual(given(held), given(user));
    }),
    runs,
  );
});

const given = ({ name, secrets, extra_env, docker_from_docker, filesystem, workspace, audit, agent_auth, network }: Profile): unknown => [
  ...[name, secrets, extra_env, docker_from_docker, workspace.target, audit, agent_auth, network.dns_servers],
  ...[filesystem.working_dir, filesystem.writable_paths, filesystem.session_volume, filesystem.session_volume_target],
];

test('the same workspace twice takes nothing more, and one that says nothing changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(userProfile, workspaceProfile, async (base, said) => {
      const user = await baseOf(stringify(base));
      const { result: once } = await tightened(user, stringify(said));
      assert.ok(once);
      const { result: twice } = await tightened(once, stringify(said));
      assert.deepEqual(twice?.profile, once.profile);
      const { result: untouched } = await tightened(user, '');
      assert.deepEqual(untouched?.profile, user.profile);
      assert.deepEqual(untouched.raw, user.raw);
    }),
    runs,
  );
});
