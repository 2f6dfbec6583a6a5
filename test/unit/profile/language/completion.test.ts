/** What is put forward at the cursor: what may be written there, nothing that is there already, and in the right form. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completionAt, type Offer } from '../../../../helper/profile/language/completion.ts';
import { keysAt, shapeAt } from '../../../../helper/protocol/profile/shape.ts';
import { readingAt, team } from '../../../kit/profile-reading.ts';

const files = { '/user/team.toml': team, '/w/beside.toml': 'name = "beside"' };
const around = {
  profiles: () =>
    Promise.resolve([
      { name: 'team', description: 'What the team uses', source: 'user' as const, file: '/user/team.toml' },
      { name: 'p', description: '', source: 'file' as const, file: '/w/p.toml' },
    ]),
  variables: () => ['NPM_TOKEN', 'HOME'],
};

async function at(marked: string): Promise<readonly Offer[]> {
  const { reading, offset } = await readingAt(marked, files);
  return completionAt(reading, offset, around);
}

interface Case {
  readonly marked: string;
  /** labels that must be there */
  readonly has?: readonly string[];
  /** labels that must not */
  readonly lacks?: readonly string[];
  /** all labels, in order */
  readonly exactly?: readonly string[];
}

const inherits = 'name = "p"\nextends = "team"\n';
const cases: readonly Case[] = [
  {
    marked: '|',
    has: ['name', 'extends', 'mode', '[network]', '[[network.rules]]', '[secrets.NAME]', '[commands.blocked_args]', '[extra_env]'],
  },
  { marked: '|', lacks: ['network', 'docker_from_docker', '[lasso_metadata]', 'lasso_metadata', '[filesystem]x'] },
  { marked: 'name = "p"\n|', has: ['mode'], lacks: ['name'] },
  { marked: 'mo|', has: ['mode'] },
  { marked: '[network]\nmode = "none"\n|', has: ['allowed_domains', 'unlisted', '[commands]'], lacks: ['mode', 'name', '[network]'] },
  { marked: '[network]\n|\n[commands]\n', lacks: ['[commands]'] },
  { marked: '[[network.rules]]\nhost = "a.example"\n|', has: ['methods', 'paths', 'action', '[[network.rules]]'], lacks: ['host'] },
  { marked: '[secrets.npm]\n|', has: ['from', 'hosts', 'header', 'env'] },
  { marked: 'network.|', has: ['mode'], lacks: ['name'] },
  { marked: 'rules = [{ | }]', exactly: [] },
  { marked: '[network]\nrules = [{ host = "x.example", | }]', exactly: ['ports', 'methods', 'paths', 'action'] },
  { marked: '[commands.blocked_args]\n|', has: ['git', 'npm'] },
  { marked: '[|', has: ['[network]', '[[network.rules]]', '[secrets.NAME]'] },
  { marked: '[net|]\n[commands]', has: ['[network]'], lacks: ['[commands]'] },
  { marked: '[[|', exactly: ['[[network.rules]]', '[[guardrails.rules]]', '[[audit.webhooks]]'] },
  { marked: 'mode = |', exactly: ['"observe"', '"assist"', '"autonomous"'] },
  { marked: 'mode = "|"', exactly: ['"observe"', '"assist"', '"autonomous"'] },
  { marked: '[commands]\nallow_shell_operators = |', exactly: ['true', 'false'] },
  { marked: '[commands]\nmax_execution_seconds = |', exactly: ['300', '600', '0', '604800'] },
  { marked: '[network]\nallowed_ports = |', has: ['[ ]', '[443]'] },
  { marked: 'extends = "|"', exactly: ['team', './beside.toml'] },
  { marked: 'extends = |', has: ['team'], lacks: ['p', './p.toml'] },
  { marked: '[network]\nallowed_domains = ["|"]', has: ['@npm', '@pypi'] },
  { marked: '[network]\nallowed_domains = ["@npm", |]', has: ['@pypi'], lacks: ['@npm', '!*'] },
  { marked: '[[network.rules]]\nhost = "|"', has: ['@npm', '"api.corp.example"'] },
  { marked: '[secrets.x]\nhosts = [|]', has: ['@npm'] },
  { marked: '[commands]\nwhitelist = ["git", |]', has: ['npm', 'make', '!python3'], lacks: ['git'] },
  { marked: '[commands]\nworkspace_only = [|]', has: ['rm', 'mv'], lacks: ['!*'] },
  { marked: `${inherits}[network]\nallowed_domains = [|]`, has: ['@pypi', '!@npm', '!api.corp.example', '!*'], lacks: ['@npm'] },
  { marked: `${inherits}[network]\nallowed_domains = ["!@npm", |]`, has: ['@pypi', '!api.corp.example'], lacks: ['!@npm', '!*'] },
  { marked: `${inherits}[network]\nallowed_domains = ["!*", |]`, has: ['@npm'], lacks: ['!@npm'] },
  { marked: `${inherits}[network]\nallowed_ports = [|]`, has: ['80', '!443', '!8443'], lacks: ['443', '!80'] },
  { marked: '[network]\nblocked_ports = [|]', has: ['22', '!5432', '!*'] },
  { marked: '[[network.rules]]\nmethods = ["GET", |]', exactly: ['HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] },
  { marked: '[secrets.x]\nfrom = |', exactly: ['env:', 'file:', 'command:', 'vscode:', 'keyring:', 'github'] },
  { marked: '[secrets.x]\nfrom = "env:|"', exactly: ['env:NPM_TOKEN', 'env:HOME'] },
  { marked: '[secrets.x]\nfrom = "env:|', exactly: ['env:NPM_TOKEN', 'env:HOME'] },
  { marked: '[agent_auth]\ngithub_token_env = "|"', exactly: ['NPM_TOKEN', 'HOME'] },
  { marked: 'mode = "assist" |', exactly: [] },
  { marked: '# mo|', exactly: [] },
  { marked: 'name |', exactly: [] },
  { marked: 'description = """\n|"""', exactly: [] },
  { marked: '[unknown]\n|', lacks: ['name', 'mode'] },
  { marked: 'unknown = |', exactly: [] },
  { marked: '__proto__.|', lacks: ['name'] },
];

for (const { marked, has = [], lacks = [], exactly } of cases) {
  test(JSON.stringify(marked), async () => {
    const labels = (await at(marked)).map(({ label }) => label);
    if (exactly) assert.deepEqual(labels, exactly);
    for (const label of has) assert.ok(labels.includes(label), `${label} is missing of ${labels.join(' ')}`);
    for (const label of lacks) assert.ok(!labels.includes(label), `${label} is there`);
  });
}

const inserts: readonly (readonly [marked: string, label: string, insert: string, replaced: string])[] = [
  ['mo|', 'mode', 'mode = ${1|"assist","observe","autonomous"|}', '0:0-0:2'],
  ['|mode = "x"', 'mode', 'mode', '0:0-0:4'],
  ['|', 'name', 'name = "${1:team-backend}"', '0:0-0:0'],
  ['[network]\n|', 'allowed_ports', 'allowed_ports = [$1]', '1:0-1:0'],
  ['[network]\n|', 'allowed_domains', 'allowed_domains = ["$1"]', '1:0-1:0'],
  ['[commands]\n|', 'allow_shell_operators', 'allow_shell_operators = ${1|true,false|}', '1:0-1:0'],
  ['|', '[secrets.NAME]', '[secrets.${1:NAME}]', '0:0-0:0'],
  ['[net|]', '[[network.rules]]', '[[network.rules]]', '0:0-0:5'],
  ['mode = "as|', '"assist"', '"assist"', '0:7-0:10'],
  ['mode = "as|"  # c', '"assist"', '"assist"', '0:7-0:11'],
  ['[network]\nallowed_domains = ["@|"]', '@npm', '"@npm"', '1:19-1:22'],
  ['[network]\nallowed_domains = ["a", "|\n[commands]', '@npm', '"@npm"', '1:24-1:25'],
  ['[network]\nallowed_domains = [|', '@npm', '"@npm"', '1:19-1:19'],
];

for (const [marked, label, insert, replaced] of inserts) {
  test(`${label} at ${JSON.stringify(marked)} is inserted as it must be`, async () => {
    const found = (await at(marked)).find((proposal) => proposal.label === label);
    assert.ok(found);
    const { start, end } = found.range;
    assert.deepEqual([found.insert, `${start.line}:${start.character}-${end.line}:${end.character}`], [insert, replaced]);
  });
}

const filters: readonly (readonly [marked: string, label: string, filter: string])[] = [
  ['mode = "|"', '"assist"', '"assist'],
  ["mode = '|'", '"assist"', "'assist"],
  ['mode = as|', '"assist"', 'assist'],
  ['[network]\nallowed_domains = ["@|"]', '@npm', '"@npm'],
  ['[network]\nallowed_domains = [@|]', '@npm', '@npm'],
  ['[net|]', '[network]', '[network]'],
];
for (const [marked, label, filter] of filters) {
  test(`${label} at ${JSON.stringify(marked)} is found by what is typed`, async () => {
    assert.equal((await at(marked)).find((offer) => offer.label === label)?.filter, filter);
  });
}

test('a host group says its hosts, a removal where the item is from, a key what it means', async () => {
  const groups = await at(`${inherits}[network]\nallowed_domains = [|]`);
  assert.equal(
    groups.find(({ label }) => label === '@npm'),
    undefined,
  );
  assert.match(groups.find(({ label }) => label === '@pypi')?.detail ?? '', /^\S+, \S+$/);
  assert.equal(groups.find(({ label }) => label === '!@npm')?.detail, 'remove, from team.toml:7');
  const [mode] = (await at(`${inherits}mod|`)).filter(({ label }) => label === 'mode');
  assert.match(mode?.documentation ?? '', /How much an agent may do[^]*Here: `"assist"` from `team.toml:3`/);
});

test('every key of every table is put forward with a value of its kind', async () => {
  const kinds: Readonly<Record<string, RegExp>> = {
    choice: /^\$\{1\|"/,
    boolean: /^\$\{1\|(true,false|false,true)\|\}$/,
    number: /^\$\{1:\d+\}$/,
    text: /^".*"$/,
    date: /^"\$1"$/,
    list: /^\[.*\]$/,
    map: /^\{/,
    table: /^\{/,
  };
  for (const table of keysAt([]).filter((key) => keysAt([key]).length > 0 && key !== 'lasso_metadata')) {
    for (const { label, kind, insert } of await at(`[${table}]\n|`)) {
      if (kind !== 'key') continue;
      const shape = shapeAt([table, label]);
      assert.ok(shape);
      assert.match(insert.slice(`${label} = `.length), kinds[shape.kind] ?? /$^/, `${table}.${label}`);
    }
  }
});
