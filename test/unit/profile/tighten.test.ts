/** What each key of a workspace's profile does to the user's, one case a line. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { keysAt, shapeAt } from '../../../helper/protocol/profile/shape.ts';
import { rows } from '../../../helper/profile/tighten/rows.ts';
import { held } from '../../kit/tightening.ts';

test('every key of the schema says how it tightens', () => {
  const missing: string[] = [];
  for (const key of keysAt([])) {
    if (Object.hasOwn(rows, key)) continue;
    const inner = shapeAt([key])?.kind === 'table' ? keysAt([key]) : [];
    if (inner.length === 0) missing.push(key);
    missing.push(...inner.map((name) => `${key}.${name}`).filter((path) => !Object.hasOwn(rows, path)));
  }
  assert.deepEqual(missing, []);
});

test('what makes up a rule is known, so that a new part of one is thought about', () => {
  assert.deepEqual(keysAt(['network', 'rules', 0]), ['host', 'ports', 'methods', 'paths', 'action']);
  assert.deepEqual(keysAt(['guardrails', 'rules', 0]), ['id', 'description', 'severity', 'enabled']);
});

/** key path, what the user's profile says, what the workspace's says, what holds; `user` where nothing changes */
type Case = readonly [path: string, base: string, said: string, result: unknown];

const scalars: readonly Case[] = [
  ['resources.max_memory_mb', '[resources]\nmax_memory_mb = 4096', '[resources]\nmax_memory_mb = 512', 512],
  ['resources.max_memory_mb', '[resources]\nmax_memory_mb = 4096', '[resources]\nmax_memory_mb = 8192', 4096],
  ['resources.max_memory_mb', '', '[resources]\nmax_memory_mb = 8192', 4096],
  ['commands.max_execution_seconds', '[commands]\nmax_execution_seconds = 0', '[commands]\nmax_execution_seconds = 60', 60],
  ['commands.max_execution_seconds', '[commands]\nmax_execution_seconds = 60', '[commands]\nmax_execution_seconds = 0', 60],
  ['approvals.timeout_seconds', '', '[approvals]\ntimeout_seconds = 0', 0],
  ['approvals.longest', '', '[approvals]\nlongest = "once"', 'once'],
  ['mode', 'mode = "autonomous"', 'mode = "assist"', 'assist'],
  ['mode', 'mode = "observe"', 'mode = "autonomous"', 'observe'],
  ['mode', 'mode = "autonomous"', '', 'autonomous'],
  ['isolation', 'isolation = "gvisor"', 'isolation = "kata"', 'kata'],
  ['isolation', 'isolation = "kata"', 'isolation = "container"', 'kata'],
  ['exec_gate', 'exec_gate = "off"', 'exec_gate = "preferred"', 'preferred'],
  ['exec_gate', '', 'exec_gate = "off"', 'required'],
  ['workspace.mode', '', '[workspace]\nmode = "review"', 'review'],
  ['workspace.mode', '[workspace]\nmode = "read-only"', '[workspace]\nmode = "review"', 'read-only'],
  ['resources.enforcement', '[resources]\nenforcement = "preferred"', '[resources]\nenforcement = "required"', 'required'],
  ['commands.allow_shell_operators', '[commands]\nallow_shell_operators = true', '[commands]\nallow_shell_operators = false', false],
  ['commands.allow_shell_operators', '', '[commands]\nallow_shell_operators = true', false],
  ['commands.undecided', '', '[commands]\nundecided = "deny"', 'deny'],
  ['audit.include_command_output', '', '[audit]\ninclude_command_output = true', true],
  ['audit.include_file_diffs', '', '[audit]\ninclude_file_diffs = false', true],
  ['audit.durability', '', '[audit]\ndurability = "fsync"', 'fsync'],
  ['audit.durability', '[audit]\ndurability = "fsync"', '[audit]\ndurability = "group"', 'fsync'],
  ['git_access.access_mode', '[git_access]\naccess_mode = "read-write"', '[git_access]\naccess_mode = "read"', 'read'],
  ['docker_from_docker', 'docker_from_docker = true', 'docker_from_docker = false', false],
  ['network.unlisted', '[network]\nunlisted = "ask"', '[network]\nunlisted = "deny"', 'deny'],
  ['network.unlisted', '', '[network]\nunlisted = "ask"', 'deny'],
];

