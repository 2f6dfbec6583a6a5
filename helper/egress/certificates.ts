/** The authority of one sandbox: made in memory, trusted in that sandbox alone, and its key never leaves this process. */
import type { SecureContext } from 'node:tls';

export interface SandboxAuthority {
  /** PEM, to be trusted inside */
  readonly certificatePem: string;
  /** what a server called `host` (name or address, canonical) presents itself with inside; kept for the next time */
  contextFor(host: string): Promise<SecureContext>;
  /** the host's own trust and these PEM certificates; kept for the next time */
  trusting(authorities: readonly string[]): SecureContext;
}

export async function openAuthority(): Promise<SandboxAuthority> {
  return Promise.reject(new Error('not made yet'));
}
