/** What a profile requires and this machine cannot do, where that is known. The sandbox would refuse to start. */
import type { Finding } from '../../protocol/finding.ts';
import type { KeyPath } from '../key-path.ts';
import type { MissingControl } from '../sources.ts';
import { type LintSubject, remark, treeAt } from './subject.ts';

/** backends’ controls and the keys that ask for them */
const keys: Readonly<Record<string, readonly KeyPath[]>> = {
  memory: [['resources', 'max_memory_mb']],
  cpu: [['resources', 'max_cpu_percent']],
  pids: [['resources', 'max_pids']],
  'open-files': [['resources', 'max_open_files']],
  'file-size': [['resources', 'max_file_size_mb']],
  'temporary-size': [
    ['filesystem', 'temp_dir_mb'],
    ['filesystem', 'home_dir_mb'],
  ],
};

export function machineFindings(subject: LintSubject): readonly Finding[] {
  const { machine, profile, tree } = subject;
  if (machine === undefined) return [];
  const level = machine.isolations.find((isolation) => isolation.level === profile.isolation);
  const isolation =
    level === undefined || level.available
      ? []
      : remark(treeAt(tree, ['isolation']), ['isolation'], {
          severity: 'warning',
          code: 'unenforceable-here',
          message: `This machine cannot isolate with ${profile.isolation}: ${level.reason ?? 'nothing here knows it'}`,
          hint: 'Sandboxes with this profile will not start here; `lasso doctor` says what is missing.',
        });
  if (profile.resources.enforcement !== 'required') return isolation;
  const missing = [...machine.missing, ...(level?.available === true ? (level.missing ?? []) : [])];
  return [...isolation, ...missing.flatMap((control) => missingFindings(control, subject))];
}

/** At every key that asks for it; else where enforcement is required, or at the isolation. */
function missingFindings({ control, reason }: MissingControl, { tree }: LintSubject): readonly Finding[] {
  const written = (paths: readonly KeyPath[]): readonly KeyPath[] =>
    paths.filter((path) => {
      const place = treeAt(tree, path);
      return place !== undefined && !place.assumed;
    });
  const asking = written(keys[control] ?? []);
  const instead = written([['resources', 'enforcement'], ['isolation'], ['resources']]).slice(0, 1);
  return (asking.length > 0 ? asking : instead).flatMap((path) =>
    remark(treeAt(tree, path), path, {
      severity: 'warning',
      code: 'unenforceable-here',
      message: `This machine cannot enforce ${control}: ${reason}`,
      hint: 'Sandboxes with this profile will not start here, unless resources.enforcement is "preferred".',
      onKey: true,
    }),
  );
}
