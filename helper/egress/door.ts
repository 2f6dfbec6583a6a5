/**
 * The one door out of a sandbox: names and connections as the guest tells them, decided, checked and carried. It decides nothing
 * by itself, and what it cannot understand is refused.
 */
import type { Duplex } from 'node:stream';
import type { SandboxAuthority } from './certificates.ts';
import type { Asker, EgressFacts } from './contract.ts';

export interface NameQuestion {
  /** hostile */
  readonly name: string;
  readonly asker: Asker | null;
}

export interface NameAnswer {
  /** ports somebody may connect to; none: there is no such name */
  readonly ports: readonly number[];
  readonly message?: string;
}

export interface ConnectionQuestion {
  readonly kind: 'name' | 'proxy';
  /** hostile; empty for the proxy */
  readonly host: string;
  readonly port: number;
  readonly asker: Asker | null;
}

export type ConnectionAnswer =
  { readonly allow: true; readonly carry: (stream: Duplex) => void } | { readonly allow: false; readonly message?: string };

export interface Egress {
  name(question: NameQuestion): Promise<NameAnswer>;
  /** @param signal fires when whoever asked has gone away; the question is withdrawn then */
  connect(question: ConnectionQuestion, signal?: AbortSignal): Promise<ConnectionAnswer>;
  /** The rules have changed: every open connection is judged again, and those now refused are reset. */
  reconsider(): void;
  dispose(): void;
}

export function openEgress(facts: EgressFacts, authority: SandboxAuthority): Egress {
  void facts;
  void authority;
  return {
    name: async () => ({ ports: [] }),
    connect: async () => ({ allow: false }),
    reconsider: () => undefined,
    dispose: () => undefined,
  };
}
