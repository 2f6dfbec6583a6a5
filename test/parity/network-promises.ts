/**
 * What the way out must keep on every backend: what is allowed is reached by programs that know of a proxy and by those that do not,
 * everything else is refused quickly and says why, and no secret goes in. Servers are made-up names on this machine's loopback.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { outsideAddress } from '../kit/network.ts';
import { chainVerifies, recordsOf, type RecordedLine } from '../kit/starts.ts';
import type { Promised, Subject } from './promises.ts';

/** names that lead somewhere; which of them may be reached is for the profile to say */
export const outsideNames = ['web.example', 'api.example', 'secret.example', 'other.example'];
/** variable of the host that holds a secret, and what is in it */
export const hostSecret = { TEST_SECRET: 'a-value-that-never-goes-in' } as const;

/** belongs into the profile of the promises */
export const networkProfile = `
[network]
allowed_domains = ["web.example", "secret.example"]

[[network.rules]]
host = "api.example"
methods = ["GET"]

[secrets.token]
from = "env:TEST_SECRET"
hosts = ["secret.example"]
env = "TOKEN"
`;

interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a line from a file, so that its text is not what is judged. */
async function script({ lasso, sandbox, workspace }: Subject, text: string): Promise<Said> {
  writeFileSync(join(workspace, 'net'), `${text}\n`);
  const { exit, stdout, stderr } = await lasso.exec(sandbox, ['bash', './net'], { timeoutSeconds: 30 });
  return { code: exit.code, stdout, stderr };
}

const ways = { 'through the proxy': '', 'without a proxy': "--noproxy '*'" } as const;
const curl = (subject: Subject, words: string): Promise<Said> => script(subject, `curl -sS -m 15 ${words}`);

const networkRecords = async ({ lasso, sandbox }: Subject): Promise<readonly RecordedLine[]> =>
  (await recordsOf(lasso, sandbox)).filter(({ type }) => type === 'network');

/** A promise that is checked with curl. */
const withCurl = (name: string, check: (subject: Subject) => Promise<void>): Promised => ({
  name,
  check: async (subject, skip) => {
    if ((await subject.lasso.exec(subject.sandbox, ['bash', '-c', 'command -v curl'])).exit.code === 0) return check(subject);
    assert.ok(!subject.everyday, 'there is no curl in this sandbox');
    skip('there is no curl in this sandbox');
  },
});

