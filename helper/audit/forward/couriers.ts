/** Which courier carries to which kind of receiver. */
import type { Courier, ForwardFacts, Item } from './contract.ts';
import { isWanted } from './events.ts';
import { gitCourier } from './git.ts';
import { otlpCourier } from './otlp.ts';
import type { SinkSettings } from './settings.ts';
import { syslogCourier } from './syslog.ts';
import { webhookCourier } from './webhook.ts';

export function courierOf(sink: SinkSettings, facts: ForwardFacts): Courier {
  switch (sink.kind) {
    case 'webhook':
      return webhookCourier(sink, facts);
    case 'syslog':
      return syslogCourier(sink, facts);
    case 'otlp':
      return otlpCourier(sink, facts);
    case 'git':
      return gitCourier(sink, facts);
  }
}

/** Whether a receiver is told of it: a webhook what its `events` name, a repository checkpoints alone, everybody else everything. */
export function isFor(item: Item, sink: SinkSettings): boolean {
  if (sink.kind === 'webhook') return isWanted(item, sink.events);
  return sink.kind !== 'git' || item.kind === 'checkpoint';
}

/** Attempts that fail in a row before it is said that a receiver fails. */
export function attemptsOf(sink: SinkSettings): number {
  return sink.kind === 'webhook' ? sink.retries + 1 : 3;
}
