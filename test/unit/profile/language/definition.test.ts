/** Where things come from: files, lines of what is inherited, lines of host groups. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { definitionsAt } from '../../../../helper/profile/language/definition.ts';
import { readingAt, team } from '../../../kit/profile-reading.ts';

const hosts = '# groups\nnpm = ["a.example"]\npypi = ["b.example"]\n';
const files = { '/user/team.toml': team, '/built-in/hosts.toml': hosts, '/w/near.toml': 'name = "near"' };
const inherits = 'extends = "team"\n';

const cases: readonly (readonly [marked: string, ...expected: readonly string[]])[] = [
  ['extends = "te|am"', '/user/team.toml:1'],
  ['extends = "./ne|ar.toml"', '/w/near.toml:1'],
  ['extends = "no|ne"'],
  ['ext|ends = "team"'],
  [`${inherits}mo|de = "observe"`, '/user/team.toml:3'],
  [`${inherits}mode = "obs|erve"`, '/user/team.toml:3'],
  [`${inherits}[netw|ork]`, '/user/team.toml:5'],
  [`${inherits}[network]\nallowed_po|rts = []`, '/user/team.toml:10'],
  [`${inherits}[network]\nallowed_ports = [84|43]`, '/user/team.toml:10'],
  [`${inherits}[network]\nallowed_domains = ["!@n|pm"]`, '/user/team.toml:7', '/built-in/hosts.toml:2'],
  [`${inherits}[network]\nallowed_domains = ["api.co|rp.example"]`, '/user/team.toml:8'],
  [`${inherits}[network]\nallowed_domains = ["!|*"]`, '/user/team.toml:6'],
  ['[network]\nallowed_domains = ["@py|pi"]', '/built-in/hosts.toml:3'],
  ['[network]\nallowed_domains = ["@un|known"]'],
  ['[[network.rules]]\nhost = "@n|pm"', '/built-in/hosts.toml:2'],
  [`${inherits}[network]\nallowed_domains = ["@pypi", "!@n|`, '/built-in/hosts.toml:2'.replace(/.*/, '')],
  ['# @n|pm'],
];

for (const [marked, ...expected] of cases) {
  test(JSON.stringify(marked), async () => {
    const { reading, offset } = await readingAt(marked, files);
    const places = await definitionsAt(reading, offset);
    assert.deepEqual(
      places.map(({ file, range }) => `${file}:${range.start.line + 1}`),
      expected.filter((place) => place !== ''),
    );
  });
}
