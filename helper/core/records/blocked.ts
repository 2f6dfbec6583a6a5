/**
 * Tells faces what was blocked as it goes on record: at most once a second for a sandbox, with how many blocked things the
 * word stands for. It judges nothing, and a record is written whether or not anybody listens.
 */
import type { SandboxRecord } from '../../audit/writing/log.ts';
import type { Clock } from '../../base/clock.ts';
import type { LassoEvent } from '../../protocol/events.ts';
import type { RecordEntry } from '../../protocol/record.ts';

export type BlockedEvent = Extract<LassoEvent, { type: 'blocked' }>;

/** pause between two words about one sandbox, in milliseconds */
const pauseMs = 1000;
/** longest text that is told; the record has all of it */
const textLimit = 1000;

export interface TellingFacts {
  readonly clock: Pick<Clock, 'sleep'>;
  readonly emit: (event: BlockedEvent) => void;
  /** an entry as it may be written down and told */
  readonly prepare: (entry: RecordEntry) => RecordEntry;
}

/** The same record, whose entries are prepared first, and whose blocked ones are told to `emit` once they are written. */
export function tellingBlocked(record: SandboxRecord, sandbox: string, { clock, emit, prepare }: TellingFacts): SandboxRecord {
  let pausing = false;
  let held: BlockedEvent | undefined;
  const tell = (event: BlockedEvent): void => {
    if (pausing) {
      held = { ...event, count: event.count + (held?.count ?? 0) };
      return;
    }
    pausing = true;
    emit(event);
    void clock.sleep(pauseMs).then(() => {
      pausing = false;
      const next = held;
      held = undefined;
      if (next) tell(next);
    });
  };
  return {
    get file() {
      return record.file;
    },
    get head() {
      return record.head;
    },
    append: async (given, finishes) => {
      const entry = prepare(given);
      const written = await record.append(entry, finishes);
      // What a person was asked is told by itself, and the start that was refused for it once more.
      if (entry.outcome === 'blocked' && entry.type !== 'approval' && !isOnlyCount(entry)) tell(eventOf(sandbox, entry));
      return written;
    },
    checkpoint: () => record.checkpoint(),
    close: () => record.close(),
  };
}

/** How often something that was told already was asked about again. */
const isOnlyCount = ({ type, detail }: RecordEntry): boolean => type === 'network' && detail?.['refused'] !== undefined;

function eventOf(sandbox: string, { target = '', detail = {} }: RecordEntry): BlockedEvent {
  const text = (key: string): string | undefined => (typeof detail[key] === 'string' ? shortened(detail[key]) : undefined);
  const [rule, origin] = [text('rule'), text('origin')];
  return {
    type: 'blocked',
    sandbox,
    what: shortened(target),
    reason: text('reason') ?? '',
    ...(rule === undefined ? {} : { rule }),
    ...(origin === undefined ? {} : { origin }),
    count: 1,
  };
}

const shortened = (text: string): string => (text.length <= textLimit ? text : `${text.slice(0, textLimit - 1)}…`);
