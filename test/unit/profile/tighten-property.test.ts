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
import { argvs, connections, lines, networkOf, userProfile, workspaceProfile } from '../../kit/profile-pairs.ts';
import { baseOf, groups, tightened } from '../../kit/tightening.ts';

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
