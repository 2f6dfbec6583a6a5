import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../../../../helper/faces/cli/parse.ts';
import { commands } from '../../../../helper/faces/cli/table.ts';
import { LassoError } from '../../../../helper/protocol/errors.ts';

type Expectation = Readonly<Record<string, unknown>>;

const understood: readonly (readonly [line: string, operation: string, values: Expectation, common?: Expectation])[] = [
  ['up', 'up', {}],
  ['up --json -q', 'up', {}, { json: true, quiet: true }],
  ['up -qp strict', 'up', { profile: 'strict' }, { json: false, quiet: true }],
  ['up --profile=strict --dir /src', 'up', { profile: 'strict', dir: '/src' }],
  ['up -p strict -d /src -n app', 'up', { profile: 'strict', dir: '/src', name: 'app' }],
  ['up -pstrict', 'up', { profile: 'strict' }],
  ['up -e A=1 -e B=2 --env C=-3', 'up', { env: ['A=1', 'B=2', 'C=-3'] }],
  ['up --env=--flag', 'up', { env: ['--flag'] }],
  ['create strict -v /a:/b:ro', 'create', { profile: 'strict', mount: ['/a:/b:ro'] }],
  ['create -b podman -I gvisor', 'create', { backend: 'podman', isolation: 'gvisor' }],
  ['ps', 'status', {}],
  ['ps app', 'status', { sandbox: 'app' }],
  ['status --sandbox app', 'status', { sandbox: 'app' }],
  ['stop app -t 0', 'stop', { sandbox: 'app', graceSeconds: 0 }],
  ['stop app --grace-seconds 1.5', 'stop', { sandbox: 'app', graceSeconds: 1.5 }],
  ['rm -- -odd-', 'remove', { sandbox: '-odd-' }],
  ['shell', 'shell', {}],
  ['shell strict -k', 'shell', { profile: 'strict', keep: true }],
  ['shell --no-keep', 'shell', { keep: false }],
  ['shell --keep=false', 'shell', { keep: false }],
  ['shell -- vim -R x', 'shell', { command: ['vim', '-R', 'x'] }],
  ['shell strict vim -R x', 'shell', { profile: 'strict', command: ['vim', '-R', 'x'] }],
  ['shell -kp open', 'shell', { keep: true, profile: 'open' }],
  ['attach app --new', 'attach', { sandbox: 'app', new: true }],
  ['exec app -- ls -la', 'exec', { sandbox: 'app', command: ['ls', '-la'] }],
  ['exec app ls -la --json', 'exec', { sandbox: 'app', command: ['ls', '-la', '--json'] }, { json: false, quiet: false }],
  ['exec --json app ls', 'exec', { sandbox: 'app', command: ['ls'] }, { json: true, quiet: false }],
  ['exec -t 5 -w /tmp app -- -x -- y', 'exec', { sandbox: 'app', timeoutSeconds: 5, cwd: '/tmp', command: ['-x', '--', 'y'] }],
  ['exec app -- -h', 'exec', { sandbox: 'app', command: ['-h'] }],
  ['audit view', 'auditView', {}],
  ['audit view app -n 20', 'auditView', { sandbox: 'app', tail: 20 }],
  ['audit view app -n20', 'auditView', { sandbox: 'app', tail: 20 }],
  ['audit view --type file -t network', 'auditView', { type: ['file', 'network'] }],
  ['audit verify ./f.jsonl -k key', 'auditVerify', { target: './f.jsonl', key: 'key' }],
  ['profile list', 'profileList', {}],
  ['completions zsh', 'completions', { shell: 'zsh' }],
  ['--version', 'version', {}],
  ['-V', 'version', {}],
];

test('every way to write a command means what it says', () => {
  for (const [line, operation, values, common = { json: false, quiet: false }] of understood) {
    const request = parse(line.split(' '), commands);
    assert.ok(request.kind === 'command', line);
    const { json, quiet } = request;
    assert.deepEqual({ operation: request.command.operation, values: request.values, json, quiet }, { operation, values, ...common }, line);
  }
});

