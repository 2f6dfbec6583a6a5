/** The verb by which a program in a sandbox is reached from this machine, and from nowhere else. */
import { z } from 'zod';
import { operation } from './operation.ts';

const portNumber = z.number().int().min(1).max(65_535);

export const forward = z.object({
  port: portNumber.describe('port of the sandbox’s own loopback'),
  hostPort: portNumber.describe('port of 127.0.0.1 of this machine'),
  connections: z.number().int().min(0).describe('open now'),
});
export type Forward = z.infer<typeof forward>;

export const forwardOperations = {
  forward: operation({
    summary: 'Reach a port of a sandbox on 127.0.0.1 of this machine, for as long as it runs; without a port, list what is reached',
    effect: 'weaken',
    runs: 'helper',
    cli: {
      name: 'forward',
      positionals: ['sandbox', 'port'],
      json: true,
      quiet: true,
      examples: ['lasso forward app 3000', 'lasso forward app 3000:8080', 'lasso forward app', 'lasso forward app --end 3000'],
    },
    params: z.object({
      sandbox: z.string().describe('sandbox: its id, the start of it, or its name'),
      port: z
        .string()
        .regex(/^\d{1,5}(:\d{1,5})?$/, 'must be PORT or PORT:HOSTPORT')
        .optional()
        .describe('PORT of the sandbox, or PORT:HOSTPORT (default: the same port here; HOSTPORT 0: any free one)'),
      end: portNumber.optional().describe('no longer reach this port of the sandbox'),
    }),
    result: z.object({ sandbox: z.string(), forwards: z.array(forward) }),
  }),
} as const;
