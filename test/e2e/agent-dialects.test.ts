/** What agents are told in a workspace is taken by the agents’ own programs, and a broken file is noticed by the same look. No model, no network. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { z } from 'zod';
import { runChild } from '../../helper/base/child.ts';
import { agents } from '../../helper/agents/index.ts';
import type { AgentName } from '../../helper/protocol/agent.ts';
import { briefFor, dialectTexts, oddProfile } from '../kit/agents/dialects.ts';
import { agentPrograms } from '../kit/agents/store.ts';
import { builtInProfiles } from '../kit/profile-sources.ts';

const skip = process.platform === 'linux' ? false : 'the agents’ programs are those of Linux';
const place = mkdtempSync(join(tmpdir(), 'lasso-dialects-'));
after(() => rmSync(place, { recursive: true, force: true }));
const programs: Awaited<ReturnType<typeof agentPrograms>> =
  skip === false ? await agentPrograms(['claude', 'opencode', 'codex', 'copilot', 'gemini']) : new Map();

/** one look at files by the program they are for */
interface Look {
  readonly agent: AgentName;
  readonly words: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** files of its home, by path below it; WORKSPACE is where that is */
  readonly home?: Readonly<Record<string, string>>;
  /** why the files are not taken as they are meant; undefined: they are */
  readonly fault: (code: number | null, said: string) => string | undefined;
  /** file, words in it, and words that make it a broken one */
  readonly broken: readonly (readonly [path: string, from: string, to: string])[];
  /** longest that it takes when nothing is wrong, where it would go on to its model */
  readonly endsAfterMs?: number;
}

const told = (said: string, fault: RegExp): string | undefined => fault.exec(said)?.[0];
const trusted = { '.codex/config.toml': '[projects."WORKSPACE"]\ntrust_level = "trusted"\n' };