const lists: readonly Case[] = [
  ['workspace.hidden', '[workspace]\nhidden = ["a"]', '[workspace]\nhidden = ["a", "b"]', ['a', 'b']],
  ['workspace.guarded', '[workspace]\nguarded = ["a"]', '[workspace]\nguarded = ["!*"]', ['a']],
  ['filesystem.hidden_paths', '[filesystem]\nhidden_paths = ["/x"]', '[filesystem]\nhidden_paths = ["/y"]', ['/x', '/y']],
  ['network.blocked_ports', '[network]\nblocked_ports = [22]', '[network]\nblocked_ports = [25]', [22, 25]],
  ['network.blocked_domains', '', '[network]\nblocked_domains = ["a.example"]', ['a.example']],
  ['commands.workspace_only', '[commands]\nworkspace_only = ["rm"]', '[commands]\nworkspace_only = ["mv"]', ['rm', 'mv']],
  ['commands.assist_whitelist', '[commands]\nassist_whitelist = ["git", "ls"]', '[commands]\nassist_whitelist = ["ls", "curl"]', ['ls']],
  ['commands.assist_whitelist', '[commands]\nassist_whitelist = ["git", "ls"]', '[commands]\nassist_whitelist = ["!git"]', ['ls']],
  ['git_access.allowed_repos', '[git_access]\nallowed_repos = ["a/b", "a/c"]', '[git_access]\nallowed_repos = ["A/B", "x/y"]', ['a/b']],
  ['git_access.allowed_repos', '', '[git_access]\nallowed_repos = ["a/b"]', []],
  [
    'commands.blocked_args',
    '[commands.blocked_args]\ngit = ["push"]',
    '[commands.blocked_args]\ngit = ["tag"]\nnpm = ["publish"]',
    { git: ['push', 'tag'], npm: ['publish'] },
  ],
  [
    'commands.ask_args',
    '[commands.ask_args]\ngit = ["push"]',
    '[commands.ask_args]\nGit = ["tag"]\nnpm = ["*"]',
    { git: ['push', 'tag'], npm: ['*'] },
  ],
];

const commandLists: readonly Case[] = [
  ['commands.whitelist', '[commands]\nwhitelist = ["git", "ls"]', '[commands]\nwhitelist = ["ls", "curl"]', ['ls']],
  ['commands.whitelist', '[commands]\nwhitelist = ["git", "ls"]', '[commands]\nblacklist = ["git"]', ['ls']],
  ['commands.whitelist', '[commands]\nwhitelist = ["git", "ls"]', '[commands]\nmode = "blacklist"\nblacklist = ["git"]', ['ls']],
  ['commands.mode', '[commands]\nwhitelist = ["git", "ls"]', '[commands]\nmode = "blacklist"\nblacklist = ["git"]', 'whitelist'],
  ['commands.blacklist', '[commands]\nmode = "blacklist"\nblacklist = ["rm"]', '[commands]\nblacklist = ["dd"]', ['rm', 'dd']],
  ['commands.whitelist', '[commands]\nmode = "blacklist"\nblacklist = ["rm"]', '[commands]\nwhitelist = ["ls", "rm"]', ['ls']],
  ['commands.mode', '[commands]\nmode = "blacklist"\nblacklist = ["rm"]', '[commands]\nwhitelist = ["ls", "rm"]', 'whitelist'],
  [
    'commands.whitelist',
    '[commands]\nmode = "blacklist"\nblacklist = ["rm"]\nwhitelist = ["ls", "rm"]',
    '[commands]\nmode = "whitelist"',
    ['ls'],
  ],
  [
    'commands.blacklist',
    '[commands]\nmode = "blacklist"\nblacklist = ["rm"]',
    '[commands]\nmode = "whitelist"\nwhitelist = ["ls"]\nblacklist = ["ls"]',
    ['rm'],
  ],
  [
    'commands.observe_whitelist',
    'mode = "assist"\n[commands]\nobserve_whitelist = ["ls", "curl"]\nassist_whitelist = ["ls"]',
    'mode = "observe"',
    ['ls'],
  ],
  [
    'commands.observe_whitelist',
    'mode = "autonomous"\n[commands]\nobserve_whitelist = ["ls", "curl"]\nassist_whitelist = ["ls"]',
    'mode = "observe"',
    ['ls', 'curl'],
  ],
];

