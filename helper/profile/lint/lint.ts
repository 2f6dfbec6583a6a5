/**
 * What is wrong with a profile although the schema accepts it: rules that contradict one another, do nothing, or open more than
 * they seem to. Every rule looks at what the files say together and remarks only on what they say, in time linear in its length.
 */
import type { Finding } from '../../protocol/finding.ts';
import { commandFindings } from './commands.ts';
import { replacedDefaults } from './defaults.ts';
import { hostFindings } from './hosts.ts';
import { machineFindings } from './machine.ts';
import { networkFindings } from './network.ts';
import { questionFindings } from './questions.ts';
import { ruleFindings } from './rules.ts';
import { secretFindings } from './secrets.ts';
import type { LintSubject } from './subject.ts';
import { wholeFindings } from './whole.ts';

const rules: readonly ((subject: LintSubject) => readonly Finding[])[] = [
  wholeFindings,
  commandFindings,
  networkFindings,
  hostFindings,
  ruleFindings,
  secretFindings,
  questionFindings,
  replacedDefaults,
  machineFindings,
];

export const lint = (subject: LintSubject): readonly Finding[] => rules.flatMap((rule) => rule(subject));
