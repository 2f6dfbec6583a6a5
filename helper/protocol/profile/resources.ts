/** `[resources]`: how much of the machine one sandbox may use. Field names and defaults are those of LASSO 1.x, `enforcement` is ours. */
import { z } from 'zod';

export const resources = z.strictObject({
  max_memory_mb: z
    .number()
    .int()
    .min(64)
    .max(16_777_216)
    .default(4096)
    .describe('memory in megabytes; more than that is killed')
    .meta({ examples: [8192] }),
  max_cpu_percent: z
    .number()
    .min(1)
    .max(100)
    .default(50)
    .describe('share of all processors of the machine together, in per cent')
    .meta({ examples: [75] }),
  max_pids: z
    .number()
    .int()
    .min(1)
    .max(4_194_304)
    .default(100)
    .describe('processes and threads at a time')
    .meta({ examples: [300] }),
  max_open_files: z
    .number()
    .int()
    .min(64)
    .max(1_048_576)
    .default(1024)
    .describe('open files of one process')
    .meta({ examples: [16384] }),
  max_file_size_mb: z
    .number()
    .int()
    .min(1)
    .max(16_777_216)
    .default(100)
    .describe('size of the largest file that can be written, in megabytes')
    .meta({ examples: [4096] }),
  enforcement: z
    .enum(['required', 'preferred'])
    .default('required')
    .describe('whether a limit that cannot be enforced here refuses the start, or starts and says so')
    .meta({ examples: ['preferred'] }),
});
