/** The tools for models, as the official client sees them, against the real helper and real sandboxes. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { TestLasso } from '../kit/lasso.ts';
import { TestTools } from '../kit/mcp-client.ts';

let lasso: TestLasso;
let tools: TestTools;

const limit = { timeout: 60_000 };

before(async () => {
  lasso = new TestLasso();
  const folder = join(realpathSync(lasso.root), 'project');
  mkdirSync(join(folder, '.git', 'hooks'), { recursive: true });
  writeFileSync(join(folder, 'README.md'), 'hello\n');
  writeFileSync(join(folder, '.env'), 'TOKEN=of-the-host\n');
  writeFileSync(join(folder, 'run.sh'), 'echo hi\n', { mode: 0o755 });
  tools = await TestTools.start(lasso, 'project');
});

after(async () => {
  await tools.close();
  await lasso.dispose();
});

const inFolder = (name: string): string => join(tools.folder, name);

test('the first call makes the sandbox, tells how it goes, and answers with what the command said', limit, async () => {
  const told: string[] = [];
  const command = ['sh', '-c', 'pwd; echo out; echo err >&2; exit 3'];
  const answer = await tools.call('sandbox_exec', { command }, { onprogress: ({ message }) => told.push(message ?? '') });
  assert.match(told.join('\n'), /sandbox/);
  assert.equal(answer.isError, false);
  assert.equal(answer.text, 'exit code 3\nstdout:\n/workspace\nout\n\nstderr:\nerr\n');
  assert.deepEqual(answer.structured['exit'], { code: 3, signal: null });
  const list = await tools.done('sandbox_list');
  assert.equal((list.structured['sandboxes'] as unknown[]).length, 1);
  assert.match(list.text, /"state": "running"/);
});

test('each of the seven tools does its work', limit, async () => {
  assert.match((await tools.done('sandbox_exec', { line: 'cat README.md | tr a-z A-Z', cwd: '/workspace' })).text, /HELLO/);
  assert.equal((await tools.done('file_read', { path: 'README.md' })).text, 'hello\n');
  await tools.done('file_write', { path: 'made.txt', text: 'făcut\n' });
  assert.equal(readFileSync(inFolder('made.txt'), 'utf8'), 'făcut\n');
  const made = await tools.done('sandbox_create');
  const { name, id } = made.structured;
  assert.match((await tools.done('sandbox_status', { sandbox: name })).text, new RegExp(String(id)));
  await tools.done('file_write', { sandbox: id, path: '/tmp/own', text: 'x' });
  assert.match(await tools.refusal('file_read', { path: '/tmp/own' }), /no such file/);
  assert.deepEqual((await tools.done('sandbox_stop', { sandbox: name, graceSeconds: 0 })).structured, { stopped: [id] });
  assert.match(await tools.refusal('sandbox_exec', { sandbox: name, command: ['true'] }), /is stopped/);
});

test('a file that is replaced keeps its mode, and a link stays a link', limit, async () => {
  symlinkSync('run.sh', inFolder('link.sh'));
  await tools.done('file_write', { path: 'link.sh', text: 'echo changed\n' });
  assert.equal(readFileSync(inFolder('run.sh'), 'utf8'), 'echo changed\n');
  assert.equal(statSync(inFolder('run.sh')).mode & 0o777, 0o755);
  assert.deepEqual(
    readdirSync(tools.folder).filter((name) => name.startsWith('.lasso')),
    [],
  );
});

test('a long file comes in parts that end between characters', limit, async () => {
  const whole = 'ț€😀a'.repeat(60_000);
  writeFileSync(inFolder('long.txt'), whole);
  let text = '';
  for (let offset: unknown = 0; typeof offset === 'number';) {
    const { structured }: { structured: Readonly<Record<string, unknown>> } = await tools.done('file_read', { path: 'long.txt', offset });
    text += String(structured['text']);
    offset = structured['next'];
  }
  assert.equal(text, whole);
});

const refusedFiles: readonly (readonly [tool: string, args: Readonly<Record<string, unknown>>, why: RegExp])[] = [
  ['file_read', { path: '.env' }, /workspace\.hidden.*hidden/s],
  ['file_read', { path: './x/../.ENV' }, /hidden/],
  ['file_read', { path: '/workspace/../workspace//.env' }, /hidden/],
  ['file_write', { path: '.env', text: 'x' }, /hidden/],
  ['file_write', { path: '.git/hooks/pre-commit', text: 'x' }, /workspace\.guarded.*guarded/s],
  ['file_write', { path: '.GIT/Hooks/x', text: 'x' }, /guarded/],
  ['file_write', { path: '/usr/bin/x', text: 'x' }, /./],
  ['file_write', { path: '/etc/passwd', text: 'x' }, /./],
  ['file_write', { path: '/.lasso/guest', text: 'x' }, /./],
  ['file_read', { path: '/etc/shadow' }, /./],
  ['file_read', { path: '/proc/1/environ' }, /./],
  ['file_read', { path: '/proc/1/mem' }, /./],
  ['file_read', { path: '/dev/zero' }, /./],
  ['file_read', { path: '.' }, /folder/],
  ['file_read', { path: 'README.md/' }, /folder/],
  ['file_read', { path: 'no/such' }, /no such file/],
  ['file_write', { path: 'no/such', text: 'x' }, /no such file or folder/],
  ['file_read', { path: 'README.md\0.txt' }, /NUL/],
  ['file_read', { path: `README\ud800.md` }, /half of a character/],
  ['file_read', { path: 'x'.repeat(5000) }, /5011 bytes/],
  ['file_read', { path: 'x'.repeat(300) }, /too long/],
  ['file_write', { path: 'huge', text: 'ț'.repeat(3_000_000) }, /bytes/],
  ['file_read', { path: '' }, /path/],
  ['file_read', { path: 'README.md', offset: -1 }, /offset/],
  ['file_read', { path: ['README.md'] }, /path/],
];

test('what is hidden, closed, elsewhere or no file is refused with the reason', limit, async () => {
  for (const [tool, args, why] of refusedFiles)
    assert.match(await tools.refusal(tool, args), why, `${tool} ${JSON.stringify(args).slice(0, 100)}`);
  assert.equal(existsSync(inFolder('.git/hooks/pre-commit')), false);
  assert.equal(readFileSync(inFolder('.env'), 'utf8'), 'TOKEN=of-the-host\n');
});

test('a path that looks like an option, or like a line for a shell, is a path', limit, async () => {
  for (const path of ['-rf', '--help', '$(touch pwned)', '; touch pwned', 'a b', '*', 'write']) {
    await tools.done('file_write', { path, text: path });
    assert.equal((await tools.done('file_read', { path })).text, path);
    assert.equal(readFileSync(inFolder(path), 'utf8'), path);
  }
  assert.equal(existsSync(inFolder('pwned')), false);
});

test('a link out of the workspace leads to the sandbox’s own files, never to the host’s', limit, async () => {
  writeFileSync(join(lasso.root, 'outside.txt'), 'of the host');
  symlinkSync(join(realpathSync(lasso.root), 'outside.txt'), inFolder('out'));
  symlinkSync(realpathSync(lasso.root), inFolder('outdir'));
  for (const path of ['out', 'outdir/outside.txt', 'outdir/new']) {
    await tools.refusal('file_read', { path });
    await tools.refusal('file_write', { path, text: 'changed' });
  }
  assert.equal(readFileSync(join(lasso.root, 'outside.txt'), 'utf8'), 'of the host');
  assert.equal(existsSync(join(lasso.root, 'new')), false);
});

test('a file that is not text is not handed on as if it were', limit, async () => {
  writeFileSync(inFolder('binary'), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0xff]));
  writeFileSync(inFolder('latin1'), Buffer.from('caf\xe9', 'latin1'));
  for (const path of ['binary', 'latin1']) assert.match(await tools.refusal('file_read', { path }), /not text/);
});

test('a command the profile forbids is refused with its rule, and runs nowhere', limit, async () => {
  const text = await tools.refusal('sandbox_exec', { command: ['sudo', 'id'] });
  assert.match(text, /blocked/);
  assert.match(await tools.refusal('sandbox_exec', { line: 'touch touched; sudo id' }), /blocked/);
  assert.equal(existsSync(inFolder('touched')), false);
});

test('many calls at once are all answered, in one sandbox', limit, async () => {
  const numbers = Array.from({ length: 20 }, (_, index) => index);
  const answers = await Promise.all(
    numbers.map(async (number) => {
      await tools.done('file_write', { path: `many-${number}`, text: `${number}` });
      return (await tools.done('sandbox_exec', { command: ['cat', `many-${number}`] })).structured['stdout'];
    }),
  );
  assert.deepEqual(answers, numbers.map(String));
});

test('a call that is cancelled ends its command and all that it started', limit, async () => {
  const cancel = new AbortController();
  const called = tools.call('sandbox_exec', { line: 'touch begun; sleep 987 & sleep 987; touch ended' }, { signal: cancel.signal });
  while (!existsSync(inFolder('begun'))) await new Promise((resolve) => setTimeout(resolve, 20));
  cancel.abort();
  await assert.rejects(called);
  for (;;) {
    const { structured } = await tools.done('sandbox_exec', { line: 'grep -l sleep /proc/[0-9]*/comm || true' });
    if (structured['stdout'] === '') break;
  }
  assert.equal(existsSync(inFolder('ended')), false);
});

