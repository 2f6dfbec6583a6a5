/** What looks like a credential never enters a record, and everyday commands are written down as they are. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formsOf, redactEntry } from '../../../../helper/audit/entries/redact-record.ts';
import type { RecordEntry, RecordValue } from '../../../../helper/protocol/record.ts';

const none: ReadonlyMap<string, string> = new Map();
const facts = (secrets = none, key = 'a key'): Parameters<typeof redactEntry>[1] => ({ key, secrets: () => secrets });
const entryOf = (argv: readonly string[], more: { readonly [key: string]: RecordValue } = {}): RecordEntry => ({
  type: 'command',
  action: 'start',
  outcome: 'success',
  actor: { kind: 'agent', face: 'guest' },
  target: argv.join(' '),
  detail: { argv, ...more },
});
const written = (entry: RecordEntry, secrets = none): string => JSON.stringify(redactEntry(entry, facts(secrets)));

const long = 'Zx9'.repeat(12);
/** a command, and what must not be in its record */
const positives: readonly (readonly [argv: readonly string[], hidden: string])[] = [
  [['curl', '-H', `Authorization: Bearer ${long}`, 'https://api.example'], long],
  [['curl', '-H', 'authorization: basic YWxpY2U6aHVudGVyMg==', 'https://api.example'], 'YWxpY2U6aHVudGVyMg'],
  [['curl', '-H', 'Proxy-Authorization: Token hunter2hunter2', 'x'], 'hunter2hunter2'],
  [['bash', '-c', `curl -H 'Authorization: Bearer ${long}' https://api.example | jq .`], long],
  [['bash', '-c', `curl -H "X-Api-Key: ${long}" https://api.example`], long],
  [['bash', '-c', 'curl -d "{\\"password\\": \\"hunter2 and more\\"}" https://api.example'], 'hunter2'],
  [['curl', '-d', '{"user":"alice","password":"hunter2!"}', 'https://api.example'], 'hunter2'],
  [['curl', '-u', 'alice:hunter2', 'https://api.example'], 'hunter2'],
  [['curl', '-ualice:hunter2', 'https://api.example'], 'hunter2'],
  [['bash', '-c', 'curl -s --user alice:hunter2 https://api.example'], 'hunter2'],
  [['curl', '-b', 'x', '-H', 'Cookie: session=abcdef; id=7'], 'abcdef'],
  [['curl', `https://api.example/v1?token=${long}&page=2`], long],
  [['curl', `https://api.example/v1?a=1&access_token=${long}`], long],
  [['curl', `https://api.example/blob?sv=1&sig=${long}`], long],
  [['git', 'clone', 'https://alice:hunter2@git.example/x.git'], 'hunter2'],
  [['git', 'clone', 'https://alice:p@ss@git.example/x.git'], 'p@ss'],
  [['git', 'remote', 'set-url', 'origin', `https://ghp_${long}@github.example/x`], long],
  [['git', 'config', 'x', `github_pat_${long}`], long],
  [['env', `GITLAB=glpat-${long}`, 'true'], long],
  [['tool', `sk-ant-api03-${long}`], long],
  [['tool', `sk-proj-a1${long}`], long],
  [['tool', 'AKIAIOSFODNN7EXAMPLE'], 'IOSFODNN7'],
  [['env', 'AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'aws'], 'wJalr'],
  [['tool', `AIza${'a1-'.repeat(11)}ab`], 'AIza'],
  [['tool', `xoxb-${long}`], long],
  [['tool', `npm_${long}`], long],
  [['tool', `hf_${long}`], long],
  [['curl', `https://api.telegram.example/bot1234567890:${long}/send`], long],
  [['tool', `eyJhbGciOiJI.eyJzdWIiOiIx.${long}`], long],
  [
    ['bash', '-c', "cat > key <<'E'\n-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\nAAAA\n-----END OPENSSH PRIVATE KEY-----\nE"],
    'b3BlbnNz',
  ],
  [['tool', '-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADAN'], 'MIIEvQ'],
  [['psql', '--password', 'hunter2 with spaces'], 'hunter2'],
  [['psql', '--password', '$ecret-one'], '$ecret-one'],
  [['tool', '--db-password', 'hunter2'], 'hunter2'],
  [['tool', '--password=hunter2'], 'hunter2'],
  [['tool', '--token', 'hunter2'], 'hunter2'],
  [['tool', '--api-key', 'hunter2'], 'hunter2'],
  [['bash', '-c', "tool --client-secret 'hunter2 more' --verbose"], 'hunter2'],
  [['bash', '-c', 'export DB_PASSWORD="hunter2 more"; make'], 'hunter2'],
  [['bash', '-c', 'MY_TOKEN=hunter2 ./run'], 'hunter2'],
  [['npm', 'config', 'set', '//registry.example/:_authToken=hunter2'], 'hunter2'],
  [['sshpass', '-p', 'hunter2', 'ssh', 'host'], 'hunter2'],
  [['bash', '-c', 'sshpass -p hunter2 ssh host'], 'hunter2'],
  [['mysql', '-uroot', '-phunter2'], 'hunter2'],
  [['openssl', 'rsa', '-passin', 'pass:hunter2'], 'hunter2'],
];

const everyday: readonly (readonly string[])[] = [
  ['ls', '-la', '/workspace/secrets'],
  ['git', 'clone', 'https://git.example/alice/token-service.git'],
  ['git', 'clone', 'git@git.example:alice/x.git'],
  ['git', 'push', 'ssh://git@git.example:2222/x.git'],
  ['git', '-c', 'credential.helper=store', 'log', '--author=alice@mail.example'],
  ['git', 'commit', '-m', 'Passwords are hashed; tokens expire (see token.ts:10)'],
  ['grep', '-rn', 'password', 'src'],
  ['grep', '-r', 'BEGIN RSA PRIVATE KEY', '.'],
  ['bash', '-c', "grep -- '-----BEGIN PRIVATE KEY-----' *.pem"],
  ['docker', 'run', '-u', '1000:1000', 'image'],
  ['docker', 'run', '--user', 'node:node', 'image'],
  ['docker', 'build', '--secret', 'id=npm,src=.npmrc', '.'],
  ['chown', '-R', 'node:node', '.'],
  ['npm', 'install', 'jsonwebtoken', '--save-dev'],
  ['npm', 'token', 'list'],
  ['cat', '/etc/passwd'],
  ['python3', '-m', 'tokenize', 'file.py'],
  ['tool', '--max-tokens=4096', '--token-file', '/run/token', '--password-stdin'],
  ['make', 'PASSWORD_FILE=/run/secrets/db'],
  ['bash', '-c', 'curl -H "Authorization: Bearer $TOKEN" https://api.example'],
  ['bash', '-c', 'tool --password "$DB_PASSWORD" --token $(cat token)'],
  ['bash', '-c', 'export GITHUB_TOKEN=${TOKEN} SECRET=$(pass x)'],
  ['bash', '-c', 'const token = await login();'],
  ['curl', '-s', 'https://api.example/v1/items?page=2&sort=name'],
  ['curl', '-H', 'Accept: application/json', 'https://api.example'],
  ['node', '-e', 'console.log(process.env.API_KEY)'],
  ['git', 'checkout', 'task-force-sk-branch-names-are-long'],
  ['psql', '--no-password', '-h', 'db.example'],
  ['mysql', '-uroot', '-p', 'database'],
  ['sha256sum', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
];

describe('what looks like a credential is not written down', () => {
  for (const [argv, hidden] of positives)
    test(argv.join(' ').slice(0, 90), () => {
      const text = written(entryOf(argv));
      assert.equal(text.includes(JSON.stringify(hidden).slice(1, -1)), false, text);
      assert.match(text, /\[redacted:[a-z-]+:[0-9a-f]{8}\]/);
    });
});

describe('everyday commands are written down as they are', () => {
  for (const argv of everyday)
    test(argv.join(' '), () => {
      const entry = entryOf(argv, { cwd: '/workspace', reason: 'It is allowed.' });
      assert.deepEqual(redactEntry(entry, facts()), entry);
    });
});

describe('marks', () => {
  const markIn = (text: string): string | undefined => /\[redacted:[^\]]+\]/.exec(text)?.[0];

  test('the same value has the same mark within a sandbox, in arguments and in text, and another in the next sandbox', () => {
    const [first, second] = [entryOf(['psql', '--password', 'hunter2']), entryOf(['bash', '-c', 'DB_PASSWORD=hunter2 make'])];
    assert.equal(markIn(written(first)), markIn(written(second)));
    assert.notEqual(markIn(written(first)), markIn(written(entryOf(['psql', '--password', 'hunter3']))));
    assert.notEqual(markIn(written(first)), markIn(JSON.stringify(redactEntry(first, facts(none, 'another key')))));
  });
  test('a target stays what its arguments are, and other texts that repeat a value lose it too', () => {
    const shown = redactEntry(entryOf(['psql', '--password', 'a word of pass', 'db'], { reason: 'because of a word of pass' }), facts());
    assert.match(shown.target ?? '', /^psql --password \[redacted:value:[0-9a-f]{8}\] db$/);
    assert.equal(JSON.stringify(shown).includes('word of'), false);
  });
  test('a known secret is hidden by its name wherever it stands, plain, in an address, and encoded', () => {
    const secrets = new Map(formsOf('un/guessable+one').map((form) => [form, 'deploy']));
    const encoded = Buffer.from('un/guessable+one').toString('base64');
    const text = written(
      entryOf(['echo', 'un/guessable+one', `x${encodeURIComponent('un/guessable+one')}y`, encoded], {
        deep: { list: ['is un/guessable+one'] },
      }),
      secrets,
    );
    assert.equal(/guessable/.test(text) || text.includes(encoded), false, text);
    assert.equal(text.split('[redacted:secret:deploy]').length, 1 + 3 + 3 + 1);
  });
  test('what is marked stays as it is when it is marked again', () => {
    const once = redactEntry(entryOf(['curl', '-H', `Authorization: Bearer ghp_${long}`]), facts());
    assert.deepEqual(redactEntry(once, facts()), once);
  });
});

test('a text full of what may be the beginning of something ends in good time', () => {
  const beginnings = [
    '-----BEGIN PRIVATE KEY-----\nA',
    'a://b:',
    'token=',
    '"password":"',
    'sk-',
    'eyJa',
    '--token ',
    'curl -u a:',
    'gh',
    'authorization: ',
  ];
  for (const begin of beginnings) {
    const entry = entryOf(['bash', '-c', begin.repeat(Math.ceil(300_000 / begin.length))]);
    assert.equal(redactEntry(entry, facts()).outcome, 'success');
  }
  const many = entryOf(Array.from({ length: 20_000 }, (_, index) => `token=value-${index}`));
  assert.equal(JSON.stringify(redactEntry(many, facts())).includes('value-1999'), false);
});
