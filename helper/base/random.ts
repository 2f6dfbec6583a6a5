/** Randomness as an argument. */
import { randomBytes } from 'node:crypto';

export interface Random {
  /** `bytes` of cryptographic randomness, as hex */
  hex(bytes: number): string;
}

export const systemRandom: Random = { hex: (bytes) => randomBytes(bytes).toString('hex') };
