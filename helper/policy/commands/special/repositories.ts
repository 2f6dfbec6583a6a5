/** Subcommands of git that make a repository, or write its settings, and where: git-init(1), git-clone(1), git-worktree(1), git-submodule(1), git-config(1). */
import type { Argument } from '../argument.ts';
import type { Consequence } from '../consequence.ts';
import { optionNamed, type Use } from '../use.ts';

/** What follows for the folders in which one is made; a bare one has no `.git`. */
export function repositories({ before, reading, name }: Use, subcommand: string): readonly Consequence[] {
  const [first, second, third] = reading.operands;
  if (optionNamed(reading, 'bare', 'mirror') !== undefined) return [];
  const within = optionNamed(before, 'C')?.value;
  const here = { ...name, text: '.' };
  const made = (folder: Argument): readonly Consequence[] => [
    {
      does: 'repository',
      folder: within === undefined || folder.text.startsWith('/') ? folder : { ...folder, text: `${within.text}/${folder.text}` },
    },
  ];
  switch (subcommand) {
    case 'init':
    case 'init-db':
      return made(first ?? here);
    case 'clone':
      return first === undefined ? [] : made(second ?? { ...first, text: nameOf(first.text) });
    case 'worktree':
      return first?.text === 'add' && second !== undefined ? made(second) : [];
    case 'submodule':
      if (first?.text === 'add' && second !== undefined) return made(third ?? { ...second, text: nameOf(second.text) });
      return first?.text === 'init' || first?.text === 'update' ? made(here) : [];
    case 'config':
      return changesSettings(reading) ? made(here) : [];
    default:
      return [];
  }
}

/** Whether the repository’s own settings are written, not read, and not somebody else’s. */
function changesSettings(reading: Use['reading']): boolean {
  if (
    optionNamed(
      reading,
      'global',
      'system',
      'file',
      'get',
      'get-all',
      'get-regexp',
      'get-urlmatch',
      'blob',
      'list',
      'show-origin',
      'show-scope',
      'name-only',
    ) !== undefined
  )
    return false;
  const verb = reading.operands[0]?.text ?? '';
  if (/^(get|list)$/.test(verb)) return false;
  const writes = optionNamed(reading, 'unset', 'unset-all', 'add', 'replace-all', 'edit') !== undefined;
  return writes || /^(set|unset|edit|rename-section|remove-section)$/.test(verb) || reading.operands.length > 1;
}

/** The folder git names after an address. */
const nameOf = (address: string): string =>
  address
    .replace(/\/+$/, '')
    .replace(/(\/?\.git)$/, '')
    .replace(/^.*[/:]/, '');
