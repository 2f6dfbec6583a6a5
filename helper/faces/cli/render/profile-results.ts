/** What verbs that change, compare or question profiles say when they have succeeded. What a profile says may be hostile text. */
import type { OperationResult } from '../../../protocol/operations.ts';
import type { Colour } from '../console.ts';
import { documentText, findingLines, notices } from './profiles.ts';
import { ageOf, columns, visible } from './text.ts';
import type { View } from './view.ts';

export function savedText(what: string, { name, file, version, findings }: OperationResult<'profileSave'>, view: View): string {
  return `${what}  ${view.paint('bold', visible(name))}  version ${version}  ${visible(file)}\n${findingLines(findings, view)}`;
}

export function historyText({ name, versions, text, restored }: OperationResult<'profileHistory'>, view: View): string {
  if (text !== undefined) return documentText(text, view);
  if (restored !== undefined) return savedText('restored', restored, view);
  const { paint, now } = view;
  const table = columns([
    ['VERSION', 'AGE', 'WHY', 'SHA-256'].map((head) => ({ text: head, paint: (shown: string) => paint('dim', shown) })),
    ...versions.map(({ version, savedAt, reason, digest }) => [
      { text: String(version) },
      { text: ageOf(savedAt, now) },
      { text: reason },
      { text: digest.slice(0, 12) },
    ]),
  ]);
  return `${table}${paint('dim', `\`lasso profile history ${visible(name)} --show N\` prints one, \`--restore N\` makes it the profile again.`)}\n`;
}

type Effect = OperationResult<'profileDiff'>['changes'][number]['effect'];
const marks: Readonly<Record<Effect, readonly [mark: string, words: string, colour: Colour]>> = {
  allowed: ['+', 'now allowed', 'yellow'],
  asked: ['?', 'now asked', 'cyan'],
  denied: ['−', 'now denied', 'green'],
  changed: ['~', 'changed', 'dim'],
};

export function changeLines(changes: OperationResult<'profileDiff'>['changes'], { paint }: View): string {
  return changes
    .map(({ effect, text }) => {
      const [mark, words, colour] = marks[effect];
      return `${paint(colour, `${mark} ${words}:`)} ${visible(text)}\n`;
    })
    .join('');
}

export function diffText({ same, changes, from, to }: OperationResult<'profileDiff'>, view: View): string {
  const names = `${view.paint('bold', visible(from.name))} → ${view.paint('bold', visible(to.name))}`;
  return same ? `${names}: no difference in what is allowed\n` : `${names}\n${changeLines(changes, view)}`;
}

export function reloadedText({ sandbox, changes, afterRestart }: OperationResult<'reload'>, view: View): string {
  const name = view.paint('bold', visible(sandbox.name));
  const now =
    changes.length === 0 ? `${name} is held to its profile; nothing has changed\n` : `${name} is held to its profile as it is now\n`;
  const later = afterRestart.length === 0 ? '' : `${view.paint('dim', 'After a restart:')}\n${changeLines(afterRestart, view)}`;
  return `${now}${changeLines(changes, view)}${later}`;
}

export function exportedText({ file, integrity, name, text }: OperationResult<'profileExport'>, view: View): string {
  return file === undefined
    ? documentText(text, view)
    : `wrote  ${view.paint('bold', visible(name))}  ${visible(file)}  sha256:${integrity}\n`;
}

export function resolvedText(
  { name, source, file, chain, looked, digest, workspace }: OperationResult<'profileResolve'>,
  { paint }: View,
): string {
  const dim = (text: string): { text: string; paint: (shown: string) => string } => ({ text, paint: (shown) => paint('dim', shown) });
  return columns([
    [dim('name'), { text: name }],
    [dim('source'), { text: source }],
    [dim('file'), { text: file }],
    ...chain.slice(1).map((base) => [dim('builds on'), { text: base }]),
    [dim('digest'), { text: digest }],
    ...looked.map(({ place, found }) => [dim(found ? 'found' : 'not in'), { text: place }]),
    ...(workspace.state === 'none'
      ? []
      : [[dim('folder’s own'), { text: `${workspace.state}: ${workspace.files.map((own) => own.file).join(', ')}` }]]),
  ]);
}

export function settingsText({ settings, findings }: OperationResult<'configShow'>, view: View): string {
  const { paint } = view;
  const rows = settings.map(({ key, value, origin }) => [
    { text: key },
    value === '' ? { text: '-', paint: (shown: string) => paint('dim', shown) } : { text: value },
    { text: origin, paint: (shown: string) => paint('dim', shown) },
  ]);
  return `${columns(rows)}${findingLines(findings, view)}`;
}

type Why = OperationResult<'why'>;
const answers: Readonly<Record<Why['verdict']['decision'], readonly [words: string, colour: Colour]>> = {
  allow: ['Allowed.', 'green'],
  deny: ['Denied.', 'red'],
  ask: ['A person is asked.', 'cyan'],
  exec: ['Judged when each program starts.', 'cyan'],
};

export function whyText({ profile, mode, verdict, origin, programs, stages, enforced, notices: texts }: Why, view: View): string {
  const { paint } = view;
  const [words, colour] = answers[verdict.decision];
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['profile', `${profile}, mode ${mode}`],
    ['starts', programs.length === 0 ? undefined : programs.join(', ')],
    ['rule', verdict.rule],
    ['written', origin && `${origin.file}:${origin.line}`],
  ];
  const rows = facts.flatMap(([name, value]) =>
    value === undefined ? [] : [[{ text: `  ${name}`, paint: (shown: string) => paint('dim', shown) }, { text: value }]],
  );
  // A single step that says what the first line says is not said again.
  const telling = stages.length === 1 && stages[0]?.text === verdict.reason ? [] : stages;
  const steps = telling.map(({ stage, text }) => {
    const decides = stage === verdict.stage && verdict.decision !== 'allow';
    return [
      { text: decides ? '→' : ' ', paint: (shown: string) => paint(colour, shown) },
      { text: stage, paint: (shown: string) => paint('dim', shown) },
      { text, paint: (shown: string) => (decides ? paint(colour, shown) : shown) },
    ];
  });
  return [
    `${paint(colour, words)} ${visible(verdict.reason)}\n`,
    columns(rows),
    steps.length === 0 ? '' : `\n${columns(steps)}`,
    enforced ? '' : `\n${paint('yellow', 'note:')} this is what the profile says; it is not held yet in running sandboxes.\n`,
    notices(texts, view),
  ].join('');
}

/** 0 allowed, 1 denied, 3 where it is not decided now; 2 is for faults in what was asked. */
export function whyStatus({ verdict: { decision } }: Why): number {
  return decision === 'allow' ? 0 : decision === 'deny' ? 1 : 3;
}
