/**
 * TLS ended here where rules or secrets need its requests: the sandbox's own authority vouches inside, the host's trust is asked
 * outside. Nothing goes out before the other side has proved its name.
 */
import type { Duplex } from 'node:stream';
import type { SandboxAuthority } from './certificates.ts';
import type { Passage } from './contract.ts';

/** what was read of the connection so far, and what it said */
export interface SeenHello {
  /** everything read, to be read again */
  readonly bytes: Uint8Array;
  /** absent for a host that is an address */
  readonly serverName: string | undefined;
  readonly alpn: readonly string[];
}

/**
 * Takes the stream over. Settles when it is over and never rejects: what goes wrong is answered inside where that is still
 * possible, reported, and resets the stream.
 */
export async function interceptTls(stream: Duplex, hello: SeenHello, passage: Passage, authority: SandboxAuthority): Promise<void> {
  void hello;
  void passage;
  void authority;
  stream.destroy();
}
