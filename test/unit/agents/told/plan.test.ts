/** What is to become of agents' files: of several agents, told again, taken out, and whatever a folder claims that LASSO wrote. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Agent, GeneratedFile, JsonObject } from '../../../../helper/agents/agent.ts';
import type { Brief } from '../../../../helper/agents/brief.ts';
import { agents as real } from '../../../../helper/agents/index.ts';
import { manifestPath, readManifest } from '../../../../helper/agents/told/manifest.ts';
import { digestOf } from '../../../../helper/agents/merging/marks.ts';
import { type FilesPlan, planFiles, type Present } from '../../../../helper/agents/told/plan.ts';
import { overall, standingsOf } from '../../../../helper/agents/told/standing.ts';
import type { AgentName } from '../../../../helper/protocol/agent.ts';

const brief = (name: string, denied: readonly string[]): Brief => ({
  profile: { name, digest: digestOf(name + denied.join()), mode: 'autonomous' },
  commands: { denied, deniedArguments: [], asked: [], allowed: null, workspaceOnly: [], operators: true },
  files: { writable: true, hidden: denied.includes('hide') ? ['.env'] : [], readonly: [], guarded: [] },
  network: { mode: 'none', allowed: [], blocked: [], finer: [], asksUnlisted: false, groups: [] },
  rules: [],
});
const strict = brief('strict', ['curl']);

const silent = (name: AgentName): Agent => ({ name, title: name, traces: [], render: () => ({ files: [], findings: [] }) });
const told = (name: AgentName, files: (brief: Brief) => readonly GeneratedFile[]): Agent => ({
  ...silent(name),
  render: (said) => ({ files: files(said), findings: [] }),
});
const common = ({ commands }: Brief): GeneratedFile => ({
  kind: 'block',
  path: 'AGENTS.md',
  text: `Never: ${commands.denied.join(' ')}\n`,
  comment: 'html',
});
const server = (name: string): GeneratedFile => ({
  kind: 'values',
  path: '.mcp.json',
  form: 'json',
  value: { servers: { [name]: { command: name } } },
});

const made: Readonly<Record<AgentName, Agent>> = {
  ...Object.fromEntries(Object.keys(real).map((name) => [name, silent(name as AgentName)])),
  claude: told('claude', ({ commands }) => [
    { kind: 'values', path: '.claude/settings.json', form: 'json', value: { deny: commands.denied } },
    server('one'),
  ]),
  codex: told('codex', (said) => [
    common(said),
    { kind: 'whole', path: '.codex/rules/own.rules', text: `${said.commands.denied.join('\n')}\n`, comment: '#' },
  ]),
  opencode: told('opencode', (said) => [
    common(said),
    server('two'),
    ...said.files.hidden.map((text): GeneratedFile => ({ kind: 'block', path: '.ignore', text, comment: '#' })),
  ]),
} as Record<AgentName, Agent>;

/** a folder in memory */
class Folder {
  readonly texts: Map<string, string>;
  /** whose notes are believed */
  readonly own: boolean;

  constructor(texts: Readonly<Record<string, string>> = {}, own = true) {
    this.texts = new Map(Object.entries(texts));
    this.own = own;
  }

  get present(): ReadonlyMap<string, Present> {
    const known = ['AGENTS.md', '.mcp.json', '.claude/settings.json', '.codex/rules/own.rules', '.ignore', manifestPath];
    return new Map(known.map((path) => [path, { text: this.texts.get(path) ?? null, missing: [] }]));
  }

  plan(names: readonly AgentName[], said = strict, remove = false): FilesPlan {
    return planFiles({ agents: made, brief: said, names, remove, present: this.present, own: this.own });
  }

  carryOut(names: readonly AgentName[], said = strict, remove = false): FilesPlan {
    const plan = this.plan(names, said, remove);
    for (const { path, change, after } of plan.files)
      if (change !== 'refused' && after !== null) this.texts.set(path, after);
      else if (change === 'delete') this.texts.delete(path);
    return plan;
  }

  standing(name: AgentName, said = strict): string {
    return overall(standingsOf(made, said, this.present).agents.get(name));
  }
}

const changes = ({ files }: FilesPlan): Readonly<Record<string, string>> =>
  Object.fromEntries(files.map(({ path, change }) => [path, change]));

test('two agents that read one file are told in one part of it, in the order of agents, whoever came first', () => {
  const [one, other] = [new Folder({ 'AGENTS.md': '# Mine\n' }), new Folder({ 'AGENTS.md': '# Mine\n' })];
  one.carryOut(['claude', 'opencode', 'codex']);
  for (const name of ['codex', 'opencode', 'claude'] as const) other.carryOut([name]);
  assert.deepEqual(JSON.parse(one.texts.get('.mcp.json') ?? ''), { servers: { one: { command: 'one' }, two: { command: 'two' } } });
  assert.equal([...(one.texts.get('AGENTS.md') ?? '').matchAll(/Never: curl/g)].length, 1);
  const sorted = ({ texts }: Folder): unknown => [...texts].filter(([path]) => path !== manifestPath && path !== '.mcp.json').sort();
  assert.deepEqual(sorted(one), sorted(other));
  assert.deepEqual(JSON.parse(other.texts.get('.mcp.json') ?? ''), JSON.parse(one.texts.get('.mcp.json') ?? ''));
});

