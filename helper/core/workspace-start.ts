/** What `lasso init` writes: a profile of the folder's own, for who opens it to decide, and the agent that works there. */
import { basename } from 'node:path';

/** @param base profile it is at least as tight as */
export function workspaceTemplate(workspace: string, base: string | undefined): string {
  const name = basename(workspace)
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64);
  const own = [
    '# What agents may do in this folder. It only tightens what each person who works here has chosen: the smaller limit, the',
    '# shorter list and the stronger choice hold, and nothing here can allow more. Whoever starts a sandbox here is asked to',
    '# agree to this file first, and again when it changes.',
    `name = ${JSON.stringify(name === '' ? 'workspace' : name)}`,
    'description = "What agents may do in this folder"',
  ];
  if (base !== undefined)
    return [...own, `extends = ${JSON.stringify(base)} # at least as tight as this profile`, '', ...further].join('\n');
  return [...own, '', ...further].join('\n');
}

const further = [
  '# mode = "assist"            # everyday tools only; "observe": only look',
  '',
  '# [workspace]',
  '# hidden = ["secrets/"]      # agents do not see these',
  '# readonly = ["infra/"]      # agents see and cannot change these',
  '# guarded = ["Makefile"]     # agents can neither change nor create these',
  '',
  '# [commands]',
  '# blacklist = ["terraform"]  # these never run',
  '# max_execution_seconds = 300',
  '',
  '# [commands.blocked_args]',
  '# git = ["push"]',
  '',
  '# [commands.ask_args]',
  '# npm = ["publish"]          # a person is asked first',
  '',
  '# [network]',
  '# allowed_domains = ["@npm"] # of the hosts a person allows, only these',
  '',
  '# [resources]',
  '# max_memory_mb = 2048',
  '',
];

/** @param agent name of the agent */
export const workspaceSettings = (agent: string): string =>
  [
    '# What is meant in this folder where a command says nothing.',
    '[defaults]',
    `agent = ${JSON.stringify(agent).replaceAll('\u007f', '\\u007f')}`,
    '',
  ].join('\n');
