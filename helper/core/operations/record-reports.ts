/** The verbs that tell what happened in a sandbox: a report for people, and an archive of evidence for an auditor. */
import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import type { OperationContext, OperationHandlers } from './contract.ts';
import { controlsJson, controlsMarkdown } from '../../audit/report/controls.ts';
import { readmeText, verificationText, versionsText } from '../../audit/report/pack-texts.ts';
import { writePack, type PackMember } from '../../audit/report/pack.ts';
import { htmlOf } from '../../audit/report/report-html.ts';
import { markdownOf } from '../../audit/report/report-markdown.ts';
import { reportOf } from '../../audit/report/report.ts';
import { errnoOf } from '../../base/atomic-file.ts';
import { LassoError } from '../../protocol/errors.ts';
import { profileEvidence } from '../records/profile-evidence.ts';
import { recordEvidence } from '../records/evidence.ts';
import { recordPlace } from '../records/places.ts';
import { withStanding, type Standing } from '../records/standing.ts';
import type { Registry } from '../registry.ts';
import type { World } from '../world.ts';

type Facts = Pick<World, 'host' | 'folders' | 'userKeys' | 'log' | 'clock' | 'version' | 'closedPlaces' | 'readProfile'>;

/** @param formatFile description of the record's format, which goes with every archive */
export function recordReportOperations(
  world: Facts,
  registry: Registry,
  formatFile: string,
): Pick<OperationHandlers, 'auditReport' | 'auditPack'> {
  return {
    auditReport: async ({ sandbox: reference, format }, { signal }) => {
      const { sandbox } = await recordPlace(world, registry, reference);
      const { summary, verification } = await withStanding(world, registry, sandbox, (standing) =>
        recordEvidence(world, sandbox, standing, signal),
      );
      const report = reportOf(summary, verification, { version: world.version, at: world.clock.now() });
      return { sandbox, text: format === 'html' ? htmlOf(report) : markdownOf(report) };
    },
    auditPack: async ({ sandbox: reference, output }, { signal }) => {
      await requirePlace(world, output);
      const { sandbox } = await recordPlace(world, registry, reference);
      return await withStanding(world, registry, sandbox, (standing) =>
        packed(world, registry, { sandbox, standing, output, formatFile, signal }),
      );
    },
  };
}

interface Packing {
  readonly sandbox: string;
  readonly standing: Standing;
  readonly output: string;
  readonly formatFile: string;
  readonly signal: OperationContext['signal'];
}

async function packed(world: Facts, registry: Registry, packing: Packing): ReturnType<OperationHandlers['auditPack']> {
  const { sandbox, output, signal } = packing;
  const evidence = await recordEvidence(world, sandbox, packing.standing, signal);
  const { verification } = evidence;
  const at = world.clock.now();
  const facts = { ...evidence, version: world.version, at };
  const report = reportOf(evidence.summary, verification, { version: world.version, at });
  const saved = registry.all.find(({ id }) => id === sandbox)?.saved;
  const members: readonly PackMember[] = [
    { name: 'README.txt', text: readmeText(facts) },
    ...evidence.files.map(({ path, name, bytes }) => ({ name: `record/${name}`, path, bytes })),
    ...(await torn(world, sandbox)),
    { name: `checkpoints/${sandbox}.checkpoints`, text: evidence.checkpoints },
    { name: 'checkpoints/public-key', text: `${world.userKeys.publicKey.trim()}\n` },
    ...(await profileEvidence(world, saved, evidence.summary)),
    { name: 'versions.json', text: versionsText(facts) },
    { name: 'verification.json', text: `${JSON.stringify(verification, null, 2)}\n` },
    { name: 'verification.txt', text: verificationText(facts) },
    { name: 'report.md', text: markdownOf(report) },
    { name: 'report.html', text: htmlOf(report) },
    { name: 'controls.md', text: controlsMarkdown(evidence) },
    { name: 'controls.json', text: controlsJson(evidence) },
    { name: 'FORMAT.md', text: await readFile(packing.formatFile, 'utf8') },
  ];
  try {
    const { sha256, files } = await writePack(output, members, { folder: `lasso-evidence-${sandbox}`, at, signal });
    return { sandbox, file: output, sha256, files: [...files], status: verification.status };
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EEXIST')
      throw new LassoError(
        'BAD_REQUEST',
        `There is already a file ${output}`,
        'Name another, or remove it first: nothing is written over.',
      );
    if (errno === undefined) throw error;
    throw new LassoError(
      'BAD_REQUEST',
      `The archive cannot be written, the system says ${errno}: ${output}`,
      'Name a file in a folder that you may write to, on a disk with room.',
      { cause: error },
    );
  }
}

/** What crashes tore off is evidence too. */
async function torn(world: Pick<Facts, 'folders'>, sandbox: string): Promise<readonly PackMember[]> {
  const { audit } = world.folders;
  const names = (await readdir(audit).catch(() => [])).filter((name) => name.startsWith(`${sandbox}.torn-`)).sort();
  return Promise.all(
    names.map(async (name) => ({ name: `record/${name}`, path: join(audit, name), bytes: (await stat(join(audit, name))).size })),
  );
}

/** @throws LassoError BAD_REQUEST for a place that is LASSO's own, or none */
async function requirePlace({ closedPlaces, folders }: Facts, output: string): Promise<void> {
  if (!isAbsolute(output)) throw new LassoError('BAD_REQUEST', 'The archive must be an absolute path', 'Give the whole path.');
  const folder = await realpath(dirname(output)).catch((error: unknown) => {
    throw new LassoError('BAD_REQUEST', `There is no folder ${dirname(output)}`, 'Make it first, or name another.', { cause: error });
  });
  const own = [...closedPlaces.lassoFolders, folders.home, folders.audit].find((place) => isInside(folder, place));
  if (own !== undefined)
    throw new LassoError('BAD_REQUEST', `${output} is in ${own}, where LASSO keeps the record itself`, 'Name a file somewhere else.');
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}
