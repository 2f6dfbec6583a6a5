/** Keyrings of desktops, played by programs of the test: values on stdin and stdout only, and every failure in words. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Keyring, keyringOf } from '../../../helper/secrets/keyring.ts';
import { testPlace } from '../../kit/folders.ts';
import { missing, scriptIn } from '../../kit/secrets.ts';

const place = testPlace();
test.after(place.remove);
const bin = join(place.root, 'bin');
const entry = { service: 'lasso', account: 'npm' };
const log = join(place.root, 'argv');

function keyring(platform: NodeJS.Platform): Keyring {
  const found = keyringOf({
    platform,
    home: place.root,
    environment: { PATH: `${bin}:/usr/bin:/bin`, STORE: join(place.root, 'kept'), ARGV: log },
  });
  assert.ok(found);
  return found;
}

/** An entry is a file named after all that comes after the first word. */
const secretTool = [
  'verb=$1; shift; echo "$verb $*" >> "$ARGV"',
  'case $verb in store) shift;; esac',
  'file="$STORE-$(echo "$*" | tr " /" "__")"',
  'case $verb in store) cat > "$file";; lookup) [ -f "$file" ] || exit 1; cat "$file";; clear) rm -f "$file";; esac',
];
/** `-i` takes one line of quoted words, as security(1) does. */
const security = [
  'echo "$*" >> "$ARGV"; file="$STORE-keychain"',
  'case $1 in',
  '-i) IFS= read -r line; eval "set -- $line"; [ "$1 $2 $3 $4 $5 $6 $7" = "add-generic-password -U -s lasso -a npm -w" ] || { echo bad >&2; exit 0; }; printf "%s" "$8" > "$file";;',
  'find-generic-password) [ -f "$file" ] || exit 44; cat "$file"; echo;;',
  'delete-generic-password) [ -f "$file" ] || exit 44; rm "$file";;',
  'esac',
];

const kinds: readonly (readonly [platform: NodeJS.Platform, program: string, lines: readonly string[]])[] = [
  ['linux', 'secret-tool', secretTool],
  ['darwin', 'security', security],
];
for (const [platform, program, lines] of kinds)
  test(`${program}: what is kept is found again, replaced and removed, and never an argument`, async () => {
    scriptIn(bin, program, lines);
    const ring = keyring(platform);
    assert.equal(await ring.get(entry), undefined);
    for (const value of ['hunter2-value', `quo"ted \\ $(x) 'value'`, 'zwölf']) {
      await ring.set(entry, value);
      assert.equal(await ring.get(entry), value);
    }
    await ring.remove(entry);
    await ring.remove(entry);
    assert.equal(await ring.get(entry), undefined);
    assert.ok(!readFileSync(log, 'utf8').includes('hunter2'));
    rmSync(log);
  });

for (const [platform, program] of kinds)
  test(`${program}: a keyring that is locked or away says so, and not what the program said`, async () => {
    scriptIn(bin, program, ['cat > /dev/null', 'echo hunter2 >&2', 'exit 1']);
    const ring = keyring(platform);
    for (const work of [() => ring.get(entry), () => ring.set(entry, 'v'), () => ring.remove(entry)])
      await missing(work(), /refuses or cannot be reached/);
    await assert.rejects(ring.get(entry), (error) => !String(error).includes('hunter2'));
  });

test('the Keychain does not take what its program would cut off', async () => {
  scriptIn(bin, 'security', security);
  await missing(keyring('darwin').set(entry, 'x'.repeat(4000)), /too long for the Keychain/);
});

test('Windows and a Linux without secret-tool have none', () => {
  const nowhere = { home: place.root, environment: { PATH: '' } };
  assert.equal(keyringOf({ ...nowhere, platform: 'win32' }), undefined);
  assert.equal(keyringOf({ ...nowhere, platform: 'freebsd' }), undefined);
});
