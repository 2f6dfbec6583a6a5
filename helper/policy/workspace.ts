/** Which folder may become /workspace. The path comes with every link resolved; a folder with more than a project in it is refused. */
import type { Judgement } from './judgement.ts';
import { type HostFacts, judgePlace } from './places.ts';

/** Judges a workspace, which is always writable; the answer holds only for that very path. */
export function judgeWorkspace(folder: string, facts: HostFacts): Judgement {
  return judgePlace(folder, true, facts);
}
