/** Where connections went: hosts with ports, methods, programs and bytes, names that were refused, and ports reached from the host. */
import { amountIn, baseOf, textIn, type Seen } from './summary-line.ts';
import type { HostUse, Noted, RecordSummary } from './summary-shape.ts';
import { noteIn } from './summary-notes.ts';
import { Tally } from './tally.ts';

/** ports, methods and programs kept of one host */
const kindsLimit = 20;

export class NetworkSummary {
  #allowed = 0;
  #blocked = 0;
  #bytesUp = 0;
  #bytesDown = 0;
  readonly #hosts = new Tally<HostUse>(1000);
  readonly #names = new Tally<Noted>(1000);
  readonly #forwards = new Tally<null>(200);

  add(seen: Seen): void {
    if (seen.type !== 'network' || seen.action === 'tool') return;
    switch (seen.action) {
      case 'name':
        if (seen.outcome === 'blocked' && amountIn(seen.detail, 'refused') === undefined)
          noteIn(this.#names, seen, textIn(seen.detail, 'host') ?? seen.target);
        return;
      case 'connect':
      case 'request':
        return this.#decided(seen);
      case 'forward':
        if (seen.outcome === 'intent') this.#forwards.add(String(amountIn(seen.detail, 'port') ?? '?'), () => null, 0);
        return;
      case 'forwarded':
        if (seen.outcome === 'intent') this.#forwards.add(String(amountIn(seen.detail, 'port') ?? '?'), () => null);
        return;
      default:
        return this.#ended(seen);
    }
  }

  get result(): RecordSummary['network'] {
    return {
      allowed: this.#allowed,
      blocked: this.#blocked,
      bytesUp: this.#bytesUp,
      bytesDown: this.#bytesDown,
      hosts: this.#hosts.top(25),
      names: this.#names.top(25),
      forwards: this.#forwards.top(10),
    };
  }

  #decided({ outcome, target, detail }: Seen): void {
    const host = this.#hosts.add(textIn(detail, 'host') ?? hostOf(target), freshHost);
    if (outcome === 'blocked') {
      host.blocked += 1;
      this.#blocked += 1;
    } else {
      host.allowed += 1;
      this.#allowed += 1;
    }
    const port = amountIn(detail, 'port');
    if (port !== undefined) keep(host.ports, String(port));
    const method = textIn(detail, 'method')?.slice(0, 20);
    if (method !== undefined && (host.methods.has(method) || host.methods.size < kindsLimit))
      host.methods.set(method, (host.methods.get(method) ?? 0) + 1);
    const executable = textIn(detail, 'executable');
    if (executable !== undefined) keep(host.programs, baseOf(executable).slice(0, 100));
  }

  /** `closed`, `unreachable`, `tls`, `address-refused`: what became of something allowed. */
  #ended({ outcome, target, detail }: Seen): void {
    const host = this.#hosts.add(hostOf(target), freshHost, 0);
    const [up, down] = [amountIn(detail, 'bytesUp') ?? 0, amountIn(detail, 'bytesDown') ?? 0];
    host.bytesUp += up;
    host.bytesDown += down;
    this.#bytesUp += up;
    this.#bytesDown += down;
    if (outcome === 'error') host.failed += 1;
    if (outcome !== 'blocked') return;
    host.blocked += 1;
    this.#blocked += 1;
  }
}

const freshHost = (): HostUse => ({
  ports: new Set(),
  methods: new Map(),
  programs: new Set(),
  allowed: 0,
  blocked: 0,
  failed: 0,
  bytesUp: 0,
  bytesDown: 0,
});

function keep(set: Set<string>, item: string): void {
  if (set.size < kindsLimit) set.add(item);
}

/** `host:port`, perhaps with a method before and a path behind. */
export function hostOf(target: string): string {
  const place = (/^[A-Z]{1,20} (\S+)/.exec(target)?.[1] ?? target).replace(/\/.*$/, '');
  return place.replace(/:\d{1,5}$/, '').replace(/^\[(.*)\]$/, '$1');
}
