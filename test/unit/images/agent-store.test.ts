/** The store of agents: whole or not there, fetched once, from where the user's own registry is. */
import assert from 'node:assert/strict';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { buildDigest, readCatalog, type AgentBuild } from '../../../helper/images/agent-catalog.ts';
import { archiveAddress, type Registry } from '../../../helper/images/agent-fetch.ts';
import { AgentStore, type StoreRequest } from '../../../helper/images/agent-store.ts';
import { connectHere, packageNamed, packageOf, serveRegistry, type TestRegistry } from '../../kit/agent-packages.ts';
import { root } from '../../kit/sources.ts';

const place = mkdtempSync(join(tmpdir(), 'lasso-store-'));
after(() => rmSync(place, { recursive: true, force: true }));

const made = await packageOf([
  { name: 'package/bin/tool', text: '#!/bin/sh\necho made up\n', mode: 0o755 },
  { name: 'package/README.md', text: 'left out' },
]);
const path = '/@made/up/-/up-1.2.3.tgz';
const build: AgentBuild = { version: '1.2.3', program: 'package/bin/tool', packages: [packageNamed('@made/up', '1.2.3', made.integrity)] };

interface Fixture {
  readonly folder: string;
  readonly registry: TestRegistry;
  readonly store: (more?: Partial<AgentBuild>, address?: Registry) => AgentStore;
}

async function fixture(
  t: { after(end: () => unknown): void },
  answers: Parameters<typeof serveRegistry>[0] = { [path]: made.bytes },
): Promise<Fixture> {
  const folder = join(mkdtempSync(join(place, 'one-')), 'agents');
  const registry = await serveRegistry(answers);
  t.after(() => registry.close());
  const store: Fixture['store'] = (more = {}, address = { address: registry.address }) =>
    new AgentStore({ folder, catalog: { claude: { ...build, ...more } }, connect: connectHere, registry: () => Promise.resolve(address) });
  return { folder, registry, store };
}

const request = (more: Partial<StoreRequest> = {}): StoreRequest => ({
  onProgress: () => undefined,
  signal: new AbortController().signal,
  ...more,
});

test('an agent is fetched once, and needs no network after that', async (t) => {
  const { registry, store, folder } = await fixture(t);
  const told: Parameters<StoreRequest['onProgress']>[] = [];
  assert.equal(await store().isReady('claude'), false);
  const stored = await store().ensure('claude', request({ onProgress: (...news) => told.push(news) }));
  assert.equal(stored.folder, join(folder, `claude-1.2.3-${buildDigest(build).slice(0, 8)}`));
  assert.equal(readlinkSync(join(stored.folder, 'bin/claude')), '../package/bin/tool');
  assert.match(readFileSync(join(stored.folder, 'bin/claude'), 'utf8'), /made up/);
  assert.equal(existsSync(join(stored.folder, 'package/README.md')), false);
  assert.deepEqual(
    [lstatSync(stored.folder).mode & 0o777, lstatSync(join(stored.folder, 'package/bin/tool')).mode & 0o777],
    [0o755, 0o555],
  );
  assert.equal(told[0]?.[0], 'Fetching claude 1.2.3');
  await registry.close();
  assert.deepEqual(await store().ensure('claude', request()), stored);
  assert.equal(await store().isReady('claude'), true);
  assert.deepEqual(registry.asked, [path]);
});

test('one with an interpreter gets a program that names it', async (t) => {
  const { store } = await fixture(t);
  const { folder } = await store({ interpreter: 'package/bin/tool', program: 'package/bin/tool' }).ensure('claude', request());
  assert.equal(readFileSync(join(folder, 'bin/claude'), 'utf8'), "#!/opt/lasso/claude/package/bin/tool\nimport('../package/bin/tool');\n");
});

test('who asks at the same time waits, in this process and in another', async (t) => {
  const { registry, store, folder } = await fixture(t);
  const [one, other] = [store(), store()];
  const all = await Promise.all([one, one, other, other].map((each) => each.ensure('claude', request())));
  assert.equal(new Set(all.map(({ folder: where }) => where)).size, 1);
  assert.ok(registry.asked.length <= 2, `${registry.asked.length}`);
  assert.equal(readdirSync(folder).length, 1);
});

test('what another left unfinished goes, and what one is still at stays', async (t) => {
  const { store, folder } = await fixture(t);
  mkdirSync(join(folder, '.claude.4194304.0123456789ab.part', 'package'), { recursive: true });
  mkdirSync(join(folder, `.claude.${process.ppid}.0123456789ab.part`));
  await store().ensure('claude', request());
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('.')),
    [`.claude.${process.ppid}.0123456789ab.part`],
  );
});

test('it is fetched again when that is asked for, and the old one stays when that fails', async (t) => {
  const { registry, store } = await fixture(t);
  const { folder } = await store().ensure('claude', request());
  rmSync(join(folder, 'package/bin/tool'), { force: true });
  await store().ensure('claude', request({ force: true }));
  assert.ok(existsSync(join(folder, 'package/bin/tool')));
  await registry.close();
  await assert.rejects(store().ensure('claude', request({ force: true })), { code: 'IMAGE_BUILD_FAILED' });
  assert.ok(existsSync(join(folder, 'package/bin/tool')));
});

