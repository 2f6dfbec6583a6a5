/**
 * `npm run bench`: LASSO beside the plain tool, both measured in one run, as a table. It starts private engines and removes
 * them again, and touches no other.
 *
 *     npm run bench [-- [--quick] [--only egress|record|record-page] [BACKEND…]]
 */
import { parseArgs } from 'node:util';
import { backendName, backendNames, type BackendName } from '../../helper/protocol/sandbox.ts';
import { measureClosedFiles } from './closed-files.ts';
import { measureEgress } from './egress.ts';
import { measureGate, measureLinkGate } from './gate.ts';
import { measureLanguage } from './language.ts';
import { heading, row, type Figure } from './measurement.ts';
import { measurePage } from './record-page.ts';
import { measureReading } from './record-read.ts';
import { measureVerifying } from './record-verify.ts';
import { measureWriting } from './record-write.ts';
import { measureCommands, measureHelperStart, measureTerminal } from './running.ts';
import { measureMany, measureStart } from './starting.ts';
import { benchTarget } from './target.ts';

const options = { quick: { type: 'boolean', default: false }, only: { type: 'string' } } as const;
const { values, positionals } = parseArgs({ options, allowPositionals: true });
const { quick, only } = values;
const parts = ['egress', 'record', 'record-page'];
if (only !== undefined && !parts.includes(only)) throw new Error(`--only knows ${parts.join(', ')}, and not “${only}”`);
const named = positionals.map((word) => backendName.parse(word));
const backends: readonly BackendName[] = named.length > 0 ? named : backendNames;
const runs = quick ? 3 : 9;

console.log(heading);
const tell = (figure: Figure): void => console.log(row(figure));
const wanted = (part: string): boolean => only === undefined || only === part;
if (wanted('egress')) await trying('the way out', async () => (await measureEgress(quick)).forEach(tell));
if (wanted('record')) await trying('records written', async () => (await measureWriting(quick ? 1 : 3)).forEach(tell));
if (wanted('record')) await trying('records read', async () => (await measureReading(quick ? 1 : 5)).forEach(tell));
if (wanted('record')) await trying('records verified', async () => (await measureVerifying(quick ? 1 : 3)).forEach(tell));
if (wanted('record-page')) await trying('records in VS Code', async () => (await measurePage(quick ? 1 : 5)).forEach(tell));
if (only === undefined) for (const backend of backends) await trying(backend, () => measure(backend));

async function trying(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    console.log(`| ${what} | not measured: ${error instanceof Error ? error.message.replaceAll('\n', ' ') : String(error)} | | | | | |`);
    process.exitCode = 1;
  }
}

async function measure(backend: BackendName): Promise<void> {
  const target = await benchTarget(backend);
  try {
    if (backend === backends[0]) {
      tell(await measureHelperStart(target, runs));
      (await measureLanguage(target.lasso, runs * 4)).forEach(tell);
      (await measureLinkGate(runs)).forEach(tell);
      (await measureClosedFiles(runs)).forEach(tell);
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
