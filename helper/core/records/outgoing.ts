/**
 * Introduces the outbox of records to this machine: its network and the user's proxy, whom it trusts, secrets by where they come from.
 * What there is to say about a receiver goes into the record and the sandbox's notices; an address's path, which may be a token, does not.
 */
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Duplex } from 'node:stream';
import type { ForwardFacts } from '../../audit/forward/contract.ts';
import { Outbox } from '../../audit/forward/outbox.ts';
import type { Notice } from '../../audit/forward/sender.ts';
import { shownAddress, type SinkSettings } from '../../audit/forward/settings.ts';
import { errnoOf } from '../../base/atomic-file.ts';
import { connectFirst } from '../../egress/connect-first.ts';
import type { Network, UpstreamProxy } from '../../egress/contract.ts';
import { isExcepted, throughProxy } from '../../egress/upstream-proxy.ts';
import { LassoError } from '../../protocol/errors.ts';
import type { RecordEntry } from '../../protocol/record.ts';
import { namedAuthorities, usualAuthorities } from '../network/authorities.ts';
import { receiversOf } from './receivers.ts';
import type { Registry } from '../registry.ts';
import type { Sandbox } from '../sandbox.ts';
import type { ReadProfile, World } from '../world.ts';

type Needed = Pick<World, 'host' | 'folders' | 'log' | 'clock' | 'random' | 'version' | 'secrets' | 'settings' | 'readProfile'> & {
  readonly network: Network;
  readonly upstreamProxy: () => UpstreamProxy | undefined;
};

/** time an address has before the next is tried too, in milliseconds (RFC 8305, 8) */
const headStartMs = 250;

export function forwardFacts(needed: Needed): ForwardFacts {
  const { host, log, clock, random, version, secrets } = needed;
  return {
    ...{ clock, log, version, hostName: hostname(), environment: host.environment },
    chance: () => Number.parseInt(random.hex(4), 16) / 2 ** 32,
    dial: (to, signal) => dial(needed, to, signal),
    trust: trusting(needed),
    secret: async (source, sink) => {
      if (source === 'profile') return literalSecret(needed, sink);
      const from = source.replace(/^secret:/, 'keyring:');
      return secrets.value({ name: source, from, hosts: [], header: '', files: sink.files }, undefined);
    },
    requireSafe: (folder) => secrets.requireSafe(folder),
  };
}

export function outboxOf(folders: World['folders'], facts: ForwardFacts): Outbox {
  const { home, audit } = folders;
  return new Outbox({ places: { outbox: join(home, 'outbox'), audit, checkpoints: join(home, 'checkpoints') }, facts });
}

/**
 * From now on those are told of a sandbox's record whom its profile names.
 * @param from `start` for a record that has just begun @throws LassoError RECORD_FAILED: their places cannot be kept
 */
export async function tellReceivers(
  world: Pick<World, 'outbox' | 'host'>,
  sandbox: Sandbox,
  profile: ReadProfile,
  from: 'start' | 'now',
): Promise<void> {
  const sinks = receiversOf(profile, world.host.home);
  try {
    await world.outbox.direct(sandbox.id, sinks, from);
  } catch (error) {
    const why = errnoOf(error) ?? (error instanceof Error ? error.message : 'unknown error');
    const hint = 'What the profile wants told would be lost, so it was refused. Make room or repair the disk, then try again.';
    throw new LassoError('RECORD_FAILED', `How far receivers are told cannot be kept (${why})`, hint, { cause: error });
  }
  const { notices, state } = sandbox.saved;
  const present = sinks.map((sink) => noticeAbout(shownAddress(sink)));
  const kept = notices.filter((text) => !text.startsWith(noticeAbout('')) || present.some((about) => text.startsWith(`${about}:`)));
  if (kept.length < notices.length) await sandbox.enter(state, { notices: kept });
}

const noticeAbout = (address: string): string => `The record is not told to ${address}`;

