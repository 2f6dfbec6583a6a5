import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SandboxSpec } from '../../../helper/backends/backend.ts';
import { containerOf, labelNames, type Dialect } from '../../../helper/backends/spec.ts';

const spec: SandboxSpec = {
  id: '0123456789ab',
  name: 'sample',
  owner: 'owner-1',
  image: `sha256:${'a'.repeat(64)}`,
  isolation: 'container',
  guestProgram: '/opt/lasso/guest',
  link: { kind: 'socket', directory: '/run/lasso/0123456789ab/link', token: 'f'.repeat(64) },
  identity: { uid: 1000, gid: 1000, hostUid: 1000, hostGid: 1000 },
  workspace: { source: '/home/u/work', target: '/workspace', readonly: false },
  overlays: [],
  provided: [],
  home: null,
  mounts: [{ source: '/home/u/data', target: '/mnt/data', readonly: true }],
  environment: { PATH: '/usr/bin:/bin', HOME: '/home/agent' },
  etc: '/run/lasso/0123456789ab/etc',
  scratch: '/run/lasso/0123456789ab/scratch',
  hostname: 'sample',
  limits: {
    memoryBytes: 2 ** 30,
    cpus: 1.5,
    pids: 128,
    openFiles: 1024,
    fileSizeBytes: 2 ** 27,
    temporaryBytes: 2 ** 26,
    homeBytes: 2 ** 28,
  },
  waived: [],
  labels: { 'dev.lasso.profile': 'standard', [labelNames.owner]: 'somebody else' },
};
const plain: Dialect = {
  engine: 'docker',
  rootless: false,
  runtime: undefined,
  hardLimits: { openFiles: null, processes: null, fileSizeBytes: null },
  selinux: false,
  views: new Map(),
};

const bind = (Source: string, Target: string, ReadOnly: boolean): object => ({
  Type: 'bind',
  Source,
  Target,
  ReadOnly,
  BindOptions: { Propagation: 'rprivate' },
});
const etc = (name: string): object => bind(`/run/lasso/0123456789ab/etc/${name}`, `/etc/${name}`, true);

test('a spec becomes exactly these container words', () => {
  assert.deepEqual(containerOf(spec, plain), {
    name: 'lasso-0123456789ab',
    Image: `sha256:${'a'.repeat(64)}`,
    Entrypoint: ['/.lasso/guest'],
    Cmd: [],
    User: '1000:1000',
    WorkingDir: '/workspace',
    Hostname: 'sample',
    Env: [
      'PATH=/usr/bin:/bin',
      'HOME=/home/agent',
      'LASSO_LINK=socket',
      `LASSO_LINK_TOKEN=${'f'.repeat(64)}`,
      'LASSO_LIMITS=nofile=1024:1024',
    ],
    Labels: {
      'dev.lasso.profile': 'standard',
      'dev.lasso.managed': '1',
      'dev.lasso.id': '0123456789ab',
      'dev.lasso.name': 'sample',
      'dev.lasso.owner': 'owner-1',
      'dev.lasso.isolation': 'container',
    },
    Tty: false,
    OpenStdin: false,
    StdinOnce: false,
    AttachStdin: false,
    AttachStdout: true,
    AttachStderr: true,
    StopTimeout: 0,
    NetworkDisabled: true,
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      NetworkMode: 'none',
      IpcMode: 'private',
      CgroupnsMode: 'private',
      Privileged: false,
      ReadonlyRootfs: true,
      AutoRemove: false,
      Init: false,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      LogConfig: { Type: 'none', Config: {} },
      RestartPolicy: { Name: 'no' },
      Sysctls: { 'net.ipv4.ip_unprivileged_port_start': '0' },
      Memory: 2 ** 30,
      MemorySwap: 2 ** 30,
      NanoCpus: 1_500_000_000,
      PidsLimit: 128,
      ShmSize: 2 ** 26,
      Ulimits: [
        { Name: 'nofile', Soft: 8192, Hard: 8192 },
        { Name: 'fsize', Soft: 2 ** 27, Hard: 2 ** 27 },
        { Name: 'core', Soft: 0, Hard: 0 },
      ],
      Tmpfs: {
        '/tmp': 'rw,exec,nosuid,nodev,size=67108864,mode=1777',
        '/var/tmp': 'rw,exec,nosuid,nodev,size=67108864,mode=1777',
        '/run': 'rw,noexec,nosuid,nodev,size=67108864,mode=1777',
        '/home/agent': 'rw,exec,nosuid,nodev,size=268435456,mode=0700,uid=1000,gid=1000',
      },
      Mounts: [
        bind('/home/u/work', '/workspace', false),
        bind('/home/u/data', '/mnt/data', true),
        ...['passwd', 'group', 'hosts', 'resolv.conf', 'hostname'].map(etc),
        bind('/run/lasso/0123456789ab/etc/ca-certificates.crt', '/etc/ssl/certs/ca-certificates.crt', true),
        bind('/run/lasso/0123456789ab/link', '/.lasso/link', true),
      ],
    },
  });
});