test('taking one agent out leaves what the others were told', () => {
  const folder = new Folder({ 'AGENTS.md': '# Mine\n' });
  folder.carryOut(['claude', 'opencode', 'codex']);
  const plan = folder.carryOut(['codex'], strict, true);
  assert.deepEqual(changes(plan), { 'AGENTS.md': 'same', '.codex/rules/own.rules': 'delete', [manifestPath]: 'update' });
  folder.carryOut(['claude'], strict, true);
  assert.deepEqual(JSON.parse(folder.texts.get('.mcp.json') ?? ''), { servers: { two: { command: 'two' } } });
  folder.carryOut([], strict, true);
  assert.deepEqual([...folder.texts], [['AGENTS.md', '# Mine\n']]);
});

test('told twice changes nothing; told by another profile only what it says', () => {
  const folder = new Folder();
  folder.carryOut(['claude', 'codex']);
  assert.deepEqual(new Set(Object.values(changes(folder.plan(['claude'])))), new Set(['same']));
  assert.equal(folder.plan(['claude']).digest, folder.plan(['claude']).digest);
  const plan = folder.carryOut([], brief('strict', ['curl', 'rm', 'hide']));
  assert.deepEqual(changes(plan)['.claude/settings.json'], 'update');
  assert.equal(changes(plan)['.mcp.json'], 'same');
});

test('a file that a profile no longer asks for goes', () => {
  const folder = new Folder();
  folder.carryOut(['opencode'], brief('strict', ['hide']));
  assert.ok(folder.texts.has('.ignore'));
  folder.carryOut([], strict);
  assert.ok(!folder.texts.has('.ignore'));
});

describe('how files stand to the profile', () => {
  const change = (path: string, from: string, to: string) => (folder: Folder) =>
    void folder.texts.set(path, (folder.texts.get(path) ?? '').replace(from, to));
  const cases: readonly (readonly [name: string, change: (folder: Folder) => void, said: Brief, standing: string])[] = [
    ['nothing happened', () => undefined, strict, 'current'],
    ['the profile denies more', () => undefined, brief('strict', ['curl', 'rm']), 'drifted'],
    ['only its digest changed', () => undefined, { ...strict, profile: { ...strict.profile, digest: 'f'.repeat(64) } }, 'current'],
    ['a denied command was taken out', change('.claude/settings.json', '"curl"', ''), strict, 'edited'],
    ['the file is gone', ({ texts }) => void texts.delete('.claude/settings.json'), strict, 'edited'],
    ['the user added a key of their own', change('.claude/settings.json', '{', '{ "model": "x",'), strict, 'current'],
    ['the notes are gone', ({ texts }) => void texts.delete(manifestPath), strict, 'absent'],
  ];
  for (const [name, happen, said, standing] of cases)
    test(`${name}: ${standing}`, () => {
      const folder = new Folder({ '.claude/settings.json': '{}\n' });
      folder.carryOut(['claude']);
      happen(folder);
      assert.equal(folder.standing('claude', said), standing);
      assert.equal(folder.standing('aider', said), 'absent');
    });
});

test('a run that was cut short after any file is understood, told again and taken out cleanly', () => {
  const before = { 'AGENTS.md': '# Mine\n', '.mcp.json': '{"servers": {}}\n', '.claude/settings.json': '{"deny": ["own"]}\n' };
  const next = brief('strict', ['curl', 'rm']);
  for (let reached = 0; reached < 5; reached += 1) {
    const folder = new Folder(before);
    folder.carryOut(['claude', 'codex', 'opencode']);
    const plan = folder.plan([], next);
    folder.texts.set(manifestPath, plan.journal ?? '');
    for (const { path, after } of plan.files.filter(({ path }) => path !== manifestPath).slice(0, reached))
      if (after !== null) folder.texts.set(path, after);
    folder.carryOut([], next);
    assert.equal(folder.standing('claude', next), 'current');
    folder.carryOut([], next, true);
    assert.deepEqual(Object.fromEntries(folder.texts), before, `after ${reached} files`);
  }
});

