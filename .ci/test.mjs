/**
 * `npm test`: all set-up, then every check and every test, then a look for anything left behind. Its last line is the
 * totals, and its exit status is not 0 when anything failed.
 *
 *     npm test [-- GROUP [PART OF A PATH]]      GROUP: check, house, unit, parity, e2e
 */
import { join } from 'node:path';
import { root, setUp } from './setup.mjs';
import { runToExit, SetupError } from './setup/talk.mjs';
import { runChecks } from './tests/checks.mjs';
import { runFile } from './tests/file.mjs';
import { groups, testFiles } from './tests/groups.mjs';
import { takeMochaResults } from './tests/mocha-results.mjs';
import { makePlace, removePlace, sweep } from './tests/place.mjs';
import { Tally } from './tests/tally.mjs';

const withoutPrograms = ['check', 'house'];

await runToExit(async () => {
  const [only, part = ''] = process.argv.slice(2);
  const names = ['check', ...groups.map((group) => group.name)];
  if (only !== undefined && !names.includes(only)) throw new SetupError(`There is no group “${only}”.`, `Groups: ${names.join(', ')}`);
  const status = await setUp(only !== undefined && withoutPrograms.includes(only) ? 'check' : 'tests');
  if (status !== undefined) return status;

  const tally = new Tally();
  const interruption = new AbortController();
  for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(name, () => interruption.abort());
  if (only === undefined || only === 'check') await tally.stage('check', () => runChecks(root, tally.tell));
  const place = makePlace(root);
  try {
    for (const group of groups)
      if (only === undefined || only === group.name || (only === 'check' && group.name === 'house'))
        await tally.stage(group.name, () => runGroup(group, part, place, tally, interruption.signal));
    await tally.stage('nothing left behind', async () => {
      const leaks = await sweep(place);
      const outcomes = leaks.map((why) => ({ status: /** @type {const} */ ('failed'), name: 'leak', durationMs: 0, why }));
      const clean = { status: /** @type {const} */ ('passed'), name: 'no process, mount, socket or file is left', durationMs: 0 };
      tally.tell({ file: 'the whole run', outcomes: leaks.length > 0 ? outcomes : [clean], output: '', durationMs: 0 });
    });
  } finally {
    removePlace(place);
  }
  tally.conclude();
  if (interruption.signal.aborted) return 130;
  return tally.failed ? 1 : 0;
});

/**
 * @param {import('./tests/groups.mjs').Group} group
 * @param {string} part
 * @param {import('./tests/place.mjs').Place} place
 * @param {Tally} tally
 * @param {AbortSignal} signal
 */
async function runGroup(group, part, place, tally, signal) {
  const files = testFiles(root, group, part);
  if (files.length === 0) {
    const why = part === '' ? `${group.folder} holds no test files` : `no test file of ${group.folder} has “${part}” in its path`;
    tally.tell({ file: group.folder, outcomes: [{ status: 'failed', name: 'test files', durationMs: 0, why }], output: '', durationMs: 0 });
  }
  let next = 0;
  const work = async () => {
    for (let file = files[next++]; file !== undefined && !signal.aborted; file = files[next++]) {
      const report = await runFile({
        root,
        file,
        events: join(place.events, `${next}.jsonl`),
        env: place.env,
        limitMinutes: group.limitMinutes,
        signal,
      });
      const inside = group.atOnce === 1 ? takeMochaResults(place.results) : [];
      tally.tell({ ...report, outcomes: [...report.outcomes, ...inside] });
    }
  };
  await Promise.all(Array.from({ length: group.atOnce }, work));
}
