/**
 * What was tried on closed and hidden files, for the record: the first time at once, repetitions counted. The guest has refused it by then;
 * nothing is decided here. Its words are hostile, and a guest that floods costs a bounded number of records.
 */
import type { Clock } from '../../base/clock.ts';
import type { FileGate, FileRefusal, GuestFiles } from '../../guest/files.ts';
import { type FileRule, fileRuleFor } from '../../policy/files/rules.ts';
import { guestPaths } from '../../protocol/guest.ts';
import type { RecordEntry, RecordValue } from '../../protocol/record.ts';
import { isWithin } from '../../policy/commands/paths.ts';

export interface AttemptFacts {
  /** Writes down; never rejects. */
  readonly note: (entry: RecordEntry) => Promise<unknown>;
  readonly clock: Pick<Clock, 'sleep'>;
  /** what the guest is told now */
  readonly files: () => GuestFiles;
  /** the rules behind the guest's closed patterns, in their order, as they are now */
  readonly closing: () => readonly FileRule[];
  /** rules by which things are hidden, by the number of the hidden path */
  readonly hiding: readonly string[];
  /** FILE:LINE of a rule, where a file wrote it */
  readonly originOf: (rule: string) => string | undefined;
}

/** repetitions of one attempt are written down together, after so long */
const pauseMs = 2000;
/** different attempts within that time that are written down one by one */
const keptLimit = 200;
const agent = { kind: 'agent', face: 'guest' } as const;

const reasons = {
  hidden: 'The profile hides it; what was found is empty.',
  readonly: 'The profile lets it be read, and neither changed nor made.',
  guarded: 'The host may run or obey it, so it can neither be changed nor made.',
} as const;

export function fileAttempts(facts: AttemptFacts): FileGate {
  /** what was written down a moment ago → how often it was tried again since */
  const again = new Map<string, number>();
  let unkept = 0;

  const told = (key: string, entry: RecordEntry): void => {
    const count = again.get(key);
    if (count !== undefined) {
      again.set(key, count + 1);
      return;
    }
    if (again.size >= keptLimit) {
      unkept += 1;
      return;
    }
    again.set(key, 0);
    void facts.note(entry);
    void facts.clock.sleep(pauseMs).then(() => {
      const more = again.get(key) ?? 0;
      again.delete(key);
      if (more > 0) void facts.note({ ...entry, detail: { ...entry.detail, again: more } });
      if (again.size > 0 || unkept === 0) return;
      const { workspace } = facts.files();
      const reason = 'More was tried than is written down one by one.';
      void facts.note({
        type: 'file',
        action: 'refused',
        outcome: 'blocked',
        actor: agent,
        target: workspace,
        detail: { reason, again: unkept },
      });
      unkept = 0;
    });
  };

  const ruleOf = ({ path, other, index }: FileRefusal): FileRule | undefined => {
    const closing = facts.closing();
    const inner = [path, other].flatMap((one) => (isWithin(one, guestPaths.workspace) ? [one.slice(guestPaths.workspace.length + 1)] : []));
    return inner.map((one) => fileRuleFor(one, closing)).find((rule) => rule !== undefined) ?? closing[index];
  };

  return {
    files: facts.files,
    refused: (refusal) => {
      const { act, path, other, pid, executable, argv } = refusal;
      const rule = ruleOf(refusal);
      told(JSON.stringify([act, path, other, executable]), {
        type: 'file',
        action: 'refused',
        outcome: 'blocked',
        actor: agent,
        target: path,
        detail: {
          act: act.toLowerCase(),
          ...ruleDetail(facts, rule?.rule),
          reason: reasons[rule?.kind ?? 'guarded'],
          ...(other === '' ? {} : { other }),
          ...{ pid, executable, argv: [...argv] },
        },
      });
    },
    seen: (index) => {
      const target = facts.files().hidden[index];
      if (target === undefined) return;
      told(`seen ${index}`, {
        type: 'file',
        action: 'hidden-opened',
        outcome: 'blocked',
        actor: agent,
        target,
        detail: { ...ruleDetail(facts, facts.hiding[index]), reason: reasons.hidden },
      });
    },
  };
}

function ruleDetail({ originOf }: AttemptFacts, rule: string | undefined): Record<string, RecordValue> {
  if (rule === undefined) return {};
  const origin = originOf(rule);
  return { rule, ...(origin === undefined ? {} : { origin }) };
}
