/** What VS Code keeps for LASSO: values in its own store, names beside it, and nothing else anywhere. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeptSecrets, nameFault } from '../../../extension/secrets/kept.ts';

function store(): { readonly kept: KeptSecrets; readonly values: Map<string, string>; readonly memory: Map<string, unknown> } {
  const values = new Map<string, string>();
  const memory = new Map<string, unknown>();
  const kept = new KeptSecrets(
    {
      get: (key) => Promise.resolve(values.get(key)),
      store: (key, value) => Promise.resolve(void values.set(key, value)),
      delete: (key) => Promise.resolve(void values.delete(key)),
    },
    {
      get: (key: string) => memory.get(key) as never,
      update: (key: string, value: unknown) => Promise.resolve(void memory.set(key, value)),
    },
  );
  return { kept, values, memory };
}

test('what is stored is found by its name, listed once, and gone when it is removed', async () => {
  const { kept, values, memory } = store();
  for (const [name, value] of [
    ['npm', 'one'],
    ['a', 'hunter2'],
    ['npm', 'two'],
  ] as const)
    await kept.store(name, value);
  assert.deepEqual(kept.names, ['a', 'npm']);
  assert.equal(await kept.value('npm'), 'two');
  assert.ok(!JSON.stringify([...memory]).includes('hunter2'));
  await kept.remove('npm');
  assert.deepEqual([kept.names, await kept.value('npm'), values.size], [['a'], undefined, 1]);
});

test('names that were damaged elsewhere are no names', () => {
  const { kept, memory } = store();
  for (const odd of ['x', 7, null, [1, 'a']]) {
    memory.set('lasso.secretNames', odd);
    assert.deepEqual(kept.names, Array.isArray(odd) ? ['a'] : []);
  }
});

test('a name is one a profile can say', () => {
  for (const name of ['npm', 'team/npm', 'a.b']) assert.equal(nameFault(name), undefined);
  for (const name of ['', 'a b', 'schlüssel', 'a\nb', 'x'.repeat(101)]) assert.notEqual(nameFault(name), undefined);
});
