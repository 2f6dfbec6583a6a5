/**
 * Names and connections, as the guest tells them. Everything in them is a claim of something inside; nothing is resolved or
 * connected here, and no answer is a no.
 */
import type { Duplex } from 'node:stream';

/** who asks, as the guest found it; hostile text */
export interface NetworkAsker {
  readonly pid: number;
  readonly executable: string;
  /** as far as it was read */
  readonly argv: readonly string[];
}

export interface NameQuestion {
  /** lower case, without its last dot; not yet checked to be a host name */
  readonly name: string;
  /** null: could not be found */
  readonly asker: NetworkAsker | null;
}

export interface NameAnswer {
  /** ports the guest listens on for this name; none: there is no such name */
  readonly ports: readonly number[];
  /** one line for whoever asked, when it is refused */
  readonly message?: string;
}

export interface ConnectionQuestion {
  /** `proxy`: what it wants is in its first bytes, and `host` is empty */
  readonly kind: 'name' | 'proxy';
  readonly host: string;
  readonly port: number;
  readonly asker: NetworkAsker | null;
}

/** a hook of an agent asks about a tool: what it was given is all it sends, the answer all it reads */
export interface GuardQuestion {
  readonly kind: 'guard';
  readonly asker: NetworkAsker | null;
}

/** Hears a hook out and answers it; the stream is the taker's, and hostile. It must never lead anywhere else. */
export type GuardGate = (question: GuardQuestion, stream: Duplex) => void;

export type ConnectionAnswer =
  | {
      readonly allow: true;
      /** Takes the stream over: from now on it is the taker's to end or destroy. `destroy()` resets the connection inside. */
      readonly carry: (stream: Duplex) => void;
    }
  | { readonly allow: false; readonly message?: string };

/** what becomes of names and connections; whatever throws or rejects is a refusal */
export interface NetworkGate {
  /** Whether a name may be connected to. It is not resolved: a question must not leave the host. */
  name(question: NameQuestion): Promise<NameAnswer>;
  /** @param signal fires when the connection is reset inside; the question is withdrawn then */
  connect(question: ConnectionQuestion, signal?: AbortSignal): Promise<ConnectionAnswer>;
}

/** what the guest listens on inside */
export interface GuestListens {
  /** names are answered */
  readonly names: boolean;
  readonly proxy: boolean;
}
