/** The vector at the end of the description of the format, as it must read there. */
import { digestOf } from '../../helper/audit/form/chain.ts';
import { ledgerLine } from '../../helper/audit/keys/chain-ledger.ts';
import { chainSeed, fingerprintOf, firstKeyText, lineKey, seedAfter } from '../../helper/audit/form/key-schedule.ts';
import { firstKey, publicKey } from './chain-maker.ts';
import { sandbox, vectors } from './vectors.ts';

/** Each is a paragraph of the description, indented as code is. */
export function formatVector(): readonly string[] {
  const intact = vectors()['intact'];
  const line = intact?.files[0]?.text.split('\n')[0] ?? '';
  const seed = seedAfter(firstKey, 2);
  const epochSeed = chainSeed(seed, sandbox);
  const given = ledgerLine(seedAfter(firstKey, 0), { kind: 'given', index: 0, sandbox, at: '2026-01-01T00:00:00.000Z', seed: 0 }, '');
  const begun = { kind: 'begun', index: 0, sandbox, at: '2026-01-01T00:00:01.000Z', seed: 1 } as const;
  const keys = [
    ['first key', firstKeyText(firstKey).trimEnd()],
    ['fingerprint', fingerprintOf(firstKey)],
    ['user seed 2', seed.toString('hex')],
    ['epoch seed 0', epochSeed.toString('hex')],
    ['key of epoch 0', lineKey(epochSeed).export().toString('hex')],
    ['digest', digestOf(line)],
    ['public key', publicKey],
  ];
  const table = keys.map(([name = '', value = '']) => `${name.padEnd(18)}${value}\n`).join('');
  const list = `${given}${ledgerLine(seedAfter(firstKey, 1), begun, given.trimEnd())}`;
  return [table, `${line}\n`, intact?.notes[0] ?? '', list].map((text) => text.replace(/^(?=.)/gm, '    '));
}
