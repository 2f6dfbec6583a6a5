/**
 * OpenTelemetry logs: OTLP/HTTP with JSON (opentelemetry.io/docs/specs/otlp, and the data model of logs). 64-bit numbers are texts,
 * as the protocol's JSON has them. Unlike its advice, nothing is dropped on a refusal: it waits, for the record must not have holes.
 */
import { z } from 'zod';
import type { Answer, Courier, ForwardFacts, Item } from './contract.ts';
import { deliveryOf, eventOf } from './events.ts';
import { post } from './http.ts';
import type { OtlpSettings } from './settings.ts';

const timeoutMs = 10_000;

type Value = { readonly stringValue: string } | { readonly intValue: string };
interface Attribute {
  readonly key: string;
  readonly value: Value;
}

export function otlpCourier(sink: OtlpSettings, facts: ForwardFacts): Courier {
  return {
    batchItems: 512,
    batchBytes: 1_048_576,
    deliver: async (items, signal) => {
      try {
        return await send(sink, facts, items, signal);
      } catch (error) {
        return { accepted: false, message: error instanceof Error ? error.message : 'it could not be reached' };
      }
    },
  };
}

async function send(sink: OtlpSettings, facts: ForwardFacts, items: readonly Item[], signal: AbortSignal): Promise<Answer> {
  const given = await Promise.all(
    Object.entries(sink.headers).map(async ([name, from]) => [name, await facts.secret(from, sink)] as const),
  );
  const headers = { ...Object.fromEntries(given), 'content-type': 'application/json', 'user-agent': `lasso/${facts.version}` };
  const body = JSON.stringify(exportOf(items, facts));
  const { status, retryAfterMs, text } = await post({ url: logsUrl(sink.url), headers, body, timeoutMs, signal }, facts);
  if (status >= 200 && status < 300) {
    const refused = refusedIn(text);
    return { accepted: true, message: `answered with status ${status}`, ...(refused === undefined ? {} : { refused }) };
  }
  return {
    accepted: false,
    message: `it answered with status ${status}`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(status === 413 ? { tooLarge: true } : {}),
  };
}

/** The address as given where it names the path already, else with the path of the protocol. */
function logsUrl(url: string): string {
  return /\/v1\/logs\/?$/.test(url) ? url : `${url.replace(/\/+$/, '')}/v1/logs`;
}

function exportOf(items: readonly Item[], facts: ForwardFacts): unknown {
  const resource = [
    text('service.name', 'lasso'),
    text('service.version', facts.version),
    text('service.instance.id', items[0]?.sandbox ?? ''),
    text('host.name', facts.hostName),
  ];
  const observed = nanoseconds(facts.clock.now().toISOString());
  return {
    resourceLogs: [
      {
        resource: { attributes: resource },
        scopeLogs: [
          { scope: { name: 'lasso.record', version: facts.version }, logRecords: items.map((item) => logRecordOf(item, observed)) },
        ],
      },
    ],
  };
}

function logRecordOf(item: Item, observedTimeUnixNano: string): unknown {
  const common = [text('lasso.delivery', deliveryOf(item)), text('lasso.sandbox', item.sandbox)];
  const attributes: Attribute[] =
    item.kind === 'checkpoint'
      ? [...common, number('lasso.size', item.size)]
      : [
          ...common,
          number('lasso.seq', item.seq),
          text('lasso.digest', item.digest),
          text('lasso.type', item.type),
          text('lasso.action', item.action),
          text('lasso.outcome', item.outcome),
          ...(item.target === undefined ? [] : [text('lasso.target', item.target)]),
        ];
  return {
    timeUnixNano: nanoseconds(item.ts),
    observedTimeUnixNano,
    ...severityOf(item),
    eventName: `lasso.${eventOf(item)}`,
    body: { stringValue: item.kind === 'checkpoint' ? item.note : item.line },
    attributes,
  };
}

/** as in the data model's table of severities */
function severityOf(item: Item): { readonly severityNumber: number; readonly severityText: string } {
  if (item.kind === 'checkpoint') return { severityNumber: 10, severityText: 'INFO2' };
  if (item.type === 'gap' || item.outcome === 'error') return { severityNumber: 17, severityText: 'ERROR' };
  const warns = item.type === 'violation' || item.outcome === 'blocked' || item.outcome === 'unknown';
  return warns ? { severityNumber: 13, severityText: 'WARN' } : { severityNumber: 9, severityText: 'INFO' };
}

const text = (key: string, value: string): Attribute => ({ key, value: { stringValue: value } });
const number = (key: string, value: number): Attribute => ({ key, value: { intValue: String(value) } });

function nanoseconds(time: string): string {
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? '0' : `${ms}000000`;
}

const partial = z.object({
  partialSuccess: z.object({ rejectedLogRecords: z.coerce.number().optional(), errorMessage: z.string().optional() }).optional(),
});

/** What a collector says it dropped; it must not be sent again. Hostile input. */
function refusedIn(answer: string): string | undefined {
  const told = partial.safeParse(parsed(answer)).data?.partialSuccess;
  if (told?.rejectedLogRecords === undefined || !(told.rejectedLogRecords > 0)) return undefined;
  return `${told.rejectedLogRecords} not taken: ${(told.errorMessage ?? '').slice(0, 200)}`;
}

function parsed(answer: string): unknown {
  try {
    return JSON.parse(answer);
  } catch {
    return undefined;
  }
}
