/** Secrets that VS Code keeps: every window is asked, the first that has one answers, and nobody is waited for without end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRandom } from '../../../helper/base/random.ts';
import { EditorSecrets, type SecretQuestion } from '../../../helper/secrets/vscode.ts';
import { missing } from '../../kit/secrets.ts';

interface Desk {
  readonly editors: EditorSecrets;
  readonly asked: SecretQuestion[];
  readonly timeOver: () => void;
}

function openDesk(): Desk {
  const wakes: (() => void)[] = [];
  const editors = new EditorSecrets({ sleep: () => new Promise<void>((resolve) => wakes.push(resolve)) }, systemRandom);
  const asked: SecretQuestion[] = [];
  editors.onQuestion = (question) => void asked.push(question);
  return { editors, asked, timeOver: () => wakes.forEach((wake) => wake()) };
}

test('without a window there is no secret, and nobody is asked', async () => {
  const { editors, asked } = openDesk();
  await missing(editors.source('npm').read(), /no VS Code window is connected/);
  const window = editors.attend();
  void window.dispose();
  void window.dispose();
  await missing(editors.source('npm').read(), /no VS Code window is connected/);
  assert.deepEqual(asked, []);
});

test('the first window that has it answers', async () => {
  const { editors, asked } = openDesk();
  editors.attend();
  editors.attend();
  const reading = editors.source('npm').read();
  const question = asked.at(-1);
  assert.equal(question?.name, 'npm');
  editors.answer(question.id, undefined);
  editors.answer(question.id, 'v');
  assert.equal(await reading, 'v');
  editors.answer(question.id, 'late');
  editors.answer('nobody asked', 'v');
});

test('it is missing when every window lacks it, or none answers in time', async () => {
  const { editors, asked, timeOver } = openDesk();
  editors.attend();
  const reading = editors.source('npm').read();
  editors.answer(asked[0]?.id ?? '', undefined);
  await missing(reading, /VS Code has no secret npm/);
  const silent = editors.source('npm').read();
  timeOver();
  await missing(silent, /did not answer/);
});
