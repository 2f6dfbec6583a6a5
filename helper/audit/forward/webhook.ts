/**
 * Webhooks: a signed POST of JSON with one or more events. What is signed is the time and the exact body, so that a receiver can
 * refuse what somebody sends it again later. Nothing but a 2xx answer counts as accepted.
 */
import { createHmac } from 'node:crypto';
import type { Answer, Courier, ForwardFacts, Item } from './contract.ts';
import { deliveryOf, eventOf } from './events.ts';
import { post } from './http.ts';
import type { WebhookSettings } from './settings.ts';

export function webhookCourier(sink: WebhookSettings, facts: ForwardFacts): Courier {
  return {
    batchItems: 100,
    batchBytes: 262_144,
    deliver: async (items, signal) => {
      try {
        return await send(sink, facts, items, signal);
      } catch (error) {
        return { accepted: false, message: error instanceof Error ? error.message : 'it could not be reached' };
      }
    },
  };
}

async function send(sink: WebhookSettings, facts: ForwardFacts, items: readonly Item[], signal: AbortSignal): Promise<Answer> {
  const secret = sink.secret === undefined ? undefined : await facts.secret(sink.secret, sink);
  const timestamp = String(Math.floor(facts.clock.now().getTime() / 1000));
  const body = bodyOf(items);
  const events = new Set(items.map(eventOf));
  const headers = {
    'content-type': 'application/json',
    'user-agent': `lasso/${facts.version}`,
    'x-lasso-event': events.size === 1 ? [...events].join('') : 'batch',
    'x-lasso-delivery': batchId(items),
    'x-lasso-timestamp': timestamp,
    ...(secret === undefined ? {} : { 'x-lasso-signature': signatureOf(secret, timestamp, body) }),
  };
  const { status, retryAfterMs } = await post({ url: sink.url, headers, body, timeoutMs: sink.timeoutMs, signal }, facts);
  if (status >= 200 && status < 300) return { accepted: true, message: `answered with status ${status}` };
  const redirected = status >= 300 && status < 400 ? ', and redirects are not followed' : '';
  return {
    accepted: false,
    message: `it answered with status ${status}${redirected}`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(status === 413 ? { tooLarge: true } : {}),
  };
}

/** `t=<seconds>,sha256=<hex>`, the form of LASSO 1.x: HMAC-SHA256 over the time, a full stop and the body. */
function signatureOf(secret: string, timestamp: string, body: string): string {
  return `t=${timestamp},sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}

/** The lines stand in it as they were written, so that their digests can be computed from the bytes of the body. */
function bodyOf(items: readonly Item[]): string {
  const sandbox = JSON.stringify(items[0]?.sandbox ?? '');
  return `{"version":1,"sandbox":${sandbox},"events":[${items.map(eventText).join(',')}]}`;
}

function eventText(item: Item): string {
  const head = `"id":${JSON.stringify(deliveryOf(item))},"event":${JSON.stringify(eventOf(item))},"sandbox":${JSON.stringify(item.sandbox)}`;
  if (item.kind === 'checkpoint') return `{${head},"size":${item.size},"checkpoint":${JSON.stringify(item.note)}}`;
  return `{${head},"seq":${item.seq},"digest":"${item.digest}","record":${item.line}}`;
}

/** The same things together have the same id, other things another: a batch that has grown is not taken for the one before. */
function batchId(items: readonly Item[]): string {
  const [first, last] = [items[0], items.at(-1)];
  if (first === undefined || last === undefined) return '';
  return items.length === 1 ? deliveryOf(first) : `${deliveryOf(first)}..${deliveryOf(last).slice(last.sandbox.length + 1)}`;
}
