/**
 * Starts one sandbox under bubblewrap and watches over it to its end. The guest begins only after its process is in its
 * control group and a note of it is on disk; a start that fails leaves nothing.
 */
import { statSync } from 'node:fs';
import { chown, mkdir, readFile, readdir } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { errnoOf } from '../base/atomic-file.ts';
import { LassoError } from '../protocol/errors.ts';
import { guestPaths } from '../protocol/guest.ts';
import type { RunningSandbox, SandboxEnd, SandboxSpec } from './backend.ts';
import { systemCallFilter } from './bubblewrap-filter.ts';
import { launch, type Launched } from './bubblewrap-launch.ts';
import type { BubblewrapFacts } from './bubblewrap-probe.ts';
import { endProcess, markProcess, type ProcessMark } from './process-mark.ts';
import { emptyFolder, engineIdOf, graceMs, noteRemains } from './bubblewrap-remains.ts';
import { stagingWords } from './bubblewrap-staging.ts';
import { bubblewrapWords, type WordFacts } from './bubblewrap-words.ts';
import { enterGroup, groupName, makeGroup, memoryKillsOf, removeGroup, startsRefusedIn } from './control-group.ts';
import { scopeWords, unifiedFolder } from './control-group-scope.ts';

export interface StartFacts extends BubblewrapFacts, Omit<WordFacts, 'reachable'> {
  readonly cpu: 'x64' | 'arm64';
  /** who runs this */
  readonly uid: number;
  /** Lets the guest listen on ports below 1024. Without them names are not answered, which the guest tells; never rejects. */
  readonly openPorts: (pid: number) => Promise<void>;
}

/** @throws LassoError SANDBOX_START_FAILED, with the console's last lines */
export async function startSandbox(spec: SandboxSpec, facts: StartFacts, signal?: AbortSignal): Promise<RunningSandbox> {
  signal?.throwIfAborted();
  const undo: (() => Promise<void>)[] = [() => emptyFolder(spec.scratch)];
  let launched: Launched | undefined;
  try {
    await mkdir(spec.scratch, { recursive: true, mode: 0o700 });
    const grouping = makeGroup(facts.places, groupName(spec.id), spec.limits);
    undo.push(async () => removeGroup(await grouping.catch(() => [])));
    launched = await launch(await requestOf(spec, facts));
    const mark = await markProcess(launched.pid);
    if (mark !== undefined) undo.push(() => endProcess(mark, graceMs));
    const first = await launched.first;
    const guest = first === undefined ? undefined : await markProcess(first);
    if (guest === undefined || mark === undefined) throw await failure(launched);
    // First of all: bubblewrap asks to die with its parent only late, so that a guest could outlive a bubblewrap ended early.
    undo.push(() => endProcess(guest, 0));
    const made = await grouping;
    try {
      await enterGroup(made, guest.pid);
    } catch (error) {
      // It failed on the way, and its own words say more.
      if (errnoOf(error) !== 'ESRCH') throw error;
      throw await failure(launched);
    }
    await facts.openPorts(guest.pid);
    const groups = facts.scope === null ? made : await scopeFolder(guest.pid);
    await noteRemains(spec.scratch, { id: spec.id, owner: spec.owner, bubblewrap: mark, guest, groups: [...made] });
    signal?.throwIfAborted();
    if (!(await launched.release(guest))) throw await failure(launched);
    return running(launched, mark, groups, undo);
  } catch (error) {
    await undoAll(undo);
    if (error instanceof LassoError || signal?.aborted) throw error;
    const said = error instanceof Error ? error.message : String(error);
    throw startFailed(said, [], error);
  }
}

async function requestOf(spec: SandboxSpec, facts: StartFacts): Promise<Parameters<typeof launch>[0]> {
  const { hostUid, hostGid } = spec.identity;
  const scope = facts.scope === null ? [] : scopeWords(facts.scope, groupName(spec.id), spec.limits);
  const staging = facts.uid === 0 && hostUid !== 0 ? stagingFor(spec, facts) : undefined;
  // The guest must be able to connect to a socket that root made for it.
  if (staging !== undefined && spec.link.kind === 'socket') {
    for (const name of ['', ...(await readdir(spec.link.directory))]) await chown(join(spec.link.directory, name), hostUid, hostGid);
  }
  return {
    prefix: staging?.prefix ?? [...scope, facts.program],
    environment: { PATH: '/usr/bin:/bin', ...(facts.scope?.environment ?? {}) },
    words: bubblewrapWords(spec, { ...facts, reachable: staging?.reachable ?? new Map() }),
    command: [guestPaths.program],
    filter: systemCallFilter(facts.cpu),
    stdio: spec.link.kind === 'stdio',
  };
}

function stagingFor(spec: SandboxSpec, facts: StartFacts): ReturnType<typeof stagingWords> {
  if (facts.setpriv === null) {
    throw new LassoError(
      'CANNOT_ENFORCE',
      'Files the agent makes would belong to root, not to the owner of the workspace: setpriv is missing.',
      'Install util-linux, or run LASSO as the owner of the workspace.',
      { details: ['ownership'] },
    );
  }
  return stagingWords(spec, facts.system, facts.program, facts.setpriv, (path) => statSync(path).isDirectory());
}

function running(launched: Launched, mark: ProcessMark, groups: readonly string[], undo: readonly (() => Promise<void>)[]): RunningSandbox {
  const ended = launched.ended.then(async (end): Promise<SandboxEnd> => {
    const kills = await memoryKillsOf(groups);
    // bubblewrap tells a death by signal as 128 and the signal's number.
    const code = end.code !== null && end.code > 128 && end.code < 193 ? null : end.code;
    const signal = end.signal === null ? (code === null && end.code !== null ? end.code - 128 : null) : constants.signals[end.signal];
    const message = launched.tail();
    return { code, signal, outOfMemory: signal === constants.signals.SIGKILL && (kills ?? 0) > 0, ...(message === '' ? {} : { message }) };
  });
  let removal: Promise<void> | undefined;
  const stdio: Duplex | null = launched.stdio;
  return {
    engineId: engineIdOf(mark),
    stdio,
    ended,
    memoryKills: () => memoryKillsOf(groups),
    startsRefused: () => startsRefusedIn(groups),
    remove: () =>
      (removal ??= (async () => {
        await undoAll(undo);
        await ended;
        stdio?.destroy();
      })()),
  };
}

/** Everything, last first; the first failure is told after all have been tried. */
async function undoAll(undo: readonly (() => Promise<void>)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const step of undo.toReversed()) {
    await step().catch((error: unknown) => errors.push(error));
  }
  if (errors.length > 0) throw new AggregateError(errors, 'the sandbox was removed in part');
}

async function scopeFolder(pid: number): Promise<readonly string[]> {
  const folder = unifiedFolder(await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => ''));
  return folder === undefined ? [] : [folder];
}

async function failure(launched: Launched): Promise<LassoError> {
  const { code, signal } = await launched.ended;
  const said = launched.tail();
  return startFailed(said.split('\n').at(-1) ?? '', [`bubblewrap ended with ${signal ?? `code ${code ?? 'unknown'}`}`, said]);
}

function startFailed(said: string, details: readonly string[], cause?: unknown): LassoError {
  return new LassoError(
    'SANDBOX_START_FAILED',
    `The sandbox did not start: ${said === '' ? 'bubblewrap ended without a word' : said}`,
    'Run `lasso doctor`; if a folder is named, see that it exists and that you may read it.',
    { details: details.filter((line) => line !== ''), ...(cause === undefined ? {} : { cause }) },
  );
}