const faults: readonly (readonly [what: string, answers: Parameters<typeof serveRegistry>[0], message: RegExp, hint: RegExp])[] = [
  ['a registry that has no such package', {}, /answered 404, so it does not have it/, /npm config get registry/],
  ['one that wants a login', { [path]: (response) => response.writeHead(401).end() }, /wants a login/, /registry/],
  [
    'another archive',
    { [path]: (await packageOf([{ name: 'package/bin/tool', text: 'else' }])).bytes },
    /not the one LASSO knows/,
    /mirror/,
  ],
  [
    'an archive that breaks off',
    {
      [path]: (response) => {
        response.writeHead(200, { 'content-length': made.bytes.length });
        response.write(made.bytes.subarray(0, 60), () => response.destroy());
      },
    },
    /broke off or is damaged/,
    /Nothing of it was kept/,
  ],
  ['a redirect in circles', { [path]: (response) => response.writeHead(302, { location: path }).end() }, /leads in circles/, /registry/],
];
for (const [what, answers, message, hint] of faults)
  test(`of ${what} nothing is left, and a person is told what to do`, async (t) => {
    const { store, folder } = await fixture(t, answers);
    await assert.rejects(store().ensure('claude', request()), (error: { code: string; message: string; hint: string }) => {
      assert.equal(error.code, 'IMAGE_BUILD_FAILED');
      assert.match(error.message, message);
      assert.match(error.hint, hint);
      return true;
    });
    assert.deepEqual(readdirSync(folder), []);
  });

test('a registry that does not answer is named', async (t) => {
  const { store } = await fixture(t);
  const nowhere = store({}, { address: 'http://127.0.0.1:1/' });
  await assert.rejects(nowhere.ensure('claude', request()), /@made\/up 1\.2\.3 could not be fetched: .*ECONNREFUSED/);
});

test('a folder that cannot be used is told', async (t) => {
  const { store, folder } = await fixture(t);
  writeFileSync(folder, 'a file');
  await assert.rejects(store().ensure('claude', request()), { code: 'IMAGE_BUILD_FAILED', hint: /can be written/ });
});

test('cancelled is cancelled', async (t) => {
  const over = new AbortController();
  const { store, folder } = await fixture(t, {
    [path]: (response) => {
      response.writeHead(200);
      response.write(made.bytes.subarray(0, 60), () => over.abort());
    },
  });
  await assert.rejects(store().ensure('claude', request({ signal: over.signal })), { code: 'CANCELLED' });
  assert.deepEqual(readdirSync(folder), []);
});

test('an agent that this machine has none of is said so', async (t) => {
  const { store } = await fixture(t);
  await assert.rejects(store().ensure('codex', request()), { code: 'UNSUPPORTED' });
});

test('a mirror has a path of its own and a login, which no other host is told', async (t) => {
  const elsewhere = await serveRegistry({ '/there': made.bytes });
  t.after(() => elsewhere.close());
  const { registry, store } = await fixture(t, {
    [`/npm/mirror${path}`]: (response) => response.writeHead(302, { location: `${elsewhere.address}there` }).end(),
  });
  await store({}, { address: `${registry.address}npm/mirror`, authorization: 'Bearer made-up' }).ensure('claude', request());
  assert.deepEqual(
    registry.headers.map(({ authorization }) => authorization),
    ['Bearer made-up'],
  );
  assert.deepEqual(
    elsewhere.headers.map(({ authorization }) => authorization),
    [undefined],
  );
});

test('archives are asked for as every client of a registry does', () => {
  const at = (address: string, name: string): string => archiveAddress({ address }, { name, version: '1.0.0' }).href;
  assert.equal(at('https://npm.example', 'tool'), 'https://npm.example/tool/-/tool-1.0.0.tgz');
  assert.equal(at('https://npm.example/a/b/', '@made/up'), 'https://npm.example/a/b/@made/up/-/up-1.0.0.tgz');
});

test('the list of agents is whole for both processors', async () => {
  for (const platform of ['linux-x64', 'linux-arm64']) {
    const catalog = await readCatalog(join(root, 'images/agents.json'), platform);
    assert.deepEqual(Object.keys(catalog).sort(), ['claude', 'codex', 'copilot', 'gemini', 'opencode']);
    for (const { packages, program } of Object.values(catalog)) {
      const [first] = packages;
      assert.ok(
        packages.some(({ keep, into }) => keep.some((kept) => `${program}/`.startsWith(`${into}/${kept}/`))),
        `${first?.name} ${program}`,
      );
    }
  }
  await assert.rejects(readCatalog(join(root, 'package.json'), 'linux-x64'), { code: 'IMAGE_BUILD_FAILED' });
});