test('every act is on record before and after it, as done by a model, never as by a person', limit, async () => {
  const { structured } = await tools.done('sandbox_create');
  const sandbox = String(structured['id']);
  await tools.done('file_write', { sandbox, path: 'recorded', text: 'x' });
  await tools.done('file_read', { sandbox, path: 'recorded' });
  await tools.refusal('file_write', { sandbox, path: '.git/hooks/x', text: 'x' });
  await tools.done('sandbox_exec', { sandbox, command: ['true'] });
  const shown = await lasso.cli(['audit', 'view', sandbox, '--json']);
  const lines = shown.stdout
    .trim()
    .split('\n')
    .map(
      (line) =>
        JSON.parse(line) as { type: string; action: string; outcome: string; target?: string; actor: { kind: string; face: string } },
    );
  const files = lines.filter(({ type }) => type === 'file').map(({ action, outcome, target }) => `${action} ${outcome} ${target ?? ''}`);
  assert.deepEqual(files, [
    'write intent /workspace/recorded',
    'write success /workspace/recorded',
    'read intent /workspace/recorded',
    'read success /workspace/recorded',
    'write blocked /workspace/.git/hooks/x',
  ]);
  const ours = lines.filter(({ actor: { face } }) => face !== 'guest' && face !== 'helper');
  assert.deepEqual([...new Set(ours.map(({ actor: { kind, face } }) => `${kind} ${face}`))], ['agent mcp']);
});
