/**
 * What a profile says and a dialect cannot, found by what each agent declares about itself. A finding is told before anything is
 * written; it never hides behind a rule that looks stronger than it is.
 */
import type { AgentFinding, AgentName } from '../../protocol/agent.ts';
import type { Brief } from '../brief.ts';

/** what a dialect can say; `hook`: its hooks ask the gate before every use of a tool, so what it cannot say is refused nevertheless */
export interface Speech {
  readonly agent: AgentName;
  readonly title: string;
  readonly denies: boolean;
  /** only what is listed runs */
  readonly allowList: boolean;
  /** anywhere in a command, right behind the program only, or not at all */
  readonly arguments: 'anywhere' | 'behind' | 'none';
  readonly asks: boolean;
  /** hosts: that some are closed, that all others are */
  readonly hosts: 'both' | 'closed' | 'none';
  readonly hides: boolean;
  readonly closes: boolean;
  readonly hook: 'kept' | 'if-trusted' | 'none';
  /** group of hosts its model is reached at; absent where the user chooses */
  readonly model?: string;
}

export function findingsOf(speech: Speech, brief: Brief): readonly AgentFinding[] {
  const { commands, files, network } = brief;
  const { agent, title } = speech;
  const meanwhile =
    speech.hook === 'none'
      ? 'Only the sandbox refuses it: start the agent with `lasso run` or in `lasso up`.'
      : 'LASSO’s hook refuses it where the agent runs it; the sandbox always does.';
  const lacks = (applies: boolean, code: string, what: string, hint = meanwhile): readonly AgentFinding[] =>
    applies ? [{ severity: speech.hook === 'none' ? 'warning' : 'information', code, agent, message: `${title} ${what}`, hint }] : [];
  const closed = files.readonly.length + files.guarded.length > 0;
  const options = commands.deniedArguments.length > 0;
  return [
    onlyTheSandbox,
    ...lacks(commands.denied.length > 0 && !speech.denies, 'denied-not-said', 'cannot be told which commands are denied'),
    ...lacks(commands.allowed !== null && !speech.allowList, 'allow-list-not-said', 'cannot be told that only listed commands run'),
    ...lacks(options && speech.arguments === 'none', 'arguments-not-said', 'cannot be told about arguments, as in “git push --force”'),
    ...lacks(
      options && speech.arguments === 'behind',
      'arguments-behind-only',
      'sees a denied argument only right behind the command it belongs to',
    ),
    ...lacks(
      commands.workspaceOnly.length > 0,
      'workspace-only-not-said',
      `cannot be told to let ${commands.workspaceOnly[0] ?? ''} and its like run inside the workspace only`,
    ),
    ...lacks(
      commands.asked.length > 0 && !speech.asks,
      'ask-not-said',
      'cannot be told to ask a person first',
      'In a sandbox LASSO asks; outside, nobody does.',
    ),
    ...lacks(
      network.mode === 'restricted' && speech.hosts !== 'both',
      'hosts-not-said',
      'cannot be told that only listed hosts are reached',
    ),
    ...lacks(
      network.blocked.length > 0 && speech.hosts === 'none',
      'blocked-hosts-not-said',
      'cannot be told which hosts are never reached',
    ),
    ...lacks(
      network.finer.length > 0,
      'network-rule-not-said',
      `cannot be told a rule about a method, path, port or question (${network.finer.join(', ')})`,
    ),
    ...lacks(files.hidden.length > 0 && !speech.hides, 'hidden-not-said', 'cannot be told which files are hidden'),
    ...lacks(closed && !speech.closes, 'closed-not-said', 'cannot be told which files it may not change'),
    ...lacks(
      speech.hook === 'if-trusted',
      'hook-needs-trust',
      'runs LASSO’s hook only where you trusted this folder and its hooks',
      'Open the folder with it once and accept them; in a sandbox nothing needs to be accepted.',
    ),
    ...modelFindings(speech, network),
  ];
}

/** the same for all agents */
const onlyTheSandbox: AgentFinding = {
  severity: 'information',
  code: 'only-the-sandbox-holds',
  message: 'What an agent is told, and its own rules, are advice it can get around; only the sandbox is a boundary.',
  hint: 'Start agents with `lasso run AGENT`.',
};

function modelFindings({ agent, title, model }: Speech, { mode, groups }: Brief['network']): readonly AgentFinding[] {
  if (model === undefined || groups.includes(model)) return [];
  const why = mode === 'none' ? 'the profile has no network' : `the profile does not allow @${model}`;
  return [
    {
      severity: 'warning',
      code: 'model-out-of-reach',
      agent,
      message: `${title} cannot reach its model from a sandbox: ${why}`,
      hint: `Use a profile that allows "@${model}", or a model on this machine.`,
    },
  ];
}