const restricted = '[network]\nallowed_domains = ["*.corp.example", "a.test", "@pair"]\n';
const networks: readonly Case[] = [
  ['network.mode', '[network]\nmode = "full"', '[network]\nmode = "restricted"', 'restricted'],
  ['network.mode', '[network]\nmode = "none"', '[network]\nmode = "full"', 'none'],
  ['network.mode', '[network]\nmode = "full"', '[network]\nallowed_domains = ["x.test"]', 'restricted'],
  ['network.allowed_domains', '[network]\nmode = "full"', '[network]\nallowed_domains = ["x.test"]', ['x.test']],
  ['network.allowed_domains', restricted, '[network]\nallowed_domains = ["api.corp.example", "b.test"]', ['api.corp.example']],
  ['network.allowed_domains', restricted, '[network]\nallowed_domains = ["*.test"]', ['a.test', '@pair']],
  ['network.allowed_domains', restricted, '[network]\nallowed_domains = ["one.pair.test"]', ['one.pair.test']],
  ['network.allowed_domains', restricted, '[network]\nallowed_domains = ["@pair"]', ['@pair']],
  ['network.allowed_domains', restricted, '[network]\nallowed_domains = []', []],
  ['network.allowed_domains', restricted, '[network]\nmode = "full"\nallowed_domains = ["x.test"]', ['*.corp.example', 'a.test', '@pair']],
  ['network.allowed_ports', '[network]\nallowed_ports = [80, 443]', '[network]\nallowed_ports = [443, 8080]', [443]],
  ['network.allowed_ports', '[network]\nallowed_ports = [80, 443]', '[network]\nallowed_ports = ["!80"]', [443]],
  ['network.allowed_cidrs', '[network]\nallowed_cidrs = ["10.0.0.0/8"]', '[network]\nallowed_cidrs = ["10.20.0.0/16"]', ['10.20.0.0/16']],
  ['network.allowed_cidrs', '[network]\nallowed_cidrs = ["10.20.0.0/16"]', '[network]\nallowed_cidrs = ["10.0.0.0/8"]', ['10.20.0.0/16']],
  [
    'network.allowed_cidrs',
    '[network]\nallowed_cidrs = ["10.0.0.0/8"]\nblocked_cidrs = ["10.0.0.0/12"]',
    '[network]\nallowed_cidrs = ["10.1.0.0/16"]',
    [],
  ],
  [
    'network.rules',
    '[network]\nunlisted = "deny"',
    '[[network.rules]]\nhost = "a.test"\naction = "deny"',
    [{ host: 'a.test', action: 'deny' }],
  ],
  ['network.rules', '[network]\nunlisted = "deny"', '[[network.rules]]\nhost = "a.test"\naction = "ask"', []],
  [
    'network.rules',
    restricted,
    '[[network.rules]]\nhost = "*.test"\naction = "ask"',
    [
      { host: 'a.test', action: 'ask' },
      { host: 'one.pair.test', action: 'ask' },
      { host: 'two.pair.test', action: 'ask' },
    ],
  ],
  [
    'network.rules',
    `${restricted}[[network.rules]]\nhost = "api.corp.example"\nmethods = ["GET"]`,
    '[network]\nallowed_domains = ["a.test"]',
    [],
  ],
  [
    'network.unlisted',
    `${restricted}unlisted = "ask"\n[[network.rules]]\nhost = "api.corp.example"\nmethods = ["GET"]`,
    '[network]\nallowed_domains = ["a.test"]',
    'deny',
  ],
];

describe('the profile of a workspace and the user’s together', () => {
  for (const [path, base, said, expected] of [...scalars, ...lists, ...commandLists, ...networks])
    test(`${path}: ${JSON.stringify(base)} and ${JSON.stringify(said)}`, async () => {
      const { result, findings } = await held(base, said);
      assert.ok(result, JSON.stringify(findings));
      const [section = '', key] = path.split('.');
      const value = (result.profile as unknown as Record<string, Record<string, unknown>>)[section];
      assert.deepEqual(key === undefined ? value : value?.[key], expected);
    });
});

