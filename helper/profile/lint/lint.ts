/**
 * What is wrong with a profile although the schema accepts it: rules that contradict one another, do nothing, or open more than
 * they seem to. Every rule looks at what the files say together and remarks only on what they say, in time linear in its length.
 */
import type { Finding } from '../../protocol/finding.ts';
import { commandFindings, commandWordFindings } from './commands.ts';
import { replacedDefaults } from './defaults.ts';
import { hostFindings } from './hosts.ts';
import { machineFindings } from './machine.ts';
import { networkFindings, rangeFindings } from './network.ts';
import { questionFindings } from './questions.ts';
import { ruleFindings } from './rules.ts';
import { secretFindings } from './secrets.ts';
import type { LintSubject } from './subject.ts';
import { wholeFindings } from './whole.ts';

type Rule = (subject: LintSubject) => readonly Finding[];

/** about what is written, whatever it is added to */
const words: readonly Rule[] = [wholeFindings, commandWordFindings, rangeFindings, hostFindings, machineFindings];
/** about what it means with every default */
const meanings: readonly Rule[] = [commandFindings, networkFindings, ruleFindings, secretFindings, questionFindings, replacedDefaults];

export const lint = (subject: LintSubject): readonly Finding[] =>
  [...words, ...(subject.tightens ? [] : meanings)].flatMap((rule) => rule(subject));
