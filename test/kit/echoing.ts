/** A way out with one host behind it, a.example on 203.0.113.1, whose server says how much it heard. */
import type { Socket } from 'node:net';
import { clientHello } from './client-hello.ts';
import { openOutside, type Outside, type OutsideOptions } from './egress.ts';
import { type Ending, openServer } from './sockets.ts';

/** what is allowed unless a test says otherwise */
export const list = 'mode = "restricted"\nallowed_domains = ["a.example", "*.wild.example"]\nallowed_ports = [443, 80, 22]';
/** a ClientHello that names a server */
export const hello = (name: string): Buffer => clientHello({ serverNames: [name] });

/** `arrived`: what each connection heard */
export async function openWorld(t: Ending, options: Partial<OutsideOptions> = {}): Promise<Outside & { readonly arrived: string[] }> {
  const arrived: string[] = [];
  const port = await openServer(t, (socket) => {
    const index = arrived.push('') - 1;
    socket.on('data', (bytes: Buffer) => {
      arrived[index] = `${arrived[index] ?? ''}${bytes.toString('latin1')}`;
      socket.write(`heard ${bytes.length}`);
    });
    socket.on('end', () => socket.end());
  });
  const servers = Object.fromEntries([443, 80, 22].map((each) => [`203.0.113.1:${each}`, port]));
  const names = { 'a.example': ['203.0.113.1'], 'x.wild.example': ['203.0.113.1'] };
  return { ...(await openOutside(t, { rules: list, names, servers, ...options })), arrived };
}

/** A connection that is allowed. */
export async function enter(world: Outside, host = 'a.example', port = 443): Promise<Socket> {
  const inside = await world.inside({ host, port });
  if (typeof inside === 'string') throw new Error(inside);
  return inside;
}
