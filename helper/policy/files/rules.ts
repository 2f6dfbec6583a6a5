/** What a profile says about files of the workspace, as patterns, and which of its rules holds for a path. Pure and total. */
import type { Profile } from '../../protocol/profile/profile.ts';
import { matchesPattern, type Pattern, patternOf } from './patterns.ts';

/** patterns as the profile words them */
export interface FileRules {
  /** can neither be read nor changed */
  readonly hidden: readonly string[];
  /** can be read, and neither changed nor made */
  readonly readonly: readonly string[];
  /** as `readonly`; the host may run or obey them */
  readonly guarded: readonly string[];
}

type FileRuleKind = keyof FileRules;

/** one pattern that can be held against paths */
export interface FileRule {
  readonly kind: FileRuleKind;
  /** its place in the profile: `workspace.guarded[3]` */
  readonly rule: string;
  readonly pattern: Pattern;
}

export const fileRulesOf = ({ workspace }: Profile): FileRules => ({
  hidden: workspace.hidden,
  readonly: workspace.readonly,
  guarded: workspace.guarded,
});

/** All rules, taken apart: hidden ones first, then those that only close. */
export const preparedRules = (rules: FileRules): readonly FileRule[] =>
  (['hidden', 'readonly', 'guarded'] as const).flatMap((kind) =>
    rules[kind].map((text, index) => ({ kind, rule: `workspace.${kind}[${index}]`, pattern: filePattern(text) })),
  );

/** A rule no profile wrote. */
export const closedRule = (pattern: string, rule: string): FileRule => ({ kind: 'guarded', rule, pattern: patternOf(pattern) });

/** The first rule that holds for a path below the workspace; what is hidden is that before all else. */
export const fileRuleFor = (path: string, rules: readonly FileRule[]): FileRule | undefined =>
  rules.find(({ pattern }) => matchesPattern(path, pattern));

/** A profile’s pattern. A repository inside the workspace has a `.git` like the workspace’s own, so those hold in each. */
export const filePattern = (text: string): Pattern => ({ ...patternOf(everywhere(text)), text });

/** The same pattern in plain `.gitignore` words, as the guest is told it. */
export const everywhere = (text: string): string => (/^\.git\//i.test(text) ? `**/${text}` : text);
