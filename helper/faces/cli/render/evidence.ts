/** What a person reads when an archive of evidence was written. */
import type { OperationResult } from '../../../protocol/operations.ts';
import { verifyStatuses } from '../../../protocol/verify-status.ts';
import type { View } from './view.ts';
import { visible } from './text.ts';

export function packText({ file, sha256, files, status, sandbox }: OperationResult<'auditPack'>, { paint }: Pick<View, 'paint'>): string {
  const stands = status === 'intact';
  const verdict = paint(stands ? 'green' : status === 'unanchored' || status === 'torn' ? 'yellow' : 'red', status);
  return [
    `packed  ${visible(file)}\n`,
    `  record of ${visible(sandbox)}: ${verdict}, ${verifyStatuses[status].means}\n`,
    `  ${files.length} files; README.txt in it says how to check them\n`,
    `  SHA-256 ${sha256}\n`,
    ...(stands ? [] : [`  ${paint('yellow', 'note:')} verification.txt in it says what was found\n`]),
  ].join('');
}
