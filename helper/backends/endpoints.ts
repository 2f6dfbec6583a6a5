/**
 * Where an engine might be listening, best first. Pure over what it is told of the host; files are read through the function
 * that is passed in. It connects to nothing.
 */
import { createHash } from 'node:crypto';
import nodePath from 'node:path';
import type { Host } from '../base/platform.ts';

/** one place to try */
export type Endpoint =
  | { readonly kind: 'socket'; readonly path: string; readonly source: string }
  | {
      readonly kind: 'tcp';
      readonly host: string;
      readonly port: number;
      readonly tls: { readonly ca: string; readonly cert: string; readonly key: string } | null;
      readonly source: string;
    }
  | { readonly kind: 'ssh'; readonly host: string; readonly port: number; readonly user: string; readonly source: string };

export interface EndpointFacts {
  readonly host: Host;
  /** text of a file, or undefined where it cannot be read */
  readonly read: (file: string) => string | undefined;
  /** names in a folder, none where there is no such folder */
  readonly list: (folder: string) => readonly string[];
}

/** Places where Docker may listen. A place the user named is the only one. */
export function dockerEndpoints(facts: EndpointFacts): readonly Endpoint[] {
  const env = facts.host.environment;
  const named = env['DOCKER_HOST'];
  if (named !== undefined && named !== '') return known(parse(named, 'DOCKER_HOST', certificates(facts)));
  const context = env['DOCKER_CONTEXT'] ?? currentContext(facts);
  if (context !== undefined && context !== '' && context !== 'default') return known(fromContext(facts, context));
  return sockets(dockerSockets(facts.host));
}

/** Places where Podman may listen, its Docker-compatible socket included. */
export function podmanEndpoints(facts: EndpointFacts): readonly Endpoint[] {
  const env = facts.host.environment;
  const named = env['CONTAINER_HOST'];
  if (named !== undefined && named !== '') return known(parse(named, 'CONTAINER_HOST', null));
  return sockets(podmanSockets(facts));
}

/** How an endpoint is shown to people. */
export function endpointName(endpoint: Endpoint): string {
  switch (endpoint.kind) {
    case 'socket':
      return endpoint.path;
    case 'tcp':
      return `tcp://${endpoint.host}:${endpoint.port}`;
    case 'ssh':
      return `ssh://${endpoint.user === '' ? '' : `${endpoint.user}@`}${endpoint.host}:${endpoint.port}`;
  }
}

const known = (endpoint: Endpoint | undefined): readonly Endpoint[] => (endpoint === undefined ? [] : [endpoint]);

const sockets = (places: readonly (readonly [string, string])[]): readonly Endpoint[] =>
  places.map(([path, source]) => ({ kind: 'socket', path, source }));

function dockerSockets(host: Host): readonly (readonly [string, string])[] {
  if (host.platform === 'win32')
    return [
      ['//./pipe/docker_engine', 'Docker Desktop'],
      ['//./pipe/dockerDesktopLinuxEngine', 'Docker Desktop'],
    ];
  const runtime = host.environment['XDG_RUNTIME_DIR'];
  const home = (path: string): string => nodePath.posix.join(host.home, path);
  return [
    ['/var/run/docker.sock', 'the usual socket'],
    ...(runtime === undefined ? [] : [[nodePath.posix.join(runtime, 'docker.sock'), 'rootless Docker'] as const]),
    [home('.docker/run/docker.sock'), 'Docker Desktop'],
    [home('.docker/desktop/docker.sock'), 'Docker Desktop'],
    [home('.orbstack/run/docker.sock'), 'OrbStack'],
    [home('.colima/default/docker.sock'), 'Colima'],
    [home('.rd/docker.sock'), 'Rancher Desktop'],
  ];
}

