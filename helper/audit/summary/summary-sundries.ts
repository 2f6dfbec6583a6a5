/** What was blocked and why, secrets by name and host, files that changed, limits that were hit, and what the guards caught. */
import { amountIn, baseOf, tableOf, textIn, textsIn, type Seen } from './summary-line.ts';
import { hostOf } from './summary-network.ts';
import { fresh, noteIn, touch, whyOf } from './summary-notes.ts';
import type { Blocked, Noted, RecordSummary, SecretUse } from './summary-shape.ts';
import { Tally } from './tally.ts';

const textLimit = 400;
const namesLimit = 100;

type Sundries = Pick<RecordSummary, 'blocked' | 'secrets' | 'filesChanged' | 'limits' | 'guard'>;

export class SundrySummary {
  #blocked = 0;
  #flooded = 0;
  #redacted = 0;
  #changed = 0;
  readonly #given = new Set<string>();
  readonly #rows = new Tally<Blocked>();
  readonly #secrets = new Tally<SecretUse>(1000);
  readonly #files = new Tally<Noted>();
  readonly #limits = new Tally<Noted>(500);
  readonly #guard = new Tally<Noted>(500);

  add(seen: Seen): void {
    if (seen.outcome === 'blocked' && seen.type !== 'approval') this.#block(seen);
    if (seen.type === 'violation') noteIn(this.#guard, seen, guardText(seen), whyOf(seen).slice(0, textLimit));
    if (isLimit(seen)) noteIn(this.#limits, seen, limitText(seen), whyOf(seen).slice(0, textLimit));
    if (seen.type === 'file' && seen.action !== 'tool') this.#file(seen);
    if (seen.type === 'secret' || textIn(seen.detail, 'secret') !== undefined) this.#secret(seen);
    if (seen.type === 'lifecycle' && seen.action === 'start' && seen.outcome === 'intent')
      for (const name of textsIn(seen.detail, 'secrets')) if (this.#given.size < namesLimit) this.#given.add(name.slice(0, textLimit));
  }

  get result(): Sundries {
    return {
      blocked: { count: this.#blocked, flooded: this.#flooded, rows: this.#rows.top(40) },
      secrets: { given: [...this.#given], uses: this.#secrets.top(25), redacted: this.#redacted },
      filesChanged: { count: this.#changed, rows: this.#files.top(40) },
      limits: this.#limits.top(20),
      guard: this.#guard.top(20),
    };
  }

  #block(seen: Seen): void {
    // One line that stands for several refusals that were told before, or came too fast.
    const refused = amountIn(seen.detail, 'refused');
    if (refused !== undefined) {
      this.#flooded += refused;
      return;
    }
    this.#blocked += 1;
    const kind = kindOf(seen);
    const [rule = '', origin = ''] = ['rule', 'origin'].map((name) => textIn(seen.detail, name)?.slice(0, textLimit));
    const reason = (whyOf(seen) || (kind === 'guard' ? `${guardText(seen)}.` : '')).slice(0, textLimit);
    const key = JSON.stringify([kind, subjectOf(seen, kind), rule, origin, reason]);
    const what = seen.target.slice(0, textLimit);
    touch(
      this.#rows.add(key, () => ({ kind, what, rule, origin, reason, ...fresh(seen) })),
      seen,
    );
  }

  #secret(seen: Seen): void {
    if (seen.action === 'redacted') {
      this.#redacted += amountIn(seen.detail, 'count') ?? 1;
      return;
    }
    const secret = (textIn(seen.detail, 'secret') ?? '?').slice(0, textLimit);
    const host = hostOf(seen.target).slice(0, textLimit);
    const use = this.#secrets.add(`${secret}\n${host}`, () => ({ secret, host, used: 0, failed: 0, refused: 0, ...fresh(seen) }));
    touch(use, seen);
    if (seen.outcome === 'blocked') use.refused += 1;
    else if (seen.outcome === 'error') use.failed += 1;
    else use.used += 1;
  }

  /** One record may be about one file, its target, or about several, listed in its detail by what became of them. */
  #file(seen: Seen): void {
    const { target, action, outcome, detail } = seen;
    const listed = Object.keys(detail).flatMap((name) => pathsIn(detail, name).map((path) => [path, name] as const));
    const counts = Object.values(tableOf(detail['counts'])).filter((count) => typeof count === 'number' && count >= 0);
    const isList = listed.length > 0 || counts.length > 0;
    this.#changed += Math.max(
      listed.length,
      isList ? 0 : 1,
      counts.reduce<number>((sum, count) => sum + Number(count), 0),
    );
    if (!isList) this.#note(seen, target, `${action}${outcome === 'blocked' ? ', blocked' : ''}`);
    for (const [path, became] of listed) this.#note(seen, path, became);
  }

  #note(seen: Seen, path: string, became: string): void {
    noteIn(this.#files, seen, path.slice(0, textLimit), became);
  }
}

function kindOf({ type, action }: Seen): Blocked['kind'] {
  if (type === 'network') return action === 'name' ? 'name' : 'connection';
  if (type === 'secret' || type === 'file') return type;
  return type === 'violation' ? 'guard' : 'command';
}

/** What makes two refusals alike: the same program, host or guard, whatever the rest of it was. */
function subjectOf({ target, action, detail }: Seen, kind: Blocked['kind']): string {
  if (kind === 'command') return baseOf(textIn(detail, 'file') ?? textsIn(detail, 'argv', 1)[0] ?? target.split(' ', 1)[0] ?? '');
  if (kind === 'guard') return action;
  return kind === 'connection' ? `${textIn(detail, 'host') ?? target}:${amountIn(detail, 'port') ?? ''}` : target;
}

/** Paths of a list, of texts or of objects that name one. */
function pathsIn(detail: Seen['detail'], name: string): readonly string[] {
  const value = detail[name];
  if (!Array.isArray(value) || name === 'argv') return [];
  return value.slice(0, 2000).flatMap((item: unknown) => {
    const path = typeof item === 'string' ? item : textIn(tableOf(item), 'path');
    return path === undefined ? [] : [path];
  });
}

export function isLimit({ type, action, outcome, detail }: Seen): boolean {
  if (action === 'flood' || action === 'limit' || textIn(detail, 'limit') !== undefined) return true;
  if (outcome !== 'error' || (type !== 'command' && type !== 'terminal' && type !== 'lifecycle')) return false;
  return /\blimit\b|^timed out/.test(textIn(detail, 'reason') ?? '');
}

function limitText({ type, action, target, detail }: Seen): string {
  const limit = textIn(detail, 'limit');
  if (limit !== undefined) return limit;
  if (action === 'flood') return 'Requests and connections that are refused';
  return type === 'lifecycle' ? 'The sandbox' : target.slice(0, textLimit);
}

const guardWords: Readonly<Record<string, string>> = {
  'arguments-changed': 'A program’s arguments changed after they were judged',
  'program-changed': 'Another program ran than was allowed, and was killed',
  'entered-from-outside': 'Entered from the host, past LASSO',
  'link-intrusion': 'Something else tried to use LASSO’s link',
  'malformed-request': 'A request that could not be judged was refused',
  'name-mismatch': 'A connection named another host than it was allowed for',
  'placeholder-refused': 'A secret’s placeholder was about to leave for where it does not belong',
  flood: 'More refusals than are written down one by one',
};

const guardText = ({ action }: Seen): string => (Object.hasOwn(guardWords, action) ? (guardWords[action] ?? action) : action);
