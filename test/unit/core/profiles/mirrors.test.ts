/** Mirrors of registries, as the user's own tools name them: variables and files in made-up homes. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { type UserMirrors, userMirrors } from '../../../../helper/core/profiles/mirrors.ts';
import { judgeConnection } from '../../../../helper/policy/network/judge.ts';
import { networkRulesOf } from '../../../../helper/policy/network/rules.ts';
import { profileSchema } from '../../../../helper/protocol/profile/profile.ts';

const publicGroups = {
  npm: [{ host: 'npm.public.test' }],
  pypi: [{ host: 'pypi.public.test' }, { host: 'files.public.test' }],
  crates: [{ host: 'crates.public.test' }],
  go: [{ host: 'go.public.test' }],
  github: [{ host: 'code.public.test' }],
};

let folder = '';
before(async () => (folder = await mkdtemp(join(tmpdir(), 'lasso-mirrors-'))));
after(() => rm(folder, { recursive: true, force: true }));

interface Case {
  readonly says: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly config?: Readonly<Record<string, string>>;
  readonly platform?: NodeJS.Platform;
  readonly groups: UserMirrors['groups'];
}

async function read({ files = {}, environment = {}, config = {}, platform = 'linux' }: Omit<Case, 'groups'>): Promise<UserMirrors> {
  const home = await mkdtemp(join(folder, 'home-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(home, name)), { recursive: true });
    await writeFile(join(home, name), text);
  }
  const full = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, value.replace('~', home)]));
  return userMirrors({ host: { home, platform, environment: full }, config, publicGroups });
}

const npm = { npm: [{ host: 'npm.corp.example' }] };
const pypi = { pypi: [{ host: 'pypi.corp.example' }] };
const cargo = '[source.crates-io]\nreplace-with = "corp"\n[source.corp]\nregistry = "sparse+https://crates.corp.example/index/"\n';
const go = { go: [{ host: 'go.corp.example' }] };

const cases: readonly Case[] = [
  { says: 'no tool says anything', groups: {} },
  { says: 'LASSO’s own settings', config: { npm: 'https://npm.corp.example/x' }, groups: npm },
  { says: 'settings for any group', config: { github: 'https://code.corp.example' }, groups: { github: [{ host: 'code.corp.example' }] } },
  { says: 'settings for a group nobody knows', config: { nobody: 'https://npm.corp.example' }, groups: {} },
  {
    says: 'settings win over tools',
    config: { npm: 'https://npm.corp.example' },
    environment: { npm_config_registry: 'https://other.example' },
    files: { '.npmrc': 'registry=https://third.example' },
    groups: npm,
  },
  {
    says: 'LASSO_NPM_MIRROR',
    environment: { NPM_CONFIG_REGISTRY: 'https://other.example', LASSO_NPM_MIRROR: 'https://npm.corp.example' },
    groups: npm,
  },
  { says: 'npm’s variable', environment: { npm_config_registry: 'https://npm.corp.example' }, groups: npm },
  {
    says: 'npm’s variable in capitals wins over the file',
    environment: { NPM_CONFIG_REGISTRY: 'https://NPM.Corp.example/' },
    files: { '.npmrc': 'registry=https://other.example' },
    groups: npm,
  },
  {
    says: '.npmrc',
    files: { '.npmrc': '; mine\r\n registry = "https://npm.corp.example/"\r\n//npm.corp.example/:_authToken=abc\r\n' },
    groups: npm,
  },
  { says: 'the last of several', files: { '.npmrc': 'registry=https://a.example\nregistry=https://npm.corp.example' }, groups: npm },
  {
    says: '.npmrc with a variable',
    environment: { CORP: 'npm.corp.example' },
    files: { '.npmrc': 'registry=https://${CORP}/' },
    groups: npm,
  },
  {
    says: 'another user file',
    environment: { NPM_CONFIG_USERCONFIG: '~/x/npmrc' },
    files: { 'x/npmrc': 'registry=https://npm.corp.example' },
    groups: npm,
  },
  {
    says: 'a port that is not the usual one',
    files: { '.npmrc': 'registry=http://npm.corp.example:4873' },
    groups: { npm: [{ host: 'npm.corp.example', ports: [4873] }] },
  },
  { says: 'a port that is', files: { '.npmrc': 'registry=http://npm.corp.example:443' }, groups: npm },
  {
    says: 'a scope’s registry stands beside the public one',
    files: { '.npmrc': '@corp:registry=https://npm.corp.example' },
    groups: { npm: [{ host: 'npm.public.test' }, { host: 'npm.corp.example' }] },
  },
  {
    says: 'a scope’s registry stands beside the mirror',
    files: { '.npmrc': '@corp:registry=https://own.corp.example\nregistry=https://npm.corp.example' },
    groups: { npm: [{ host: 'npm.corp.example' }, { host: 'own.corp.example' }] },
  },
  {
    says: 'two ports of one host',
    files: { '.npmrc': '@corp:registry=https://npm.corp.example:8443\nregistry=https://npm.corp.example' },
    groups: { npm: [{ host: 'npm.corp.example', ports: [80, 443, 8443] }] },
  },
  { says: 'the public registry itself changes nothing', files: { '.npmrc': 'registry=https://npm.public.test/' }, groups: {} },
  {
    says: 'what is no address changes nothing',
    files: { '.npmrc': 'registry=npm.corp.example\n=x\n[\nregistry=file:///x\nregistry=https://[x' },
    groups: {},
  },
  { says: 'pip’s variable', environment: { PIP_INDEX_URL: 'https://user:secret@pypi.corp.example/simple' }, groups: pypi },
  {
    says: 'pip’s additional indexes',
    environment: { PIP_EXTRA_INDEX_URL: 'https://a.example/simple  https://b.example:8443/simple' },
    groups: { pypi: [...publicGroups.pypi, { host: 'a.example' }, { host: 'b.example', ports: [8443] }] },
  },
  { says: 'pip.conf', files: { '.config/pip/pip.conf': '[global]\nindex-url = https://pypi.corp.example/simple\n' }, groups: pypi },
  {
    says: 'pip.conf where XDG says',
    environment: { XDG_CONFIG_HOME: '~/cfg' },
    files: { 'cfg/pip/pip.conf': '[global]\nindex-url=https://pypi.corp.example' },
    groups: pypi,
  },
  { says: 'the older pip.conf', files: { '.pip/pip.conf': '[install]\nindex-url=https://pypi.corp.example' }, groups: pypi },
  {
    says: 'a pip.conf that is named',
    environment: { PIP_CONFIG_FILE: '~/p' },
    files: { p: '[global]\nindex-url=https://pypi.corp.example' },
    groups: pypi,
  },
  {
    says: 'pip.conf on macOS',
    platform: 'darwin',
    files: { 'Library/Application Support/pip/pip.conf': '[global]\nindex-url=https://pypi.corp.example' },
    groups: pypi,
  },
  { says: 'another section of pip.conf', files: { '.pip/pip.conf': '[freeze]\nindex-url=https://pypi.corp.example' }, groups: {} },
  {
    says: 'additional indexes over several lines',
    files: {
      '.pip/pip.conf':
        '[global]\nindex-url=https://pypi.corp.example\nextra-index-url =\n    https://a.example\n    https://pypi.public.test/simple\n',
    },
    groups: { pypi: [{ host: 'pypi.corp.example' }, { host: 'a.example' }, ...publicGroups.pypi] },
  },
  { says: 'cargo’s source replacement', files: { '.cargo/config.toml': cargo }, groups: { crates: [{ host: 'crates.corp.example' }] } },
  {
    says: 'cargo’s file without an ending, elsewhere',
    environment: { CARGO_HOME: '~/c' },
    files: { 'c/config': cargo },
    groups: { crates: [{ host: 'crates.corp.example' }] },
  },
  {
    says: 'a chain of replacements that ends in a registry',
    files: {
      '.cargo/config.toml':
        '[source.crates-io]\nreplace-with = "a"\n[source.a]\nreplace-with = "corp"\n[registries.corp]\nindex = "https://crates.corp.example/index"\n',
    },
    groups: { crates: [{ host: 'crates.corp.example' }] },
  },
  {
    says: 'a circle of replacements',
    files: { '.cargo/config.toml': '[source.crates-io]\nreplace-with = "a"\n[source.a]\nreplace-with = "crates-io"\n' },
    groups: {},
  },
  {
    says: 'crates in a folder',
    files: { '.cargo/config.toml': '[source.crates-io]\nreplace-with = "v"\n[source.v]\ndirectory = "vendor"\n' },
    groups: {},
  },
  {
    says: 'an additional registry of cargo',
    files: { '.cargo/config.toml': '[registries.corp]\nindex = "sparse+https://crates.corp.example/"\n' },
    groups: { crates: [{ host: 'crates.public.test' }, { host: 'crates.corp.example' }] },
  },
  { says: 'cargo’s file when it is no TOML', files: { '.cargo/config.toml': '[source' }, groups: {} },
  {
    says: 'cargo’s file when it holds other things',
    files: { '.cargo/config.toml': 'source = 1\n[registries]\n__proto__ = 1\nx = "y"' },
    groups: {},
  },
  { says: 'GOPROXY', environment: { GOPROXY: 'https://go.corp.example,direct' }, groups: go },
  { says: 'what “go env -w” wrote', files: { '.config/go/env': 'GOPROXY=https://go.corp.example|off\n' }, groups: go },
  {
    says: 'a mirror before the public proxy',
    environment: { GOPROXY: 'https://go.corp.example,https://go.public.test,direct' },
    groups: { go: [{ host: 'go.corp.example' }, { host: 'go.public.test' }] },
  },
  { says: 'GOPROXY without a proxy', environment: { GOPROXY: 'direct' }, groups: {} },
];

for (const { groups, ...given } of cases) {
  test(`mirrors: ${given.says}`, async () => assert.deepEqual((await read(given)).groups, groups));
}

test('credentials are never kept', async () => {
  const files = { '.npmrc': 'registry=https://me:secret@npm.corp.example/token-secret/?x=secret' };
  const found = await read({ says: '', files });
  assert.ok(!JSON.stringify(found).includes('secret'));
  assert.deepEqual(
    found.mirrors.map(({ group, address }) => [group, address]),
    [['npm', 'https://npm.corp.example']],
  );
});

test('a group that is mirrored allows the mirror on its port and no longer the public host', async () => {
  const { groups } = await read({ says: '', config: { npm: 'http://npm.corp.example:4873' } });
  const profile = profileSchema.parse({ name: 'a', network: { allowed_domains: ['@npm'] } });
  const rules = networkRulesOf(profile, { ...publicGroups, ...groups });
  const decide = (host: string, port: number): string => judgeConnection({ host, port }, rules).decision;
  assert.deepEqual(
    [decide('npm.corp.example', 4873), decide('npm.corp.example', 443), decide('npm.public.test', 443)],
    ['allow', 'deny', 'deny'],
  );
});

test(
  'a pipe, a folder or a huge file in the place of a tool’s file does not hold anything up',
  { skip: process.platform === 'win32' },
  async () => {
    const home = await mkdtemp(join(folder, 'home-'));
    execFileSync('mkfifo', [join(home, '.npmrc')]);
    await mkdir(join(home, '.cargo', 'config.toml'), { recursive: true });
    await mkdir(join(home, '.pip'));
    await writeFile(join(home, '.pip/pip.conf'), `[global]\nindex-url=https://pypi.corp.example\n${'#'.repeat(5_000_000)}`);
    const found = await userMirrors({ host: { home, platform: 'linux', environment: {} }, config: {}, publicGroups });
    assert.deepEqual(found.groups, pypi);
  },
);
