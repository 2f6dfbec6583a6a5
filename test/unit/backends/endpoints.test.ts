import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { dockerEndpoints, endpointName, podmanEndpoints, type EndpointFacts } from '../../../helper/backends/endpoints.ts';

interface Given {
  readonly platform?: NodeJS.Platform;
  readonly uid?: number;
  readonly environment?: Record<string, string>;
  readonly files?: Record<string, string>;
  readonly folders?: Record<string, readonly string[]>;
}

function facts({ platform = 'linux', uid = 1000, environment = {}, files = {}, folders = {} }: Given): EndpointFacts {
  const home = platform === 'win32' ? 'C:\\Users\\u' : '/home/u';
  return {
    host: { platform, environment, home, uid, gid: uid, user: 'u', temporary: '/tmp' },
    read: (file) => files[file],
    list: (folder) => folders[folder] ?? [],
  };
}

const context = createHash('sha256').update('far').digest('hex');
const contextFiles = (address: string): Record<string, string> => ({
  '/home/u/.docker/config.json': JSON.stringify({ currentContext: 'far' }),
  [`/home/u/.docker/contexts/meta/${context}/meta.json`]: JSON.stringify({ Name: 'far', Endpoints: { docker: { Host: address } } }),
});
const certificates = { '/certs/ca.pem': 'CA', '/certs/cert.pem': 'CERT', '/certs/key.pem': 'KEY' };

const cases: readonly (readonly [string, 'docker' | 'podman', Given, readonly string[]])[] = [
  ['a named socket is the only place', 'docker', { environment: { DOCKER_HOST: 'unix:///x/y.sock' } }, ['/x/y.sock']],
  ['a named tcp address', 'docker', { environment: { DOCKER_HOST: 'tcp://engine.example:2375' } }, ['tcp://engine.example:2375']],
  ['a named ssh address', 'docker', { environment: { DOCKER_HOST: 'ssh://me@engine.example' } }, ['ssh://me@engine.example:22']],
  ['nonsense is no place', 'docker', { environment: { DOCKER_HOST: 'gopher://x' } }, []],
  ['the current context', 'docker', { files: contextFiles('unix:///far.sock') }, ['/far.sock']],
  ['a context that is not there', 'docker', { environment: { DOCKER_CONTEXT: 'none' } }, []],
  [
    'a broken configuration is as none',
    'docker',
    { files: { '/home/u/.docker/config.json': '{' }, platform: 'win32' },
    ['//./pipe/docker_engine', '//./pipe/dockerDesktopLinuxEngine'],
  ],
  [
    'the usual sockets',
    'docker',
    { environment: { XDG_RUNTIME_DIR: '/run/user/1000' } },
    [
      '/var/run/docker.sock',
      '/run/user/1000/docker.sock',
      '/home/u/.docker/run/docker.sock',
      '/home/u/.docker/desktop/docker.sock',
      '/home/u/.orbstack/run/docker.sock',
      '/home/u/.colima/default/docker.sock',
      '/home/u/.rd/docker.sock',
    ],
  ],
  ['Podman’s named socket', 'podman', { environment: { CONTAINER_HOST: 'unix:///p.sock' } }, ['/p.sock']],
  ['Podman of the system for root', 'podman', { uid: 0 }, ['/run/podman/podman.sock']],
  ['Podman of a user', 'podman', { environment: { XDG_RUNTIME_DIR: '/run/user/7' } }, ['/run/user/7/podman/podman.sock']],
  ['Podman on Windows', 'podman', { platform: 'win32' }, ['//./pipe/podman-machine-default']],
  [
    'Podman’s machines on macOS',
    'podman',
    { platform: 'darwin', folders: { '/home/u/.local/share/containers/podman/machine': ['blue'] } },
    [
      '/home/u/.local/share/containers/podman/machine/podman.sock',
      '/home/u/.local/share/containers/podman/machine/blue/podman.sock',
      '/home/u/.local/share/containers/podman/machine/qemu/podman.sock',
    ],
  ],
];

for (const [name, engine, given, expected] of cases) {
  test(`where an engine may listen: ${name}`, () => {
    const found = (engine === 'docker' ? dockerEndpoints : podmanEndpoints)(facts(given));
    assert.deepEqual(found.map(endpointName), expected);
  });
}

test('a verified address takes its certificates along', () => {
  const environment = { DOCKER_HOST: 'tcp://engine.example', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs' };
  assert.deepEqual(dockerEndpoints(facts({ environment, files: certificates })), [
    { kind: 'tcp', host: 'engine.example', port: 2376, tls: { ca: 'CA', cert: 'CERT', key: 'KEY' }, source: 'DOCKER_HOST' },
  ]);
});