test('a stdio link opens stdin, mounts no socket and carries no token', () => {
  const body = containerOf({ ...spec, link: { ...spec.link, kind: 'stdio' } }, plain);
  assert.deepEqual([body.OpenStdin, body.StdinOnce, body.AttachStdin], [true, true, true]);
  assert.ok(!JSON.stringify(body).includes('/.lasso/link'));
  assert.ok(!JSON.stringify(body).includes('f'.repeat(64)));
});

test('limits never exceed what the host may set', () => {
  const hardLimits = { openFiles: 256, processes: 9000, fileSizeBytes: 4096 };
  const limits = containerOf(spec, { ...plain, engine: 'podman', hardLimits }).HostConfig.Ulimits;
  assert.deepEqual(
    limits?.map(({ Name, Hard }) => [Name, Hard]),
    [
      ['nofile', 256],
      ['fsize', 4096],
      ['core', 0],
      ['nproc', 9000],
    ],
  );
});

test('rootless Podman keeps the user’s own ids, or maps them', () => {
  const dialect: Dialect = { ...plain, engine: 'podman', rootless: true };
  assert.equal(containerOf(spec, dialect).HostConfig.UsernsMode, 'keep-id');
  const other = { ...spec, identity: { uid: 1000, gid: 1000, hostUid: 501, hostGid: 20 } };
  assert.equal(containerOf(other, dialect).HostConfig.UsernsMode, 'keep-id:uid=1000,gid=1000');
  assert.equal(containerOf(spec, plain).HostConfig.UsernsMode, undefined);
});

test('a view is bound instead of the folder it shows', () => {
  const body = containerOf(spec, { ...plain, views: new Map([['/home/u/work', '/scratch/mount-0']]) });
  assert.equal(body.HostConfig.Mounts?.[0]?.Source, '/scratch/mount-0');
});

test('no input can ask for privilege, a host namespace, a device or a capability', () => {
  const text = fc.string({ unit: 'binary' });
  const mount = fc.record({ source: text, target: text, readonly: fc.boolean() });
  const words = fc.dictionary(text, text);
  const hostile = fc.record({
    name: text,
    owner: text,
    hostname: text,
    environment: words,
    labels: words,
    mounts: fc.array(mount),
    workspace: mount,
  });
  const dialects = fc.record({
    engine: fc.constantFrom('docker' as const, 'podman' as const),
    rootless: fc.boolean(),
    selinux: fc.boolean(),
    runtime: fc.option(text, { nil: undefined }),
  });
  const known = Object.keys(containerOf(spec, plain).HostConfig);
  fc.assert(
    fc.property(hostile, dialects, (parts, dialect) => {
      const body = containerOf({ ...spec, ...parts }, { ...plain, ...dialect });
      const host = body.HostConfig;
      assert.deepEqual(
        Object.keys(host).filter((key) => !known.includes(key) && !['Runtime', 'UsernsMode'].includes(key)),
        [],
      );
      assert.deepEqual([host.Privileged, host.NetworkMode, host.IpcMode, host.CgroupnsMode], [false, 'none', 'private', 'private']);
      assert.deepEqual([host.CapDrop, host.ReadonlyRootfs, body.NetworkDisabled], [['ALL'], true, true]);
      assert.deepEqual(host.SecurityOpt, dialect.selinux ? ['no-new-privileges', 'label=disable'] : ['no-new-privileges']);
      assert.match(host.UsernsMode ?? 'keep-id', /^keep-id/);
      assert.equal(body.Labels?.[labelNames.owner], parts.owner);
      assert.ok(body.Env?.includes('LASSO_LINK=socket'));
    }),
  );
});

test('what is hidden or closed is bound read-only over the workspace, through its view where there is one', () => {
  const overlays = [
    { path: '.git/hooks', kind: 'folder', instead: null },
    { path: '.env', kind: 'file', instead: '/run/lasso/0123456789ab/empty/1' },
  ] as const;
  const mounts = (views: Dialect['views']): unknown =>
    containerOf({ ...spec, overlays }, { ...plain, views }).HostConfig.Mounts?.filter(({ Target }) => Target.startsWith('/workspace/'));
  const instead = bind('/run/lasso/0123456789ab/empty/1', '/workspace/.env', true);
  assert.deepEqual(mounts(new Map()), [bind('/home/u/work/.git/hooks', '/workspace/.git/hooks', true), instead]);
  const views = new Map([[spec.workspace.source, '/scratch/mount-0']]);
  assert.deepEqual(mounts(views), [bind('/scratch/mount-0/.git/hooks', '/workspace/.git/hooks', true), instead]);
});
