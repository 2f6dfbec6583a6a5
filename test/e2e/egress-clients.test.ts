/** Programs people use, inside a sandbox, against real servers: what works outside works inside, with and without a proxy. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { nodeMounts } from '../kit/engine-image.ts';
import { TestLasso } from '../kit/lasso.ts';
import { networkProgram } from '../kit/network.ts';
import { sumOfBytes } from '../kit/servers/bytes.ts';
import { gitSite, makeRepository } from '../kit/servers/git-web.ts';
import { openOutside, rawPort, type Outside } from '../kit/servers/outside.ts';
import { npmSite, pipSite, samplePackage } from '../kit/servers/packages.ts';
import { hasSshServer, startSshServer, type SshServer } from '../kit/servers/ssh.ts';
import { chainVerifies } from '../kit/starts.ts';

const limit = { timeout: 90_000 };
const secret = 'sk-a-value-that-stays-outside';
const largeBytes = 50 * 1024 * 1024;
const profile = `name = "clients"
mode = "autonomous"
exec_gate = "off"

[commands]
mode = "blacklist"
blacklist = []
allow_shell_operators = true

[network]
allowed_domains = ["web.example", "registry.example", "index.example"]

[[network.rules]]
host = "git.example"
ports = [22, 443]

[[network.rules]]
host = "raw.example"
ports = [${rawPort}]

[[network.rules]]
host = "api.example"
paths = ["/**"]

[[network.rules]]
host = "model.example"
methods = ["POST"]
paths = ["/v1/messages", "/read"]

[secrets.model]
from = "env:TEST_SECRET"
hosts = ["model.example"]
header = "x-api-key"
env = "MODEL_KEY"
`;

let lasso: TestLasso;
let outside: Outside;
let ssh: SshServer | undefined;
let folder: string;
let workspace: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lasso-clients-'));
  await makeRepository(folder, 'project.git');
  mkdirSync(join(folder, 'ssh'));
  ssh = hasSshServer() ? await startSshServer(join(folder, 'ssh')) : undefined;
  outside = await openOutside(folder, {
    names: { 'web.example': undefined, 'api.example': undefined, 'model.example': undefined, 'raw.example': undefined },
    sites: { 'git.example': gitSite(folder), 'registry.example': await npmSite('registry.example'), 'index.example': pipSite() },
    ...(ssh === undefined ? {} : { ssh: ssh.port }),
  });
  lasso = new TestLasso({ environment: { ...outside.environment, TEST_SECRET: secret }, program: networkProgram });
  workspace = join(lasso.root, 'work');
  mkdirSync(workspace);
  lasso.profile('clients', profile);
  await lasso.create({ profile: 'clients', dir: workspace, backend: 'bubblewrap', name: 'clients', mount: [...nodeMounts()] });
});

after(async () => {
  await lasso.dispose();
  await outside.close();
  await ssh?.stop();
  rmSync(folder, { recursive: true });
});

let files = 0;
/** Runs a program text inside; what it printed. */
async function inside(program: string, text: string, ending = ''): Promise<string> {
  files += 1;
  const file = `run-${files}${ending}`;
  writeFileSync(join(workspace, file), `${text}\n`);
  const { exit, stdout, stderr } = await lasso.exec('clients', [program, `./${file}`], { timeoutSeconds: 80 });
  assert.equal(exit.code, 0, `${text}\n${stdout}\n${stderr}`);
  return stdout;
}
const bash = (text: string): Promise<string> => inside('bash', `set -e\n${text}`);
const python = (text: string): Promise<string> => inside('/usr/bin/python3', text);
const node = (text: string): Promise<string> => inside('/opt/node/node', text, '.mjs');

/** as a program that knows of proxies, and as one that does not */
const ways = {
  'through the proxy': '',
  'without a proxy': 'unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY',
} as const;
const has = (program: string): string | false => !existsSync(program) && `there is no ${program} here`;

