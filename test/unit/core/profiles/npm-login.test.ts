/** What the user's .npmrc has for a registry is told to that registry, and to no other. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { npmLogin } from '../../../../helper/core/profiles/mirror-settings.ts';

const home = mkdtempSync(join(tmpdir(), 'lasso-npmrc-'));
after(() => rmSync(home, { recursive: true, force: true }));
writeFileSync(
  join(home, '.npmrc'),
  [
    'registry=https://npm.example/mirror/',
    '//npm.example/:_authToken=of-the-host',
    '//npm.example/mirror/:_authToken=${TOKEN_OF_NPM}',
    '//other.example:8443/:_auth=dXNlcjpwYXNz',
    '_authToken=of-nobody',
  ].join('\n'),
);

const cases: readonly (readonly [registry: string, login: string | undefined])[] = [
  ['https://npm.example/mirror/', 'Bearer from-a-variable'],
  ['https://npm.example/mirror', 'Bearer from-a-variable'],
  ['https://npm.example/mirrors/', 'Bearer of-the-host'],
  ['https://npm.example/', 'Bearer of-the-host'],
  ['https://other.example:8443/npm/', 'Basic dXNlcjpwYXNz'],
  ['https://other.example/npm/', undefined],
  ['https://npm.example.evil.example/', undefined],
];
for (const [registry, login] of cases)
  test(`${registry} is told ${login ?? 'nothing'}`, async () => {
    assert.equal(await npmLogin({ home, environment: { TOKEN_OF_NPM: 'from-a-variable' } }, registry), login);
  });
