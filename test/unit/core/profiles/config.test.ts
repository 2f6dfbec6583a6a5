/** The user's own settings: where each comes from, and that a mistake in them is told at its place and never guessed over. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Config, readConfig, requireSound } from '../../../../helper/core/profiles/config.ts';
import { Settings } from '../../../../helper/core/profiles/settings.ts';
import { LassoError } from '../../../../helper/protocol/errors.ts';

const home = mkdtempSync(join(tmpdir(), 'config-'));
const file = join(home, 'config.toml');
after(() => rmSync(home, { recursive: true }));

async function read(text: string | undefined, environment: Readonly<Record<string, string>> = {}): Promise<Config> {
  if (text === undefined) rmSync(file, { force: true, recursive: true });
  else writeFileSync(file, text);
  return readConfig({ home }, environment, ['npm', 'pypi']);
}

const setting = ({ settings }: Config, key: string): string => {
  const found = settings.find((entry) => entry.key === key);
  return found === undefined ? 'absent' : `${found.value} from ${found.origin}`;
};

test('without a file everything is the default', async () => {
  const config = await read(undefined);
  assert.deepEqual(config.defaults, {});
  assert.deepEqual(config.findings, []);
  assert.equal(setting(config, 'defaults.profile'), 'standard from default');
  assert.match(setting(config, 'containers.base_image'), /^debian:\S+ from default$/);
  assert.equal(setting(config, 'containers.npm_mirror'), ' from default');
});

test('the file says what is used where nothing else is said, and each value knows its line', async () => {
  const config = await read('[defaults]\nprofile = "strict"\nbackend = "podman"\nisolation = "gvisor"\nagent = "claude"\n');
  assert.deepEqual(config.defaults, { profile: 'strict', backend: 'podman', isolation: 'gvisor', agent: 'claude' });
  assert.equal(setting(config, 'defaults.backend'), `podman from ${file}:3`);
});

test('where and as whom one signs in to GitHub is the user’s to say', async () => {
  const config = await read('[github]\nclient_id = "client"\naddress = "https://git.example"\nscopes = "repo"\n');
  assert.deepEqual(config.github, { clientId: 'client', address: 'https://git.example', scopes: 'repo' });
  assert.equal(setting(config, 'github.client_id'), `client from ${file}:2`);
  assert.deepEqual((await read(undefined)).github, {});
});

test('a variable comes before the file, and the file before the default', async () => {
  const text = '[containers]\nbase_image = "mine:1"\nca_cert_path = "certs/ca.pem"\nnpm_mirror = "https://npm.example/"\n';
  const own = await read(text, { HOME: '/home/me', LASSO_BASE_IMAGE: 'theirs:1' });
  const { LASSO_BASE_IMAGE, LASSO_CA_CERT, LASSO_NPM_MIRROR, LASSO_APT_MIRROR, HOME } = own.imageEnvironment;
  assert.deepEqual(
    [LASSO_BASE_IMAGE, LASSO_CA_CERT, LASSO_NPM_MIRROR, LASSO_APT_MIRROR, HOME],
    ['theirs:1', join(home, 'certs/ca.pem'), 'https://npm.example/', undefined, '/home/me'],
  );
  assert.equal(setting(own, 'containers.base_image'), 'theirs:1 from LASSO_BASE_IMAGE');
  assert.equal(
    (await read('[containers]\nca_cert_path = "~/ca.pem"', { HOME: '/home/me' })).imageEnvironment['LASSO_CA_CERT'],
    '/home/me/ca.pem',
  );
  assert.equal((await read(text, { LASSO_BASE_IMAGE: ' ' })).imageEnvironment['LASSO_BASE_IMAGE'], 'mine:1');
});

const mistakes: readonly (readonly [text: string, place: string, message: RegExp, hint: RegExp])[] = [
  ['[defaults]\nprofil = "strict"', '2:1', /"profil" is not a key of \[defaults\]/, /Did you mean profile\?/],
  ['[default]\nprofile = "strict"', '1:2', /"default" is not a table/, /Did you mean defaults\?/],
  ['[github]\naddress = "git.example"', '2:11', /github\.address: must be an http\(s\) address/, /^$/],
  ['profile = "strict"', '1:1', /"profile" is not a table/, /There are: defaults/],
  ['defaults = 1', '1:12', /must be a table/, /^$/],
  ['[defaults]\nisolation = "gvisr"', '2:13', /must be one of container, gvisor, kata/, /^$/],
  ['[defaults]\nbackend = 5', '2:11', /must be text in quotes/, /^$/],
  ['[defaults]\nprofile = ""', '2:11', /must not be empty/, /^$/],
  ['[mirrors]\nnpn = "https://npm.example"', '2:1', /"npn" is not a key/, /Did you mean npm\?/],
  ['[mirrors]\nnpm = "npm.example"', '2:7', /http\(s\) address/, /^$/],
  ['[mirrors]\nnpm = "file:///etc"', '2:7', /http\(s\) address/, /^$/],
  ['[containers]\nnpm_mirror = ["x"]', '2:14', /text in quotes/, /^$/],
  ['[defaults\n', '1:10', /./, /^$/],
  ['"__proto__" = 1', '1:1', /is not a table/, /./],
];

test('a mistake is told at its place, and nobody acts on the rest', async () => {
  for (const [text, place, message, hint] of mistakes) {
    const config = await read(text);
    const [finding, ...more] = config.findings;
    assert.ok(finding && more.length === 0, text);
    const { line, character } = finding.range.start;
    assert.equal(`${line + 1}:${character + 1}`, place, text);
    assert.match(finding.message, message);
    assert.match(finding.hint ?? '', hint);
    assert.throws(
      () => requireSound(config),
      (error) => error instanceof LassoError && error.code === 'BAD_REQUEST' && error.details[0]?.startsWith(`${file}:${place} `) === true,
      text,
    );
  }
});

test('what 1.x also kept there is accepted, and told to be unused', async () => {
  const config = await read('[dashboard]\nport = 8080\n[audit]\ndefault_log_dir = "x"\n[containers]\nopencode_template = "x"\n');
  assert.deepEqual(
    config.findings.map(({ severity, message }) => `${severity} ${message}`),
    ['dashboard', 'audit', 'containers.opencode_template'].map((key) => `information ${key} is accepted and not used`),
  );
  requireSound(config);
});

test('what cannot be read is told, not skipped', async () => {
  rmSync(file, { force: true });
  mkdirSync(file);
  const config = await readConfig({ home }, {});
  assert.throws(() => requireSound(config), /has|have/);
  rmSync(file, { recursive: true });
});

test('mirrors stand for their group, and a change of the file is seen by who asks next', async () => {
  const publicGroups = { npm: [{ host: 'registry.example' }], pypi: [{ host: 'index.example' }] };
  const settings = new Settings({ home }, { home, platform: 'linux', environment: {} }, publicGroups);
  await read('[mirrors]\nnpm = "https://npm.corp.example:8443/repo"\n');
  const { settings: rows } = await settings.sound();
  assert.deepEqual(settings.mirrors['npm'], [{ host: 'npm.corp.example', ports: [8443] }]);
  assert.deepEqual(
    rows.filter(({ key }) => key.startsWith('mirrors.')),
    [{ key: 'mirrors.npm', value: 'https://npm.corp.example:8443', origin: `${file}:2` }],
  );
  await read(undefined);
  await settings.read();
  assert.deepEqual(settings.mirrors, {});
});
