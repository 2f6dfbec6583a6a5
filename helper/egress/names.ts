/**
 * Names, as the resolver inside asks about them. None is ever resolved, so no question leaves the host; a refused name is recorded,
 * and when it is asked about again at once, that is counted.
 */
import { judgeConnection } from '../policy/network/judge.ts';
import { canonicalHost, namesHost } from '../policy/network/hosts.ts';
import type { NetworkRules } from '../policy/network/rules.ts';
import { namePortLimit } from '../protocol/guest.ts';
import type { Asker, EgressFacts } from './contract.ts';
import { type Limits, limitsOfSandbox } from './limits.ts';

export interface NameQuestion {
  /** hostile */
  readonly name: string;
  readonly asker: Asker | null;
}

export interface NameAnswer {
  /** ports somebody may connect to; none: there is no such name */
  readonly ports: readonly number[];
  /** one line for whoever asked, when it is refused */
  readonly message?: string;
}

/** ports of a mode in which every port is open, the usual ones: there can be no listener on all of them */
const usualPorts = [80, 443, 22, 8080, 8443];
const againMs = 1000;
/** no host is longer; of longer text so much tells one from the other */
const keyLimit = 254;

/** Ports on which some connection to a canonical host may be allowed, or asked about; at most what the guest takes. */
export function portsOf(host: string, rules: NetworkRules): readonly number[] {
  const naming = (entries: readonly { readonly host: string }[]): boolean => entries.some((entry) => namesHost(entry.host, host));
  const ports = [
    ...(rules.mode === 'full' ? usualPorts : []),
    ...rules.allowedPorts,
    ...rules.allowed.flatMap((entry) => (naming([entry]) ? (entry.ports ?? []) : [])),
    ...rules.rules.flatMap((rule) =>
      rule.action === 'deny' || !naming(rule.hosts) ? [] : [...(rule.ports ?? []), ...rule.hosts.flatMap((entry) => entry.ports ?? [])],
    ),
  ];
  return [...new Set(ports)]
    .filter((port) => {
      const verdict = judgeConnection({ host, port }, rules);
      return verdict.decision !== 'deny' || verdict.stage === 'request-unclear';
    })
    .slice(0, namePortLimit);
}

interface Refused {
  readonly atMs: number;
  readonly message: string;
}

export class Names {
  readonly #facts: Pick<EgressFacts, 'rules' | 'decide'>;
  readonly #limits: Limits;
  readonly #now: () => number;
  /** when a name was refused last, the longest ago first */
  readonly #refused = new Map<string, Refused>();

  constructor(facts: Pick<EgressFacts, 'rules' | 'decide'>, limits: Limits, monotonicMs: () => number) {
    this.#facts = facts;
    this.#limits = limits;
    this.#now = monotonicMs;
  }

  async answer({ name, asker }: NameQuestion, signal: AbortSignal): Promise<NameAnswer> {
    const rules = this.#facts.rules();
    const canonical = canonicalHost(name);
    const host = canonical.ok ? canonical.host : name;
    const ports = canonical.ok ? portsOf(host, rules) : [];
    if (ports.length > 0) return { ports };
    const before = this.#refused.get(host.slice(0, keyLimit));
    if (before && this.#now() - before.atMs < againMs) {
      this.#limits.repeated(host);
      return { ports: [], message: before.message };
    }
    const over = this.#limits.overRefused(host);
    if (over !== undefined) return { ports: [], message: over };
    // Remembered before it is decided: the same name asked about many times at once is one refusal.
    this.#remember(host, 'LASSO: this name is not allowed');
    const port = rules.allowedPorts[0] ?? usualPorts[1] ?? 443;
    const { message } = await this.#facts.decide({ what: 'name', host, port, asker }, signal);
    this.#remember(host, message);
    return { ports: [], message };
  }

  #remember(host: string, message: string): void {
    const key = host.slice(0, keyLimit);
    this.#refused.delete(key);
    this.#refused.set(key, { atMs: this.#now(), message });
    const [oldest] = this.#refused.keys();
    if (this.#refused.size > limitsOfSandbox.questions && oldest !== undefined) this.#refused.delete(oldest);
  }

  /** The rules have changed: what was refused may not be any more, and is recorded anew. */
  forget(): void {
    this.#refused.clear();
  }
}
