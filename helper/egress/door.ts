/**
 * The one door out of a sandbox: names and connections as the guest tells them, decided, checked and carried. It decides nothing
 * by itself, and what it cannot understand is refused.
 */
import type { Duplex } from 'node:stream';
import { type Admitted, admit } from './admission.ts';
import { carry } from './carry.ts';
import type { SandboxAuthority } from './certificates.ts';
import { Connection } from './connection.ts';
import type { Asker, EgressFacts } from './contract.ts';
import type { DialTimes } from './dial.ts';
import { Limits } from './limits.ts';
import { type NameAnswer, type NameQuestion, Names } from './names.ts';
import { carryProxy } from './proxy.ts';
import { reset } from './tunnel.ts';

export interface ConnectionQuestion {
  /** `proxy`: what it wants is in its first bytes, and `host` is empty */
  readonly kind: 'name' | 'proxy';
  /** hostile */
  readonly host: string;
  readonly port: number;
  readonly asker: Asker | null;
}

export type ConnectionAnswer =
  /** `carry` takes the stream over: it is ended or destroyed by nobody else from then on */
  { readonly allow: true; readonly carry: (stream: Duplex) => void } | { readonly allow: false; readonly message?: string };

export interface EgressOptions {
  readonly times?: DialTimes;
  readonly monotonicMs?: () => number;
}

const closed: ConnectionAnswer = { allow: false, message: 'LASSO: this sandbox is closing its connections' };

export class Egress {
  readonly #facts: EgressFacts;
  readonly #authority: SandboxAuthority;
  readonly #options: EgressOptions;
  readonly #limits: Limits;
  readonly #names: Names;
  readonly #open = new Set<Connection>();
  readonly #over = new AbortController();

  constructor(facts: EgressFacts, authority: SandboxAuthority, options: EgressOptions) {
    const now = options.monotonicMs ?? (() => performance.now());
    this.#limits = new Limits(facts.report, now);
    this.#facts = this.#limits.bounding(facts);
    this.#authority = authority;
    this.#options = options;
    this.#names = new Names(facts, this.#limits, now);
  }

  /** Which ports of a name may be connected to. Resolves nothing. */
  name(question: NameQuestion): Promise<NameAnswer> {
    if (this.#over.signal.aborted) return Promise.resolve({ ports: [] });
    const refused = (message: string): NameAnswer => ({ ports: [], message });
    return this.#limits.question(question.name, refused, () => this.#names.answer(question, this.#over.signal));
  }

  /**
   * Whether a connection may begin, and who takes it from there.
   * @param signal fires when whoever asked has gone away; the question is withdrawn then
   */
  async connect(question: ConnectionQuestion, signal?: AbortSignal): Promise<ConnectionAnswer> {
    const { kind, host, port, asker } = question;
    const target = kind === 'proxy' ? 'proxy' : `${host}:${port}`;
    if (this.#over.signal.aborted) return closed;
    const flood = this.#limits.newConnection(target);
    if (flood !== undefined) return { allow: false, message: flood };
    if (kind === 'proxy') return this.#carrying(asker, (connection) => carryProxy(connection, this.#facts, this.#authority));
    const wanted = signal ? AbortSignal.any([this.#over.signal, signal]) : this.#over.signal;
    const refused = (message: string): ConnectionAnswer => ({ allow: false, message });
    return this.#limits.question(target, refused, async () => {
      const admission = await admit(this.#facts, { host, port, asker }, wanted);
      return admission.allow
        ? this.#carrying(asker, (connection) => this.#carry(connection, admission))
        : refused(admission.decision.message);
    });
  }

  /** The rules have changed: every open connection is judged again, and those now refused are reset. */
  reconsider(): void {
    this.#names.forget();
    const rules = this.#facts.rules();
    for (const connection of [...this.#open]) {
      if (connection.stands(rules)) continue;
      connection.report('closed', 'network', 'blocked', { reason: 'the rules have changed' });
      connection.break();
    }
  }

  /** Every connection is reset; questions are withdrawn, and all further ones refused. */
  dispose(): void {
    this.#over.abort();
    for (const connection of [...this.#open]) connection.break();
    this.#limits.flush();
  }

  #carry(connection: Connection, admission: Admitted): Promise<void> {
    connection.admit(admission);
    // The rules may have changed between the answer and the stream.
    if (connection.stands(this.#facts.rules())) return carry(connection, admission, this.#facts, this.#authority);
    connection.break();
    return Promise.resolve();
  }

  #carrying(asker: Asker | null, carried: (connection: Connection) => Promise<void>): ConnectionAnswer {
    return {
      allow: true,
      carry: (stream) => {
        if (this.#over.signal.aborted) return reset(stream);
        const connection = new Connection(stream, asker, this.#facts, this.#options.times);
        const done = this.#limits.open();
        this.#open.add(connection);
        void carried(connection)
          .catch(() => reset(stream))
          .finally(() => {
            connection.finish();
            this.#open.delete(connection);
            done();
          });
      },
    };
  }
}

/** Opens the way out of one sandbox. */
export function openEgress(facts: EgressFacts, authority: SandboxAuthority, options: EgressOptions = {}): Egress {
  return new Egress(facts, authority, options);
}
