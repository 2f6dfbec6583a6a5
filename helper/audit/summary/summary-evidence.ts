/** Which records speak for what a framework of controls asks about: how many, the first, the last, and the numbers of a few. */
import type { Seen } from './summary-line.ts';
import type { Evidence, EvidenceName, RecordSummary } from './summary-shape.ts';
import { isLimit } from './summary-sundries.ts';

const sampleLimit = 5;

export class EvidenceSummary {
  readonly #found = new Map<EvidenceName, { count: number; first: number; last: number; sample: number[] }>();

  add(seen: Seen): void {
    for (const name of namesOf(seen)) {
      const { seq } = seen;
      const known = this.#found.get(name);
      if (!known) this.#found.set(name, { count: 1, first: seq, last: seq, sample: [seq] });
      else {
        known.count += 1;
        known.last = seq;
        if (known.sample.length < sampleLimit) known.sample.push(seq);
      }
    }
  }

  get result(): RecordSummary['evidence'] {
    const one = (name: EvidenceName): Evidence => this.#found.get(name) ?? { count: 0, sample: [] };
    return {
      starts: one('starts'),
      ends: one('ends'),
      people: one('people'),
      policies: one('policies'),
      judgedCommands: one('judgedCommands'),
      blockedCommands: one('blockedCommands'),
      judgedConnections: one('judgedConnections'),
      blockedConnections: one('blockedConnections'),
      blockedNames: one('blockedNames'),
      secretsUsed: one('secretsUsed'),
      secretsRefused: one('secretsRefused'),
      questions: one('questions'),
      answers: one('answers'),
      refusedByPeople: one('refusedByPeople'),
      stoppedByPeople: one('stoppedByPeople'),
      guard: one('guard'),
      outside: one('outside'),
      files: one('files'),
      limits: one('limits'),
      gaps: one('gaps'),
      clocks: one('clocks'),
      epochs: one('epochs'),
    };
  }
}

function namesOf(seen: Seen): readonly EvidenceName[] {
  const { actor, outcome } = seen;
  const blocked = outcome === 'blocked';
  return [...(actor.kind === 'user' ? ['people' as const] : []), ...(isLimit(seen) ? ['limits' as const] : []), ...ofType(seen, blocked)];
}

function ofType({ type, action, outcome, actor, detail }: Seen, blocked: boolean): readonly EvidenceName[] {
  const byPerson = actor.kind === 'user';
  switch (type) {
    case 'lifecycle':
      if (action === 'start') return outcome === 'success' ? ['starts'] : [];
      if (action === 'stop' && outcome === 'intent') return byPerson ? ['stoppedByPeople'] : [];
      return action === 'stop' || action === 'ended' ? ['ends'] : [];
    case 'policy':
      return ['policies'];
    case 'command':
    case 'terminal':
      if (blocked) return ['judgedCommands', 'blockedCommands'];
      return action === 'start' ? ['judgedCommands'] : [];
    case 'network':
      if (action === 'name') return blocked && detail['refused'] === undefined ? ['blockedNames'] : [];
      if (action !== 'connect' && action !== 'request') return blocked ? ['blockedConnections'] : [];
      return blocked ? ['judgedConnections', 'blockedConnections'] : ['judgedConnections'];
    case 'secret':
      return action === 'redacted' ? [] : blocked ? ['secretsRefused'] : outcome === 'success' ? ['secretsUsed'] : [];
    case 'approval':
      if (action === 'ask') return ['questions'];
      return byPerson ? (blocked ? ['answers', 'refusedByPeople'] : ['answers']) : [];
    case 'violation':
      if (action === 'entered-from-outside') return ['guard', 'outside'];
      return typeof detail['secret'] === 'string' ? ['guard', 'secretsRefused'] : ['guard'];
    case 'file':
      return action === 'tool' ? [] : ['files'];
    case 'gap':
      return ['gaps'];
    case 'chain':
      if (action === 'clock') return ['clocks'];
      return action === 'epoch' || action === 'rotated' ? ['epochs'] : [];
    default:
      return [];
  }
}
