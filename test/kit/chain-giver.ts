/** Gives chains their seeds until it is killed, and prints each as it is given: `chain-giver.ts HOME`. */
import { join } from 'node:path';
import { openUserKeys } from '../../helper/audit/keys/user-keys.ts';

const home = process.argv[2] ?? '';
const keys = await openUserKeys({ uid: process.getuid?.(), platform: process.platform }, { home, audit: join(home, 'audit') });
for (;;) {
  const sandbox = `box-${keys.chains}-${process.pid}`;
  const { index, seed } = await keys.nextChain(sandbox);
  process.stdout.write(`${index} ${sandbox} ${seed.toString('hex')}\n`);
  await keys.begun(index, sandbox);
}
