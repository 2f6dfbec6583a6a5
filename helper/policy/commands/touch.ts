/** Files that a command reads or changes, held against what may be touched. */
import { type Argument, shown, unknown } from './argument.ts';
import { doubt, refuse, type Span } from './docket.ts';
import { absolutePath, couldBeCredential, isCredential, type Territory, territoryOf } from './paths.ts';
import type { Scene } from './scene.ts';

/** the program’s entry in `workspace_only` */
export interface Strictness {
  readonly name: string;
  readonly rule: string;
}
export type Touching = 'read' | 'write' | 'change' | 'remove';

/**
 * Judges one file. `strictness`: the command runs only on what lies inside the workspace. `itself`: a link is meant, not
 * where it leads.
 */
export function judgeTouch(does: Touching, path: Argument, scene: Scene, strictness: Strictness | undefined, itself = false): void {
  const span = scene.span ?? { start: path.start, end: path.end };
  if (does === 'read' && strictness === undefined) {
    judgeRead(path, scene, span);
    return;
  }
  const { docket, place } = scene;
  if (path.text === '' || (path.text === '-' && does !== 'remove')) return;
  const following = { links: docket.links, last: !itself };
  const whole = path.splits ? undefined : absolutePath(path.text, scene.cwd, place.home, following);
  const territory = territoryOf(whole, place, docket.guards());
  const named = `“${shown(path)}”`;
  const why = reasonAgainst(territory, does, named, strictness);
  if (why === undefined) return;
  if (why.certain) {
    const stage = territory.kind === 'credentials' ? 'credentials' : strictness === undefined ? 'paths' : 'workspace-only';
    const rule = territory.kind === 'guarded' ? `workspace.guarded[${docket.rules.guarded.indexOf(territory.pattern)}]` : strictness?.rule;
    refuse(docket, stage, why.text, span, rule);
  } else doubt(docket, why.text, span);
}

interface Reason {
  readonly text: string;
  readonly certain: boolean;
}
const sure = (text: string): Reason => ({ text, certain: true });

function reasonAgainst(territory: Territory, does: Touching, named: string, strictness: Strictness | undefined): Reason | undefined {
  switch (territory.kind) {
    case 'workspace':
    case 'sandbox':
      return undefined;
    case 'workspace-root':
      if (does === 'write' || does === 'read' || (does === 'change' && strictness === undefined)) return undefined;
      return sure(`${named} is the whole workspace; name the files inside that you mean.`);
    case 'sandbox-root':
      return does === 'write' || does === 'read'
        ? undefined
        : sure(`${named} is one of the sandbox’s own folders as a whole; name what is in it.`);
    case 'git':
      if (does === 'read') return undefined;
      return sure(`${named} belongs to git’s own folder; use git to change it.`);
    case 'guarded':
      if (does === 'read') return undefined;
      if (territory.certain)
        return sure(`${named} is guarded by the profile (“${territory.pattern}”), because the host may run or obey it; leave it as it is.`);
      return {
        text: `Whether ${named} means “${territory.pattern}”, which the profile guards, is not in the text; name the files.`,
        certain: false,
      };
    case 'credentials':
      return sure(`${named} holds credentials or leads around the sandbox; leave it alone.`);
    case 'startup':
      return does === 'read' ? undefined : sure(`${named} decides what every later shell runs; set what you need in the command itself.`);
    case 'outside':
      return sure(
        strictness === undefined
          ? `${named} lies outside the workspace and may not be changed; work inside the workspace or in /tmp.`
          : `${named} lies outside the workspace, and the profile lets ${strictness.name} touch only what is inside; work there or in /tmp.`,
      );
    case 'unknown':
      return { text: `Which file ${named} is cannot be told from the text; write the path out.`, certain: false };
  }
}

/** Reading is refused where credentials are. An argument may hold a path after “@”, “=” or “:”. */
function judgeRead(path: Argument, scene: Scene, span: Span): void {
  const { text } = path;
  for (const candidate of candidates(text)) {
    const told = absolutePath(candidate, scene.cwd, scene.place.home, { links: scene.docket.links, last: true });
    // Whichever process is meant, its variables stay.
    const whole = told?.startsWith('/proc/') === true ? told.replaceAll(unknown, '1') : told;
    if (whole === undefined || (whole.includes(unknown) && !isCredential(whole.slice(0, whole.indexOf(unknown)), scene.place.home)))
      continue;
    if (isCredential(whole, scene.place.home) && !whole.startsWith(`${scene.place.workspace}/`)) {
      refuse(
        scene.docket,
        'credentials',
        `“${shown({ ...path, text: candidate })}” holds credentials or leads around the sandbox; do without it.`,
        span,
      );
      return;
    }
    if (couldBeCredential(whole, scene.place.home))
      doubt(scene.docket, `Whether “${shown(path)}” means credentials is not in the text; name the file.`, span);
  }
}

function candidates(text: string): readonly string[] {
  if (text.length > 4096) return [text.slice(0, 4096)];
  const found = [text];
  const at = text.search(/[@=<]/);
  if (at >= 0) found.push(text.slice(at + 1).replace(/^[@<]/, ''));
  const second = text.indexOf('@', at + 1);
  if (second > 0) found.push(text.slice(second + 1));
  const colon = text.indexOf(':');
  if (colon > 0) found.push(text.slice(0, colon), text.slice(colon + 1));
  return found;
}
