import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localise } from '../../../../helper/faces/cli/local.ts';
import type { Value } from '../../../../helper/faces/cli/parse.ts';
import { commands } from '../../../../helper/faces/cli/table.ts';

const place = { cwd: '/src/app', environment: { TOKEN: 'value', EMPTY: '' }, platform: 'linux' } as const;

const cases: readonly (readonly [command: string, given: Readonly<Record<string, Value>>, meant: Readonly<Record<string, Value>>])[] = [
  ['up', {}, { dir: '/src/app' }],
  ['up', { dir: '../lib' }, { dir: '/src/lib' }],
  ['up', { dir: '~/lib' }, { dir: '~/lib' }],
  ['up', { profile: 'strict' }, { profile: 'strict', dir: '/src/app' }],
  ['up', { profile: './my.toml' }, { profile: '/src/app/my.toml', dir: '/src/app' }],
  ['up', { profile: 'my.toml' }, { profile: '/src/app/my.toml', dir: '/src/app' }],
  [
    'up',
    { mount: ['./data:/data:ro', '/abs:/abs', '~/x:/x', '..:/up'] },
    { mount: ['/src/app/data:/data:ro', '/abs:/abs', '~/x:/x', '/src:/up'], dir: '/src/app' },
  ],
  ['up', { env: ['A=1', 'TOKEN', 'EMPTY', 'ABSENT', 'B='] }, { env: ['A=1', 'TOKEN=value', 'EMPTY=', 'B='], dir: '/src/app' }],
  ['audit verify', { target: 'app' }, { target: 'app' }],
  ['audit verify', { target: 'x.jsonl', key: 'key' }, { target: '/src/app/x.jsonl', key: '/src/app/key' }],
  ['audit key', { move: 'key' }, { move: '/src/app/key' }],
  ['profile save', { name: 'a', from: 'a' }, { name: 'a', from: '/src/app/a' }],
  ['profile new', { name: 'a', from: 'strict' }, { name: 'a', from: 'strict' }],
  ['profile new', { name: 'a', from: 'b.toml' }, { name: 'a', from: '/src/app/b.toml' }],
  ['profile diff', { from: 'a', to: '../b.toml' }, { from: 'a', to: '/src/b.toml', dir: '/src/app' }],
  ['profile export', { profile: 'a', output: 'a' }, { profile: 'a', output: '/src/app/a' }],
  ['profile import', { file: 'a' }, { file: '/src/app/a' }],
  ['why', { command: 'cat ./x' }, { command: 'cat ./x', dir: '/src/app' }],
  ['status', { sandbox: './x' }, { sandbox: './x' }],
];

test('what is written relative to this shell is told to the helper in full', () => {
  for (const [name, given, meant] of cases) {
    const command = commands.find((candidate) => candidate.name === name);
    assert.ok(command);
    assert.deepEqual(localise(command, given, place), meant, `${name} ${JSON.stringify(given)}`);
  }
});
