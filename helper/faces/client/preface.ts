/**
 * The first line of every connection to the helper, written and read in one place:
 * `LASSO/1 <helper token> rpc [face]\n` or `LASSO/1 <helper token> stream <stream token>\n`.
 */
import type { Socket } from 'node:net';

/** what sits in front of the client; it says so itself, and none of them gets more by saying another */
export type ClientFace = 'cli' | 'editor' | 'mcp';

const faces: readonly ClientFace[] = ['cli', 'editor', 'mcp'];

export type Preface =
  | { readonly kind: 'rpc'; readonly token: string; readonly face: ClientFace }
  | { readonly kind: 'stream'; readonly token: string; readonly stream: string };

/** longest first line, in bytes */
export const prefaceLimitBytes = 512;

export function formatPreface(preface: Preface): string {
  const rest = preface.kind === 'rpc' ? `rpc ${preface.face}` : `stream ${preface.stream}`;
  return `LASSO/1 ${preface.token} ${rest}\n`;
}

/** Hostile input: whatever is not exactly a first line gives undefined. */
export function parsePreface(line: string): Preface | undefined {
  const found = /^LASSO\/1 ([0-9a-f]{64}) (?:rpc(?: (cli|editor|mcp))?|stream ([0-9a-f]{64}))$/.exec(line);
  const token = found?.[1];
  if (found === null || token === undefined) return undefined;
  const stream = found[3];
  if (stream !== undefined) return { kind: 'stream', token, stream };
  return { kind: 'rpc', token, face: faces.find((face) => face === found[2]) ?? 'cli' };
}

/** Reads the first line and leaves the bytes after it in the socket, paused. Undefined: too long, malformed, late or gone. */
export function readPreface(socket: Socket, timeoutMs: number): Promise<Preface | undefined> {
  return new Promise((resolve) => {
    let kept = Buffer.alloc(0);
    const settle = (preface: Preface | undefined): void => {
      clearTimeout(timer);
      socket.off('data', take).off('close', gone).off('end', gone);
      socket.pause();
      resolve(preface);
    };
    const gone = (): void => settle(undefined);
    const take = (chunk: Buffer): void => {
      kept = Buffer.concat([kept, chunk]);
      const end = kept.indexOf(10);
      if (end === -1 && kept.length <= prefaceLimitBytes) return;
      if (end === -1 || end > prefaceLimitBytes) return settle(undefined);
      settle(parsePreface(kept.toString('latin1', 0, end)));
      const rest = kept.subarray(end + 1);
      if (rest.length > 0) socket.unshift(rest);
    };
    const timer = setTimeout(gone, timeoutMs);
    socket.on('data', take).on('close', gone).on('end', gone).resume();
  });
}
