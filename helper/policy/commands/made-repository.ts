/** A repository that would be made in the workspace, where the profile guards what the host’s git obeys. Never looks at a disk. */
import { type Argument, shown } from './argument.ts';
import { doubt, refuse, type Span } from './docket.ts';
import { absolutePath, territoryOf } from './paths.ts';
import type { Scene } from './scene.ts';

/** Where the program starts now, GIT_DIR may lead elsewhere, and the guest refuses what is written to guarded files by their names. */
export function judgeRepository(folder: Argument, { docket, place, cwd }: Scene, span: Span): void {
  if (docket.starting) return;
  const whole = folder.splits ? undefined : absolutePath(folder.text, cwd, place.home, { links: docket.links, last: true });
  const territory = territoryOf(whole === undefined ? undefined : `${whole.replace(/\/$/, '')}/.git/config`, place, docket.guards());
  if (territory.kind === 'unknown') {
    doubt(docket, `Where git would make a repository is not in the text (“${shown(folder)}”); write the folder out.`, span);
  } else if (territory.kind === 'guarded' && territory.certain) {
    const reason = `git would make its settings in “${shown(folder)}”, which the profile guards (“${territory.pattern}”) because the host obeys them; do it in /tmp, or have a person make the repository.`;
    refuse(docket, 'paths', reason, span, `workspace.guarded[${docket.rules.guarded.indexOf(territory.pattern)}]`);
  }
}
