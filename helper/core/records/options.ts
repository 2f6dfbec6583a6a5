/** How a sandbox's record is kept: what its profile says, in the writer's words. */
import type { ChainOptions } from '../../audit/writing/log.ts';
import { audit } from '../../protocol/profile/audit.ts';
import type { Profile } from '../../protocol/profile/profile.ts';

const bytesPerMegabyte = 1024 * 1024;

/** What `[audit]` of a profile asks for. */
export function recordOptionsOf({ durability, max_log_size_mb, rotation_count }: Profile['audit']): ChainOptions {
  return { durability, maxFileBytes: max_log_size_mb * bytesPerMegabyte, olderFiles: rotation_count };
}

/** For a record whose sandbox has no profile any more. */
export const usualRecord: ChainOptions = recordOptionsOf(audit.parse({}));
