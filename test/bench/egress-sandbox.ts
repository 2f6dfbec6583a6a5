/** The way out of a bubblewrap sandbox, from inside: a whole helper with its record, the guest, and either kind of link. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { nodeMounts } from '../kit/engine-image.ts';
import { TestLasso } from '../kit/lasso.ts';
import { networkProgram, networkVariable, outsideAddress, type Told } from '../kit/network.ts';
import type { Load } from './egress-load.ts';
import { interceptedHost, loadProgram, type MeasuredServer, tunnelledHost, valueOf, type Way, wordsOf } from './egress-ways.ts';
import { residentMB } from './measurement.ts';

const profile = `name = "egress-bench"
mode = "autonomous"
exec_gate = "off"

[commands]
mode = "blacklist"
blacklist = []

[resources]
max_cpu_percent = 100
max_open_files = 16384
enforcement = "preferred"

[network]
allowed_domains = ["${tunnelledHost}"]

[[network.rules]]
host = "${interceptedHost}"
paths = ["/**"]
`;

const placeInside = '/opt/bench';
const proxy = 3128;
const timeoutSeconds = 60;
/** how long memory is left to settle */
const settleMs = 1000;

export interface IdleMemory {
  /** resident memory before, and with so many connections open and idle, in MB */
  readonly helper: { readonly before: number; readonly open: number };
  readonly guest: { readonly before: number; readonly open: number };
}

export interface Sandboxes {
  /** from a new sandbox */
  way(link: 'socket' | 'stdio'): Promise<Way>;
  /** What connections that say nothing cost; from a new sandbox. */
  idle(count: number): Promise<IdleMemory>;
  end(): Promise<void>;
}

/** @param folder for files @param authority file of who vouches for the server */
export function openSandboxes(server: MeasuredServer, folder: string, authority: string): Sandboxes {
  const network: Told = {
    names: { [tunnelledHost]: [outsideAddress], [interceptedHost]: [outsideAddress] },
    servers: { [`${outsideAddress}:443`]: server.port },
  };
  const file = join(folder, 'network.json');
  writeFileSync(file, JSON.stringify(network));
  const lasso = new TestLasso({ environment: { [networkVariable]: file, NODE_EXTRA_CA_CERTS: authority }, program: networkProgram });
  const workspace = join(lasso.root, 'workspace');
  mkdirSync(workspace);
  lasso.profile('egress-bench', profile);

  const create = async (link: 'socket' | 'stdio'): Promise<string> => {
    const mount = [...nodeMounts(), `${dirname(loadProgram)}:${placeInside}:ro`];
    const { id } = await lasso.create({ profile: 'egress-bench', dir: workspace, backend: 'bubblewrap', link, mount });
    return id;
  };
  const load = async (id: string, task: Load): Promise<number> => {
    const argv = ['/opt/node/node', `${placeInside}/${basename(loadProgram)}`, ...wordsOf(task)];
    const { exit, stdout, stderr } = await lasso.exec(id, argv, { timeoutSeconds });
    if (exit.code !== 0) throw new Error(`${task.what} in a sandbox: ${stderr}`);
    return valueOf(stdout);
  };

  return {
    way: async (link) => {
      const id = await create(link);
      return (work) => load(id, { ...work, port: 443, proxy });
    },
    idle: async (count) => {
      const id = await create('socket');
      const task = { host: tunnelledHost, port: 443, proxy } as const;
      const memory = async (): Promise<{ readonly helper: number; readonly guest: number }> => ({
        helper: residentMB(readFileSync(`/proc/${await lasso.helperPid()}/status`, 'utf8')),
        guest: residentMB((await lasso.exec(id, ['cat', '/proc/1/status'])).stdout),
      });
      // What is needed once, for the first connection of all, is not counted.
      await load(id, { ...task, what: 'tunnels', amount: 20 });
      const before = await memory();
      const mark = 'connections-are-open';
      const done = load(id, { ...task, what: 'idle', amount: count, mark: `/workspace/${mark}` });
      // Whoever waits below hears of it; where nobody gets as far, the sandbox ends anyhow.
      done.catch(() => undefined);
      while (!existsSync(join(workspace, mark))) await Promise.race([delay(20), done]);
      await delay(settleMs);
      const open = await memory();
      rmSync(join(workspace, mark));
      await done;
      await (await lasso.connect()).call('remove', { sandbox: id });
      return { helper: { before: before.helper, open: open.helper }, guest: { before: before.guest, open: open.guest } };
    },
    end: () => lasso.dispose(),
  };
}
