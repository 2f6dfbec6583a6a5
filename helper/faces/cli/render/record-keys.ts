/** What `lasso audit key` says: which keys there are, where the first one is, and what to do with it. */
import type { OperationResult } from '../../../protocol/operations.ts';
import type { Paint } from '../console.ts';
import { visible } from './text.ts';
import type { View } from './view.ts';

type Keys = OperationResult<'auditKey'>;

export function keysText(keys: Keys, { paint, asked }: View): string {
  const head = `first key   ${visible(keys.fingerprint)}\npublic key  ${visible(keys.publicKey)}\n\n`;
  return head + (asked['move'] !== undefined && keys.file !== undefined ? movedText(keys.file, paint) : placeText(keys, paint));
}

function movedText(file: string, paint: Paint): string {
  const kept = 'Keep it: nothing else tells who wrote the records. Verify with `lasso audit verify --key FILE`.';
  return `${paint('green', 'moved')}  The first key is in ${visible(file)}. Take it where this machine does not reach.\n  ${kept}\n`;
}

function placeText({ place, file }: Keys, paint: Paint): string {
  switch (place) {
    case 'file':
      return `${paint('yellow', 'here')}  The first key lies in ${visible(file ?? '')}. Whoever reads it can forge every record of the past.\n  Move it away: lasso audit key --move FILE, --keyring or --print\n`;
    case 'keyring':
      return `${paint('green', 'keyring')}  The first key is in this system’s keyring, and in no file. Programs of your account may ask for it while it is unlocked.\n`;
    case 'away':
      return `${paint('green', 'away')}  The first key is not on this machine. Verify with \`lasso audit verify --key FILE\`.\n`;
  }
}

/** Told once it was printed. */
export function goneText(fingerprint: string): string {
  return `This was the first key ${visible(fingerprint)}. It is gone from this machine and cannot be shown again.\n`;
}
