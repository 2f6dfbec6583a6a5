/** A process that starts one sandbox in the folder it is given, tells its id, and then waits to be killed. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBubblewrap } from '../../helper/backends/bubblewrap.ts';
import { silentLog } from '../../helper/base/log.ts';
import { foldersOf } from '../../helper/base/platform.ts';
import { specIn, thisHost } from './bubblewrap.ts';

const runtime = process.argv[2] ?? '';
const spec = specIn(runtime, 'trap "" TERM HUP; sleep 7654 & sleep 7654');
const host = thisHost();
mkdirSync(join(runtime, 'unrelated'));
writeFileSync(join(runtime, 'unrelated', 'file'), '');
await createBubblewrap({ host, folders: { ...foldersOf(host), runtime, cache: join(runtime, 'cache') }, log: silentLog }).start(spec);
process.stdout.write(`${JSON.stringify({ id: spec.id, runtime })}\n`);
setInterval(() => undefined, 60_000);
