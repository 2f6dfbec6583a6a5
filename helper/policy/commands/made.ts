/** Files a text makes and then runs: what is written, fetched or copied there is what runs. Bounded, so that reading twice stays cheap. */
import { type Argument, argumentAt, isKnown } from './argument.ts';
import { absolutePath } from './paths.ts';
import type { Made } from './docket.ts';
import type { Scene } from './scene.ts';
import type { Use } from './use.ts';

/** files that are remembered in one text, and characters of them that are read again */
const most = 64;
export const longestRead = 262_144;

export function remember(scene: Scene, path: Argument | undefined, made: Made): void {
  const whole = path === undefined || !isKnown(path) ? undefined : absolutePath(path.text, scene.cwd, scene.place.home);
  if (whole !== undefined && scene.docket.made.size < most) scene.docket.made.set(whole, made);
}

/** What was made under the path a program or a script is started by; the text of a script counts each time. */
export function madeAt(scene: Scene, path: Argument | undefined): Made | undefined {
  if (scene.docket.made.size === 0 || path === undefined || !isKnown(path)) return undefined;
  const whole = absolutePath(path.text, scene.cwd, scene.place.home);
  const made = whole === undefined ? undefined : scene.docket.made.get(whole);
  if (made?.kind === 'text') scene.docket.reread += made.text.text.length;
  return made;
}

const systemProgram = /^\/(usr\/)?(local\/)?s?bin\/([^/]+)$/;

/** Takes note of what a use of a program leaves behind to be run. */
export function noteMade(use: Use, scene: Scene): void {
  const { operands, options } = use.reading;
  const base = use.name.text.slice(use.name.text.lastIndexOf('/') + 1);
  if (/^(cp|ln|install|mv)$/.test(base)) {
    const name = systemProgram.exec(operands[0]?.text ?? '')?.[3];
    if (name !== undefined && operands.length === 2) remember(scene, operands[1], { kind: 'program', name });
    return;
  }
  if (!/^(curl|wget2?)$/.test(base)) return;
  const named = options.find(({ name }) => name === 'output' || name === 'output-document')?.value;
  if (named !== undefined) remember(scene, named, { kind: 'fetched' });
  else if (base !== 'curl' || options.some(({ name }) => name === 'remote-name'))
    for (const url of operands.slice(0, 4))
      remember(scene, argumentAt(url.text.replace(/[?#].*$/, '').replace(/^.*\//, './'), url), { kind: 'fetched' });
}
