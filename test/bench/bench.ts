/**
 * `npm run bench`: LASSO beside the plain tool, both measured in one run, as a table. It starts private engines and removes
 * them again, and touches no other.
 *
 *     npm run bench [-- [--quick] [BACKEND…]]
 */
import { backendName, backendNames, type BackendName } from '../../helper/protocol/sandbox.ts';
import { measureEgress } from './egress.ts';
import { measureGate, measureLinkGate } from './gate.ts';
import { measureLanguage } from './language.ts';
import { heading, row, type Figure } from './measurement.ts';
import { measureCommands, measureHelperStart, measureTerminal } from './running.ts';
import { measureMany, measureStart } from './starting.ts';
import { benchTarget } from './target.ts';

const words = process.argv.slice(2);
const quick = words.includes('--quick');
const named = words.filter((word) => !word.startsWith('--')).map((word) => backendName.parse(word));
const backends: readonly BackendName[] = named.length > 0 ? named : backendNames;
const runs = quick ? 3 : 9;

console.log(heading);
for (const backend of backends) {
  try {
    await measure(backend);
  } catch (error) {
    console.log(`| ${backend} | not measured: ${error instanceof Error ? error.message.replaceAll('\n', ' ') : String(error)} | | | | | |`);
    process.exitCode = 1;
  }
}

async function measure(backend: BackendName): Promise<void> {
  const target = await benchTarget(backend);
  const tell = (figure: Figure): void => console.log(row(figure));
  try {
    if (backend === backends[0]) {
      tell(await measureHelperStart(target, runs));
      (await measureLanguage(target.lasso, runs * 4)).forEach(tell);
      (await measureLinkGate(runs)).forEach(tell);
      (await measureEgress(quick ? 1 : 3, quick ? 1000 : 2000)).forEach(tell);
    }
    tell(await measureStart(target, runs));
    (await measureCommands(target, runs)).forEach(tell);
    (await measureGate(target, runs)).forEach(tell);
    (await measureTerminal(target, quick ? 1 : 3)).forEach(tell);
    (await measureMany(target, quick ? 10 : 50)).forEach(tell);
  } finally {
    await target.end();
  }
}
