/** What a webhook of a test was told, read back. */
import { z } from 'zod';
import { chainName, type Receiver } from './forwarding.ts';

const body = z.object({
  version: z.literal(1),
  sandbox: z.literal(chainName),
  events: z.array(
    z.object({
      id: z.string(),
      event: z.string(),
      seq: z.number().optional(),
      digest: z.string().optional(),
      size: z.number().optional(),
      checkpoint: z.string().optional(),
      record: z.looseObject({ seq: z.number(), prev: z.string() }).optional(),
    }),
  ),
});
type Event = z.infer<typeof body>['events'][number];

export const eventsOf = (told: Receiver['told']): readonly Event[] => told.flatMap(({ body: text }) => body.parse(JSON.parse(text)).events);
/** numbers of the records that were told */
export const numbersOf = (told: Receiver['told']): readonly number[] => eventsOf(told).flatMap(({ seq }) => seq ?? []);
/** `from` to `count - 1` */
export const upTo = (count: number, from = 0): readonly number[] => Array.from({ length: count - from }, (_, index) => from + index);
