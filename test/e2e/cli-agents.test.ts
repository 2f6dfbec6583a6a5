/** `lasso init` and `lasso agent` as a person uses them: shown, agreed to, written, noticed when it no longer fits, taken out again. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { z } from 'zod';
import type { ChildResult } from '../../helper/base/child.ts';
import { lassoProgram, TestLasso } from '../kit/lasso.ts';
import { startUnderPty } from '../kit/pty.ts';

let lasso: TestLasso;
let workspace: string;
let count = 0;

const limit = { timeout: 90_000 };

before(() => {
  lasso = new TestLasso();
});
beforeEach(() => {
  count += 1;
  workspace = join(realpathSync(lasso.root), `work-${count}`);
  mkdirSync(workspace);
});
after(() => lasso.dispose());

const run = (...argv: string[]): Promise<ChildResult> => lasso.cli(argv, { cwd: workspace });
const put = (path: string, text: string): void => {
  mkdirSync(dirname(join(workspace, path)), { recursive: true });
  writeFileSync(join(workspace, path), text);
};
const read = (path: string): string => readFileSync(join(workspace, path), 'utf8');
const all = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(workspace, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [file.slice(workspace.length + 1), readFileSync(file, 'utf8')]),
  );

const settings = '{\n  "model": "mine",\n  "permissions": { "deny": ["Read(./own)"] }\n}\n';

test('what would be written is shown; without anybody to agree nothing is', limit, async () => {
  put('.claude/settings.json', settings);
  const before = all();
  const shown = await run('init', '--dry-run', '--profile', 'strict');
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /create {2}\.claude\/rules\/lasso\.md\n[\s\S]*change {2}\.claude\/settings\.json\n[\s\S]*\n {2}\+ .*"Bash\(/);
  assert.match(shown.stdout, /advice/, 'what is weaker than the profile is told first');
  const alone = await run('init', '--profile', 'strict');
  assert.deepEqual([alone.code, /nobody is there to agree/.test(alone.stderr)], [2, true], alone.stderr);
  assert.match(alone.stderr, /--yes.*--dry-run/);
  assert.deepEqual(all(), before);
});

test('written with --yes, listed as current, and taken out byte for byte', limit, async () => {
  put('.claude/settings.json', settings);
  put('AGENTS.md', '# Mine\r\n\r\nNo line end');
  put('.codex/config.toml', '# mine\nmodel = "x"\n');
  const before = all();
  const made = await run('init', '--profile', 'strict', '--yes', '--agent', 'claude', '--agent', 'codex');
  assert.equal(made.code, 0, made.stderr + made.stdout);
  const written: unknown = JSON.parse(read('.claude/settings.json'));
  assert.ok(JSON.stringify(written).includes('"Read(./own)"') && JSON.stringify(written).includes('"model":"mine"'));
  assert.match(read('AGENTS.md'), /^# Mine\r\n\r\nNo line end\r\n\r\n<!-- LASSO begin: profile strict [0-9a-f]{16}/);
  assert.match((await run('agent', 'list')).stdout, /^claude .*current +strict/m);
  const checked = await run('agent', 'check');
  assert.equal(checked.code, 0, checked.stdout);
  const again = await run('init', '--profile', 'strict', '--yes');
  assert.deepEqual([again.code, /as it should be/.test(again.stdout)], [0, true], again.stdout);
  const removed = await run('init', '--remove', '--yes');
  assert.equal(removed.code, 0, removed.stderr);
  const own = ['.lasso/profile.toml', '.lasso/config.toml'];
  assert.deepEqual(Object.fromEntries(Object.entries(all()).filter(([path]) => !own.includes(path))), before);
  assert.ok(!existsSync(join(workspace, '.claude', 'rules')) && !existsSync(join(workspace, '.codex', 'rules')));
});

test('a profile that changes makes files outdated, an edit is noticed, and init mends both', limit, async () => {
  lasso.profile('team', 'name = "team"\nextends = "standard"\n');
  put('CLAUDE.md', '# Mine\n');
  assert.equal((await run('init', '--profile', 'team', '--yes')).code, 0);
  lasso.profile('team', 'name = "team"\nextends = "standard"\n[commands]\nblacklist = ["terraform"]\n');
  assert.match((await run('agent', 'list')).stdout, /^claude .*profile has changed +team/m);
  const drifted = await run('agent', 'check', '--agents', 'claude');
  assert.equal(drifted.code, 1);
  assert.match(drifted.stdout, /\.claude\/settings\.json +mark +It no longer matches profile team/);
  assert.equal((await run('init', '--profile', 'team', '--yes', '-q')).code, 0);
  assert.match(read('.claude/settings.json'), /Bash\(terraform\)/);
  put('.claude/settings.json', read('.claude/settings.json').replace('"Bash(terraform)",', ''));
  assert.match((await run('agent', 'list')).stdout, /^claude .*was edited +team/m);
  const mended = await run('init', '--profile', 'team', '--yes');
  assert.match(mended.stdout, /was changed since/);
  assert.match((await run('agent', 'list')).stdout, /^claude .*current/m);
});

test('a person at a terminal is asked, and only a yes writes', limit, async () => {
  put('GEMINI.md', '# Mine\n');
  const start = (): ReturnType<typeof startUnderPty> =>
    startUnderPty(process.execPath, [lassoProgram, 'init', '--profile', 'strict'], { cwd: workspace, environment: lasso.environment });
  const before = all();
  const no = start();
  await no.see(/Write it\? \[y\/N\] /);
  no.type('n\r');
  assert.equal((await no.ended).exitCode, 1, no.shown());
  assert.deepEqual(all(), before);
  const yes = start();
  await yes.see(/Write it\? \[y\/N\] /);
  yes.type('y\r');
  const ended = await yes.ended;
  assert.equal(ended.exitCode, 0, yes.shown());
  assert.ok(existsSync(join(workspace, '.gemini', 'settings.json')));
  assert.ok(existsSync(join(workspace, '.lasso', 'profile.toml')));
});

test('what cannot be changed safely is left alone and told, and the rest is written', limit, async () => {
  put('.claude/settings.json', '{\n  "permissions": {,}\n}\n');
  symlinkSync('/etc/hostname', join(workspace, 'AGENTS.md'));
  put('GEMINI.md', '# Mine\n');
  put('.codex/rules/lasso.rules', 'somebody else’s\n');
  chmodSync(join(workspace, 'GEMINI.md'), 0o444);
  const made = await run('init', '--yes', '--agent', 'claude', '--agent', 'codex', '--agent', 'gemini');
  assert.equal(made.code, 1);
  assert.match(made.stdout, /left alone {2}\.claude\/settings\.json: it is no valid JSON \(2:19/);
  assert.match(made.stdout, /left alone {2}AGENTS\.md: it is a link/);
  assert.match(made.stdout, /left alone {2}GEMINI\.md: it is read-only/);
  assert.match(made.stdout, /left alone {2}\.codex\/rules\/lasso\.rules: it is somebody else’s/);
  assert.match(made.stderr, /4 files were left alone/);
  assert.ok(existsSync(join(workspace, '.claude', 'rules', 'lasso.md')) && existsSync(join(workspace, '.gemini', 'settings.json')));
  assert.equal(read('.claude/settings.json'), '{\n  "permissions": {,}\n}\n');
});

test('an agent nobody knows is told with the nearest name', limit, async () => {
  const unknown = await run('init', '--agent', 'cluade');
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /not cluade \(did you mean claude\?\)/);
  assert.equal((await run('agent', 'config', 'nobody')).code, 2);
});

test('an agent’s own program says what it makes of it, where it is at hand', limit, async () => {
  put('.codex/own', '');
  const rows = z.object({ rows: z.array(z.object({ by: z.string(), status: z.string(), message: z.string() })) });
  const { rows: found } = rows.parse(JSON.parse((await run('agent', 'check', '--agents', 'codex', '--json')).stdout));
  const [own] = found.filter(({ by }) => by === 'tool');
  assert.match(`${own?.status}: ${own?.message}`, /^(?:ok: Codex [\d.]+ takes what|absent: Codex [\d.]+ is not on this machine)/);
});

test('what an agent is told can be read without writing it', limit, async () => {
  const shown = await run('agent', 'config', 'claude', '--profile', 'strict');
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(
    shown.stdout,
    /\.claude\/settings\.json[\s\S]*\/etc\/claude-code\/managed-settings\.json[\s\S]*Started in sandboxes as: \/opt\/lasso\/claude/,
  );
  const { files } = JSON.parse((await run('agent', 'config', 'codex', '--json')).stdout) as {
    readonly files: readonly { readonly path: string }[];
  };
  assert.ok(files.some(({ path }) => path === '.codex/config.toml'));
  assert.deepEqual(all(), {});
});

test('a folder whose own profile nobody agreed to gets nothing written', limit, async () => {
  put('.lasso/profile.toml', 'name = "own"\n[commands]\nblacklist = ["make"]\n');
  put('CLAUDE.md', '# Mine\n');
  const refused = await run('init', '--yes');
  assert.equal(refused.code, 77, refused.stderr);
  assert.equal((await run('profile', 'approve')).code, 0);
  assert.equal((await run('init', '--yes')).code, 0);
  assert.match(read('.claude/settings.json'), /Bash\(make/);
  put('.lasso/profile.toml', 'name = "own"\n[commands]\nblacklist = ["cmake"]\n');
  assert.equal((await run('init', '--yes')).code, 77);
  assert.equal((await run('init', '--remove', '--yes')).code, 0, 'taking out waits for nobody');
  assert.ok(!existsSync(join(workspace, '.claude')));
});

test('as one document, and as names of files', limit, async () => {
  put('CLAUDE.md', '# Mine\n');
  const quiet = await run('init', '--yes', '-q');
  assert.match(
    quiet.stdout,
    /^\S+\/\.lasso\/profile\.toml\n\.claude\/rules\/lasso\.md\n\.claude\/settings\.json\n\.lasso\/agents\.json\n$/,
  );
  const { plan } = JSON.parse((await run('init', '--json', '--dry-run')).stdout) as {
    readonly plan: { readonly files: readonly { readonly change: string }[] };
  };
  assert.ok(plan.files.every(({ change }) => change === 'same'));
});
