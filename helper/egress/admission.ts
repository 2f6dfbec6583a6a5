/**
 * Whether a connection may begin. Where rules look at requests, or ask about some of them, nothing is decided yet and each request is
 * judged by itself; everywhere else the connection is decided once, and its requests hold to that.
 */
import { type ConnectionIntent, judgeConnection } from '../policy/network/judge.ts';
import { canonicalHost } from '../policy/network/hosts.ts';
import type { NetworkRules } from '../policy/network/rules.ts';
import type { Verdict } from '../protocol/verdict.ts';
import type { Asker, BoundSecret, EgressDecision, EgressFacts } from './contract.ts';
import { isBound } from './substitute.ts';

export interface Admitted {
  readonly allow: true;
  /** canonical */
  readonly host: string;
  readonly port: number;
  /** the decision on the connection; absent: each request is decided */
  readonly decision?: EgressDecision;
  /** what the rules said when it was made */
  readonly verdict: Verdict;
}

export type Admission = Admitted | { readonly allow: false; readonly decision: EgressDecision };

/** @param to hostile; what is no host is decided, and so refused and recorded, as written */
export async function admit(
  facts: Pick<EgressFacts, 'rules' | 'decide'>,
  to: { readonly host: string; readonly port: number; readonly asker: Asker | null },
  signal: AbortSignal,
): Promise<Admission> {
  const canonical = canonicalHost(to.host);
  const host = canonical.ok ? canonical.host : to.host;
  const rules = facts.rules();
  const verdict = judgeConnection({ host, port: to.port }, rules);
  if (canonical.ok && isByRequest(verdict, rules)) return { allow: true, host, port: to.port, verdict };
  const decision = await facts.decide({ what: 'connection', host, port: to.port, asker: to.asker }, signal);
  // What is no host stays refused, whoever said yes to it.
  if (!decision.allow || !canonical.ok) return { allow: false, decision: { ...decision, allow: false } };
  return { allow: true, host, port: to.port, decision, verdict };
}

/** Whether a verdict on a connection leaves the decision to its requests. */
export function isByRequest(verdict: Verdict, rules: NetworkRules): boolean {
  if (verdict.stage === 'request-unclear') return true;
  const asking = verdict.decision === 'ask' ? rules.rules.find(({ rule }) => rule === verdict.rule) : undefined;
  return asking?.methods !== undefined || asking?.paths !== undefined;
}

/** Whether TLS to an admitted host has to be ended here: its requests are judged, or a secret goes into them. */
export function isIntercepted(
  { host, port, decision }: Admitted,
  { allowedPorts }: NetworkRules,
  secrets: readonly BoundSecret[],
): boolean {
  return decision === undefined || secrets.some((secret) => isBound(secret, { scheme: 'https', host, port, allowedPorts }));
}

/** Whether what was allowed then still is: what was asked about then need not be asked again. */
export function stillStands(intent: ConnectionIntent, then: Verdict, rules: NetworkRules): boolean {
  const { decision } = judgeConnection(intent, rules);
  return decision === 'allow' || (decision === 'ask' && then.decision === 'ask');
}
