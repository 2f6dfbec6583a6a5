/**
 * Goose: hints, files it ignores, a plugin of the project with a hook. From its documentation; it could not be tried. Its modes and
 * permissions are in the user's own folder only, which is nothing of a workspace's.
 */
import type { Agent, GeneratedFile, JsonValue, Rendered } from '../agent.ts';
import type { Brief } from '../brief.ts';
import { findingsOf } from './findings.ts';
import { hookSeconds, workspaceGuard } from './hooks.ts';
import { instructionBlock } from './instructions.ts';

const speech = {
  agent: 'goose',
  title: 'Goose',
  denies: false,
  allowList: false,
  arguments: 'none',
  asks: false,
  hosts: 'none',
  hides: true,
  closes: false,
  hook: 'kept',
} as const;

export const goose: Agent = {
  name: 'goose',
  title: speech.title,
  traces: ['.goosehints', '.gooseignore', '.agents/plugins'],
  program: 'goose',
  render,
};

function render(brief: Brief): Rendered {
  const { hidden } = brief.files;
  const hook = { type: 'command', command: workspaceGuard('goose'), timeout: hookSeconds, on_failure: 'block' };
  const whole = (path: string, value: JsonValue): GeneratedFile => ({
    kind: 'whole',
    path: `.agents/plugins/lasso/${path}`,
    text: `${JSON.stringify(value, undefined, 2)}\n`,
    comment: null,
  });
  return {
    files: [
      instructionBlock('.goosehints', brief),
      whole('plugin.json', { name: 'lasso', version: '1.0.0', description: 'Asks LASSO before a tool is used' }),
      whole('hooks/hooks.json', { hooks: { PreToolUse: [{ hooks: [hook] }] } }),
      ...(hidden.length === 0 ? [] : [{ kind: 'block', path: '.gooseignore', text: `${hidden.join('\n')}\n`, comment: '#' } as const]),
    ],
    findings: [
      ...findingsOf(speech, brief),
      {
        severity: 'warning',
        code: 'user-settings-needed',
        agent: 'goose',
        message: 'Goose works without asking unless your own settings say otherwise, and no file of a folder can change that',
        hint: 'Set GOOSE_MODE: approve and GOOSE_TELEMETRY_ENABLED: false in ~/.config/goose/config.yaml.',
      },
    ],
  };
}
