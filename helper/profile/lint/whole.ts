/** A profile as a whole: its name, what it builds on, sizes that do not fit together, and lists of tables whose entries collide. */
import type { Finding } from '../../protocol/finding.ts';
import { receiverFindings } from './receivers.ts';
import { type LintSubject, placeText, remark, treeAt } from './subject.ts';

export function wholeFindings(subject: LintSubject): readonly Finding[] {
  return [
    ...nameFindings(subject),
    ...baseFindings(subject),
    ...sizeFindings(subject),
    ...volumeFindings(subject),
    ...receiverFindings(subject),
    ...twins(subject, ['guardrails', 'rules'], 'id', 'rule'),
    ...twins(subject, ['audit', 'webhooks'], 'url', 'webhook'),
  ];
}

function nameFindings({ tree, profile, fileName, edits }: LintSubject): readonly Finding[] {
  const place = treeAt(tree, ['name']);
  if (fileName === undefined || place === undefined || fileName === profile.name) return [];
  return remark(place, ['name'], {
    severity: 'warning',
    code: 'name-differs',
    message: `This profile is found as ${JSON.stringify(fileName)}, the name of its file, and calls itself ${JSON.stringify(profile.name)}`,
    hint: 'Give both the same name.',
    fixes: [edits.replaced(`Use ${JSON.stringify(fileName)}`, place.origin.value, JSON.stringify(fileName))],
  });
}

function baseFindings({ tree, profile, files, baseTags }: LintSubject): readonly Finding[] {
  const place = treeAt(tree, ['extends']);
  if (place === undefined) return [];
  if (baseTags.includes('deprecated'))
    return remark(place, ['extends'], {
      severity: 'warning',
      code: 'deprecated-base',
      message: `The profile ${JSON.stringify(profile.extends)} is marked as deprecated by its tags`,
      hint: 'Build on another; what it says stands in its file.',
    });
  if (profile.extends !== profile.name) return [];
  return remark(place, ['extends'], {
    severity: 'information',
    code: 'extends-own-name',
    message: `This profile builds on another of its own name: ${files[1] ?? ''}`,
    hint: 'A name of its own is easier to tell apart.',
  });
}

function sizeFindings({ tree, profile }: LintSubject): readonly Finding[] {
  const { max_file_size_mb: file } = profile.resources;
  const { max_disk_mb: disk } = profile.filesystem;
  const [fileKey, diskKey] = [
    ['resources', 'max_file_size_mb'],
    ['filesystem', 'max_disk_mb'],
  ] as const;
  const place = treeAt(tree, fileKey) ?? treeAt(tree, diskKey);
  if (file <= disk || place === undefined) return [];
  return remark(place, treeAt(tree, fileKey) === undefined ? diskKey : fileKey, {
    severity: 'warning',
    code: 'sizes-collide',
    message: `One file may be larger (max_file_size_mb = ${file}) than all that may be written (max_disk_mb = ${disk})`,
    hint: 'Raise max_disk_mb, or lower max_file_size_mb.',
  });
}

/** A volume must not take the place of the workspace. */
function volumeFindings({ tree, profile }: LintSubject): readonly Finding[] {
  const path = ['filesystem', 'session_volume_target'];
  const { session_volume_target: volume, session_volume: name } = profile.filesystem;
  const folder = profile.workspace.target;
  const inside = (inner: string, outer: string): boolean => `${inner}/`.startsWith(`${outer.replace(/\/+$/, '')}/`);
  if (name === undefined || (!inside(volume, folder) && !inside(folder, volume))) return [];
  return remark(treeAt(tree, path), path, {
    severity: 'warning',
    code: 'target-collides',
    message: `The volume at ${volume} and the workspace at ${folder} are in one another’s place`,
    hint: 'Put the volume elsewhere, such as /home/agent.',
  });
}

/** Tables of a list that have the same key. */
function twins({ tree }: LintSubject, path: readonly string[], key: string, what: string): readonly Finding[] {
  const list = treeAt(tree, path);
  if (list?.kind !== 'list') return [];
  const seen = new Map<unknown, (typeof list.items)[number]>();
  return list.items.flatMap((item, index) => {
    const place = item.kind === 'table' ? item.entries.get(key) : undefined;
    if (place?.kind !== 'leaf' || place.value === '') return [];
    const earlier = seen.get(place.value);
    seen.set(place.value, earlier ?? place);
    if (earlier === undefined) return [];
    return remark(place, [...path, index, key], {
      severity: 'warning',
      code: 'duplicate',
      message: `There is a ${what} with this ${key} already, ${placeText(earlier, place)}`,
      hint: `Give it another ${key}, or take one of them out.`,
    });
  });
}
