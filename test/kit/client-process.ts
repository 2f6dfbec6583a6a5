/** A client process that finds or starts the helper, prints its id, and stays until stdin ends: `client-process.ts ROOT BUILD`. */
import { connectHelper } from '../../helper/faces/client/connection.ts';
import { helperStart } from './helper-start.ts';
import { testPlace } from './folders.ts';

const [root = '', build = 'build'] = process.argv.slice(2);
const { host, folders } = testPlace(root);
const connection = await connectHelper({
  host,
  folders,
  version: '2.0.0',
  build,
  spawn: helperStart(root, build),
  timeoutMs: 60_000,
});
process.stdout.write(`${connection.pid}\n`);
process.stdin.resume().once('end', () => connection.dispose());