describe('programs in a sandbox', () => {
  for (const [way, unset] of Object.entries(ways)) {
    test(`curl and wget fetch over http and https ${way}`, limit, async () => {
      for (const scheme of ['http', 'https'])
        for (const client of ['curl -sSf', 'wget -qO-'])
          assert.match(await bash(`${unset}\n${client} ${scheme}://web.example/at-${scheme}`), new RegExp(`"url":"/at-${scheme}"`));
    });

    test(`git clones and pushes over https ${way}`, limit, async () => {
      const name = way.replaceAll(' ', '-');
      const out = await bash(`${unset}
cd /tmp; git -c init.defaultBranch=main clone -q https://git.example/project.git ${name}
cd ${name}; git checkout -q -B main
git config user.email somebody@web.example; git config user.name Somebody
echo ${name} > ${name}; git add .; git commit -qm ${name}; git push -q origin main
cd ..; git clone -q https://git.example/project.git again-${name}; cat again-${name}/${name}`);
      assert.equal(out, `${name}\n`);
    });

    test(`Python fetches with its own library ${way}`, limit, async () => {
      await bash(`${unset}
cat > fetch.py <<'END'
import urllib.request
for scheme in ('http', 'https'):
    print(urllib.request.urlopen(scheme + '://web.example/python').status)
END
/usr/bin/python3 fetch.py`).then((out) => assert.equal(out, '200\n200\n'));
    });

    test(`node fetches ${way}`, limit, async () => {
      const out = await bash(`${unset}
cat > fetch.mjs <<'END'
for (const scheme of ['http', 'https']) console.log((await fetch(scheme + '://web.example/node')).status);
END
NODE_USE_ENV_PROXY=1 /opt/node/node fetch.mjs`);
      assert.equal(out, '200\n200\n');
    });

    test(`npm installs a package ${way}`, limit, async () => {
      const out = await bash(`${unset}
mkdir -p npm-${unset.length}; cd npm-${unset.length}; echo '{}' > package.json
PATH=/opt/node:$PATH node /opt/npm/bin/npm-cli.js install --no-audit --no-fund --loglevel error --registry https://registry.example/ ${samplePackage.name}
/opt/node/node -p "require('${samplePackage.name}')"`);
      assert.match(out, new RegExp(`${samplePackage.says}\n$`));
    });

    test(`pip installs a package ${way}`, { ...limit, skip: has('/usr/bin/pip3') }, async () => {
      const out = await bash(`${unset}
/usr/bin/pip3 install -q --disable-pip-version-check --no-cache-dir --target pip-${unset.length} --index-url https://index.example/simple ${samplePackage.name}
PYTHONPATH=pip-${unset.length} /usr/bin/python3 -c 'import small_package; print(small_package.says)'`);
      assert.equal(out, `${samplePackage.says}\n`);
    });
  }

  test(
    'git clones and pushes over ssh, whose server speaks first',
    { ...limit, skip: !hasSshServer() && 'there is no sshd here' },
    async () => {
      assert.ok(ssh);
      ssh.admit(await bash('ssh-keygen -q -t ed25519 -N "" -f /tmp/key; cat /tmp/key.pub'));
      const out = await bash(`echo 'git.example ${ssh.hostKey}' > /tmp/known
export GIT_SSH_COMMAND='ssh -F none -i /tmp/key -o UserKnownHostsFile=/tmp/known -o BatchMode=yes'
cd /tmp; git clone -q ssh://${ssh.user}@git.example${join(folder, 'project.git')} by-ssh
cd by-ssh; git checkout -q -B main; git config user.email somebody@web.example; git config user.name Somebody
date > by-ssh; git add .; git commit -qm by-ssh; git push -q origin HEAD:by-ssh
git ls-remote origin by-ssh`);
      assert.match(out, /^[0-9a-f]{40}\trefs\/heads\/by-ssh\n$/);
    },
  );

  for (const [what, origin] of Object.entries({
    'over http': 'http://web.example',
    'through a tunnel': 'https://web.example',
    'where requests are read': 'https://api.example',
  }))
    test(`50 MB come and go whole ${what}`, limit, async () => {
      const out = await bash(`curl -sSf '${origin}/bytes?count=${largeBytes}' -o large; sha256sum large | cut -d' ' -f1
curl -sSf -T large ${origin}/take; rm large`);
      const sum = sumOfBytes(largeBytes);
      assert.equal(out, `${sum}\n${JSON.stringify({ count: largeBytes, sha256: sum })}\n`);
    });

  test('curl and node speak HTTP/2, through a tunnel and where requests are read', limit, async () => {
    for (const host of ['web.example', 'api.example']) {
      assert.match(await bash(`curl -sSf --http2 -w '%{http_version}' https://${host}/curl`), /"version":"2\.0"[^]*\n2$/, host);
      const out = await node(`import { connect } from 'node:http2';
const session = connect('https://${host}');
const one = (path) => new Promise((resolve, reject) => {
  const stream = session.request({ ':path': path });
  let text = '';
  stream.setEncoding('utf8').on('data', (part) => (text += part)).on('end', () => resolve(JSON.parse(text).url)).on('error', reject);
});
console.log((await Promise.all(Array.from({ length: 100 }, (_, n) => one('/' + n)))).length, session.alpnProtocol);
session.close();`);
      assert.equal(out, '100 h2\n', host);
    }
  });

  test('a WebSocket is spoken, over http and https, through a tunnel and where requests are read', limit, async () => {
    for (const origin of ['ws://web.example', 'wss://web.example', 'wss://api.example']) {
      const out = await node(`const socket = new WebSocket('${origin}/socket');
let left = 50;
socket.onopen = () => socket.send('message 50');
socket.onmessage = ({ data }) => { left -= 1; if (left === 0) socket.close(1000); else socket.send('message ' + left); if (left === 0) console.log(data); };
socket.onclose = ({ code }) => console.log(code);
socket.onerror = () => process.exit(1);`);
      assert.equal(out, 'message 1\n1000\n', origin);
    }
  });

  test('the words of a model come one by one, and its key is a placeholder inside', limit, async () => {
    const out = await node(`const headers = { 'x-api-key': process.env.MODEL_KEY };
const answer = await fetch('https://model.example/v1/messages', { method: 'POST', headers, body: '{"stream":true}' });
let text = '', event = 0;
for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
  text += piece;
  while (text.includes('\\n\\n')) {
    const end = text.indexOf('\\n\\n');
    console.log(text.slice(0, end).split('data: ')[1]);
    text = text.slice(end + 2);
    event += 1;
    if (event < 5) await fetch('https://model.example/read?event=' + event, { method: 'POST' });
  }
}`);
    const events = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly type: string; readonly key?: string });
    assert.deepEqual(
      events.map(({ type }) => type),
      [...Array<string>(4).fill('content_block_delta'), 'message_stop'],
    );
    assert.match(events.at(-1)?.key ?? '', /^lasso-secret-/);
    assert.equal(outside.seen.find(({ url }) => url === '/v1/messages')?.headers['x-api-key'], secret);
  });

  test('a thousand connections are open at once, each with its own words', limit, async () => {
    const out = await node(`import { connect } from 'node:net';
const count = 1000;
const sockets = await Promise.all(Array.from({ length: count }, (_, n) => new Promise((resolve, reject) => {
  const socket = connect(${rawPort}, 'raw.example', () => socket.write('keep ' + n + '\\n')).on('error', reject);
  socket.once('data', (data) => String(data) === 'keep ' + n + '\\n' ? resolve(socket) : reject(new Error(String(data))));
})));
console.log(sockets.filter((socket) => !socket.destroyed).length);
for (const socket of sockets) socket.end();`);
    assert.equal(out, '1000\n');
  });

  test('who has said all still hears the answer', limit, async () => {
    const out = await python(`import socket, hashlib
said = b'sum\\n' + b'x' * 3000000
with socket.create_connection(('raw.example', ${rawPort})) as s:
    s.sendall(said); s.shutdown(socket.SHUT_WR)
    print(s.makefile().read().strip() == hashlib.sha256(said).hexdigest())`);
    assert.equal(out, 'True\n');
  });

  test('a connection that is reset outside is reset inside, and the other way round', limit, async () => {
    const out = await python(`import socket, struct
with socket.create_connection(('raw.example', ${rawPort})) as s:
    s.sendall(b'break\\n')
    try:
        while s.recv(100): pass
        print('ended')
    except ConnectionResetError: print('reset')
s = socket.create_connection(('raw.example', ${rawPort}))
s.sendall(b'keep me\\n'); s.recv(8)
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); s.close()`);
    assert.equal(out, 'reset\n');
    for (let tries = 0; tries < 100 && !outside.raw.ends.includes('ECONNRESET'); tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(outside.raw.ends.includes('ECONNRESET'), JSON.stringify(outside.raw.ends.slice(-5)));
  });

  test('nothing else was looked for, no trap was reached, and the record of all that verifies', async () => {
    assert.deepEqual(outside.trapped, []);
    assert.deepEqual(
      [...new Set(outside.questions().names)].sort(),
      ['api', 'git', 'index', 'model', 'raw', 'registry', 'web'].map((name) => `${name}.example`),
    );
    await chainVerifies(lasso, 'clients');
    assert.ok(!readFileSync(lasso.folders.log, 'utf8').includes(secret));
  });
});
