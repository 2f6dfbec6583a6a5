/** What two profiles do differently, in words: judged by meaning, never by spelling. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffPolicies } from '../../../helper/profile/diff/diff.ts';
import { loadProfile } from '../../../helper/profile/load.ts';
import type { HostGroups } from '../../../helper/policy/network/rules.ts';
import { builtInProfiles, memorySources } from '../../kit/profile-sources.ts';

const groups: HostGroups = {
  packages: [{ host: 'registry.example' }, { host: 'files.example' }],
  mirror: [{ host: 'mirror.example', ports: [8443] }],
};
const base = 'name = "p"\nmode = "autonomous"\n';

async function diff(a: string, b: string): Promise<readonly string[]> {
  const sources = { ...memorySources({ '/a.toml': base + a, '/b.toml': base + b }), hostGroups: groups };
  const [one, other] = await Promise.all([loadProfile('/a.toml', sources), loadProfile('/b.toml', sources)]);
  return diffPolicies(one, other, groups).map(({ effect, text }) => `${effect}: ${text}`);
}

const cases: readonly (readonly [promise: string, a: string, b: string, changes: readonly string[]])[] = [
  [
    'spelling is no difference',
    '[network]\nallowed_domains = ["A.example", "b.example"]',
    'network = { allowed_domains = ["b.example", "a.example."] }',
    [],
  ],
  ['a description is no difference', 'description = "x"\ntags = ["a"]', '', []],
  [
    'a group is the same as its hosts',
    'network.allowed_domains = ["@packages"]',
    'network.allowed_domains = ["files.example", "registry.example"]',
    [],
  ],
  [
    'a host that is added is allowed on the allowed ports',
    '',
    'network.allowed_domains = ["new.example"]',
    ['allowed: connections to new.example on ports 80 and 443'],
  ],
  [
    'a host that is taken out is denied',
    'network.allowed_domains = ["old.example"]',
    '',
    ['denied: connections to old.example on ports 80 and 443'],
  ],
  [
    'a group whose hosts change alike is told as a group',
    '',
    'network.allowed_domains = ["@packages"]',
    ['allowed: connections to @packages on ports 80 and 443'],
  ],
  [
    'a host on a port of its own is told with it',
    '',
    'network.allowed_domains = ["@mirror"]',
    ['allowed: connections to @mirror on port 8443'],
  ],
  [
    'a group of which one host is blocked is told host by host',
    '',
    'network.allowed_domains = ["@packages"]\nnetwork.blocked_domains = ["files.example"]',
    ['allowed: connections to registry.example on ports 80 and 443'],
  ],
  [
    'a wildcard stands for what it covers',
    '',
    'network.allowed_domains = ["*.team.example"]',
    ['allowed: connections to *.team.example on ports 80 and 443'],
  ],
  [
    'what a wildcard allows already is no difference',
    'network.allowed_domains = ["*.team.example"]',
    'network.allowed_domains = ["*.team.example", "a.team.example"]',
    [],
  ],
  [
    'the full network is every host',
    'network.allowed_domains = ["a.example"]',
    'network.mode = "full"',
    ['allowed: connections to every public host that is not blocked, on every port that is not blocked'],
  ],
  [
    'no network takes every host away',
    'network.allowed_domains = ["@packages"]',
    'network.mode = "none"\nnetwork.allowed_domains = ["@packages"]',
    ['denied: connections to @packages on ports 80 and 443'],
  ],
  [
    'asking about unlisted hosts is told',
    '',
    'network.unlisted = "ask"',
    ['asked: connections to public hosts that nothing lists, on every port that is not blocked'],
  ],
  [
    'a port that is opened is told once for each host',
    'network.allowed_domains = ["@packages"]',
    'network.allowed_domains = ["@packages"]\nnetwork.allowed_ports = [80, 443, 8080]',
    ['allowed: connections to @packages on port 8080'],
  ],
  [
    'a rule for some methods takes the others away',
    'network.allowed_domains = ["api.example"]\nnetwork.allowed_ports = [443]',
    'network.allowed_domains = ["api.example"]\nnetwork.allowed_ports = [443]\n[[network.rules]]\nhost = "api.example"\nmethods = ["GET", "HEAD"]',
    ['denied: all but GET and HEAD requests to api.example on port 443'],
  ],
  [
    'a rule for a path is told with it',
    'network.allowed_domains = ["api.example"]\nnetwork.allowed_ports = [443]',
    'network.allowed_domains = ["api.example"]\nnetwork.allowed_ports = [443]\n[[network.rules]]\nhost = "api.example"\npaths = ["/admin/**"]\naction = "deny"',
    ['denied: requests for /admin/** to api.example on port 443'],
  ],
  [
    'an address range that is opened is told',
    '',
    'network.allowed_cidrs = ["10.20.0.0/16"]',
    ['allowed: connections to addresses in 10.20.0.0/16'],
  ],
  [
    'a command that is banned is told',
    'commands.mode = "blacklist"\ncommands.blacklist = []',
    'commands.mode = "blacklist"\ncommands.blacklist = ["terraform", "helm"]',
    ['denied: terraform and helm'],
  ],
  ['a command that is listed is told', '', 'commands.whitelist = ["!ls", "cargo"]', ['allowed: cargo', 'denied: ls']],
  [
    'from the whitelist to the blacklist is every other command',
    'commands.mode = "whitelist"\ncommands.whitelist = ["git"]\ncommands.blocked_args = {}',
    'commands.mode = "blacklist"\ncommands.blacklist = ["git"]\ncommands.blocked_args = {}',
    ['allowed: every command that no list bans', 'denied: git'],
  ],
  [
    'a list that is not consulted is no difference',
    'commands.mode = "whitelist"',
    'commands.mode = "whitelist"\ncommands.blacklist = ["cargo"]',
    [],
  ],
  [
    'arguments that are blocked are told with their command',
    'commands.mode = "blacklist"\ncommands.blacklist = []\ncommands.blocked_args = { git = ["push"] }',
    'commands.mode = "blacklist"\ncommands.blacklist = []\ncommands.blocked_args = { git = ["push", "gc"] }',
    ['denied: git gc'],
  ],
  [
    'arguments that a person is asked about are told with their command',
    'commands.mode = "blacklist"\ncommands.blacklist = []\ncommands.blocked_args = {}\ncommands.ask_args = { npm = ["publish"], gh = ["*"] }',
    'commands.mode = "blacklist"\ncommands.blacklist = []\ncommands.blocked_args = {}\ncommands.ask_args = { git = ["push"], npm = ["publish"] }',
    ['allowed: gh, whatever its arguments', 'asked: git push'],
  ],
  [
    'arguments that nobody is asked about any more are told',
    'commands.mode = "blacklist"\ncommands.blacklist = []\ncommands.blocked_args = {}\ncommands.ask_args = { git = ["push"] }',
    'commands.mode = "blacklist"\ncommands.blacklist = []\ncommands.blocked_args = {}\ncommands.ask_args = { git = ["push"] }\ncommands.ask_except = { git = ["push origin x"] }',
    ['allowed: git push origin x'],
  ],
  ['pipes are told', 'commands.allow_shell_operators = true', '', ['denied: pipes, redirections and lists of commands']],
  [
    'a limit is told with its unit',
    'resources.max_memory_mb = 8192',
    'resources.max_memory_mb = 4096',
    ['changed: memory: 8192 MB → 4096 MB'],
  ],
  ['no limit is told as such', '', 'commands.max_execution_seconds = 0', ['changed: time of a command: 300 s → no limit']],
  [
    'a variable is told',
    'extra_env = { CI = "1" }',
    'extra_env = { CI = "2", NEW = "" }',
    ['changed: extra_env.CI: 1 → 2', 'changed: extra_env.NEW: nothing → ""'],
  ],
  [
    'a secret is told with where it may go',
    '',
    '[secrets.npm]\nfrom = "env:NPM_TOKEN"\nhosts = ["registry.example"]',
    ['allowed: the secret npm from env:NPM_TOKEN, towards registry.example'],
  ],
  [
    'a host a secret may go to is told',
    '[secrets.npm]\nfrom = "env:A"\nhosts = ["a.example"]',
    '[secrets.npm]\nfrom = "env:B"\nhosts = ["b.example"]',
    ['allowed: the secret npm, towards b.example', 'denied: the secret npm, towards a.example', 'changed: secrets.npm.from: env:A → env:B'],
  ],
  [
    'files of the workspace are told',
    '',
    'workspace.hidden = ["!.env", "secrets/"]\nworkspace.readonly = ["infra/"]\nworkspace.guarded = ["!.vscode/"]',
    [
      'allowed: seeing .env in the workspace',
      'allowed: changing .env and .vscode/ in the workspace',
      'denied: seeing secrets/ in the workspace',
      'denied: changing infra/ in the workspace',
    ],
  ],
  [
    'a read-only workspace is told once',
    '',
    'workspace.mode = "read-only"',
    ['denied: changing files of the workspace', 'changed: workspace: read-write → read-only'],
  ],
  [
    'repositories are told by name',
    'git_access.allowed_repos = ["team/a"]',
    'git_access.allowed_repos = ["team/b"]',
    ['allowed: using team/b on the forge', 'denied: using team/a on the forge'],
  ],
  [
    'a list nobody judges is told by its items',
    'network.dns_servers = ["10.20.0.53"]',
    'network.dns_servers = ["10.20.0.54"]',
    ['changed: network.dns_servers: with "10.20.0.54", without "10.20.0.53"'],
  ],
  [
    'hosts of which the same is told are told in one line',
    'network.allowed_domains = ["@packages", "gone.example"]',
    'network.allowed_domains = ["a.example", "b.example", "*.c.example"]',
    [
      'allowed: connections to a.example, b.example and *.c.example on ports 80 and 443',
      'denied: connections to @packages and gone.example on ports 80 and 443',
    ],
  ],
];

for (const [promise, a, b, changes] of cases)
  test(promise, async () => {
    assert.deepEqual(await diff(a, b), changes);
  });

test('every profile equals itself, and what weakens comes first', async () => {
  const sources = memorySources({});
  const loaded = await Promise.all(builtInProfiles.map(({ name }) => loadProfile(name, sources)));
  for (const one of loaded)
    for (const other of loaded) {
      const effects = diffPolicies(one, other, sources.hostGroups).map(({ effect }) => effect);
      if (one === other) assert.deepEqual(effects, []);
      const order = ['allowed', 'asked', 'denied', 'changed'];
      assert.deepEqual(
        effects,
        effects.toSorted((x, y) => order.indexOf(x) - order.indexOf(y)),
      );
    }
});

const many = (count: number, item: (n: number) => string): string => JSON.stringify(Array.from({ length: count }, (_, n) => item(n)));
const endless: readonly (readonly [what: string, text: string, told: RegExp])[] = [
  [
    'commands',
    `commands.mode = "blacklist"\ncommands.blacklist = ${many(5000, (n) => `c${n}`)}`,
    /commands: \d+ more commands were too many/,
  ],
  [
    'arguments',
    `commands.mode = "blacklist"\ncommands.blacklist = []\ncommands.blocked_args = { git = ${many(3000, (n) => `a${n}`)} }`,
    /commands: \d+ more refused arguments were too many/,
  ],
  [
    'hosts with endless rules',
    `network.allowed_domains = ${many(500, (n) => `h${n}.example`)}\n[[network.rules]]\nhost = "*.example"\npaths = ${many(5000, (n) => `/p${n}/**`)}`,
    /network: \d+ more hosts were too many/,
  ],
  [
    'address ranges',
    `network.allowed_cidrs = ${many(1000, (n) => `10.${n >> 8}.${n & 255}.0/24`)}`,
    /network: \d+ more address ranges were too many/,
  ],
];

test('what is too much to compare is told, and never passed over', async () => {
  for (const [what, text, told] of endless) assert.match((await diff('', text)).join('\n'), told, what);
});

test('a thousand hosts are compared one by one', async () => {
  const [line = ''] = await diff('', `network.allowed_domains = ${many(1000, (n) => `h${n}.example`)}`);
  assert.match(line, /^allowed: connections to h0\.example, .* and 900 more on ports 80 and 443$/);
});

test('a secret that stands in a profile is in no change, and its change is one', async () => {
  const hook = (secret: string): string => `[[audit.webhooks]]\nurl = "https://hook.example"\nsecret = "${secret}"\n`;
  const told = [await diff('', hook('hunter2hunter2')), await diff(hook('hunter2hunter2'), hook('hunter3hunter3'))];
  assert.deepEqual(
    told.map(({ length }) => length),
    [1, 1],
  );
  assert.ok(!JSON.stringify(told).includes('hunter'), JSON.stringify(told));
  assert.deepEqual(await diff(hook('hunter2hunter2'), hook('hunter2hunter2')), []);
});
