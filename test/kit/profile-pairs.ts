/** Profiles and intents made by chance, with what is known to be difficult in them, for properties of two profiles held together. */
import fc from 'fast-check';

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

export const networkOf = (actions: readonly string[]): fc.Arbitrary<object> =>
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
  ask_args: fc.dictionary(fc.constantFrom('git', 'Git', 'rm', 'python3'), some(['push', '-r', 'push --force', '*'], 2), { maxKeys: 2 }),
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
export const userProfile = fc.tuple(profileOf(['allow', 'deny', 'ask']), gifts).map(([said, given]) => ({ ...said, ...given }));
export const workspaceProfile = profileOf(['deny', 'ask']);

export const connections = fc.record(
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
export const argvs = fc
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
export const lines = fc
  .tuple(fc.array(wrapped, { minLength: 1, maxLength: 3 }), fc.constantFrom(' | ', ' && ', '; ', '\n'))
  .map(([parts, operator]) => parts.join(operator));
