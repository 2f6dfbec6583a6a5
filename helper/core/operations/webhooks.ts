/** The verb that tries whom a profile wants told: one test event to each, and what each of them answered. Nothing is recorded or kept. */
import { hash } from 'node:crypto';
import { courierOf } from '../../audit/forward/couriers.ts';
import type { ForwardFacts, Item } from '../../audit/forward/contract.ts';
import { shownAddress, type SinkSettings } from '../../audit/forward/settings.ts';
import type { OperationResult } from '../../protocol/operations.ts';
import { forwardFacts } from '../records/outgoing.ts';
import { receiversOf } from '../records/receivers.ts';
import type { World } from '../world.ts';
import type { OperationHandlers } from './contract.ts';

type Tried = OperationResult<'webhookTest'>['sinks'][number];

export function webhookOperations(world: World): Pick<OperationHandlers, 'webhookTest'> {
  const facts = forwardFacts(world);
  return {
    webhookTest: async ({ profile: reference }, { signal }) => {
      const profile = await world.readProfile({ reference });
      world.secrets.forget();
      const item = testItem(world.clock.now().toISOString());
      return { sinks: await Promise.all(receiversOf(profile, world.host.home).map((sink) => tried(sink, item, facts, signal))) };
    },
  };
}

async function tried(sink: SinkSettings, item: Item, facts: ForwardFacts, signal: AbortSignal): Promise<Tried> {
  const answer = await courierOf(sink, facts).deliver([item], signal);
  const { accepted: delivered } = answer;
  const message = answer.accepted && answer.refused !== undefined ? answer.refused : answer.message;
  return { kind: sink.kind, address: shownAddress(sink), delivered, message };
}

/** A line that is in no record: it has no place in a chain, and says that it is a test. */
function testItem(ts: string): Item {
  const facts = { sandbox: 'test', type: 'test', action: 'test', outcome: 'success', ts };
  const line = JSON.stringify({ ...facts, detail: { note: 'sent by `lasso webhook test`; nothing happened' } });
  return { kind: 'record', ...facts, seq: 0, line, digest: hash('sha256', line, 'hex') };
}