const reachable = Object.entries(ways).flatMap(([way, words]) =>
  ['http', 'https'].map((scheme) =>
    withCurl(`an allowed host is reached over ${scheme} ${way}, and who reached it is on record`, async (subject) => {
      const path = `/${scheme}-${words.length}`;
      const { code, stdout, stderr } = await curl(subject, `${words} ${scheme}://web.example${path}`);
      assert.equal(code, 0, stderr);
      assert.match(stdout, new RegExp(`"url":"${path}"`));
      const port = scheme === 'http' ? 80 : 443;
      const decided = (await networkRecords(subject)).findLast(
        ({ outcome, detail }) => outcome === 'success' && detail?.['verdict'] === 'allow' && detail['port'] === port,
      );
      assert.deepEqual([decided?.detail?.['host'], decided?.detail?.['rule']], ['web.example', 'network.allowed_domains[0]']);
      assert.match(String(decided?.detail?.['origin']), /^small\.toml:\d+$/);
      assert.match(JSON.stringify(decided?.detail?.['argv']), /^\["curl",/);
    }),
  ),
);

export const networkPromises: readonly Promised[] = [
  {
    name: 'a program that knows of no proxy reaches an allowed host by its name alone',
    check: async (subject) => {
      const request = 'GET /plain HTTP/1.1\\r\\nHost: web.example\\r\\nConnection: close\\r\\n\\r\\n';
      const { code, stdout, stderr } = await script(subject, `exec 5<>/dev/tcp/web.example/80; printf '${request}' >&5; cat <&5`);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^HTTP\/1\.1 200 OK\r\n[^]*"url":"\/plain"/);
    },
  },
  ...reachable,
  withCurl(
    'a host that nothing lists has no name and no way through the proxy; the agent is told why, and it is on record',
    async (subject) => {
      const { code, stderr } = await curl(subject, "--noproxy '*' http://other.example/");
      assert.equal(code, 6, stderr);
      assert.match(stderr, /LASSO: connection to other\.example is blocked by network\.unlisted\. \S/);
      const proxied = await curl(subject, '-w "%{http_code}" http://other.example/');
      assert.match(proxied.stdout, /LASSO: [^]*other\.example[^]*network\.unlisted[^]*403$/);
      const tunnelled = await curl(subject, '-w "%{http_connect}" https://other.example/');
      assert.deepEqual([tunnelled.code, tunnelled.stdout], [56, '403']);
      const blocked = (await networkRecords(subject)).filter(({ outcome }) => outcome === 'blocked');
      for (const action of ['name', 'connect'])
        assert.ok(
          blocked.some(
            (one) => one.action === action && one.detail?.['host'] === 'other.example' && one.detail['rule'] === 'network.unlisted',
          ),
          action,
        );
      assert.equal(
        subject.seen().some(({ host }) => host.startsWith('other.')),
        false,
      );
    },
  ),
  withCurl('an address in any notation leads nowhere', async (subject) => {
    const number = outsideAddress.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
    const before = subject.seen().length;
    for (const address of [
      outsideAddress,
      `${number}`,
      `0x${number.toString(16)}`,
      `[::ffff:${outsideAddress}]`,
      '169.254.169.254',
      '127.0.0.1:22',
    ])
      for (const words of Object.values(ways)) {
        const { code, stdout } = await curl(subject, `${words} -g -f http://${address}/`);
        assert.notEqual(code, 0, `${address}: ${stdout}`);
      }
    assert.equal(subject.seen().length, before);
  }),
  withCurl('a name that is allowed on some ports is closed on every other', async (subject) => {
    for (const words of Object.values(ways)) assert.notEqual((await curl(subject, `${words} -f https://web.example:8443/`)).code, 0);
  }),
  withCurl('of a host with rules about requests each request is judged, in TLS too, and the refusal names its line', async (subject) => {
    for (const words of Object.values(ways)) {
      const allowed = await curl(subject, `${words} -w "%{http_code}" https://api.example/a`);
      assert.match(allowed.stdout, /"url":"\/a"[^]*200$/, allowed.stderr);
      const refused = await curl(subject, `${words} -w "%{http_code}" -d x https://api.example/a`);
      assert.match(refused.stdout, /LASSO: POST api\.example:443\/a is blocked by small\.toml:\d+\. [^]*403$/, refused.stderr);
    }
    assert.equal(
      subject.seen().some(({ method }) => method === 'POST'),
      false,
    );
  }),
  withCurl('a secret is used where it belongs, is not told back, and is nowhere inside', async (subject) => {
    const value = hostSecret.TEST_SECRET;
    const inside = await script(subject, 'env; cat /proc/*/environ 2>/dev/null | tr "\\0" "\\n"; echo "at $TOKEN"');
    assert.match(inside.stdout, /^at lasso-secret-[0-9a-f]+$/m);
    const answer = await curl(subject, '-H "Authorization: Bearer $TOKEN" https://secret.example/mine');
    assert.match(answer.stdout, /"authorization":"Bearer lasso-secret-/, answer.stderr);
    assert.equal(subject.seen().find(({ url }) => url === '/mine')?.headers.authorization, `Bearer ${value}`);
    const elsewhere = await curl(subject, '-w "%{http_code}" -H "Authorization: Bearer $TOKEN" http://web.example/theirs');
    assert.match(elsewhere.stdout, /LASSO: [^]*403$/);
    assert.equal(
      subject.seen().some(({ url }) => url === '/theirs'),
      false,
    );
    const records = JSON.stringify(await recordsOf(subject.lasso, subject.sandbox));
    for (const [where, text] of Object.entries({ inside: inside.stdout, answer: answer.stdout, records, log: subject.lasso.helperLog() }))
      assert.ok(!text.includes(value), where);
    for (const action of ['substituted', 'redacted', 'placeholder-refused']) assert.match(records, new RegExp(`"action":"${action}"`));
  }),
  {
    name: 'nothing answers names or leads out but the sandbox’s own loopback, and no packet leaves',
    check: async (subject) => {
      const { stdout } = await script(
        subject,
        `for to in tcp/${outsideAddress}/80 udp/192.0.2.53/53 tcp/192.0.2.53/53; do (echo x >/dev/$to) 2>/dev/null && echo $to; done; true`,
      );
      assert.equal(stdout, '');
    },
  },
  {
    name: 'the record of all that verifies',
    check: ({ lasso, sandbox }) => chainVerifies(lasso, sandbox),
  },
];
