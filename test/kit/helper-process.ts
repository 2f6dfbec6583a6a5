/**
 * A real helper process with a core of nothing, for tests of starting and ending: `helper-process.ts ROOT BUILD SANDBOXES`.
 * Each process that became the helper writes its id into ROOT/served.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileLog } from '../../helper/base/log.ts';
import { systemRandom } from '../../helper/base/random.ts';
import { runHelper } from '../../helper/faces/rpc/daemon.ts';
import { fakeCore } from './fake-core.ts';
import { testPlace } from './folders.ts';

const [root = '', build = 'build', sandboxes = '0', idleMs = '3000', fault = ''] = process.argv.slice(2);
const { host, folders } = testPlace(root);
const core = fakeCore();
core.sandboxes = Number(sandboxes);
process.exitCode = await runHelper({
  host,
  folders,
  version: '2.0.0',
  build,
  random: systemRandom,
  log: fileLog(folders.log, () => new Date()),
  language: () => ({ dispose: () => undefined }),
  idleMs: Number(idleMs),
  open: () => {
    appendFileSync(join(root, 'served'), `${process.pid}\n`);
    if (fault === 'open') throw new Error('the core does not open');
    if (fault === 'later') setTimeout(() => void Promise.reject(new Error('nobody caught this')), 200);
    return Promise.resolve({
      ...core,
      busy: () => core.sandboxes,
      close: (reason) => {
        appendFileSync(join(root, 'closed'), `${reason}\n`);
        return Promise.resolve();
      },
    });
  },
});
