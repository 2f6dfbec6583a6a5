/** What happened in a real sandbox, told by `lasso audit report`, and packed for an auditor who has the archive and nothing else. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { verifyChain } from '../../helper/audit/verifying/verify.ts';
import { unpacked } from '../kit/archives.ts';
import { TestLasso } from '../kit/lasso.ts';

const limit = { timeout: 120_000 };
const hostile = 'printf %s "<script>alert(1)</script> | [x](https://evil.example)"';
const secretValue = 'un-guessable-value-of-a-secret';

let lasso: TestLasso;
let work: string;
let id: string;

before(async () => {
  lasso = new TestLasso({ environment: { TEST_SECRET: secretValue } });
  work = join(realpathSync(lasso.root), 'work');
  mkdirSync(work);
  lasso.profile(
    'told',
    `name = "told"
profile_version = 7
mode = "autonomous"

[commands]
mode = "blacklist"
blacklist = ["docker"]
allow_shell_operators = true

[network]
allowed_domains = ["allowed.example"]

[secrets.TOKEN]
from = "env:TEST_SECRET"
hosts = ["allowed.example"]
header = "authorization"
`,
  );
  const made = await lasso.cli(['create', '-b', 'bubblewrap', '-n', 'told', '--profile', 'told', '-q'], { cwd: work });
  assert.equal(made.code, 0, made.stderr);
  id = made.stdout.trim();
  assert.equal((await lasso.cli(['exec', 'told', '-c', 'echo one; ls / >/dev/null'])).code, 0);
  assert.equal((await lasso.cli(['exec', 'told', '-c', hostile])).code, 0);
  assert.equal((await lasso.cli(['exec', 'told', '--', 'sh', '-c', 'exit 7'])).code, 7);
  assert.equal((await lasso.cli(['exec', 'told', '--', 'docker', 'ps'])).code, 126);
  writeFileSync(
    join(work, 'reach'),
    'getent hosts refused.example\nexec 5<>/dev/tcp/127.0.0.1/3128\nprintf "CONNECT far.example:443 HTTP/1.1\\r\\nHost: far.example:443\\r\\n\\r\\n" >&5\ncat <&5\n',
  );
  await lasso.cli(['exec', 'told', '--', 'bash', './reach']);
  assert.equal((await lasso.cli(['mode', 'told', 'assist'])).code, 0);
}, limit);

after(() => lasso.dispose());

describe('the report of a session', limit, () => {
  test('is Markdown on stdout, and says that the record stands', async () => {
    const { code, stdout, stderr } = await lasso.cli(['audit', 'report', 'told']);
    assert.equal(code, 0, stderr);
    const promised: readonly RegExp[] = [
      /^# What happened in told$/m,
      /\*\*(Verified: this record stands|Unbroken; a checkpoint covers its beginning)\*\*/,
      /Each record’s seal was checked with its own key/,
      /^\| Command \| `docker ps` \| .*commands\.blacklist/m,
      /^\| Name \| `refused\.example` \|/m,
      /^\| Connection \| `.*far\.example:443` \|/m,
      /^\| `sh -c exit 7` \| 1 \| 0 \| 1 \| 0 \|/m,
      /^\| 7 \| 1 \|$/m,
      /Mode changed from autonomous to assist/,
      /^\| Secrets, by name \| `TOKEN` \|$/m,
    ];
    for (const promise of promised) assert.match(stdout, promise);
    assert.doesNotMatch(stdout.replace(/`[^`\n]*`/g, ''), /<script>|\]\(|evil\.example/);
    assert.ok(!stdout.includes(secretValue));
  });

  test('is one HTML file of this user’s own, which is written over nothing', async () => {
    const asked = ['audit', 'report', 'told', '--format', 'html', '-o', 'report.html'];
    const { code, stdout, stderr } = await lasso.cli(asked, { cwd: work });
    assert.deepEqual([code, stdout], [0, ''], stderr);
    const file = join(work, 'report.html');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const html = readFileSync(file, 'utf8');
    assert.match(html, /Content-Security-Policy" content="default-src 'none'; style-src 'sha256-/);
    assert.match(html, /<svg role="img"/);
    assert.doesNotMatch(html, /<script|<a [^>]*href="[^#]|<img/);
    const again = await lasso.cli(asked, { cwd: work });
    assert.equal(again.code, 2, again.stderr);
    assert.equal(readFileSync(file, 'utf8'), html);
  });
});

describe('an archive for an auditor', limit, () => {
  let members: ReadonlyMap<string, Buffer>;
  let said: string;
  const textOf = (name: string): string => members.get(name)?.toString() ?? assert.fail(`${name} is missing`);

  before(async () => {
    const { code, stdout, stderr } = await lasso.cli(['audit', 'pack', 'told', '-o', 'evidence.tar.gz'], { cwd: work });
    assert.equal(code, 0, stderr);
    said = stdout;
    members = await unpacked(join(work, 'evidence.tar.gz'), `lasso-evidence-${id}`);
  });

  test('is written for this user alone, and its digest told', () => {
    const file = join(work, 'evidence.tar.gz');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.ok(said.includes(`SHA-256 ${createHash('sha256').update(readFileSync(file)).digest('hex')}`), said);
    assert.match(said, /: intact, /);
  });

  test('holds what is needed and nothing else', () => {
    assert.deepEqual(
      [...members.keys()],
      [
        'README.txt',
        `record/${id}.jsonl`,
        `checkpoints/${id}.checkpoints`,
        'checkpoints/public-key',
        'profile/profile.json',
        'profile/effective.toml',
        'versions.json',
        'verification.json',
        'verification.txt',
        'report.md',
        'report.html',
        'controls.md',
        'controls.json',
        'FORMAT.md',
        'SHA256SUMS',
      ],
    );
    assert.equal(textOf('FORMAT.md'), readFileSync(join(import.meta.dirname, '../../helper/audit/FORMAT.md'), 'utf8'));
    assert.match(textOf('profile/effective.toml'), /blacklist = \["docker"\]/);
    assert.match(textOf('profile/profile.json'), /"sameAsLastOnRecord": true/);
    assert.match(textOf('verification.txt'), /^Status +intact$/m);
  });

  test('names the digest of every other member', () => {
    const sums = [...members].filter(([name]) => name !== 'SHA256SUMS');
    const lines = sums.map(([name, bytes]) => `${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`);
    assert.equal(textOf('SHA256SUMS'), lines.join(''));
  });

  test('holds the record byte for byte, and is verified with the public key alone', async () => {
    const record = members.get(`record/${id}.jsonl`) ?? Buffer.alloc(0);
    assert.ok(
      readFileSync(join(lasso.folders.audit, `${id}.jsonl`))
        .subarray(0, record.length)
        .equals(record),
    );
    const folder = join(lasso.root, 'auditor');
    mkdirSync(folder);
    const file = join(folder, `${id}.jsonl`);
    writeFileSync(file, record);
    const report = await verifyChain({
      files: [file],
      verifierKey: textOf('checkpoints/public-key').trim(),
      checkpoints: [{ file: 'notes', text: textOf(`checkpoints/${id}.checkpoints`), mixed: false }],
    });
    assert.deepEqual([report.status, report.anchored], ['intact', report.records]);
    const told: unknown = JSON.parse(textOf('verification.json'));
    assert.ok(typeof told === 'object' && told !== null && 'records' in told && 'head' in told);
    assert.deepEqual([told.records, told.head], [report.records, report.head], 'all of it is about the same lines');
  });

  test('is checked as its README says, on a machine that never saw the sandbox', async () => {
    const auditor = new TestLasso();
    try {
      const folder = join(auditor.root, 'evidence');
      for (const [name, bytes] of members) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), bytes);
      }
      const [, words] = /^ +lasso (audit verify record\/\S+ --public-key .*)$/m.exec(textOf('README.txt')) ?? [];
      assert.ok(words !== undefined);
      const { code, stdout, stderr } = await auditor.cli(words.split(' '), { cwd: folder });
      assert.equal(code, 0, `${stdout}${stderr}`);
      assert.match(stdout, /^valid /);
      const record = join(folder, `record/${id}.jsonl`);
      writeFileSync(record, readFileSync(record, 'utf8').replace('"docker ps"', '"docker pS"'));
      assert.equal((await auditor.cli(words.split(' '), { cwd: folder })).code, 40);
    } finally {
      await auditor.dispose();
    }
  });

  test('shows evidence for controls, and says what it does not show', () => {
    const controls = textOf('controls.md');
    assert.match(controls, /\| ISO 27001 \| A&#46;8&#46;15|\| ISO 27001 \| .*8\.15/);
    assert.match(controls, /Not shown: /);
    assert.match(controls, /Every record names who acted: /);
    const json: unknown = JSON.parse(textOf('controls.json'));
    assert.ok(typeof json === 'object' && json !== null && 'controls' in json);
  });

  test('holds no key and no secret', () => {
    const { home } = lasso.folders;
    const firstKey = readFileSync(join(home, 'first-key'), 'utf8').trim();
    const kept = filesIn(join(home, 'keys')).map((file) => readFileSync(file, 'utf8'));
    assert.ok(kept.length > 0);
    const forbidden = [firstKey, firstKey.replace(/^.*:/, ''), secretValue, 'PRIVATE KEY', ...kept.flatMap(pieces)];
    const seed = Buffer.from(firstKey.replace(/^.*:/, ''), 'base64url');
    for (const [name, bytes] of members) {
      for (const one of forbidden) assert.ok(!bytes.includes(one), `${name} holds something of a key: ${one.slice(0, 8)}…`);
      for (const form of [seed, seed.toString('hex'), seed.toString('base64')]) assert.ok(!bytes.includes(form), name);
    }
  });

  test('is written over nothing, and not where the record is kept', async () => {
    const again = await lasso.cli(['audit', 'pack', 'told', '-o', 'evidence.tar.gz'], { cwd: work });
    assert.equal(again.code, 2, again.stderr);
    symlinkSync(lasso.folders.audit, join(work, 'way'));
    for (const place of [join(lasso.folders.audit, 'x.tar.gz'), 'way/x.tar.gz', join(lasso.folders.home, 'x.tar.gz')]) {
      const refused = await lasso.cli(['audit', 'pack', 'told', '-o', place], { cwd: work });
      assert.equal(refused.code, 2, refused.stderr);
      assert.match(refused.stderr, /keeps the record/);
    }
    assert.ok(!existsSync(join(lasso.folders.audit, 'x.tar.gz')));
    assert.deepEqual(
      readdirSync(work).filter((name) => name.endsWith('.gz')),
      ['evidence.tar.gz'],
    );
  });

  test('is made of a sandbox that was removed, too', async () => {
    assert.equal((await lasso.cli(['rm', 'told', '--force'])).code, 0);
    const { code, stderr, stdout } = await lasso.cli(['audit', 'pack', id, '-o', 'later.tar.gz', '--json'], { cwd: work });
    assert.equal(code, 0, stderr);
    const told: unknown = JSON.parse(stdout);
    assert.ok(typeof told === 'object' && told !== null && 'status' in told && 'files' in told && Array.isArray(told.files));
    assert.equal(told.status, 'intact');
    assert.ok(!told.files.includes('profile/effective.toml'));
    const later = await unpacked(join(work, 'later.tar.gz'), `lasso-evidence-${id}`);
    assert.match(later.get('profile/profile.json')?.toString() ?? '', /known by its digest alone/);
    assert.match(later.get('report.md')?.toString() ?? '', /remove: success/);
  });
});

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** What is long enough in a file of keys to be one. */
const pieces = (text: string): readonly string[] => text.match(/[A-Za-z0-9+/_-]{32,}/g) ?? [];
