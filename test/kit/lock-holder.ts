/** Takes the lock of a home's records and says so, then holds it until it is killed: `lock-holder.ts HOME RUNTIME`. */
import { tmpdir } from 'node:os';
import { lockStore } from '../../helper/audit/keys/store-lock.ts';
import { LassoError } from '../../helper/protocol/errors.ts';

const [home = '', runtime = ''] = process.argv.slice(2);
const host = {
  platform: process.platform,
  environment: {},
  home,
  uid: process.getuid?.(),
  gid: process.getgid?.(),
  user: 'nobody',
  temporary: tmpdir(),
};
try {
  await lockStore(host, { home, runtime });
  process.stdout.write('held\n');
} catch (error) {
  process.stdout.write(error instanceof LassoError ? `${error.code} ${error.message}\n` : `${String(error)}\n`);
  process.exit(0);
}
process.stdin.resume();
