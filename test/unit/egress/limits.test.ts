import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { EgressEvent } from '../../../helper/egress/contract.ts';
import { Bucket, Limits, limitsOfSandbox } from '../../../helper/egress/limits.ts';

suite('limits of a sandbox', () => {
  const make = (): { readonly limits: Limits; readonly told: EgressEvent[]; readonly pass: (ms: number) => void } => {
    let now = 0;
    const told: EgressEvent[] = [];
    return {
      limits: new Limits(
        (event) => told.push(event),
        () => now,
      ),
      told,
      pass: (ms) => (now += ms),
    };
  };

  test('so many connections are open at once and no more, and closing one, once, makes room for one', () => {
    const { limits, pass } = make();
    const undo = Array.from({ length: limitsOfSandbox.connections }, () => limits.open());
    pass(60_000);
    assert.match(limits.newConnection('a.example:443') ?? '', /2000 connections open/);
    undo[0]?.();
    undo[0]?.();
    assert.equal(limits.newConnection('a.example:443'), undefined);
    limits.open();
    assert.match(limits.newConnection('a.example:443') ?? '', /2000 connections open/);
  });

  test('so many questions are thought about at once and no more', async () => {
    const { limits } = make();
    const answered = Promise.withResolvers<string>();
    const ask = (): Promise<string> =>
      limits.question(
        'a.example',
        (message) => message,
        () => answered.promise,
      );
    const waiting = Array.from({ length: limitsOfSandbox.questions }, ask);
    assert.match(await ask(), /^LASSO: 4096 questions/);
    answered.resolve('yes');
    assert.ok((await Promise.all(waiting)).every((answer) => answer === 'yes'));
    assert.equal(await ask(), 'yes');
  });

  test('a storm is told at once, then once a second with how many there were', () => {
    const { limits, told, pass } = make();
    for (let index = 0; index < 1500; index += 1) {
      limits.refuse('a.example:443', 'too many');
      pass(1);
    }
    assert.deepEqual(
      told.map(({ detail }) => detail['refused']),
      [1, 1000],
    );
  });

  test('everything that was refused or asked about again is counted in some line', () => {
    const { limits, told, pass } = make();
    for (let index = 0; index < 777; index += 1) {
      limits.refuse('a.example:443', 'too many');
      limits.repeated('b.example');
      pass(3);
    }
    limits.flush();
    limits.flush();
    const sum = (action: string): number =>
      told.reduce((all, { detail, action: one }) => all + (one === action ? Number(detail['refused']) : 0), 0);
    assert.deepEqual([sum('flood'), sum('name')], [777, 777]);
    assert.ok(told.length < 10);
  });

  test('a bucket never gives more than it may, however time passes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 200 }),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 20 }),
        (steps, perSecond, burst) => {
          let now = 0;
          const bucket = new Bucket(perSecond, burst, () => now);
          let given = 0;
          for (const step of steps) {
            now += step;
            if (bucket.take()) given += 1;
          }
          assert.ok(given <= burst + (now / 1000) * perSecond + 1e-6);
        },
      ),
    );
  });
});
