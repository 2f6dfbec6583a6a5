/** The environment of everything in a sandbox, made from nothing: the host's own is never passed, and reserved names never taken. */
import { agentName } from '../protocol/agent.ts';
import { guestPaths, guestPorts } from '../protocol/guest.ts';
import { authorityVariables, proxyVariables, refusedVariable } from '../protocol/profile/environment.ts';
import { type Refusal, refuse } from './judgement.ts';
import type { Policy } from './policy.ts';

type Variables = Readonly<Record<string, string>>;

/** the system refuses a program whose arguments and environment are larger than a quarter of its stack limit */
const limitBytes = 1024 * 1024;
const hint = 'Leave it out, or choose another name.';

/**
 * Variables a person asks for, `NAME=VALUE`, or `NAME` to pass on the host's. Only what is named leaves the host.
 * @param host environment of whoever asks
 */
export function requestedEnvironment(
  texts: readonly string[],
  host: Readonly<Record<string, string | undefined>>,
): { readonly ok: true; readonly variables: Variables } | Refusal {
  const variables = new Map<string, string>();
  let sizeBytes = 0;
  for (const text of texts) {
    const sign = text.indexOf('=');
    const name = sign < 0 ? text : text.slice(0, sign);
    const value = sign < 0 ? (Object.hasOwn(host, name) ? host[name] : undefined) : text.slice(sign + 1);
    const refused = refusedVariable(name, value ?? '');
    if (refused !== undefined) return refuse(`The environment variable ${JSON.stringify(name)} is refused: ${refused}`, hint);
    if (value === undefined) return refuse(`The environment variable ${name} is not set here`, `Set it, or write ${name}=VALUE.`);
    sizeBytes += name.length + 3 * value.length;
    variables.set(name, value);
  }
  if (sizeBytes > limitBytes)
    return refuse('The environment variables are too large together', 'Put large values into a file in the workspace.');
  return { ok: true, variables: Object.fromEntries(variables) };
}

/** what an environment is made from */
export interface EnvironmentSource {
  readonly policy: Pick<Policy, 'environment'> & { readonly network: Pick<Policy['network'], 'mode'> };
  /** what was asked for at creation */
  readonly requested: Variables;
  /** id of the sandbox */
  readonly id: string;
  /** agent it is made for */
  readonly agent?: string | undefined;
  /** what stands for each secret, by variable */
  readonly placeholders?: Variables;
}

/** hosts that are reached without the proxy: the sandbox's own; a profile may add others, which leads to the same gate */
const direct = ['localhost', '127.0.0.1', '::1'];
const directVariables = ['NO_PROXY', 'no_proxy'];

/** accepted in profiles of LASSO 1.x, where they told LASSO itself what to do; no sandbox sees them */
const withoutEffect = new Set(['LASSO_EXTRA_MOUNTS', 'LASSO_INJECT_GIT_IDENTITY', 'LASSO_NO_AUTO_MOUNT']);

const systemPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
const isAgent = (name: string | undefined): name is string => agentName.safeParse(name).success;

/** The whole environment. Reserved names are left out whoever asks. TERM is added by whoever opens a terminal. */
export function sandboxEnvironment(source: EnvironmentSource): Variables {
  const wanted = [...Object.entries(source.policy.environment), ...Object.entries(source.requested)];
  const { agent } = source;
  const fixed: readonly (readonly [string, string])[] = [
    ['PATH', [...systemPath, '/home/agent/.local/bin', ...(isAgent(agent) ? [`${guestPaths.agents}/${agent}/bin`] : [])].join(':')],
    ['HOME', '/home/agent'],
    ['USER', 'agent'],
    ['LOGNAME', 'agent'],
    ['SHELL', '/bin/bash'],
    ['LANG', 'C.UTF-8'],
    ['TMPDIR', '/tmp'],
    ['LASSO', '1'],
    ['LASSO_SANDBOX', source.id],
    ...(agent === undefined || agent.includes('\0') ? [] : [['LASSO_AGENT', agent] as const]),
  ];
  const accepted = wanted.filter(([name, value]) => !withoutEffect.has(name) && refusedVariable(name, value) === undefined);
  const placeholders = Object.entries(source.placeholders ?? {}).filter(([name, value]) => refusedVariable(name, value) === undefined);
  const own = Object.fromEntries(accepted);
  return { ...Object.fromEntries(fixed), ...own, ...wayOut(source.policy.network.mode, own), ...Object.fromEntries(placeholders) };
}

/** Where programs find the way out, and whom they trust; nothing where no network is allowed. */
function wayOut(mode: 'none' | 'restricted' | 'full', own: Variables): Variables {
  if (mode === 'none') return {};
  const trusted = authorityVariables.map((name) => [name, guestPaths.authorities] as const);
  const proxy = proxyVariables.map((name) => [name, `http://127.0.0.1:${guestPorts.proxy}`] as const);
  const around = directVariables.map((name) => {
    const given = Object.hasOwn(own, name) ? (own[name] ?? '').split(',') : [];
    return [name, [...new Set([...direct, ...given.map((host) => host.trim()).filter((host) => host !== '')])].join(',')] as const;
  });
  return Object.fromEntries([...trusted, ...proxy, ...around]);
}
