/** Watches a sandbox that runs for what it does not ask for, and writes it down. It stops nothing and decides nothing. */
import { type FileWitness, witnessFiles } from './file-witness.ts';
import { watchLimits } from './limit-watch.ts';
import type { Live, Witness } from '../live.ts';
import type { Sandbox } from '../sandbox.ts';
import type { World } from '../world.ts';

export function witnessOf(world: World, sandbox: Sandbox, live: Live): Witness {
  const limits = watchLimits({ running: live.running, note: (entry) => sandbox.note(entry) });
  void live.link.ended.then(() => limits.dispose());
  const { policy, content } = live.profile.started;
  const watched = content.audit.include_file_diffs && policy.workspaceWritable;
  const files: FileWitness | undefined = watched ? witnessFiles(world, sandbox, world.clock.now().getTime()) : undefined;
  return {
    ending: () => limits.look(),
    removed: async () => files?.tell(),
  };
}
