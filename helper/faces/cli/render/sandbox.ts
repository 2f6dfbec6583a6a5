/** Sandboxes as a table, or one in detail. Every field is hostile text here. */
import type { SandboxInfo, SandboxState } from '../../../protocol/sandbox.ts';
import type { Colour } from '../console.ts';
import { ageOf, columns, visible } from './text.ts';
import type { View } from './view.ts';

const stateColours: Readonly<Record<SandboxState, Colour>> = {
  creating: 'cyan',
  running: 'green',
  suspended: 'yellow',
  stopping: 'yellow',
  stopped: 'dim',
  failed: 'red',
};

export function sandboxTable(sandboxes: readonly SandboxInfo[], { paint, now }: View): string {
  if (sandboxes.length === 0) return 'No sandboxes. `lasso shell` opens one.\n';
  const withAgent = sandboxes.some(({ agent }) => agent !== undefined);
  const head = ['NAME', 'ID', 'STATE', 'PROFILE', 'BACKEND', ...(withAgent ? ['AGENT'] : []), 'AGE', 'WORKSPACE'];
  return columns([
    head.map((text) => ({ text, paint: (shown) => paint('dim', shown) })),
    ...sandboxes.map((sandbox) => [
      { text: sandbox.name, paint: (shown: string) => paint('bold', shown) },
      { text: sandbox.id },
      { text: sandbox.state, paint: (shown: string) => paint(stateColours[sandbox.state], shown) },
      { text: sandbox.profile },
      { text: sandbox.isolation === 'container' ? sandbox.backend : `${sandbox.backend}/${sandbox.isolation}` },
      ...(withAgent ? [{ text: sandbox.agent ?? '-' }] : []),
      { text: ageOf(sandbox.createdAt, now) },
      { text: sandbox.workspace },
    ]),
  ]);
}

export function sandboxDetail(sandbox: SandboxInfo, { paint, now }: View): string {
  const fields: readonly (readonly [string, string | undefined])[] = [
    ['name', sandbox.name],
    ['id', sandbox.id],
    ['state', sandbox.reason === undefined ? sandbox.state : `${sandbox.state}: ${sandbox.reason}`],
    ['profile', `${sandbox.profile} (${sandbox.profileDigest.slice(0, 12)})`],
    ['backend', `${sandbox.backend}${sandbox.rootless === true ? ', rootless' : ''}`],
    ['isolation', sandbox.isolation],
    ['link', sandbox.link],
    ['agent', sandbox.agent],
    ['workspace', sandbox.workspace],
    ['image', sandbox.image],
    ['engine id', sandbox.engineId],
    ['created', `${sandbox.createdAt} (${ageOf(sandbox.createdAt, now)} ago)`],
    ['ended', sandbox.endedAt],
    ['commands', String(sandbox.running)],
    ...sandbox.terminals.map(
      ({ id, title, columns: wide, rows, attached }) => [`terminal ${id}`, `${title}, ${wide}x${rows}, ${attached} attached`] as const,
    ),
  ];
  const known = fields.flatMap(([name, value]) =>
    value === undefined ? [] : [[{ text: name, paint: (shown: string) => paint('dim', shown) }, { text: value }]],
  );
  return columns(known) + sandbox.notices.map((notice) => `${paint('yellow', 'note:')} ${visible(notice)}\n`).join('');
}
