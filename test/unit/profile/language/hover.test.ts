/** What is told under the pointer: meaning, what holds and where it is from; texts of profiles stay texts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hoverAt } from '../../../../helper/profile/language/hover.ts';
import { readingAt, team } from '../../../kit/profile-reading.ts';

const files = { '/user/team.toml': team };
const inherits = 'name = "p"\nextends = "team"\n';

const cases: readonly (readonly [marked: string, ...expected: readonly RegExp[]])[] = [
  ['mo|de = "assist"', /`mode`.*one of `"observe"`, `"assist"`/, /Default: `"observe"`/, /```toml\nmode = "assist"\n```/],
  ['mode = "ass|ist"', /`mode`/],
  ['[resources]\nmax_p|ids = 3', /whole number, 1 to 4194304/, /Default: `100`/],
  ['[netw|ork]', /`network`.*table/, /Hosts an agent may reach\./],
  ['[[network.ru|les]]', /`network.rules`/],
  ['[[network.rules]]\nho|st = "x"', /Host the rule is about/, /Must be written/],
  ['[[network.rules]]\npat|hs = []', /`network.rules\[\].paths`/, /"\\\*" is one step, "\\\*\\\*" any number/],
  ['[secrets.n|pm]', /`secrets.npm`.*table[^]*Secrets an agent may use/],
  ['[commands]\nblackl|ist = ["!rm"]', /Also, from the default: `"dd", /, /Together: \d+ items/],
  ['[secrets.x]\nfr|om = "github"', /Where the value is/],
  ['[audit]\nsign_en|tries = true', /From LASSO 1.x/],
  [`${inherits}mo|de = "observe"`, /Replaces `"assist"` from `team.toml:3`/],
  [`${inherits}[network]\nallowed_po|rts = [80]`, /Also, from `team.toml:10`: `443, 8443`/, /Together: 3 items/],
  [`${inherits}[network]\nallowed_domains = ["!@np|m"]`, /Removes `@npm`, from team.toml:7/],
  [`${inherits}[network]\nallowed_domains = ["!@py|pi"]`, /`@pypi` is not inherited here/],
  [`${inherits}[network]\nallowed_domains = ["!|*"]`, /Drops every item/],
  [`${inherits}[network]\nallowed_domains = ["@|npm"]`, /Host group `@npm`: `\S+`/, /Already there, from team.toml:7/],
  ['[network]\nallowed_domains = ["@no|ne"]', /There is no host group `@none`/],
  ['[network]\nblocked_ports = ["!54|32"]', /Removes `5432`, from the default/],
  ['[commands]\nblacklist = ["s|sh"]', /`ssh`: opens shells/],
  [`name = "p"\nextends = "te|am"`, /What the team uses/, /user profile: `\/user\/team.toml`/],
  [`${inherits}[network]\nmode = "none"\nallowed_po|rts = [80\n`, /Also, from `team.toml:10`/],
];

for (const [marked, ...expected] of cases) {
  test(JSON.stringify(marked), async () => {
    const { reading, offset } = await readingAt(marked, files);
    const markdown = hoverAt(reading, offset)?.markdown ?? '';
    for (const pattern of expected) assert.match(markdown, pattern);
  });
}

test('only what a table demands must be written', async () => {
  const { reading, offset } = await readingAt('[secrets.n|pm]');
  assert.doesNotMatch(hoverAt(reading, offset)?.markdown ?? '', /Must be written/);
});

const silent = ['# mo|de', 'unknown| = 1', 'name = "p" |', '|', '[unkn|own]', 'x = [unk|nown]'];
for (const marked of silent) {
  test(`nothing at ${JSON.stringify(marked)}`, async () => {
    const { reading, offset } = await readingAt(marked, files);
    assert.equal(hoverAt(reading, offset)?.markdown, undefined);
  });
}

test('what a profile says becomes no link, picture or heading', async () => {
  const hostile = '[x](command:evil) ![y](https://z.example/a.png) `a` <b> # h\\n\\n# H www.z.example';
  const base = `name = "team"\ndescription = "${hostile}"\n[network]\nallowed_domains = ["\`](https://z.example)"]\n`;
  for (const marked of ['extends = "te|am"', 'extends = "team"\n[network]\nallowed_do|mains = []']) {
    const { reading, offset } = await readingAt(marked, { '/user/team.toml': base });
    const markdown = hoverAt(reading, offset)?.markdown ?? '';
    const outside = markdown.replace(/(`+)[^]*?[^`]\1(?!`)/g, '');
    assert.doesNotMatch(outside, /(?<!\\)[[\]<]|(?<!\\)\(|https?:|www\.|\n#/);
  }
});
