/**
 * Starting and ending sandboxes. Every step is on record before it happens; whatever fails half-way is taken back; a
 * sandbox whose guest or engine is gone is never left looking alive, and none runs on without its link.
 */
import type { Actor, RecordValue } from '../protocol/record.ts';
import type { GuestLink } from '../guest/contract.ts';
import type { Live, SandboxNetwork } from './live.ts';
import type { Sandbox } from './sandbox.ts';
import type { ReadProfile, Tell, World } from './world.ts';
import type { RunningSandbox, SandboxEnd } from '../backends/backend.ts';
import type { Selection } from './selection.ts';
import { describe } from '../base/log.ts';
import { LassoError } from '../protocol/errors.ts';
import { install, isProvisionNotice, makeProvision, provisionOf } from './agents/provision.ts';
import { fileGateOf, requireClosed, unclosedNotice } from './files/closing.ts';
import { coverOf, isCoverNotice } from './files/covering.ts';
import { keepCover } from './files/kept.ts';
import { isReplacedNotice, watchHidden } from './files/replaced.ts';
import { networkOf } from './network/connecting.ts';
import { gateOf, requireGate, ungatedNotice } from './gating/gating.ts';
import { guardOf } from './gating/guarding.ts';
import { outsideNotice, recordOutsideStarts } from './outside.ts';
import { greet, prepareLink, type LinkPreparation } from './linking.ts';
import { liveOf } from './live.ts';
import { tellReceivers } from './records/outgoing.ts';
import { requirePlainTargets } from './mount-targets.ts';
import { ProfileInForce } from './profile-in-force.ts';
import { recordOptionsOf } from './records/options.ts';
import { isSecretNotice, secretNotices } from './secrets.ts';
import { removeFolders } from './sandbox-folders.ts';
import { environmentOf, makeFolders, specOf } from './spec.ts';
import { startFacts } from './records/start-facts.ts';
import { witnessOf } from './records/witness.ts';

export const systemActor: Actor = { kind: 'system', face: 'helper' };

export interface StartOptions {
  readonly actor: Actor;
  readonly tell: Tell;
  readonly signal: AbortSignal;
}

/** @throws LassoError; then nothing of the start is left, and the record says that it failed */
export async function startSandbox(
  world: World,
  sandbox: Sandbox,
  profile: ReadProfile,
  selection: Selection,
  options: StartOptions,
): Promise<void> {
  const { actor, tell, signal } = options;
  const { backend, waived } = selection;
  const image = (await install(world, sandbox.saved.agent, selection, { force: false, tell, signal }))?.digest ?? null;
  tell({ message: `Starting a sandbox on ${backend.name}` });
  let preparation: LinkPreparation | undefined;
  let running: RunningSandbox | undefined;
  let link: GuestLink | undefined;
  let network: SandboxNetwork | undefined;
  let intent: number | undefined;
  try {
    const record = recordOptionsOf(profile.content.audit);
    world.records.change(sandbox.id, record);
    await sandbox.enter('creating', { image, profileDigest: profile.digest, record });
    await tellReceivers(world, sandbox, profile, sandbox.saved.startedAt === undefined ? 'start' : 'now');
    const provision = provisionOf(world, sandbox.saved, profile);
    const cover = await coverOf(world, sandbox.saved, profile.policy, provision, signal);
    const spec = specOf(world, sandbox.saved, profile.policy, waived, { ...provision, overlays: cover.overlays });
    intent = await sandbox.record.append({
      type: 'lifecycle',
      action: 'start',
      outcome: 'intent',
      actor,
      target: sandbox.saved.workspace,
      detail: await startFacts(world, { saved: sandbox.saved, profile, selection, spec }),
    });
    const inForce = new ProfileInForce(profile);
    network = await networkOf(world, sandbox, inForce);
    const folders = await makeFolders(world, sandbox.saved, network?.authorities ?? []);
    await keepCover(folders.root, cover);
    const kept = await makeProvision(world, sandbox.saved, profile, provision);
    const missing = secretNotices(world.secrets, profile.policy.secrets, sandbox.saved, world.clock);
    const [gate, guard] = [gateOf(world, sandbox, inForce), guardOf(world, sandbox, inForce)];
    const files = fileGateOf(world, sandbox, inForce, cover);
    preparation = await prepareLink(world, sandbox, folders.link, { gate, guard, files, network: network?.gate });
    await requirePlainTargets(spec);
    running = await backend.start(spec, signal);
    link = await greet(world, sandbox, preparation, running, signal);
    const unkept = [...requireGate(profile.policy, link, backend.name), ...requireClosed(profile.policy, link, backend.name)];
    const notices = [...unkept, ...(await missing), ...kept, ...cover.notices];
    const live = liveOf({ running, link, profile: inForce, network, files }, (policy) => environmentOf(sandbox.saved, policy));
    sandbox.live = live;
    sandbox.learn(undefined);
    const { engineId } = running;
    await sandbox.record.append(
      { type: 'lifecycle', action: 'start', outcome: 'success', actor: systemActor, detail: { engineId, gated: link.gated, notices } },
      intent,
    );
    await sandbox.enter('running', {
      engineId,
      startedAt: world.clock.now().toISOString(),
      notices: [...sandbox.saved.notices.filter((notice) => !isOfLastStart(notice)), ...notices],
    });
    watch(world, sandbox, live);
    watchHidden(sandbox, live, cover.overlays, world.log);
  } catch (error) {
    sandbox.live = undefined;
    world.probes.forget();
    await link?.dispose();
    await preparation?.dispose();
    network?.dispose();
    if (await isRemoved(world, sandbox, running)) await removeFolders(world, sandbox.id);
    const reason = error instanceof Error ? error.message : describe(error);
    await sandbox.note({ type: 'lifecycle', action: 'start', outcome: 'error', actor: systemActor, detail: { reason } }, intent);
    await sandbox.enter('stopped', { reason, endedAt: world.clock.now().toISOString() });
    if (signal.aborted)
      throw new LassoError('CANCELLED', 'Starting the sandbox was cancelled; nothing of it is left', 'Start it again when you are ready.');
    throw error;
  }
}

