/** What is known at one point of a text while it is walked: where a command would run, and what the shell has learnt before it. */
import type { Argument } from './argument.ts';
import type { Docket, Span } from './docket.ts';
import type { CommandPlace } from './paths.ts';
import { type Scope, scopeIn } from './scope.ts';

export interface Scene {
  readonly docket: Docket;
  readonly place: CommandPlace;
  /** folder commands run in; undefined where the text does not tell */
  cwd: string | undefined;
  scope: Scope;
  /** functions the text defines: their bodies are judged where they are written */
  readonly functions: Set<string>;
  /** what a name stands for */
  readonly aliases: Map<string, Argument>;
  readonly inLoop: boolean;
  /** the function whose body this is */
  readonly within: string | undefined;
  /** commands inside commands */
  readonly depth: number;
  /** place in the judged text of everything here, where it is not its own */
  readonly span: Span | undefined;
}

/** commands inside commands that are followed; people write two or three */
export const deepest = 12;

/** A shell of its own: what it learns is lost when it ends. */
export const subshell = (scene: Scene): Scene => ({ ...scene, scope: scopeIn(scene.scope) });

/** A command inside another’s argument. */
export const nested = (scene: Scene, span: Span, scope: Scope = scopeIn(scene.scope)): Scene => ({
  ...scene,
  scope,
  depth: scene.depth + 1,
  span: scene.span ?? { start: span.start, end: span.end },
});
