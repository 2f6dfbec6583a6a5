/**
 * What an agent is to LASSO: data, and pure functions from a brief to texts. Nothing here reads or writes a file. Formats follow
 * what the tools accept today; each agent's own file says where that was looked up.
 */
import type { AgentFinding, AgentName } from '../protocol/agent.ts';
import type { Brief } from './brief.ts';

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };
export type JsonObject = Readonly<Record<string, JsonValue>>;

/** how a line is kept out of what a file means */
export type CommentStyle = '#' | '//' | 'html';

/**
 * A file of the workspace. `whole` is LASSO's alone; `block` is a marked part of a text somebody else may write too; `values` are
 * merged into what is there: objects key by key, lists as sets, a single value in place of another.
 */
export type GeneratedFile =
  | { readonly kind: 'whole'; readonly path: string; readonly text: string; readonly comment: CommentStyle | null }
  | { readonly kind: 'block'; readonly path: string; readonly text: string; readonly comment: CommentStyle }
  | {
      readonly kind: 'values';
      readonly path: string;
      readonly form: 'json' | 'jsonc' | 'toml' | 'yaml';
      readonly value: JsonObject;
      /** objects in which the last match wins, as key paths: our keys go behind all others there */
      readonly last?: readonly (readonly string[])[];
    };

export interface ManagedFile {
  /** absolute, in the sandbox */
  readonly path: string;
  readonly text: string;
}

export interface Rendered {
  readonly files: readonly GeneratedFile[];
  /** what this dialect cannot say, or says weaker than the profile */
  readonly findings: readonly AgentFinding[];
}

export interface AgentRun {
  /** its program in a sandbox with what it is always given, and the user's own words behind it */
  readonly command: (words: readonly string[], brief: Brief) => readonly string[];
  /** telemetry and self-update off, the sandbox told of */
  readonly environment: Readonly<Record<string, string>>;
  /** files it needs in its home before its first start, by path below /home/agent; made only where there is none */
  readonly seeds: Readonly<Record<string, string>>;
  /** the credential it usually has: the variable it reads it from, the group of hosts it is sent to, the header it stands in */
  readonly key?: { readonly variable: string; readonly hosts: string; readonly header: string; readonly prefix?: string };
  /** what is said before it starts: an own sandbox that is switched off, and the like */
  readonly notes: readonly string[];
}

export interface Agent {
  readonly name: AgentName;
  /** as its makers write it */
  readonly title: string;
  /** files and folders of a workspace that show it is used there */
  readonly traces: readonly string[];
  /** name of its program on a PATH */
  readonly program?: string;
  readonly render: (brief: Brief) => Rendered;
  /** settings above everything a project, a user or the agent can say, placed in every sandbox */
  readonly managed?: (brief: Brief) => readonly ManagedFile[];
  /** how LASSO runs it in a sandbox; absent: it does not */
  readonly run?: AgentRun;
}
