/**
 * A way out of a sandbox without a sandbox: somebody inside is a socket on this machine's loopback, and hosts outside are made-up
 * names whose made-up addresses lead to servers on loopback. Everything decided, reported and dialled is kept.
 */
import type { Socket } from 'node:net';
import { openAuthority, type SandboxAuthority } from '../../helper/egress/certificates.ts';
import type { BoundSecret, EgressDecision, EgressEvent, EgressFacts, EgressIntent, UpstreamProxy } from '../../helper/egress/contract.ts';
import { type ConnectionQuestion, type Egress, openEgress } from '../../helper/egress/door.ts';
import type { DialTimes } from '../../helper/egress/dial.ts';
import { systemNetwork } from '../../helper/egress/system-network.ts';
import { judgeConnection } from '../../helper/policy/network/judge.ts';
import type { NetworkRules } from '../../helper/policy/network/rules.ts';
import { networkRulesOfText } from './network-rules.ts';
import { type Ending, openPairs } from './sockets.ts';

export interface OutsideOptions {
  /** what follows `[network]` */
  readonly rules: string;
  /** addresses of names; a function is asked each time */
  readonly names?: Readonly<Record<string, readonly string[] | (() => readonly string[])>>;
  /** `address:port` → port on loopback */
  readonly servers?: Readonly<Record<string, number>>;
  /** what a person says */
  readonly answer?: (intent: EgressIntent, signal: AbortSignal) => Promise<boolean>;
  readonly secrets?: readonly BoundSecret[];
  readonly upstreamProxy?: UpstreamProxy;
  readonly authority?: SandboxAuthority;
  readonly extraAuthorities?: readonly string[];
  readonly times?: DialTimes;
  readonly monotonicMs?: () => number;
}

export interface Outside {
  readonly egress: Egress;
  readonly authority: SandboxAuthority;
  readonly decided: readonly EgressIntent[];
  readonly reported: readonly EgressEvent[];
  /** `address:port` of every connection that was tried */
  readonly dialled: readonly string[];
  /** names that were resolved */
  readonly resolved: readonly string[];
  setRules(text: string): void;
  /** Asks, and connects when allowed. */
  inside(question: Partial<ConnectionQuestion>): Promise<Socket | string>;
  /** A connection to the proxy inside. */
  proxy(): Promise<Socket>;
  /** Waits for a report of this action. */
  told(action: string): Promise<EgressEvent>;
}

export async function openOutside(t: Ending, options: OutsideOptions): Promise<Outside> {
  let rules: NetworkRules = networkRulesOfText(options.rules);
  const decided: EgressIntent[] = [];
  const reported: EgressEvent[] = [];
  const dialled: string[] = [];
  const resolved: string[] = [];
  const waiting = new Set<() => void>();
  const facts: EgressFacts = {
    rules: () => rules,
    nameServers: () => [],
    secrets: () => options.secrets ?? [],
    decide: async (intent, signal): Promise<EgressDecision> => {
      decided.push(intent);
      const verdict = judgeConnection(intent, rules);
      const allow = verdict.decision === 'ask' ? ((await options.answer?.(intent, signal)) ?? false) : verdict.decision === 'allow';
      return { allow, verdict, origin: 'test.toml:7', message: `LASSO: ${verdict.reason}`, record: decided.length };
    },
    report: (event) => {
      reported.push(event);
      for (const look of [...waiting]) look();
    },
    network: {
      resolve: async (host) => {
        resolved.push(host);
        const known = options.names?.[host];
        const addresses = typeof known === 'function' ? known() : (known ?? []);
        if (addresses.length === 0) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
        return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
      },
      connect: ({ address, port }, signal) => {
        dialled.push(`${address}:${port}`);
        const server = options.servers?.[`${address}:${port}`];
        if (server === undefined) return Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
        return systemNetwork.connect({ address: '127.0.0.1', port: server }, signal);
      },
    },
    ...(options.upstreamProxy ? { upstreamProxy: options.upstreamProxy } : {}),
    extraAuthorities: options.extraAuthorities ?? [],
  };
  const { times, monotonicMs } = options;
  const authority = options.authority ?? (await openAuthority());
  const egress = openEgress(facts, authority, {
    ...(times ? { times } : {}),
    ...(monotonicMs ? { monotonicMs } : {}),
  });
  t.after(async () => egress.dispose());
  const pair = await openPairs(t);
  const enter = async (question: ConnectionQuestion): Promise<Socket | string> => {
    const answer = await egress.connect(question);
    if (!answer.allow) return answer.message ?? '';
    const { near, far } = await pair();
    answer.carry(far);
    return near;
  };
  return {
    egress,
    authority,
    decided,
    reported,
    dialled,
    resolved,
    setRules: (text) => {
      rules = networkRulesOfText(text);
    },
    inside: (question) => enter({ kind: 'name', host: '', port: 443, asker: null, ...question }),
    proxy: async () => {
      const near = await enter({ kind: 'proxy', host: '', port: 0, asker: null });
      if (typeof near === 'string') throw new Error(near);
      return near;
    },
    told: (action) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = reported.find((event) => event.action === action);
          if (!found) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}
