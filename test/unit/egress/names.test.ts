import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { portsOf } from '../../../helper/egress/names.ts';
import { limitsOfSandbox } from '../../../helper/egress/limits.ts';
import { judgeConnection } from '../../../helper/policy/network/judge.ts';
import { namePortLimit } from '../../../helper/protocol/guest.ts';
import { openOutside } from '../../kit/egress.ts';
import { networkRulesOfText } from '../../kit/network-rules.ts';

const asker = null;

suite('ports of a name', () => {
  const rules: readonly (readonly [rules: string, name: string, ports: readonly number[]])[] = [
    ['mode = "restricted"', 'a.example', []],
    ['mode = "restricted"\nallowed_domains = []', 'a.example', []],
    ['mode = "none"\nallowed_domains = ["a.example"]', 'a.example', []],
    ['mode = "restricted"\nallowed_domains = ["a.example"]\nallowed_ports = [443]', 'a.example', [443]],
    ['mode = "restricted"\nallowed_domains = ["a.example"]\nallowed_ports = [443, 80]\nblocked_ports = [80]', 'a.example', [443]],
    ['mode = "restricted"\nallowed_domains = ["*.a.example"]\nallowed_ports = [443]', 'a.example', []],
    ['mode = "restricted"\nallowed_domains = ["*.a.example"]\nallowed_ports = [443]', 'x.y.a.example', [443]],
    ['mode = "restricted"\nallowed_domains = ["*.a.example"]\nallowed_ports = [443]', 'xa.example', []],
    ['mode = "restricted"\nallowed_domains = ["*"]\nallowed_ports = [443]', 'localhost', []],
    ['mode = "restricted"\nallowed_domains = ["a.example"]\nallowed_ports = [443]', 'A.EXAMPLE.', [443]],
    ['mode = "restricted"\nallowed_ports = [443]\nunlisted = "ask"', 'a.example', [443]],
    ['mode = "restricted"\nallowed_ports = [443]\nunlisted = "ask"\nblocked_domains = ["a.example"]', 'a.example', []],
    [
      'mode = "restricted"\nallowed_ports = [443]\n[[network.rules]]\nhost = "a.example"\nmethods = ["GET"]\naction = "allow"',
      'a.example',
      [443],
    ],
    [
      'mode = "restricted"\nallowed_ports = [443]\n[[network.rules]]\nhost = "a.example"\nports = [22, 8443]\naction = "allow"',
      'a.example',
      [22, 8443],
    ],
    ['mode = "full"\nallowed_ports = [443]\nblocked_ports = [22]', 'a.example', [80, 443, 8080, 8443]],
  ];
  for (const [text, name, ports] of rules)
    test(`${name} with ${text.replaceAll('\n', '; ')}: ${ports.join(', ') || 'none'}`, async (t) => {
      const { egress, resolved } = await openOutside(t, { rules: text, names: { 'a.example': ['203.0.113.1'] } });
      assert.deepEqual((await egress.name({ name, asker })).ports, ports);
      assert.deepEqual(resolved, [], 'no question leaves');
    });

  test('they are never more than the guest takes, and each is one that may be allowed', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { maxLength: 80 }),
        fc.constantFrom('full', 'restricted'),
        (ports, mode) => {
          const rules = networkRulesOfText(`mode = "${mode}"\nallowed_domains = ["a.example"]\nallowed_ports = [${ports.join(', ')}]`);
          const found = portsOf('a.example', rules);
          assert.ok(found.length <= namePortLimit && new Set(found).size === found.length);
          for (const port of found) assert.equal(judgeConnection({ host: 'a.example', port }, rules).decision, 'allow');
        },
      ),
    );
  });
});

suite('a name that is refused', () => {
  for (const name of [
    '',
    'a b.example',
    'a.example\0.b.example',
    '127.0.0.1',
    '0x7f.1',
    '2130706433',
    '[::1]',
    'x'.repeat(2000),
    'metadata.localhost',
  ])
    test(`${JSON.stringify(name.slice(0, 30))} has no ports in any mode`, async (t) => {
      const { egress, resolved } = await openOutside(t, { rules: 'mode = "full"' });
      const answer = await egress.name({ name, asker });
      assert.deepEqual(answer.ports, []);
      assert.match(answer.message ?? '', /^LASSO: /);
      assert.deepEqual(resolved, []);
    });

  test('it is decided with who asked, but once a second and name', async (t) => {
    let now = 0;
    const { egress, decided } = await openOutside(t, { rules: 'mode = "restricted"\nallowed_ports = [443]', monotonicMs: () => now });
    const who = { pid: 7, executable: '/bin/x', argv: ['x'] };
    const ask = (name: string) => egress.name({ name, asker: who });
    const [first, ...others] = await Promise.all(Array.from({ length: 50 }, () => ask('a.example')));
    assert.ok(others.every(({ ports }) => ports.length === 0));
    assert.match(first?.message ?? '', /Nothing lists a\.example/);
    assert.deepEqual(decided, [{ what: 'name', host: 'a.example', port: 443, asker: who }]);
    now = 500;
    assert.equal((await ask('A.example.')).message, first?.message);
    await ask('b.example');
    now = 1100;
    await ask('a.example');
    assert.deepEqual(
      decided.map(({ host }) => host),
      ['a.example', 'b.example', 'a.example'],
    );
  });

  test('a storm of names is one line a second', async (t) => {
    let now = 0;
    const { egress, decided, reported } = await openOutside(t, { rules: 'mode = "restricted"', monotonicMs: () => now });
    for (let index = 0; index < 3000; index += 1) {
      assert.deepEqual((await egress.name({ name: `n${index}.example`, asker })).ports, []);
      now += 1;
    }
    assert.ok(decided.length <= limitsOfSandbox.refusalsBurst + 3 * limitsOfSandbox.refusalsPerSecond + 1, `${decided.length}`);
    assert.ok(reported.length >= 2 && reported.length <= 3);
    assert.ok(reported.every(({ action, outcome }) => action === 'flood' && outcome === 'blocked'));
  });

  test('new rules are asked at once', async (t) => {
    const world = await openOutside(t, { rules: 'mode = "restricted"', monotonicMs: () => 0 });
    const { egress } = world;
    assert.deepEqual((await egress.name({ name: 'a.example', asker })).ports, []);
    world.setRules('mode = "restricted"\nallowed_domains = ["a.example"]\nallowed_ports = [443]');
    egress.reconsider();
    assert.deepEqual((await egress.name({ name: 'a.example', asker })).ports, [443]);
  });
});
