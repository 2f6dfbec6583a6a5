/** Tunnels through the way out of a sandbox beside direct connections, and beside squid where it is installed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { openAuthority } from '../../helper/egress/certificates.ts';
import { openEgress } from '../../helper/egress/door.ts';
import { systemNetwork } from '../../helper/egress/system-network.ts';
import { judgeConnection } from '../../helper/policy/network/judge.ts';
import { networkRulesOfText } from '../kit/network-rules.ts';
import { benchHost, type ClientTask } from './egress-peer.ts';
import { type Figure, median } from './measurement.ts';

const peer = new URL('egress-peer.ts', import.meta.url);
const squid = '/usr/sbin/squid';

interface Answer {
  readonly port?: number;
  readonly certificatePem?: string;
  readonly value?: number;
}

/** @param runs of which the median counts @param forMs how long each run lasts */
export async function measureEgress(runs: number, forMs: number): Promise<readonly Figure[]> {
  const server = new Worker(peer, { workerData: 'serve' });
  const client = new Worker(peer, { workerData: 'measure' });
  const { port: serverPort = 0, certificatePem = '' } = await answerOf(server);
  const beside = await startSquid(serverPort);
  const figures: Figure[] = [];
  try {
    for (const [what, name, unit, scale] of kinds) {
      const measured = async (proxyPort?: number): Promise<number> => {
        const task: ClientTask = { what, serverPort, certificatePem, forMs, ...(proxyPort === undefined ? {} : { proxyPort }) };
        client.postMessage(task);
        return ((await answerOf(client)).value ?? 0) / scale;
      };
      const ours: number[] = [];
      const direct: number[] = [];
      const others: number[] = [];
      for (let run = 0; run < runs; run += 1) {
        direct.push(await measured());
        const way = await openWay(serverPort);
        ours.push(await measured(way.port));
        way.close();
        if (beside) others.push(await measured(beside.port));
      }
      const floor = { name: 'directly', value: median(direct) };
      const note = beside === undefined ? 'squid is not installed' : `squid ${median(others).toFixed(0)} ${unit}`;
      figures.push({ what: name, unit, ours: median(ours), floor, target: { text: '≥ 0.45 ×', ratio: 0.45 }, note });
    }
  } finally {
    await Promise.all([server.terminate(), client.terminate(), beside?.end()]);
  }
  return figures;
}

const kinds = [
  ['requests', 'requests through kept tunnels, 16 clients', '/s', 1],
  ['tunnels', 'new tunnels with TLS, 16 clients', '/s', 1],
  ['bulk', 'one download through a tunnel', 'MB/s', 1e6],
] as const;

async function answerOf(worker: Worker): Promise<Answer> {
  return await once(worker, 'message').then(([message]: readonly Answer[]) => message ?? {});
}

/** The way out of one sandbox with its proxy on a port of this machine. */
async function openWay(serverPort: number): Promise<{ readonly port: number; readonly close: () => void }> {
  const rules = networkRulesOfText(`mode = "restricted"\nallowed_domains = ["${benchHost}"]\nallowed_ports = [${serverPort}]`);
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
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const close = (): void => {
    egress.dispose();
    server.close();
  };
  return { port: typeof address === 'object' && address !== null ? address.port : 0, close };
}

/** Squid as a plain forward proxy on this machine; undefined where it is not installed. */
async function startSquid(serverPort: number): Promise<{ readonly port: number; readonly end: () => Promise<void> } | undefined> {
  if (
    !(await access(squid).then(
      () => true,
      () => false,
    ))
  )
    return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'lasso-bench-squid-'));
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const address = free.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  free.close();
  await writeFile(join(folder, 'hosts'), `127.0.0.1 ${benchHost}\n`);
  const lines = [`http_port 127.0.0.1:${port}`, `acl there port ${serverPort}`, 'http_access allow there', 'cache deny all'];
  const places = [
    `hosts_file ${folder}/hosts`,
    `pid_filename ${folder}/pid`,
    'access_log none',
    `cache_log ${folder}/log`,
    `coredump_dir ${folder}`,
  ];
  await writeFile(join(folder, 'conf'), `${[...lines, ...places, 'shutdown_lifetime 0 seconds'].join('\n')}\n`);
  const child = spawn(squid, ['-N', '-f', join(folder, 'conf')], { stdio: 'ignore' });
  const end = async (): Promise<void> => {
    child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  };
  for (let tries = 0; tries < 100; tries += 1) {
    const probe = connect({ host: '127.0.0.1', port });
    const up = await once(probe, 'connect').then(
      () => true,
      () => false,
    );
    probe.destroy();
    if (up) return { port, end };
    await delay(100);
  }
  await end();
  return undefined;
}
