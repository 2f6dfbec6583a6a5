/**
 * Cursor: permissions of its CLI, its sandbox, hooks, files it ignores, a rule in words. From its documentation of autumn 2026; none
 * of it could be tried. Deny wins; a command is known by its first word.
 */
import type { Agent, GeneratedFile, JsonObject, Rendered } from '../agent.ts';
import type { Brief } from '../brief.ts';
import { globsOf } from './file-patterns.ts';
import { findingsOf } from './findings.ts';
import { hookSeconds, workspaceGuard } from './hooks.ts';
import { instructions } from './instructions.ts';
import { globsOf as textsOf } from './shell-patterns.ts';

const speech = {
  agent: 'cursor',
  title: 'Cursor',
  denies: true,
  allowList: false,
  arguments: 'behind',
  asks: false,
  hosts: 'both',
  hides: true,
  closes: true,
  hook: 'kept',
} as const;

export const cursor: Agent = {
  name: 'cursor',
  title: speech.title,
  traces: ['.cursor', '.cursorrules', '.cursorignore'],
  program: 'cursor-agent',
  render,
};

function render(brief: Brief): Rendered {
  const { commands, files, network } = brief;
  const closed = [...new Set([...files.hidden, ...files.readonly, ...files.guarded].flatMap(globsOf))];
  const permissions: JsonObject = {
    deny: [
      ...commands.denied.map((program) => `Shell(${program})`),
      ...commands.deniedArguments.flatMap(textsOf).map((text) => `Shell(${text.replace(' ', ':')}*)`),
      ...files.hidden.flatMap(globsOf).map((glob) => `Read(${glob})`),
      ...(files.writable ? closed : ['**']).map((glob) => `Write(${glob})`),
      ...(network.mode === 'none' ? ['WebFetch(*)'] : network.blocked.map((host) => `WebFetch(${host})`)),
    ],
  };
  // What the profile leaves open is left unsaid: the user’s own settings may be stricter.
  const sandbox: JsonObject = {
    ...(files.writable ? {} : { type: 'workspace_readonly' }),
    networkPolicy: { ...(network.mode === 'full' ? {} : { default: 'deny', allow: network.allowed }), deny: network.blocked },
  };
  const hook = [{ command: workspaceGuard('cursor'), failClosed: true, timeout: hookSeconds }];
  const events = ['preToolUse', 'beforeShellExecution', 'beforeReadFile', 'beforeMCPExecution'];
  const values = (path: string, value: JsonObject): GeneratedFile => ({ kind: 'values', path, form: 'json', value });
  const rule = `---\ndescription: What the sandbox allows\nalwaysApply: true\n---\n\n${instructions(brief)}`;
  return {
    files: [
      { kind: 'whole', path: '.cursor/rules/lasso.mdc', text: rule, comment: null },
      values('.cursor/cli.json', { permissions }),
      values('.cursor/sandbox.json', sandbox),
      values('.cursor/hooks.json', { version: 1, hooks: Object.fromEntries(events.map((event) => [event, hook])) }),
      ...(files.hidden.length === 0
        ? []
        : [{ kind: 'block', path: '.cursorignore', text: `${files.hidden.join('\n')}\n`, comment: '#' } as const]),
    ],
    findings: findingsOf(speech, brief),
  };
}
