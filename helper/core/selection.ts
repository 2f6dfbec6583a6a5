/**
 * Which backend a sandbox runs on. The first that works and can keep the policy's promises is taken; where none can, the
 * error lists what each one lacks. Nothing is started that would have to be weaker than asked.
 */
import type { Backend, Control, Probe } from '../backends/backend.ts';
import type { Clock } from '../base/clock.ts';
import type { BackendName, Isolation, LinkKind } from '../protocol/sandbox.ts';
import { LassoError } from '../protocol/errors.ts';

export interface Selection {
  readonly backend: Backend;
  readonly probe: Probe;
  readonly link: LinkKind;
  /** controls whose absence the profile accepted */
  readonly waived: readonly Control[];
  readonly notices: readonly string[];
}

export interface Wanted {
  readonly backend: BackendName | undefined;
  readonly isolation: Isolation;
  readonly link: LinkKind | undefined;
  readonly enforcement: 'required' | 'preferred';
}

/** How long an answer of `probe` is believed, in ms. */
const probeAgeMs = 15_000;

/** Remembers what probing found, for a short while: probing costs more than starting on a warm engine. */
export class Probes {
  readonly #backends: readonly Backend[];
  readonly #clock: Clock;
  readonly #known = new Map<BackendName, { readonly at: number; readonly probe: Promise<Probe> }>();

  constructor(backends: readonly Backend[], clock: Clock) {
    this.#backends = backends;
    this.#clock = clock;
  }

  get backends(): readonly Backend[] {
    return this.#backends;
  }

  async of(backend: Backend, fresh = false): Promise<Probe> {
    const now = this.#clock.monotonicMs();
    const known = this.#known.get(backend.name);
    if (known && !fresh && now - known.at < probeAgeMs) return known.probe;
    const entry = { at: now, probe: backend.probe() };
    this.#known.set(backend.name, entry);
    const probe = await entry.probe;
    // What does not work now may work in a second: only good news is remembered.
    if (!probe.available && this.#known.get(backend.name) === entry) this.#known.delete(backend.name);
    return probe;
  }

  forget(): void {
    this.#known.clear();
  }
}

/** @throws LassoError NO_ENGINE, ENGINE_PERMISSION, ISOLATION_ABSENT, CANNOT_ENFORCE, UNSUPPORTED */
export async function selectBackend(probes: Probes, wanted: Wanted): Promise<Selection> {
  const candidates = wanted.backend === undefined ? probes.backends : probes.backends.filter((backend) => backend.name === wanted.backend);
  const refusals: { readonly probe: Probe; readonly error: LassoError }[] = [];
  for (const backend of candidates) {
    const probe = await probes.of(backend);
    const judged = judge(backend, probe, wanted);
    if (!(judged instanceof LassoError)) return judged;
    refusals.push({ probe, error: judged });
  }
  throw summary(refusals, wanted);
}

function judge(backend: Backend, probe: Probe, wanted: Wanted): Selection | LassoError {
  if (!probe.available) return unavailable(probe);
  const isolation = probe.isolations.find(({ level }) => level === wanted.isolation);
  if (!isolation?.available) {
    return new LassoError(
      'ISOLATION_ABSENT',
      `${backend.name} cannot isolate with ${wanted.isolation}: ${isolation?.reason ?? 'it knows no such runtime'}`,
      `Install the runtime, choose another backend with --backend, or set isolation = "container" in the profile.`,
    );
  }
  // User-space kernels and virtual machines do not share sockets with the host.
  const links = isolation.links ?? (wanted.isolation === 'container' ? probe.links : (['stdio'] as const));
  const link = wanted.link ?? links[0];
  if (link === undefined || !links.includes(link)) {
    const what = `${backend.name} cannot carry a ${wanted.link ?? ''} link with ${wanted.isolation} isolation here`;
    return new LassoError('UNSUPPORTED', what, 'Leave out --link: the one that works is chosen.');
  }
  const missing = [...probe.missing, ...(isolation.missing ?? [])];
  if (missing.length > 0 && wanted.enforcement === 'required') {
    return new LassoError(
      'CANNOT_ENFORCE',
      `${backend.name} cannot enforce here: ${missing.map(({ control }) => control).join(', ')}`,
      'Use another backend, mend what is missing, or accept it with enforcement = "preferred" under [resources] in your profile.',
      { details: missing.map(({ control, reason }) => `${control}: ${reason}`) },
    );
  }
  const notices = [...probe.notices, ...missing.map(({ control, reason }) => `Not enforced: ${control} (${reason})`)];
  return { backend, probe, link, waived: missing.map(({ control }) => control), notices };
}

function unavailable(probe: Probe): LassoError {
  const code = probe.failure === 'permission' ? 'ENGINE_PERMISSION' : 'NO_ENGINE';
  return new LassoError(
    code,
    `${probe.backend}: ${probe.reason ?? 'not available'}`,
    probe.hint ?? 'Run `lasso doctor` to see what is missing.',
  );
}

function summary(refusals: readonly { readonly probe: Probe; readonly error: LassoError }[], wanted: Wanted): LassoError {
  const [only] = refusals;
  if (refusals.length === 1 && only) return only.error;
  // The refusal of an engine that is there says more than the absence of another.
  const told = refusals.find(({ probe }) => probe.available) ?? refusals.find(({ probe }) => probe.failure === 'permission');
  const details = refusals.map(({ error }) => `${error.message} ${error.hint}`);
  return new LassoError(
    told?.error.code ?? 'NO_ENGINE',
    told ? told.error.message : `No backend works on this machine for ${wanted.isolation} isolation`,
    told ? told.error.hint : 'Install Docker, Podman or bubblewrap, then run `lasso doctor`.',
    { details },
  );
}
