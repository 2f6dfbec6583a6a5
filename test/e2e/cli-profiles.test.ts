/** Profiles on the command line as built: their whole life, and what each wrong turn is told. No sandbox is needed. */
import assert from 'node:assert/strict';
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ChildResult } from '../../helper/base/child.ts';
import { lassoProgram, TestLasso } from '../kit/lasso.ts';
import { type PtyProgram, startUnderPty } from '../kit/pty.ts';

let lasso: TestLasso;
let work: string;
const limit = { timeout: 120_000 };

before(() => {
  lasso = new TestLasso();
  work = join(lasso.root, 'work');
  mkdirSync(work);
});

after(() => lasso.dispose());

const cli = (argv: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<ChildResult> =>
  lasso.cli(argv, { cwd: work, environment });

async function succeeds(...argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await cli(argv);
  assert.equal(code, 0, `${argv.join(' ')}: ${stderr}`);
  return stdout;
}

async function fails(argv: readonly string[], status: number, ...said: readonly RegExp[]): Promise<void> {
  const { code, stderr, stdout } = await cli(argv);
  assert.equal(code, status, `${argv.join(' ')}: ${stdout}${stderr}`);
  for (const pattern of said) assert.match(stderr, pattern, argv.join(' '));
}

/** A program that takes the place of a person with an editor: `sed` expressions on the file. */
function editor(name: string, ...script: readonly string[]): string {
  const file = join(lasso.root, `editor ${name}`);
  writeFileSync(file, `#!/bin/sh\n${script.join('\n')}\n`);
  chmodSync(file, 0o755);
  return file;
}

test('a profile lives: begun, edited, shown, compared, exported, deleted, imported and restored', limit, async () => {
  const created = await succeeds('profile', 'new', 'team', '--from', 'standard', '--description', 'What the team’s agents may do');
  assert.match(created, /^created {2}team {2}version 1 {2}\//);
  const file = join(lasso.folders.home, 'profiles', 'team.toml');
  assert.equal(lstatSync(file).mode & 0o777, 0o600);

  const grow = editor(
    'grow',
    'test "$(stat -c %a "$1")" = 600 || exit 9',
    `sed -i 's/^# \\[resources\\]/[resources]/; s/^# max_memory_mb.*/max_memory_mb = 1234/' "$1"`,
  );
  const edited = await cli(['profile', 'edit', 'team'], { EDITOR: `"${grow}"` });
  assert.equal(edited.code, 0, edited.stderr);
  assert.match(edited.stdout, /^saved {2}team {2}version 2/);
  const untouched = await cli(['profile', 'edit', 'team'], { VISUAL: 'true', EDITOR: 'false' });
  assert.equal(untouched.stdout, 'unchanged  team\n', untouched.stderr);

  const shown = await succeeds('profile', 'show', 'team');
  assert.match(shown, /^team {2}user {2}/);
  assert.match(shown, /What the team’s agents may do/);
  assert.match(shown, /\[resources\]\n(?:.*\n)*?max_memory_mb +1234 +team\.toml:\d+/);
  assert.match(shown, /max_pids +300 +standard\.toml:\d+/);
  assert.doesNotMatch(shown, /rotation_count/);
  assert.match(await succeeds('profile', 'show', 'team', '--all'), /rotation_count +10 +default/);
  assert.equal(await succeeds('profile', 'show', 'team', '--written'), readFileSync(file, 'utf8'));
  assert.match(await succeeds('profile', 'list'), /team +user +standard +What the team/);

  const diff = await cli(['profile', 'diff', 'standard', 'team']);
  assert.deepEqual([diff.code, diff.stdout], [1, 'standard → team\n~ changed: memory: 8192 MB → 1234 MB\n']);
  assert.equal((await cli(['profile', 'diff', 'team', './team.lasso.toml'])).code, 2);

  const exported = await succeeds('profile', 'export', 'team', '-o', 'team.lasso.toml');
  assert.match(exported, /^wrote {2}team {2}.*team\.lasso\.toml {2}sha256:[0-9a-f]{64}\n$/);
  const text = readFileSync(join(work, 'team.lasso.toml'), 'utf8');
  assert.doesNotMatch(text, /^extends/m);
  assert.ok(!text.includes(lasso.root), 'no path of this machine');
  assert.equal((await cli(['profile', 'diff', 'team', './team.lasso.toml'])).stdout, 'team → team: no difference in what is allowed\n');
  await fails(['profile', 'export', 'team', '-o', 'team.lasso.toml'], 2, /file .*team\.lasso\.toml already/, /--force/);

  assert.match(await succeeds('profile', 'delete', 'team'), /^deleted {2}team\n.*--restore 3/);
  await fails(['profile', 'show', 'team'], 2, /There is no profile "team"/);

  assert.match(await succeeds('profile', 'import', 'team.lasso.toml'), /^imported {2}team {2}version 4/);
  assert.equal(readFileSync(file, 'utf8'), text);
  await fails(['profile', 'import', 'team.lasso.toml'], 2, /There is a profile team already/);
  assert.match(await succeeds('profile', 'import', 'team.lasso.toml', '--name', 'ours'), /^imported {2}ours {2}version 1/);
  assert.equal((await cli(['profile', 'diff', 'team', 'ours'])).code, 0);
  assert.equal(await succeeds('profile', 'export', 'ours').then((own) => own.includes('name = "ours"')), true);

  const history = await succeeds('profile', 'history', 'team');
  assert.match(history, /^VERSION +AGE +WHY +SHA-256\n1 +\S+ +created .*\n2 +\S+ +edited .*\n3 +\S+ +deleted .*\n4 +\S+ +imported /);
  assert.match(await succeeds('profile', 'history', 'team', '--show', '1'), /^# max_memory_mb/m);
  assert.match(await succeeds('profile', 'history', 'team', '--restore', '2'), /^restored {2}team {2}version 5/);
  assert.match(readFileSync(file, 'utf8'), /^extends = "standard"$/m);
  await fails(['profile', 'history', 'team', '--restore', '9'], 2, /no version 9/, /There are: 1, 2, 3, 4, 5/);
});

test('an export that was changed is refused, and one without a hash is asked about', limit, async () => {
  const text = await succeeds('profile', 'export', 'strict');
  const tampered = join(work, 'tampered.toml');
  writeFileSync(tampered, text.replace('max_pids = 150', 'max_pids = 15000'));
  assert.notEqual(readFileSync(tampered, 'utf8'), text);
  await fails(
    ['profile', 'import', 'tampered.toml', '--name', 'x'],
    1,
    /tampered\.toml is not what was exported/,
    /profile save NAME --from/,
  );
  await fails(['profile', 'import', 'tampered.toml', '--name', 'x', '--force'], 1, /not what was exported/);
  const bare = text.slice(0, text.indexOf('[lasso_metadata]'));
  writeFileSync(tampered, bare);
  await fails(['profile', 'import', 'tampered.toml', '--name', 'x'], 1, /carries no hash/, /--force/);
  await succeeds('profile', 'import', 'tampered.toml', '--name', 'x', '--force');
  await fails(['profile', 'import', 'tampered.toml'], 1, /carries no hash/);
  writeFileSync(tampered, text);
  await fails(['profile', 'import', 'tampered.toml'], 2, /strict is a built-in profile/);
});

test('an edit that has errors is not saved and not lost', limit, async () => {
  await succeeds('profile', 'new', 'clumsy');
  const file = join(lasso.folders.home, 'profiles', 'clumsy.toml');
  const text = readFileSync(file, 'utf8');
  const spoil = editor('spoil', 'echo "mod = 1" >> "$2"');
  const drafts = join(lasso.root, 'drafts');
  mkdirSync(drafts);
  const edit = (command: string): Promise<ChildResult> => cli(['profile', 'edit', 'clumsy'], { EDITOR: command, TMPDIR: drafts });
  const { code, stderr } = await edit(`"${spoil}" --wait`);
  assert.equal(code, 2);
  assert.match(stderr, /has an error[^]*"mod" is not a key[^]*Did you mean mode\?/);
  const draft = /your text is in (.*clumsy\.lasso\.toml)\./.exec(stderr)?.[1] ?? '';
  assert.ok(readFileSync(draft, 'utf8').endsWith('mod = 1\n'));
  assert.equal(lstatSync(join(draft, '..')).mode & 0o777, 0o700);
  assert.equal(readFileSync(file, 'utf8'), text);
  const gone = await edit('no-such-editor-anywhere');
  assert.match(gone.stderr, /The editor no-such-editor-anywhere could not be started/);
  const failing = await edit('false');
  assert.match(failing.stderr, /The editor false ended with status 1\n.*Nothing was changed/);
  rmSync(join(draft, '..'), { recursive: true });
  assert.deepEqual(readdirSync(drafts), [], 'nothing else stays');
});

test('a person is asked what to do with an edit that has errors', limit, async () => {
  await succeeds('profile', 'new', 'asked');
  const drafts = join(lasso.root, 'asked drafts');
  mkdirSync(drafts);
  // Spoils the text at first, and mends it when it is opened again.
  const twice = editor(
    'twice',
    'if grep -q "^mod" "$1"; then sed -i "s/^mod = 1/mode = \\"observe\\"/" "$1"; else echo "mod = 1" >> "$1"; fi',
  );
  const edit = (command: string): PtyProgram =>
    startUnderPty(process.execPath, [lassoProgram, 'profile', 'edit', 'asked'], {
      cwd: work,
      environment: { ...lasso.environment, EDITOR: `'${command}'`, TMPDIR: drafts },
    });
  const patient = edit(twice);
  await patient.see(/Did you mean mode\?[^]*Edit again, or discard\? \[E\/d\] /);
  patient.type('what\r');
  await patient.see(/Edit again/);
  patient.type('\r');
  await patient.see(/saved.*asked.*version 2/);
  assert.equal((await patient.ended).exitCode, 0);
  assert.deepEqual(readdirSync(drafts), []);
  const hasty = edit(editor('again', 'echo "mod = 1" >> "$1"'));
  await hasty.see(/\[E\/d\] /);
  hasty.type('d\r');
  await hasty.see(/nothing was saved; your text is in .*asked\.lasso\.toml/);
  assert.equal((await hasty.ended).exitCode, 1);
  assert.equal((await succeeds('profile', 'history', 'asked')).trim().split('\n').length, 4);
});

test('a profile in another folder is used and never written', limit, async () => {
  const shared = join(lasso.root, 'shared');
  mkdirSync(shared);
  const text = 'name = "shared"\nextends = "strict"\n';
  writeFileSync(join(shared, 'shared.toml'), text);
  const other = new TestLasso({ environment: { LASSO_PROFILE_DIR: shared } });
  try {
    const run = (...argv: readonly string[]): Promise<ChildResult> => other.cli(argv, { cwd: work, environment: { EDITOR: 'true' } });
    assert.match((await run('profile', 'list')).stdout, /^shared +user +strict/m);
    for (const argv of [['edit'], ['delete'], ['save', '--from', join(shared, 'shared.toml')], ['new']]) {
      const [verb = '', ...rest] = argv;
      const { code, stderr } = await run('profile', verb, 'shared', ...rest);
      assert.equal(code, 2, verb);
      assert.match(stderr, /shared lies in .*shared\.toml, which/, verb);
    }
    assert.equal(readFileSync(join(shared, 'shared.toml'), 'utf8'), text);
    assert.deepEqual(readdirSync(shared), ['shared.toml']);
    assert.match((await run('config', 'show')).stdout, /^folders\.profiles +.*shared +LASSO_PROFILE_DIR$/m);
  } finally {
    await other.dispose();
  }
});

test('of two saves at once both are in the history, and the later one is the profile', limit, async () => {
  await succeeds('profile', 'new', 'busy');
  const texts = ['one', 'two'].map((word) => `name = "busy"\ndescription = "${word}"\nextends = "standard"\n`);
  const files = texts.map((text, index) => {
    writeFileSync(join(work, `${index}.toml`), text);
    return `${index}.toml`;
  });
  const saved = await Promise.all(files.map((file) => cli(['profile', 'save', 'busy', '--from', file])));
  assert.deepEqual(
    saved.map(({ code }) => code),
    [0, 0],
    saved.map(({ stderr }) => stderr).join(),
  );
  const kept = await Promise.all([2, 3].map((version) => succeeds('profile', 'history', 'busy', '--show', String(version))));
  assert.deepEqual(kept.toSorted(), texts.toSorted());
  assert.equal(await succeeds('profile', 'show', 'busy', '--written'), kept[1]);
});

test('wrong turns are told with a way out', limit, async () => {
  writeFileSync(join(work, 'other.toml'), 'name = "other"\n');
  writeFileSync(join(work, 'broken.toml'), 'name = "broken"\n[resources]\nmax_pids = "many"\n');
  writeFileSync(join(work, 'own-linked.toml'), 'name = "linked"\ndescription = "mine"\n');
  await succeeds('profile', 'new', 'own');
  writeFileSync(join(work, 'linked.toml'), 'name = "linked"\n');
  symlinkSync(join(work, 'linked.toml'), join(lasso.folders.home, 'profiles', 'linked.toml'));
  const cases: readonly (readonly [argv: readonly string[], status: number, ...said: RegExp[]])[] = [
    [['profile', 'new', 'own'], 2, /There is a profile own already/, /profile edit/],
    [['profile', 'new', 'standard'], 2, /standard is a built-in profile/],
    [['profile', 'new', '../x'], 2, /must be letters, digits/],
    [['profile', 'new', 'fresh', '--from', 'stric'], 2, /There is no profile "stric"/, /Did you mean strict\?/],
    [['profile', 'edit', 'standard'], 2, /built-in profile/, /lasso profile new NAME --from standard/],
    [['profile', 'edit', 'nobody'], 2, /There is no profile nobody/, /lasso profile new nobody/],
    [['profile', 'save', 'own'], 2, /Say what to save/, /--from FILE/],
    [['profile', 'save', 'own', '--from', 'other.toml'], 2, /says name = "other".*saved as own/],
    [['profile', 'save', 'broken', '--from', 'broken.toml'], 2, /has an error/, /3:12 resources\.max_pids: must be a number, not text/],
    [['profile', 'save', 'own', '--from', 'absent.toml'], 2, /There is no file .*absent\.toml/],
    [['profile', 'save', 'strict', '--from', 'other.toml'], 2, /strict is a built-in profile/],
    [['profile', 'save', 'linked', '--from', 'own-linked.toml'], 2, /is a link/],
    [['profile', 'delete', 'nobody'], 2, /You have no profile nobody/],
    [['profile', 'delete', 'strict'], 2, /built-in profile and cannot be deleted/],
    [['profile', 'history', 'nobody'], 2, /You have no profile nobody/],
    [['profile', 'history', 'own', '--show', '1', '--restore', '1'], 2, /either shown or restored/],
    [['profile', 'export', 'own', '-o', 'no/such/folder.toml'], 2, /There is no folder/],
    [['profile', 'import', 'absent.toml'], 2, /There is no file/],
    [['profile', 'import', '.'], 2, /cannot be read/],
    [['why'], 2, /Ask about one thing/],
    [['why', 'ls', '--url', 'https://a.example'], 2, /Ask about one thing/],
  ];
  for (const [argv, status, ...said] of cases) await fails(argv, status, ...said);
  assert.deepEqual(
    readdirSync(join(lasso.folders.home, 'profiles')).filter((name) => /fresh|broken|standard|strict/.test(name)),
    [],
  );
  assert.equal(readFileSync(join(work, 'linked.toml'), 'utf8'), 'name = "linked"\n', 'nothing was written through the link');
});

test('a profile with errors is listed as such, and everything else goes on', limit, async () => {
  lasso.profile('odd', 'name = ');
  assert.match(await succeeds('profile', 'list'), /^odd +user +- +has errors; `lasso profile show odd` lists them$/m);
  await fails(['profile', 'show', 'odd'], 2, /odd\.toml has an error/);
  const mend = editor('mend', `printf 'name = "odd"\\n' > "$1"`);
  const mended = await cli(['profile', 'edit', 'odd'], { EDITOR: `'${mend}'` });
  assert.match(mended.stdout, /^saved {2}odd/, mended.stderr);
  assert.equal(await succeeds('profile', 'history', 'odd', '--show', '1'), 'name = \n');
});