const isOfLastStart = (notice: string): boolean =>
  [ungatedNotice, unclosedNotice, outsideNotice].includes(notice) ||
  isReplacedNotice(notice) ||
  isCoverNotice(notice) ||
  isSecretNotice(notice) ||
  isProvisionNotice(notice);

/** Whether nothing of a failed start is left. If something is, its folder stays, so that the next helper looks for it. */
async function isRemoved(world: World, sandbox: Sandbox, running: RunningSandbox | undefined): Promise<boolean> {
  try {
    await running?.remove();
    return true;
  } catch (error) {
    world.log.error(`removing ${sandbox.id} after a failed start`, error);
    return false;
  }
}

/** Notices a sandbox that ends by itself, and clears up after it; notes what is started in it from outside. */
export function watch(world: World, sandbox: Sandbox, live: Live): void {
  recordOutsideStarts(sandbox, live);
  live.witness = witnessOf(world, sandbox, live);
  void Promise.race([live.running.ended, live.link.ended]).then(async () => {
    if (sandbox.live !== live || sandbox.saved.state === 'stopping') return;
    await sandbox.exclusive(async () => {
      if (sandbox.live !== live) return;
      const why = await whyEnded(world, live);
      await endSandbox(world, sandbox, live, { reason: why, actor: systemActor, outcome: 'error', action: 'ended', intent: undefined });
    });
  });
}

async function whyEnded(world: World, live: Live): Promise<string> {
  const waited = new AbortController();
  const engine = await Promise.race([
    live.running.ended,
    world.clock.sleep(2_000, waited.signal).then(
      () => undefined,
      () => undefined,
    ),
  ]);
  waited.abort();
  if (engine === undefined) return `The link to the guest was lost: ${(await live.link.ended).message}`;
  return sentence(engine);
}

function sentence(end: SandboxEnd): string {
  if (end.outOfMemory) return 'Ended by the memory limit.';
  const how = end.signal !== null ? `killed by signal ${end.signal}` : end.code !== null ? `exit code ${end.code}` : 'unknown end';
  return end.message === undefined || end.message === '' ? `Ended from outside (${how}).` : `Ended from outside (${how}): ${end.message}`;
}

/** Ends a running sandbox in order. Safe to call on one that is not running. */
export async function stopSandbox(
  world: World,
  sandbox: Sandbox,
  options: { readonly actor: Actor; readonly graceMs: number },
): Promise<void> {
  const { live } = sandbox;
  if (!live) return;
  // A full disk must not keep a sandbox running: stopping needs no record before it, unlike everything that starts.
  const intent = await sandbox.record
    .append({ type: 'lifecycle', action: 'stop', outcome: 'intent', actor: options.actor, detail: { graceMs: options.graceMs } })
    .catch((error: unknown) => {
      world.log.error(`record of stopping ${sandbox.id} not written`, error);
      return undefined;
    });
  await sandbox.enter('stopping');
  await live.witness?.ending();
  const waited = new AbortController();
  await Promise.race([
    live.link.shutdown(options.graceMs),
    // A guest that does not answer is ended by the engine.
    world.clock.sleep(options.graceMs + 2_000, waited.signal).catch(() => undefined),
  ]);
  waited.abort();
  await endSandbox(world, sandbox, live, { reason: 'Stopped.', actor: options.actor, outcome: 'success', action: 'stop', intent });
}

interface Ending {
  readonly reason: string;
  readonly actor: Actor;
  readonly outcome: 'success' | 'error';
  readonly action: 'stop' | 'ended';
  /** number of the record this finishes */
  readonly intent: number | undefined;
}

async function endSandbox(world: World, sandbox: Sandbox, live: Live, ending: Ending): Promise<void> {
  const detail: Record<string, RecordValue> = { reason: ending.reason };
  let { reason } = ending;
  await live.witness?.ending();
  try {
    await live.running.remove();
  } catch (error) {
    reason = `${ending.reason} The engine did not remove it: ${error instanceof Error ? error.message : 'unknown error'}`;
    detail['left'] = sandbox.saved.engineId ?? null;
    world.log.error(`removing ${sandbox.id}`, error);
  }
  await live.link.dispose();
  live.network?.dispose();
  world.approvals.withdraw(sandbox.id);
  sandbox.live = undefined;
  await removeFolders(world, sandbox.id);
  await live.witness?.removed();
  await sandbox.note(
    { type: 'lifecycle', action: ending.action, outcome: 'left' in detail ? 'error' : ending.outcome, actor: ending.actor, detail },
    ending.intent,
  );
  await sandbox.enter('left' in detail ? 'failed' : 'stopped', { reason, endedAt: world.clock.now().toISOString() });
}