const refused: readonly (readonly [said: string, path: readonly (string | number)[]])[] = [
  ['[secrets.x]\nfrom = "env:TOKEN"\nhosts = ["a.test"]', ['secrets', 'x']],
  ['[extra_env]\nA = "1"', ['extra_env', 'A']],
  ['docker_from_docker = true', ['docker_from_docker']],
  ['[filesystem]\nsession_volume = "v"', ['filesystem', 'session_volume']],
  ['[filesystem]\nworking_dir = "/x"', ['filesystem', 'working_dir']],
  ['[filesystem]\nwritable_paths = ["cache"]', ['filesystem', 'writable_paths']],
  ['[workspace]\ntarget = "/workspace/x"', ['workspace', 'target']],
  ['[agent_auth]\ngithub_token_env = "OTHER"', ['agent_auth', 'github_token_env']],
  ['[audit]\nlog_dir = "/elsewhere"', ['audit', 'log_dir']],
  ['[audit]\nrotation_count = 0', ['audit', 'rotation_count']],
  ['[[audit.webhooks]]\nurl = "https://a.test"', ['audit', 'webhooks']],
  ['[audit]\nsyslog_address = "log.test:514"', ['audit', 'syslog_address']],
  ['[audit]\notlp_endpoint = "https://otel.test"', ['audit', 'otlp_endpoint']],
  ['[audit]\notlp_headers = { Authorization = "env:TOKEN" }', ['audit', 'otlp_headers', 'Authorization']],
  ['[audit]\ncheckpoint_git = "/srv/elsewhere"', ['audit', 'checkpoint_git']],
  ['[network]\ndns_servers = ["192.0.2.1"]', ['network', 'dns_servers']],
  ['[[network.rules]]\nhost = "a.test"', ['network', 'rules', 0]],
  ['[guardrails]\nagent_md_path = "/etc/passwd"', ['guardrails', 'agent_md_path']],
];

describe('a workspace may not bring', () => {
  for (const [said, path] of refused)
    test(said, async () => {
      const { result, findings } = await held('', said);
      assert.equal(result, undefined);
      const errors = findings.filter(({ severity }) => severity === 'error');
      assert.deepEqual(
        errors.map((finding) => [finding.file, finding.path]),
        [['/work/.lasso/profile.toml', path]],
      );
    });
});

test('what a workspace says and the user’s profile says alike is no offence', async () => {
  const { result } = await held(
    '[extra_env]\nA = "1"',
    '[extra_env]\nA = "1"\n[audit]\nlog_dir = "./audit"\n[filesystem]\nwritable_paths = []',
  );
  assert.deepEqual(result?.profile.extra_env, { A: '1' });
});

test('what would widen is remarked on at its place', async () => {
  const { findings } = await held('', 'isolation = "container"\n[resources]\nmax_pids = 5000\n[network]\nallowed_domains = ["a.test"]');
  assert.deepEqual(
    findings.map(({ code, severity, range }) => [code, severity, range.start.line]),
    [
      ['no-effect', 'information', 3],
      ['no-effect', 'information', 5],
    ],
  );
});

test('every value keeps the place it was written at', async () => {
  const { result } = await held(
    '[workspace]\nhidden = ["a"]\n[resources]\nmax_pids = 90',
    '[workspace]\nhidden = ["b"]\n[resources]\nmax_memory_mb = 64',
  );
  const place = (path: string): unknown => {
    const origin = result?.origins.get(path);
    return origin && `${origin.file}:${origin.line}`;
  };
  assert.equal(place('workspace.hidden[0]'), '/user/base.toml:3');
  assert.equal(place('workspace.hidden[1]'), '/work/.lasso/profile.toml:3');
  assert.equal(place('resources.max_memory_mb'), '/work/.lasso/profile.toml:5');
  assert.equal(place('resources.max_pids'), '/user/base.toml:5');
  assert.equal(place('resources.max_open_files'), undefined);
});
