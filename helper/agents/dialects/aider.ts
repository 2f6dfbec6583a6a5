/**
 * Aider: switches, files it ignores, conventions in words. From its documentation and source; it could not be tried. It knows no
 * rules about commands, hosts or hooks, so that what it runs by itself is switched off.
 */
import type { Agent, Rendered } from '../agent.ts';
import type { Brief } from '../brief.ts';
import { findingsOf } from './findings.ts';
import { instructionBlock } from './instructions.ts';

const speech = {
  agent: 'aider',
  title: 'Aider',
  denies: false,
  allowList: false,
  arguments: 'none',
  asks: false,
  hosts: 'none',
  hides: true,
  closes: false,
  hook: 'none',
} as const;

export const aider: Agent = {
  name: 'aider',
  title: speech.title,
  traces: ['.aider.conf.yml', '.aiderignore', '.aider.chat.history.md', '.aider.tags.cache.v4'],
  program: 'aider',
  render,
};

function render(brief: Brief): Rendered {
  const { files, network } = brief;
  const value = {
    'suggest-shell-commands': false,
    'auto-test': false,
    'auto-lint': false,
    ...(network.mode === 'full' ? {} : { 'detect-urls': false, 'disable-playwright': true }),
    ...(files.writable ? {} : { 'dry-run': true }),
    'analytics-disable': true,
    'check-update': false,
    ...(files.hidden.length === 0 ? {} : { aiderignore: '.aiderignore' }),
    read: ['CONVENTIONS.md'],
  };
  return {
    files: [
      instructionBlock('CONVENTIONS.md', brief),
      { kind: 'values', path: '.aider.conf.yml', form: 'yaml', value },
      ...(files.hidden.length === 0
        ? []
        : [{ kind: 'block', path: '.aiderignore', text: `${files.hidden.join('\n')}\n`, comment: '#' } as const]),
    ],
    findings: findingsOf(speech, brief),
  };
}