const helped: readonly (readonly [line: string, topic: string | undefined])[] = [
  ['', undefined],
  ['-h', undefined],
  ['--help', undefined],
  ['help', undefined],
  ['help exec', 'exec'],
  ['exec -h', 'exec'],
  ['exec app -h', 'exec'],
  ['up -qh', 'up'],
  ['audit -h', 'audit'],
  ['help audit', 'audit'],
  ['help audit view', 'audit view'],
  ['ps --help', 'status'],
];

test('help is found wherever it is asked for', () => {
  for (const [line, topic] of helped) {
    const argv = line === '' ? [] : line.split(' ');
    assert.deepEqual(parse(argv, commands), { kind: 'help', topic }, line);
  }
});

test('words for the helper go to it as they are', () => {
  assert.deepEqual(parse(['helper', 'ensure', '--json'], commands), { kind: 'internal', words: ['ensure', '--json'] });
});

const refused: readonly (readonly [line: string, message: RegExp, hint: RegExp])[] = [
  ['shel', /unknown command: shel$/, /lasso shell/],
  ['statsu', /unknown command: statsu$/, /lasso status/],
  ['frobnicate', /unknown command: frobnicate$/, /lasso -h/],
  ['audit', /audit what/, /lasso audit view, lasso audit list, lasso audit verify/],
  ['audit veiw', /unknown command: audit veiw/, /lasso audit view/],
  ['--json up', /unknown option: --json/, /follow the command/],
  ['up --profil x', /up: unknown option: --profil \(did you mean --profile\?\)/, /lasso up -h/],
  ['up -z', /unknown option: -z/, /lasso up -h/],
  ['up --request x', /unknown option: --request/, /up -h/],
  ['exec --quiet app ls', /unknown option: --quiet/, /exec -h/],
  ['exec --command ls', /unknown option: --command/, /exec -h/],
  ['exec -- ls', /say which sandbox/, /exec -h/],
  ['exec app', /say which command to run, after `--`/, /exec -h/],
  ['exec app --', /say which command/, /exec -h/],
  ['stop', /say which sandbox/, /stop -h/],
  ['stop a b', /unexpected argument: b/, /stop -h/],
  ['create strict -p open', /profile is given twice/, /create -h/],
  ['create -p open strict', /profile is given twice/, /create -h/],
  ['stop app -t soon', /grace-seconds is a number, not soon/, /stop -h/],
  ['stop app -t 61', /grace-seconds is 60 at most/, /stop -h/],
  ['stop app --grace-seconds=-1', /grace-seconds is 0 at least/, /stop -h/],
  ['audit view -n 1.5', /tail is a whole number/, /audit view -h/],
  ['audit view -n', /-n needs a value/, /audit view -h/],
  ['up --profile --json', /--profile needs a value/, /up -h/],
  ['up --json=yes', /--json takes no value/, /up -h/],
  ['attach --new=maybe', /either given or not/, /attach -h/],
  ['up -b lxc', /backend is one of docker, podman, bubblewrap, not lxc/, /up -h/],
  ['init --agent cluade', /not cluade \(did you mean claude\?\)/, /init -h/],
  ['audit view -t file -t x', /type is one of chain, .*, not x/, /audit view -h/],
  ['completions tcsh', /shell is one of bash, zsh, fish/, /completions -h/],
];

test('what cannot be understood is refused with one line and the way to help', () => {
  for (const [line, message, hint] of refused) {
    assert.throws(
      () => parse(line.split(' '), commands),
      (error) =>
        error instanceof LassoError &&
        error.code === 'BAD_REQUEST' &&
        message.test(error.message) &&
        !error.message.includes('\n') &&
        hint.test(error.hint),
      line,
    );
  }
});

test('names of the language are no options', () => {
  for (const word of ['--constructor', '--__proto__', '--toString'])
    assert.throws(() => parse(['up', word, 'x'], commands), /unknown option/);
});

test('the table is plain data, so that the bundle can hold its value', () => {
  assert.deepEqual(JSON.parse(JSON.stringify(commands)), commands);
});
