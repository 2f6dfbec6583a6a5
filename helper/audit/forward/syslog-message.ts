/**
 * One message as RFC 5424 has it. Structured data is that of the RFC alone (`origin`, `meta`): LASSO has no enterprise number, and
 * 32473 is for examples. What a message says is the line of the record, or, where that is too long, what was left of it. Pure.
 */
import { syslogFacilities } from '../../protocol/profile/audit.ts';
import type { Item } from './contract.ts';
import { eventOf } from './events.ts';

export interface MessageFacts {
  readonly facility: string;
  readonly hostName: string;
  readonly version: string;
  /** longest message, in bytes */
  readonly limitBytes: number;
}

/** as in RFC 5424, table 2 */
type Severity = 3 | 4 | 5 | 6;
const usualFacility = 16;

export function syslogMessage(item: Item, facts: MessageFacts): string {
  const found = syslogFacilities.indexOf(facts.facility);
  const priority = (found < 0 ? usualFacility : found) * 8 + severityOf(item);
  const host = nameOf(facts.hostName, 255);
  const number = (item.kind === 'checkpoint' ? item.size : item.seq) % 2_147_483_647;
  const data = `[origin software="lasso" swVersion="${quoted(facts.version)}"][meta sequenceId="${number + 1}"]`;
  const head = `<${priority}>1 ${item.ts} ${host} lasso-audit ${nameOf(item.sandbox, 128)} ${nameOf(eventOf(item), 32)} ${data} `;
  return head + textOf(item, facts.limitBytes - head.length);
}

/** What went wrong or was refused stands out. */
export function severityOf(item: Item): Severity {
  if (item.kind === 'checkpoint') return 5;
  if (item.type === 'gap' || item.outcome === 'error') return 3;
  return item.type === 'violation' || item.outcome === 'blocked' || item.outcome === 'unknown' ? 4 : 6;
}

/** What is said, in ASCII: the line itself, so that whoever keeps it can follow the chain, or else what it is about and its digest. */
export function textOf(item: Item, limitBytes: number): string {
  if (item.kind === 'checkpoint')
    return JSON.stringify({ event: 'checkpoint', sandbox: item.sandbox, checkpoint: item.note }).replace(/\u2014/g, '\\u2014');
  if (item.line.length <= limitBytes) return item.line;
  const { sandbox, seq, ts, type, action, outcome, digest, line, target = '' } = item;
  const left = (targetUnits: number): string =>
    ascii({
      sandbox,
      seq,
      ts,
      type,
      action: action.slice(0, 64),
      outcome,
      target: target.slice(0, targetUnits),
      cut: { bytes: line.length, sha256: digest },
    });
  // Escapes make a unit up to six bytes long.
  const room = limitBytes - left(0).length;
  return left(room <= 0 ? 0 : Math.floor(room / 6));
}

const ascii = (value: unknown): string =>
  JSON.stringify(value).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

const nameOf = (text: string, limit: number): string => text.replace(/[^\x21-\x7e]/g, '').slice(0, limit) || '-';
const quoted = (text: string): string => text.replace(/[^\x20-\x7e]/g, '').replace(/["\\\]]/g, '\\$&');
