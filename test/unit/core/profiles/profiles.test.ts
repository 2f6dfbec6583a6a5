/** Files of profiles on a real disk: read whole or refused, never waited for. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { profileSources, readTextFile } from '../../../../helper/core/profiles/profiles.ts';
import { checkProfile } from '../../../../helper/profile/check.ts';
import { profilesFolder } from '../../../kit/profile-sources.ts';
import { type TestPlace, testPlace } from '../../../kit/folders.ts';

let place: TestPlace;
before(() => (place = testPlace()));
after(() => place.remove());

const noFacts = (): Promise<undefined> => Promise.resolve(undefined);

/** Findings of a file as “line:column code”. */
async function told(file: string): Promise<readonly string[]> {
  const sources = await profileSources(place.folders, profilesFolder, () => ({}), noFacts);
  const { findings } = await checkProfile({ file, text: (await sources.readFile(file)) ?? '' }, sources);
  return findings.map(({ code, range: { start } }) => `${start.line + 1}:${start.character + 1} ${code}`);
}

test('a file that is not UTF-8 has a finding at the very byte', async () => {
  const file = join(place.root, 'latin.toml');
  writeFileSync(file, Buffer.from('name = "a"\ndescription = "caf\xe9"\n', 'latin1'));
  assert.deepEqual(await told(file), ['2:19 not-utf8']);
});

test('a file that is cut off in the middle of a character is too large and nothing else', async () => {
  const file = join(place.root, 'huge.toml');
  writeFileSync(file, `#${'字'.repeat(1_000_000)}`);
  assert.deepEqual(await told(file), ['1:1 too-large']);
});

test('a pipe or a folder in the place of a profile is refused at once', { skip: process.platform === 'win32' }, async () => {
  const pipe = join(place.root, 'pipe.toml');
  execFileSync('mkfifo', [pipe]);
  await assert.rejects(readTextFile(pipe));
  mkdirSync(join(place.root, 'folder.toml'));
  await assert.rejects(readTextFile(join(place.root, 'folder.toml')));
  assert.equal(await readTextFile(join(place.root, 'none.toml')), undefined);
});

test('what stands for a group is asked for each time', async () => {
  let mirrors = {};
  const sources = await profileSources(place.folders, profilesFolder, () => mirrors, noFacts);
  const usual = sources.hostGroups['npm'];
  mirrors = { npm: [{ host: 'npm.corp.example' }] };
  assert.deepEqual(sources.hostGroups['npm'], [{ host: 'npm.corp.example' }]);
  assert.notDeepEqual(usual, sources.hostGroups['npm']);
});
