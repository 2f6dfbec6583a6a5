/** How it went: starts with what was in force, ends, changes of mode and policy, questions and their answers, gaps and restarts. */
import { FirstAndLast } from './ends.ts';
import { amountIn, tableOf, textIn, textsIn, type Seen } from './summary-line.ts';
import type { Asked, RecordSummary, Start, Step } from './summary-shape.ts';
import { Tally } from './tally.ts';
import { whoOf } from './summary-words.ts';

/** intents whose outcome is waited for; more are counted as unfinished at once */
const openLimit = 100_000;
/** questions whose answer is waited for */
const questionLimit = 1000;
/** longest text kept of one thing, in UTF-16 units */
const textLimit = 1000;

type Course = Pick<RecordSummary, 'name' | 'versions' | 'starts' | 'course' | 'policies' | 'approvals' | 'chain'>;

export class CourseSummary {
  #name = '';
  readonly #versions = new Tally<null>(50);
  readonly #starts = new FirstAndLast<Start>(10);
  readonly #course = new FirstAndLast<Step>(40);
  readonly #policies = new FirstAndLast<Step>(40);
  readonly #gaps = new FirstAndLast<Step>(20);
  readonly #asked = new FirstAndLast<Asked>(50);
  readonly #answers = new Tally<null>(20);
  readonly #questions = new Map<number, { readonly asked: Asked; readonly atMs: number }>();
  readonly #open = new Set<number>();
  #restarts = 0;
  #epochs = 0;
  #lost = 0;

  add(seen: Seen): void {
    this.#intent(seen);
    switch (seen.type) {
      case 'chain':
        return this.#chain(seen);
      case 'gap':
        return this.#gaps.push(stepOf(seen, gapText(seen)));
      case 'lifecycle':
        return this.#lifecycle(seen);
      case 'policy':
        return this.#policies.push(stepOf(seen, policyText(seen), textsIn(seen.detail, 'changes', 20).join('; ')));
      case 'approval':
        return this.#approval(seen);
    }
  }

