/**
 * Files an agent needs in its home before its first start. They are made inside, by the guest's own program as the agent's user, and
 * only where there is nothing: what a link in that home leads to is no matter of the host's.
 */
import type { Actor } from '../../protocol/record.ts';
import { guestPaths } from '../../protocol/guest.ts';
import { LassoError } from '../../protocol/errors.ts';
import type { Sandbox } from '../sandbox.ts';

/** @param seeds text by path below the agent's home @throws LassoError as `Sandbox.spawn`, and FILE_UNAVAILABLE */
export async function plantSeeds(sandbox: Sandbox, seeds: Readonly<Record<string, string>>, actor: Actor): Promise<void> {
  for (const [name, text] of Object.entries(seeds)) {
    const path = `${guestPaths.home}/${name}`;
    const bytes = Buffer.from(text);
    const { process, ended } = await sandbox.spawn({
      ...{ type: 'file', action: 'seed', actor, target: path, more: () => ({ sizeBytes: bytes.length }) },
      request: {
        ...{ argv: [guestPaths.program, 'seed', path, String(bytes.length)], file: guestPaths.program, cwd: '/', environment: {} },
        ...{ terminal: null, stdin: true, separateStderr: false, ownAct: true },
      },
    });
    process.stdio.on('error', () => undefined).resume();
    process.stdio.end(bytes);
    const { code } = await ended;
    if (code === 0) continue;
    throw new LassoError(
      'FILE_UNAVAILABLE',
      `${path}, which the agent needs, cannot be made (${code ?? 'it was ended'})`,
      'Look at what is kept in its home: `lasso shell`, or `lasso agent forget` to begin anew.',
    );
  }
}