/** Receivers hear of what is written, and what becomes of them is written down, and shown at the sandbox while it lasts. */
export function tellingReceivers({ outbox, records, log }: Pick<World, 'outbox' | 'records' | 'log'>, registry: Registry): void {
  records.onGrown((id) => outbox.grown(id));
  records.onCheckpoint((id) => outbox.grown(id));
  outbox.onNotice = (notice) => {
    const sandbox = registry.all.find(({ id }) => id === notice.sandbox);
    const address = shownAddress(notice.sink);
    log.warn(`receiver ${address} of ${notice.sandbox}: ${notice.what}: ${notice.message}`);
    if (sandbox === undefined) return;
    void sandbox.note(entryOf(notice, address));
    if (notice.what === 'lost') return;
    const about = noticeAbout(address);
    const others = sandbox.saved.notices.filter((text) => !text.startsWith(about));
    const notices = notice.what === 'back' ? others : [...others, `${about}: ${notice.message}. It is kept and told later.`];
    sandbox.enter(sandbox.saved.state, { notices }).catch((error: unknown) => log.error(`notices of ${sandbox.id}`, error));
  };
}

/** Goes on with what the helper before did not tell, also of sandboxes that are gone. Never rejects: nothing else waits for it. */
export async function resumeTelling({ outbox, log }: Pick<World, 'outbox' | 'log'>, registry: Registry): Promise<void> {
  try {
    await outbox.resume(new Set(registry.all.map(({ id }) => id)));
  } catch (error) {
    log.error('receivers of records could not be found again', error);
  }
}

const actions = { failing: 'receiver-failing', back: 'receiver-back', lost: 'not-delivered' } as const;

function entryOf({ sink, what, message, first, last }: Notice, target: string): RecordEntry {
  return {
    type: 'lifecycle',
    action: actions[what],
    outcome: what === 'back' ? 'success' : 'error',
    actor: { kind: 'system', face: 'helper' },
    target,
    detail: { kind: sink.kind, reason: message, ...(first === undefined || last === undefined ? {} : { first, last }) },
  };
}

async function dial(
  { network, upstreamProxy }: Needed,
  { host, port, web }: { readonly host: string; readonly port: number; readonly web: boolean },
  signal: AbortSignal,
): Promise<Duplex> {
  const named = web && !isHere(host) ? upstreamProxy() : undefined;
  const proxy = named === undefined || isExcepted(host, port, named.except) ? undefined : named;
  const to = proxy ?? { host, port };
  try {
    const family = isIP(to.host);
    const addresses =
      family === 0 ? await network.resolve(to.host, [], signal) : [{ address: to.host, family: family === 6 ? 6 : 4 } as const];
    const connect = (address: string, attempt: AbortSignal): Promise<Duplex> => network.connect({ address, port: to.port }, attempt);
    const { stream } = await connectFirst(addresses, connect, headStartMs, signal);
    return proxy === undefined ? stream : await throughProxy(stream, proxy, { host, port }, signal);
  } catch (error) {
    const why = errnoOf(error) ?? (error instanceof Error ? error.message : 'unknown error');
    throw new Error(`it could not be reached (${why})`, { cause: error });
  }
}

/** This machine itself is reached without a proxy. */
const isHere = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);

/** Made anew only when the user names others. */
function trusting({ host, settings }: Pick<World, 'host' | 'settings'>): () => Promise<SecureContext> {
  let made: { readonly of: string; readonly context: SecureContext } | undefined;
  return async () => {
    const { imageEnvironment } = await settings.sound();
    const [usual, named] = await Promise.all([usualAuthorities(host.platform), namedAuthorities(host, imageEnvironment['LASSO_CA_CERT'])]);
    const of = named.join('\n');
    if (made?.of !== of) made = { of, context: createSecureContext({ ca: [...usual, ...named], minVersion: 'TLSv1.2' }) };
    return made.context;
  };
}

/** What LASSO 1.x had: the secret stands in the profile, and is looked for there each time. */
async function literalSecret({ readProfile }: Pick<World, 'readProfile'>, sink: SinkSettings): Promise<string> {
  const { content } = await readProfile({ reference: sink.profile });
  const secret = sink.kind === 'webhook' ? content.audit.webhooks.find(({ url }) => url === sink.url)?.secret : undefined;
  if (secret === undefined) throw new Error(`the profile ${sink.profile} does not hold its secret any more`);
  return secret;
}