  get result(): Course {
    return {
      name: this.#name,
      versions: this.#versions.top(10),
      starts: this.#starts.all,
      course: this.#course.all,
      policies: this.#policies.all,
      approvals: { rows: this.#asked.all, answers: this.#answers.top(10), open: this.#questions.size },
      chain: { gaps: this.#gaps.all, restarts: this.#restarts, unfinished: this.#open.size + this.#lost, epochs: this.#epochs },
    };
  }

  #intent({ outcome, seq, detail }: Seen): void {
    if (outcome === 'intent') {
      if (this.#open.size < openLimit) this.#open.add(seq);
      else this.#lost += 1;
      return;
    }
    const finished = amountIn(detail, 'intent');
    if (finished !== undefined && !this.#open.delete(finished) && this.#lost > 0) this.#lost -= 1;
  }

  #chain(seen: Seen): void {
    const helper = textIn(seen.detail, 'helper');
    if (helper !== undefined) this.#versions.add(helper, () => null);
    if (seen.action === 'epoch' || seen.action === 'rotated') this.#epochs += 1;
    if (seen.action === 'opened') {
      this.#restarts += 1;
      const after = textIn(seen.detail, 'after');
      if (after === 'kill') this.#gaps.push(stepOf(seen, 'LASSO went on with the record after it had ended without closing it'));
    }
    if (seen.action === 'clock') {
      const { from, to } = { from: textIn(seen.detail, 'from') ?? '?', to: textIn(seen.detail, 'to') ?? '?' };
      this.#gaps.push(stepOf(seen, `The clock was set, from ${from} to ${to}`));
    }
    if (seen.action === 'removed') this.#gaps.push(stepOf(seen, `An old file was removed: ${textIn(seen.detail, 'file') ?? '?'}`));
  }

  #lifecycle(seen: Seen): void {
    const { action, outcome, detail } = seen;
    if (action === 'start' && outcome === 'intent') {
      this.#name = textIn(detail, 'name') ?? this.#name;
      this.#starts.push({ seq: seen.seq, at: seen.ts, who: whoOf(seen), facts: startFacts(seen) });
      const version = textIn(detail, 'lasso');
      if (version !== undefined) this.#versions.add(version, () => null);
    }
    const said = `${action}: ${outcome === 'intent' ? 'begun' : outcome}`;
    this.#course.push(stepOf(seen, said, textIn(detail, 'reason') ?? ''));
  }

  #approval(seen: Seen): void {
    const { action, outcome, detail, seq, ts } = seen;
    const told = textIn(detail, 'answer');
    if (action === 'ask') {
      const asked: Asked = {
        ...{ seq, at: ts, what: kept(`${textIn(detail, 'kind') ?? ''}: ${seen.target}`), why: kept(textIn(detail, 'why') ?? '') },
        ...{ answer: kept(told ?? 'open'), by: '', waitedMs: undefined },
      };
      this.#asked.push(asked);
      if (outcome === 'intent' && this.#questions.size < questionLimit) this.#questions.set(seq, { asked, atMs: seen.atMs });
      else if (told !== undefined) this.#answers.add(told, () => null);
      return;
    }
    const number = amountIn(detail, 'intent');
    const question = number === undefined ? undefined : this.#questions.get(number);
    this.#answers.add(told ?? outcome, () => null);
    if (number === undefined || !question) return;
    this.#questions.delete(number);
    question.asked.answer = kept(told ?? outcome);
    question.asked.by = kept(whoOf(seen));
    question.asked.waitedMs = Math.max(0, seen.atMs - question.atMs);
  }
}

function stepOf(seen: Seen, what: string, more = ''): Step {
  return { seq: seen.seq, at: seen.ts, who: kept(whoOf(seen)), what: kept(what), more: kept(more) };
}

const kept = (text: string): string => text.slice(0, textLimit);

function gapText({ action, detail }: Seen): string {
  if (action === 'helper-lost') return `LASSO was lost for a while; under way: ${amountIn(detail, 'unfinished') ?? '?'}`;
  if (action === 'unknown-outcome') return 'Nobody saw how something ended that had begun';
  if (action === 'torn-line') return `A crash tore off the end of a line, kept in ${textIn(detail, 'file') ?? '?'}`;
  return action;
}

function policyText({ action, target, detail }: Seen): string {
  const short = (name: string): string => textIn(detail, name)?.slice(0, 12) ?? '?';
  if (action === 'mode') return `Mode changed from ${textIn(detail, 'before') ?? '?'} to ${target}`;
  if (action === 'reload') return `Profile ${target} read again: ${short('before')} became ${short('after')}`;
  if (action === 'learn') return 'Began to learn: what its profile does not list is let through and counted';
  if (action === 'learned') return `Learning ended with ${amountIn(detail, 'lessons') ?? '?'} lessons`;
  return `${action} ${target}`.trim();
}

const factNames: readonly (readonly [label: string, name: string])[] = [
  ['LASSO', 'lasso'],
  ['Guest program (SHA-256)', 'guest'],
  ['Agent', 'agent'],
  ['Profile', 'profile'],
  ['Profile’s file', 'profileFile'],
  ['Profile’s version', 'profileVersion'],
  ['Profile digest (SHA-256)', 'profileDigest'],
  ['Folder’s own profile (SHA-256)', 'workspaceProfile'],
  ['Mode', 'mode'],
  ['Backend', 'backend'],
  ['Engine', 'engine'],
  ['Engine reached at', 'endpoint'],
  ['Isolation', 'isolation'],
  ['Runtime', 'runtime'],
  ['Image', 'image'],
  ['Network', 'network'],
  ['Judging of program starts', 'execGate'],
];

function startFacts({ target, detail }: Seen): Start['facts'] {
  const single = factNames.flatMap(([label, name]) => {
    const value = textIn(detail, name);
    return value === undefined || value === '' ? [] : [[label, value] as const];
  });
  const lists = (
    [
      ['Secrets, by name', 'secrets'],
      ['Mounts', 'mounts'],
      ['Not enforced here', 'notEnforced'],
      ['Weaker here than the profile prefers', 'notices'],
    ] as const
  ).flatMap(([label, name]) => {
    const values = textsIn(detail, name, 50);
    return values.length === 0 ? [] : [[label, values.join(', ')] as const];
  });
  const limits = Object.entries(tableOf(detail['limits'])).slice(0, 20);
  const said = limits.filter(([, value]) => typeof value === 'number' || typeof value === 'string');
  return [
    ['Workspace', target],
    ...single,
    ...lists,
    ...(said.length === 0 ? [] : [['Limits', said.map(([name, value]) => `${name} ${String(value)}`).join(', ')] as const]),
  ];
}
