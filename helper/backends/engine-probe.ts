/** What a look at an engine found, as a probe: pure words about a connection. */
import type { Probe } from './backend.ts';
import { endpointName } from './endpoints.ts';
import { isRemote, type EngineKind, type EngineOptions, type Found } from './engine-kind.ts';

/** Describes what was found, or why nothing was. */
export function engineProbe(kind: EngineKind, found: Found, options: EngineOptions): Probe {
  const common = { backend: kind.name, survives: true, needsImage: true } as const;
  if (!('connection' in found)) {
    const { failure, reason, hint } = found;
    const isolations = (['container', 'gvisor', 'kata'] as const).map((level) => ({ level, available: false, reason }));
    return {
      ...common,
      available: false,
      rootless: false,
      remote: false,
      failure,
      reason,
      hint,
      isolations,
      missing: [],
      links: [],
      notices: [],
    };
  }
  const { connection, notices } = found;
  const { info } = connection;
  const remote = isRemote(connection, options);
  return {
    ...common,
    available: true,
    version: info.version,
    endpoint: endpointName(connection.endpoint),
    rootless: info.rootless,
    remote,
    isolations: kind.isolations(info, options, remote),
    missing: kind.missing(info),
    links: remote ? ['stdio'] : ['socket', 'stdio'],
    notices: [...notices, ...(info.selinux ? ['SELinux labels are off inside sandboxes, because the workspace keeps its own label.'] : [])],
  };
}
