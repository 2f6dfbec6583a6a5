/**
 * Where programs that copy, move and link leave what they are given, and the links a text makes: a path through one is judged as the
 * place it leads to. Of links that were made before, the text tells nothing.
 */
import { type Argument, argumentAt, isKnown } from './argument.ts';
import { type Docket, refuse, type Span } from './docket.ts';
import { absolutePath, territoryOf } from './paths.ts';
import type { Scene } from './scene.ts';
import { judgeTouch } from './touch.ts';
import { optionNamed, type Use } from './use.ts';

/** sources of one command, links of one text, and characters of a path that are followed: people stay far below */
const most = 64;
const longest = 1024;

interface Arrival {
  readonly source: Argument;
  readonly place: Argument;
  /** the folder was named, not the place in it */
  readonly into: boolean;
}

/** Judges what is left in a folder under its own name, and takes note of links. */
export function judgeArrivals(use: Use, scene: Scene, span: Span): void {
  const base = use.name.text.slice(use.name.text.lastIndexOf('/') + 1);
  if (!/^g?(cp|mv|install|ln)$/.test(base)) return;
  const ln = base.endsWith('ln');
  const links = ln || optionNamed(use.reading, 'symbolic-link', 'link') !== undefined;
  for (const arrival of arrivalsOf(use, ln)) {
    if (arrival.into) judgeTouch('write', arrival.place, scene, undefined, ln);
    if (links) noteLink(use, arrival, scene, span);
  }
}

function arrivalsOf({ reading }: Use, links: boolean): readonly Arrival[] {
  const { operands } = reading;
  if (optionNamed(reading, 'directory') !== undefined) return [];
  const folder = optionNamed(reading, 'target-directory')?.value;
  const several = folder === undefined && operands.length > 1;
  const [first] = operands;
  const last = folder ?? (several ? operands.at(-1) : links && first !== undefined ? argumentAt('.', first) : undefined);
  if (last === undefined || !isKnown(last) || last.text.length > longest) return [];
  const sources = several ? operands.slice(0, -1) : operands;
  const into = !several || sources.length > 1 || /(^|\/)(\.?\.?|~)$/.test(last.text);
  return sources
    .filter((source) => isKnown(source) && source.text.length <= longest)
    .slice(0, most)
    .map((source) => ({ source, place: into ? argumentAt(`${last.text.replace(/\/$/, '')}/${baseOf(source.text)}`, source) : last, into }));
}

const baseOf = (path: string): string => /([^/]*)\/*$/.exec(path)?.[1] ?? '';

function noteLink({ reading }: Use, { source, place }: Arrival, scene: Scene, span: Span): void {
  const { docket, cwd } = scene;
  const { home } = scene.place;
  const link = absolutePath(place.text, cwd, home, { links: docket.links, last: false });
  // What a symbolic link holds counts from where it lies.
  const held = optionNamed(reading, 'symbolic', 'symbolic-link') !== undefined && optionNamed(reading, 'relative') === undefined;
  const from = held && link !== undefined ? link.slice(0, Math.max(1, link.lastIndexOf('/'))) : cwd;
  const target = absolutePath(source.text, from, home, { links: docket.links, last: true });
  if (link === undefined || target === undefined) return;
  keep(docket, link, target);
  if (territoryOf(target, scene.place, docket.guards()).kind === 'git' || isGitFolder(target, scene))
    refuse(docket, 'paths', 'It makes another way into git’s own folder; use git to change what is in there.', span);
}

/** A guarded file of git’s, whichever pattern guards it. */
const isGitFolder = (path: string, { place, docket }: Scene): boolean => {
  const territory = territoryOf(path, place, docket.guards());
  return territory.kind === 'guarded' && territory.certain && territory.pattern.replace(/^\//, '').startsWith('.git/');
};

function keep(docket: Docket, link: string, target: string): void {
  if (docket.links.size < most && link !== target && target.length <= longest) docket.links.set(link, target);
}
