import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chord } from '../../../../helper/faces/cli/chord.ts';

const cases: readonly (readonly [what: string, pieces: readonly string[], inside: string, detached: boolean])[] = [
  ['ordinary text', ['ls -la\r'], 'ls -la\r', false],
  ['Ctrl-C and escape sequences', ['\u0003\u001b[A'], '\u0003\u001b[A', false],
  ['the chord', ['ab\u001ddcd'], 'ab', true],
  ['the chord in two pieces', ['ab\u001d', 'dcd'], 'ab', true],
  ['the prefix twice', ['a\u001d\u001db'], 'a\u001db', false],
  ['the prefix twice, then d', ['\u001d\u001dd'], '\u001dd', false],
  ['the prefix and another key', ['a\u001dxd'], 'a\u001dxd', false],
  ['the chord in a paste', ['\u001b[200~a\u001ddb\u001b[201~'], '\u001b[200~a\u001ddb\u001b[201~', false],
  ['a paste in pieces', ['\u001b[20', '0~\u001d', 'd\u001b[2', '01~x'], '\u001b[200~\u001dd\u001b[201~x', false],
  ['the chord after a paste', ['\u001b[200~a\u001b[201~\u001dd'], '\u001b[200~a\u001b[201~', true],
  ['UTF-8', ['é日🙂'], 'é日🙂', false],
];

test('only the typed chord leaves a terminal, and everything else goes inside unchanged', () => {
  for (const [what, pieces, inside, detached] of cases) {
    const chord = new Chord();
    let bytes = '';
    let left = false;
    for (const piece of pieces) {
      const typed = chord.take(Buffer.from(piece, 'utf8'));
      bytes += typed.bytes.toString('latin1');
      left = typed.detach;
      if (left) break;
    }
    assert.deepEqual([Buffer.from(bytes, 'latin1').toString('utf8'), left], [inside, detached], what);
  }
});