function podmanSockets(facts: EndpointFacts): readonly (readonly [string, string])[] {
  const { host } = facts;
  if (host.platform === 'win32') return [['//./pipe/podman-machine-default', 'Podman machine']];
  const runtime = host.environment['XDG_RUNTIME_DIR'];
  const home = (path: string): string => nodePath.posix.join(host.home, path);
  const machines = ['.local/share/containers/podman/machine', '.local/share/containers/podman/machine/qemu'].flatMap((folder) => [
    [home(`${folder}/podman.sock`), 'Podman machine'] as const,
    ...facts.list(home(folder)).map((name) => [home(`${folder}/${name}/podman.sock`), `Podman machine ${name}`] as const),
  ]);
  if (host.platform === 'darwin') return machines;
  return [
    ...(host.uid === 0 ? [['/run/podman/podman.sock', 'the system’s socket'] as const] : []),
    ...(runtime === undefined ? [] : [[nodePath.posix.join(runtime, 'podman/podman.sock'), 'this user’s socket'] as const]),
  ];
}

/** Reads `unix:///path`, `npipe:////./pipe/name`, `tcp://host:port`, `ssh://user@host`; anything else is undefined. */
function parse(text: string, source: string, tls: TlsFiles | null): Endpoint | undefined {
  if (text.startsWith('unix://')) return { kind: 'socket', path: text.slice('unix://'.length), source };
  if (text.startsWith('npipe://')) return { kind: 'socket', path: text.slice('npipe://'.length), source };
  if (text.startsWith('/')) return { kind: 'socket', path: text, source };
  if (!URL.canParse(text.includes('://') ? text : `tcp://${text}`)) return undefined;
  const url = new URL(text.includes('://') ? text : `tcp://${text}`);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? undefined : Number(url.port);
  switch (url.protocol) {
    case 'tcp:':
    case 'http:':
      return { kind: 'tcp', host, port: port ?? (tls === null ? 2375 : 2376), tls, source };
    case 'https:':
      return tls === null ? undefined : { kind: 'tcp', host, port: port ?? 2376, tls, source };
    case 'ssh:':
      return { kind: 'ssh', host, port: port ?? 22, user: decodeURIComponent(url.username), source };
    default:
      return undefined;
  }
}

interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

function certificates(facts: EndpointFacts): TlsFiles | null {
  const env = facts.host.environment;
  if (env['DOCKER_TLS_VERIFY'] === undefined || env['DOCKER_TLS_VERIFY'] === '') return null;
  const rules = rulesOf(facts.host);
  return tlsFrom(facts, env['DOCKER_CERT_PATH'] ?? rules.join(facts.host.home, '.docker'));
}

function tlsFrom(facts: EndpointFacts, folder: string): TlsFiles | null {
  const text = (name: string): string | undefined => facts.read(rulesOf(facts.host).join(folder, name));
  const [ca, cert, key] = [text('ca.pem'), text('cert.pem'), text('key.pem')];
  return ca === undefined || cert === undefined || key === undefined ? null : { ca, cert, key };
}

const rulesOf = (host: Host): nodePath.PlatformPath => (host.platform === 'win32' ? nodePath.win32 : nodePath.posix);

const dockerFolder = (host: Host): string => host.environment['DOCKER_CONFIG'] ?? rulesOf(host).join(host.home, '.docker');

function currentContext(facts: EndpointFacts): string | undefined {
  const value = field(json(facts.read(rulesOf(facts.host).join(dockerFolder(facts.host), 'config.json'))), 'currentContext');
  return typeof value === 'string' ? value : undefined;
}

/** The `docker` endpoint of a stored context, as `docker context` writes it. */
function fromContext(facts: EndpointFacts, name: string): Endpoint | undefined {
  const rules = rulesOf(facts.host);
  const digest = createHash('sha256').update(name).digest('hex');
  const folder = rules.join(dockerFolder(facts.host), 'contexts');
  const meta = json(facts.read(rules.join(folder, 'meta', digest, 'meta.json')));
  const address = field(field(field(meta, 'Endpoints'), 'docker'), 'Host');
  if (typeof address !== 'string') return undefined;
  return parse(address, `Docker context ${name}`, tlsFrom(facts, rules.join(folder, 'tls', digest, 'docker')));
}

function json(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
