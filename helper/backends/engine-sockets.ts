/** Sockets through which an engine of this machine may be commanded. No mount may reach one: whoever has it rules the machine. */
import type { BackendsOptions } from './index.ts';
import { engineOptions } from './index.ts';
import { endpointFacts } from './discovery.ts';
import { dockerEndpoints, podmanEndpoints } from './endpoints.ts';

/** of engines LASSO does not use, but which may be there */
const others = ['/run/containerd/containerd.sock', '/run/crio/crio.sock', '/run/buildkit/buildkitd.sock'];

/** Absolute paths, whether there or not: the configured ones and the usual ones. */
export function engineSocketsOf(options: BackendsOptions): readonly string[] {
  const facts = endpointFacts(engineOptions(options));
  const usual = { ...facts, host: { ...facts.host, environment: {} } };
  const endpoints = [facts, usual].flatMap((each) => [...dockerEndpoints(each), ...podmanEndpoints(each)]);
  const paths = endpoints.flatMap((endpoint) => (endpoint.kind === 'socket' ? [endpoint.path] : []));
  return [...new Set([...paths, ...others])];
}