const looks: Readonly<Record<string, Look>> = {
  'claude doctor': {
    agent: 'claude',
    words: ['doctor'],
    environment: { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' },
    fault: (_, said) => told(said, /Invalid settings[^]*/),
    broken: [
      ['.claude/settings.json', '"timeout": 60', '"timeout": "soon"'],
      ['.claude/settings.json', '"enabled": true', '"enabled": "yes"'],
      ['.claude/settings.json', '{', '{,'],
    ],
  },
  'opencode debug config': {
    agent: 'opencode',
    words: ['debug', 'config'],
    environment: { OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1', npm_config_fetch_retries: '0' },
    fault: (code, said) => (code === 0 ? undefined : said),
    broken: [
      ['opencode.json', '"share": "disabled"', '"share": "never"'],
      ['opencode.json', '"deny"', '"block"'],
      ['opencode.json', '{', '{{'],
    ],
  },
  'codex sandbox': {
    agent: 'codex',
    words: ['sandbox', '-P', 'lasso', '--', 'true'],
    home: trusted,
    fault: (code, said) => (code === 0 && !/WARN|warning/.test(said.replace(/.*PATH aliases.*/, '')) ? undefined : said),
    broken: [
      ['.codex/config.toml', '"." = ', '"." = "any" # '],
      ['.codex/config.toml', '":root" = "read"', '":root" = "read'],
    ],
  },
  'codex exec --strict-config': {
    agent: 'codex',
    words: [
      'exec',
      '--strict-config',
      '--ephemeral',
      '-c',
      'model_provider="none"',
      '-c',
      'model_providers.none={name="none",base_url="http://127.0.0.1:9/v1"}',
      'x',
    ],
    home: { '.codex/config.toml': `${agents.codex.run?.seeds['.codex/config.toml'] ?? ''}\n${trusted['.codex/config.toml']}` },
    fault: (_, said) => told(said, /(unknown configuration field|failed to parse|Error loading|failed to load)[^]*/),
    broken: [['.codex/config.toml', 'default_permissions', 'lasso_x = 1\ndefault_permissions']],
    endsAfterMs: 5000,
  },
  'codex execpolicy check': {
    agent: 'codex',
    words: ['execpolicy', 'check', '--rules', '.codex/rules/lasso.rules', '--', 'git', 'push'],
    fault: (code, said) => (code === 0 && /^\{"matchedRules"/m.test(said) ? undefined : said),
    broken: [
      ['.codex/rules/lasso.rules', 'decision = "forbidden"', 'decision = "refused"'],
      ['.codex/rules/lasso.rules', 'match = [["', 'match = [["echo", "'],
    ],
  },
  'gemini --list-extensions': {
    agent: 'gemini',
    words: ['--list-extensions', '--admin-policy', '../system/etc/gemini-cli/lasso'],
    environment: { GEMINI_API_KEY: 'x', GEMINI_CLI_TRUST_WORKSPACE: 'true' },
    fault: (code, said) => (code === 0 ? told(said, /(Policy file error|Invalid configuration)[^]*/) : said),
    broken: [
      ['.gemini/lasso/lasso.toml', 'decision = "deny"', 'decision = "block"'],
      ['.gemini/lasso/lasso.toml', 'priority = 900', 'priority = 9000'],
      ['.gemini/lasso/lasso.toml', 'commandRegex = "', 'commandRegex = "(a+)+'],
      ['../system/etc/gemini-cli/lasso/lasso.toml', 'decision = "deny"', 'decision = "block"'],
      ['.gemini/settings.json', '{', '{{'],
    ],
  },
};

for (const [name, look] of Object.entries(looks))
  describe(name, { skip }, () => {
    const { agent, fault, broken } = look;
    for (const { name: profile } of look.endsAfterMs === undefined
      ? [...builtInProfiles, { name: 'mine' }]
      : [{ name: 'standard' }, { name: 'mine' }])
      test(`takes what ${agent} is told under ${profile}`, async () => {
        const workspace = await prepared(look, profile);
        const { code, said } = await looked(look, workspace);
        assert.equal(fault(code, said), undefined);
      });
    for (const [path, from, to] of broken)
      test(`finds ${to.trim()} in ${path}`, async () => {
        const workspace = await prepared(look, 'standard');
        const text = readFileSync(join(workspace, path), 'utf8');
        assert.ok(text.includes(from), from);
        writeFileSync(
          join(workspace, path),
          text.replace(from, () => to),
        );
        const { code, said } = await looked(look, workspace);
        assert.notEqual(fault(code, said), undefined);
      });
  });

test('what OpenCode is told in a sandbox comes behind what a project says, and its plugin is loaded', { skip }, async () => {
  const look = looks['opencode debug config'];
  assert.ok(look);
  const workspace = await prepared(look, 'standard');
  writeFileSync(
    join(workspace, 'opencode.json'),
    JSON.stringify({ permission: { bash: { '*': 'allow', 'mine *': 'ask' }, edit: 'allow' } }),
  );
  const environment = { ...look.environment, OPENCODE_TEST_MANAGED_CONFIG_DIR: join(dirname(workspace), 'system/etc/opencode') };
  const { code, said } = await looked({ ...look, environment }, workspace);
  assert.equal(code, 0, said);
  const rules = z.record(z.string(), z.string());
  const resolved = z.object({ plugin: z.array(z.string()), permission: z.object({ bash: rules, edit: rules }) });
  const { plugin, permission } = resolved.parse(JSON.parse(said.slice(said.indexOf('{'))));
  const keys = Object.keys(permission.bash);
  assert.equal(permission.bash['docker *'], 'deny');
  assert.ok(keys.indexOf('docker *') > keys.indexOf('*') && keys.indexOf('*') >= 0, keys.slice(0, 4).join());
  assert.deepEqual([permission.edit['.vscode/*'], plugin.some((path) => path.endsWith('/etc/opencode/lasso.js'))], ['deny', true]);
});

test('Copilot finds what it is told in words', { skip }, async () => {
  const look: Look = {
    agent: 'copilot',
    words: ['instruction', 'list'],
    environment: { COPILOT_OFFLINE: 'true', COPILOT_AUTO_UPDATE: 'false' },
    home: { '.copilot/config.json': '{"trustedFolders":["WORKSPACE"]}' },
    fault: () => undefined,
    broken: [],
  };
  const { said } = await looked(look, await prepared(look, 'standard'));
  assert.match(said, /\.github\/copilot-instructions\.md/);
});

test('what Codex is told keeps hidden files from what it runs, and nothing else of the workspace', { skip }, async () => {
  const look = looks['codex sandbox'];
  assert.ok(look);
  const workspace = await prepared(look, 'standard');
  for (const [path, text] of Object.entries({ '.env': 'SECRET-1', 'sub/.env': 'SECRET-2', 'a.pem': 'SECRET-3', 'plain.txt': 'PLAIN' })) {
    mkdirSync(dirname(join(workspace, path)), { recursive: true });
    writeFileSync(join(workspace, path), text);
  }
  const script = 'cat .env sub/.env a.pem plain.txt; echo MADE > made && cat made';
  const { said } = await looked({ ...look, words: ['sandbox', '-P', 'lasso', '--', 'sh', '-c', script] }, workspace);
  assert.deepEqual([/SECRET/.test(said), /PLAIN/.test(said), /MADE/.test(said)], [false, true, true], said);
});

test('what Codex is told refuses what the profile refuses', { skip }, async () => {
  const look = looks['codex execpolicy check'];
  assert.ok(look);
  const workspace = await prepared(look, 'standard');
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['docker ps', 'forbidden'],
    ['git push --force origin', 'forbidden'],
    ['git push -f', 'forbidden'],
    ['git push origin main', undefined],
    ['npm publish', 'prompt'],
    ['npm test', undefined],
  ];
  for (const [command, decision] of rows) {
    const { said } = await looked({ ...look, words: [...look.words.slice(0, 5), ...command.split(' ')] }, workspace);
    assert.equal(/"decision":"(\w+)"\}\s*$/.exec(said)?.[1], decision, `${command}: ${said}`);
  }
});

async function prepared({ agent, home = {} }: Look, profile: string): Promise<string> {
  const root = mkdtempSync(join(place, `${agent}-`));
  const workspace = join(root, 'workspace');
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  mkdirSync(join(root, 'tmp'));
  mkdirSync(join(root, 'home', '.codex'), { recursive: true });
  for (const { path, text } of dialectTexts(agent, await briefFor(profile, profile === 'mine' ? oddProfile : undefined)))
    put(join(path.startsWith('/') ? join(root, 'system') : workspace, path), text);
  for (const [path, text] of Object.entries(home)) put(join(root, 'home', path), text.replace('WORKSPACE', workspace));
  await runChild('git', ['init', '--quiet', workspace], { timeoutMs: 10_000 });
  return workspace;
}

async function looked(
  { agent, words, environment = {}, endsAfterMs }: Look,
  workspace: string,
): Promise<{ readonly code: number | null; readonly said: string }> {
  const root = dirname(workspace);
  const folder = programs.get(agent)?.folder ?? '';
  const [program = '', ...before] =
    agent === 'gemini' ? [process.execPath, join(folder, 'package/bundle/gemini.js')] : [join(folder, 'bin', agent)];
  const nowhere = 'http://127.0.0.1:9';
  const { code, stdout, stderr } = await runChild(program, [...before, ...words], {
    cwd: workspace,
    timeoutMs: endsAfterMs ?? 90_000,
    environment: {
      PATH: '/usr/bin:/bin',
      HOME: join(root, 'home'),
      TMPDIR: join(root, 'tmp'),
      CODEX_HOME: join(root, 'home', '.codex'),
      HTTP_PROXY: nowhere,
      HTTPS_PROXY: nowhere,
      ...environment,
    },
  });
  return { code, said: `${stderr}\n${stdout}`.trim() };
}