describe('what a folder claims that LASSO wrote is only believed as far as the files bear it out', () => {
  const record = {
    agents: ['claude'],
    kind: 'values',
    form: 'json',
    mark: { profile: 'strict', digest: strict.profile.digest },
    wanted: '0'.repeat(64),
    made: false,
    folders: [],
  };
  const claim = (...files: readonly JsonObject[]): string =>
    JSON.stringify({
      version: 1,
      profile: record.mark,
      agents: ['claude'],
      files: files.map((file) => ({ ...record, text: '0'.repeat(64), ...file })),
    });
  const mine = '{"env": {"TOKEN": "x"}, "deny": ["own"]}\n';
  const here = { text: digestOf(mine), path: '.claude/settings.json' };
  const cases: readonly (readonly [name: string, notes: string])[] = [
    ['a file no agent reads', claim({ path: 'src/main.ts', kind: 'whole', made: true })],
    ['a file outside of the folder', claim({ path: '../../.bashrc', kind: 'whole', made: true })],
    ['a file named twice over', claim({ path: '.claude/../.claude/settings.json', put: { deny: ['own'] } })],
    ['that it made the user’s file', claim({ ...here, put: { deny: ['own'] }, made: true, undo: [] })],
    ['that it put in an item of the user’s', claim({ ...here, put: { deny: ['own'] }, undo: [] })],
    ['that another value stood there', claim({ ...here, put: { deny: ['curl'] }, was: { deny: 'none' } })],
    ['that it put in a key of the user’s', claim({ ...here, put: { env: { TOKEN: 'x' } }, undo: [] })],
    ['that the file was empty', claim({ ...here, put: { deny: ['curl'] }, undo: [[{ at: 0, remove: mine.length, insert: '' }]] })],
    [
      'that another text stood there',
      claim({ ...here, put: { deny: ['curl'] }, undo: [[{ at: 0, remove: mine.length, insert: '{"hooks": "evil"}' }]] }),
    ],
    ['edits that do not fit', claim({ ...here, put: { deny: ['curl'] }, undo: [[{ at: 900, remove: 5, insert: '' }]] })],
    ['that it is a file of its own', claim({ ...here, kind: 'whole', made: true })],
    ['a folder that is not above it', claim({ ...here, put: { deny: ['curl'] }, folders: ['src'] })],
    ['no notes at all', '{"version": 2}'],
    ['what is no JSON', 'LASSO was here'],
    ['nesting without end', `{"version":1,"files":${'['.repeat(50_000)}`],
  ];
  for (const [name, notes] of cases)
    test(name, () => {
      const folder = new Folder({ '.claude/settings.json': mine, [manifestPath]: notes }, false);
      const plan = folder.carryOut(['claude'], strict, true);
      assert.equal(folder.texts.get('.claude/settings.json'), mine);
      assert.ok(
        plan.files.every(({ path }) => [manifestPath, '.claude/settings.json'].includes(path)),
        JSON.stringify(plan.files),
      );
      assert.deepEqual(plan.emptied, []);
      folder.carryOut(['claude']);
      assert.deepEqual(JSON.parse(folder.texts.get('.claude/settings.json') ?? ''), { env: { TOKEN: 'x' }, deny: ['own', 'curl'] });
    });
});

test('notes that came with the folder and are true serve to take everything out', () => {
  const before = { 'AGENTS.md': '# Mine\n', '.claude/settings.json': '{"deny": ["own"]}\n' };
  const theirs = new Folder(before);
  theirs.carryOut(['claude', 'codex']);
  const folder = new Folder(Object.fromEntries(theirs.texts), false);
  assert.equal(folder.standing('claude'), 'current');
  folder.carryOut([], strict, true);
  assert.deepEqual([...folder.texts.keys()].sort(), ['.claude/settings.json', 'AGENTS.md']);
  assert.deepEqual(JSON.parse(folder.texts.get('.claude/settings.json') ?? ''), { deny: ['own'] });
  assert.equal(folder.texts.get('AGENTS.md'), '# Mine\n');
});

test('a file that is refused is told with the reason, and the others are written', () => {
  const folder = new Folder({ '.claude/settings.json': '{ "a": }', 'AGENTS.md': '# Mine\n' });
  const plan = folder.carryOut(['claude', 'codex']);
  const refused = plan.files.find(({ path }) => path === '.claude/settings.json');
  assert.deepEqual([refused?.change, refused?.before], ['refused', '{ "a": }']);
  assert.match(refused?.reason ?? '', /1:8/);
  assert.match(folder.texts.get('AGENTS.md') ?? '', /Never: curl/);
  assert.ok(readManifest(folder.texts.get(manifestPath) ?? '')?.files.every(({ path }) => path !== '.claude/settings.json'));
});

test('every real agent can be told, told again and taken out', () => {
  const names = Object.keys(real) as AgentName[];
  const wish = (present: ReadonlyMap<string, Present>, remove: boolean) =>
    planFiles({ agents: real, brief: brief('strict', ['curl', 'hide']), names, remove, present, own: true });
  const nothing = wish(new Map(), false);
  assert.deepEqual(
    nothing.files.filter(({ change }) => change !== 'create'),
    [],
  );
  const there = new Map(nothing.files.map(({ path, after }): [string, Present] => [path, { text: after, missing: [] }]));
  assert.deepEqual(
    wish(there, false).files.filter(({ change }) => change !== 'same'),
    [],
  );
  assert.deepEqual(
    wish(there, true).files.filter(({ change }) => change !== 'delete'),
    [],
  );
});
