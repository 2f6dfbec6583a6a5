/** The way out alone, with its proxy on a port of this machine: no guest, no link, no record. */
import { createServer } from 'node:net';
import { openAuthority } from '../../helper/egress/certificates.ts';
import { openEgress } from '../../helper/egress/door.ts';
import { systemNetwork } from '../../helper/egress/system-network.ts';
import { judgeConnection } from '../../helper/policy/network/judge.ts';
import { networkRulesOfText } from '../kit/network-rules.ts';
import { listening } from '../kit/sockets.ts';

export interface OpenDoor {
  readonly port: number;
  close(): void;
}

/** @param host the one name it leads to, on `serverPort` of the loopback */
export async function openDoor(host: string, serverPort: number): Promise<OpenDoor> {
  const rules = networkRulesOfText(`mode = "restricted"\nallowed_domains = ["${host}"]\nallowed_ports = [${serverPort}]`);
  const egress = openEgress(
    {
      rules: () => rules,
      nameServers: () => [],
      secrets: () => [],
      decide: async (intent) => {
        const verdict = judgeConnection(intent, rules);
        return { allow: verdict.decision === 'allow', verdict, message: verdict.reason };
      },
      report: () => undefined,
      network: {
        resolve: async () => [{ address: '203.0.113.1', family: 4 }],
        connect: ({ port }, signal) => systemNetwork.connect({ address: '127.0.0.1', port }, signal),
      },
      extraAuthorities: [],
    },
    await openAuthority(),
  );
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    void egress.connect({ kind: 'proxy', host: '', port: 0, asker: null }).then((answer) => {
      if (answer.allow) answer.carry(socket);
      else socket.destroy();
    });
  });
  const port = await listening(server);
  return {
    port,
    close: () => {
      egress.dispose();
      server.close();
    },
  };
}
