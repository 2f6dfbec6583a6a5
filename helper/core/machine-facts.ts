/**
 * What this machine can do, for whoever writes a profile. It answers at once with what is known and looks again behind the
 * scenes, so that nobody who types waits for an engine; nothing is decided by it.
 */
import type { Probe } from '../backends/backend.ts';
import type { Clock } from '../base/clock.ts';
import type { MachineFacts, MachineIsolation } from '../profile/sources.ts';
import type { Probes } from './selection.ts';
import { isolation } from '../protocol/sandbox.ts';

/** How long an answer is believed before somebody looks again, in ms. */
const lookAgainMs = 60_000;

/** How long a look is put off, in ms: what was asked for profiles must not compete with the start of a sandbox. */
const delayMs = 2_000;

/** A function that says what is known so far; undefined before the first look has ended, or where no backend works. */
export function machineFacts(probes: Probes, clock: Clock): () => Promise<MachineFacts | undefined> {
  let known: MachineFacts | undefined;
  let askedAtMs: number | undefined;
  const look = async (): Promise<void> => {
    await clock.sleep(delayMs);
    known = factsOf(await Promise.all(probes.backends.map((backend) => probes.of(backend))));
  };
  return () => {
    const now = clock.monotonicMs();
    if (askedAtMs === undefined || now - askedAtMs >= lookAgainMs) {
      askedAtMs = now;
      // A look that fails leaves what was known; the next one may succeed.
      look().catch(() => undefined);
    }
    return Promise.resolve(known);
  };
}

/** Probes in the order of preference. An isolation is there if any backend has it; controls are those of the backend that would be chosen. */
export function factsOf(probes: readonly Probe[]): MachineFacts | undefined {
  const working = probes.filter(({ available }) => available);
  const chosen = working.find(({ missing }) => missing.length === 0) ?? working[0];
  if (chosen === undefined) return undefined;
  return { missing: chosen.missing, isolations: isolation.options.map((level) => isolationFacts(level, [chosen, ...working])) };
}

function isolationFacts(level: MachineIsolation['level'], probes: readonly Probe[]): MachineIsolation {
  const found = probes.flatMap(({ isolations }) => isolations.filter((support) => support.level === level));
  const best = found.find(({ available }) => available) ?? found[0];
  return {
    level,
    available: best?.available === true,
    ...(best?.reason === undefined ? {} : { reason: best.reason }),
    ...(best?.missing === undefined ? {} : { missing: best.missing }),
  };
}
