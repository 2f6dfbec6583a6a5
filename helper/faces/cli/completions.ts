/** Completion scripts for bash, zsh and fish, made from the table. What they run when asked for names starts no helper. */
import type { OperationName } from '../../protocol/operations.ts';
import { commonOptions } from './command.ts';
import type { Command, Parameter } from './command.ts';

export type Shell = 'bash' | 'zsh' | 'fish';

/** list names of sandboxes and of profiles, one a line */
const namesCommand = 'lasso helper names';
const profilesCommand = 'lasso helper profiles';

export function completionScript(shell: Shell, commands: readonly Command[]): string {
  switch (shell) {
    case 'bash':
      return bash(commands);
    case 'zsh':
      return zsh(commands);
    case 'fish':
      return fish(commands);
  }
}

function bash(commands: readonly Command[]): string {
  return `# bash completion for lasso
_lasso() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} first=\${COMP_WORDS[1]} second=\${COMP_WORDS[2]}
  local command=$first at
  COMPREPLY=()
  for ((at = 2; at < COMP_CWORD; at++)); do
    if [[ \${COMP_WORDS[at]} == -- ]]; then
      compopt -o default
      return
    fi
  done
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W ${quoted(firstWords(commands).join(' '))} -- "$word"))
    return
  fi
  case $first in
${families(commands)
  .map(
    ({ family, members }) => `    ${family})
      if ((COMP_CWORD == 2)); then
        COMPREPLY=($(compgen -W ${quoted(members.join(' '))} -- "$word"))
        return
      fi
      command="$first $second"
      ;;`,
  )
  .join('\n')}
  esac
  case $command in
${commands.map(bashCase).join('\n')}
  esac
}
complete -F _lasso lasso
`;
}

function bashCase(command: Command): string {
  const names = [command.name, ...command.aliases].map(quoted).join('|');
  const valued = command.parameters.filter(({ kind, name }) => kind !== 'switch' && name !== command.rest);
  const values = valued.map((parameter) => `        ${spellings(command, parameter).join('|')}) ${bashValues(command, parameter)} ;;`);
  const positional = command.positionals[0];
  return `    ${names})
      case $before in
${values.length === 0 ? '        --) ;;' : values.join('\n')}
        *)
          if [[ $word == -* ]]; then
            COMPREPLY=($(compgen -W ${quoted(longOptions(command).join(' '))} -- "$word"))
          else
            ${positional === undefined ? ':' : bashValues(command, parameterOf(command, positional))}
          fi
          ;;
      esac
      ;;`;
}

function bashValues(command: Command, parameter: Parameter): string {
  const source = sourceOf(command, parameter);
  switch (source.kind) {
    case 'words':
      return `COMPREPLY=($(compgen -W ${quoted(source.words.join(' '))} -- "$word"))`;
    case 'sandboxes':
      return `COMPREPLY=($(compgen -W "$(${namesCommand} 2>/dev/null)" -- "$word"))`;
    case 'profiles':
      return `compopt -o default; COMPREPLY=($(compgen -W "$(${profilesCommand} 2>/dev/null)" -- "$word"))`;
    case 'folders':
      return 'compopt -o filenames; COMPREPLY=($(compgen -d -- "$word"))';
    case 'files':
      return 'compopt -o default';
    case 'none':
      return ':';
  }
}

function zsh(commands: readonly Command[]): string {
  const cases = commands.map((command) => {
    const specs = [
      ...command.parameters
        .filter(({ name }) => name !== command.rest && !command.positionals.includes(name))
        .map((parameter) => zshOption(command, parameter)),
      ...common(command).map(({ option, description }) => quoted(`--${option}[${zshText(description)}]`)),
      ...command.positionals.map((name, at) => quoted(`${at + 1}:${name}:${zshValues(command, parameterOf(command, name))}`)),
      ...(command.rest === undefined ? [] : [quoted('*::command:_normal')]),
    ];
    return `    ${[command.name, ...command.aliases].map(quoted).join('|')})\n      _arguments -s ${specs.join(' \\\n        ')}\n      ;;`;
  });
  const described = commands.filter(({ name }) => !name.includes(' ')).map(({ name, summary }) => quoted(`${name}:${zshText(summary)}`));
  const kin = families(commands);
  return `#compdef lasso
# zsh completion for lasso
_lasso_sandboxes() {
  local -a names
  names=(\${(f)"$(${namesCommand} 2>/dev/null)"})
  compadd -a names
}
_lasso_profiles() {
  local -a names
  names=(\${(f)"$(${profilesCommand} 2>/dev/null)"})
  compadd -a names
  _files -g '*.toml'
}
_lasso() {
  local command=$words[2]
  if ((CURRENT == 2)); then
    local -a commands
    commands=(${[...described, ...kin.map(({ family, members }) => quoted(`${family}:${members.join(', ')}`))].join(' \\\n      ')})
    _describe command commands
    return
  fi
  case $command in
${kin
  .map(
    ({ family, members }) => `    ${family})
      if ((CURRENT == 3)); then
        compadd ${members.join(' ')}
        return
      fi
      command="$words[2] $words[3]"
      shift words
      ((CURRENT--))
      ;;`,
  )
  .join('\n')}
  esac
  shift words
  ((CURRENT--))
  case $command in
${cases.join('\n')}
  esac
}
if [[ $funcstack[1] == _lasso ]]; then
  _lasso "$@"
else
  compdef _lasso lasso
fi
`;
}

function zshOption(command: Command, parameter: Parameter): string {
  const again = parameter.kind === 'list' ? '*' : '';
  const text = zshText(parameter.description);
  const value = parameter.kind === 'switch' ? '' : `:${parameter.option}:${zshValues(command, parameter)}`;
  return spellings(command, parameter)
    .map((spelled) => quoted(`${again}${spelled}[${text}]${value}`))
    .join(' \\\n        ');
}

function zshValues(command: Command, parameter: Parameter): string {
  const source = sourceOf(command, parameter);
  switch (source.kind) {
    case 'words':
      return `(${source.words.join(' ')})`;
    case 'sandboxes':
      return '_lasso_sandboxes';
    case 'profiles':
      return '_lasso_profiles';
    case 'folders':
      return '_files -/';
    case 'files':
      return '_files';
    case 'none':
      return ' ';
  }
}

function zshText(text: string): string {
  return text.replace(/[[\]:\\]/g, '\\$&');
}

function fish(commands: readonly Command[]): string {
  const lines = ['# fish completion for lasso', 'complete -c lasso -f'];
  const kin = families(commands);
  for (const { name, aliases, summary } of commands.filter((command) => !command.name.includes(' '))) {
    lines.push(`complete -c lasso -n __fish_use_subcommand -a ${quoted([name, ...aliases].join(' '))} -d ${quoted(summary)}`);
  }
  for (const { family, members } of kin) {
    lines.push(`complete -c lasso -n __fish_use_subcommand -a ${quoted(family)}`);
    lines.push(
      `complete -c lasso -n ${quoted(`__fish_seen_subcommand_from ${family}; and not __fish_seen_subcommand_from ${members.join(' ')}`)} -a ${quoted(members.join(' '))}`,
    );
  }
  for (const command of commands) {
    const seen = command.name
      .split(' ')
      .map((word, at) => `__fish_seen_subcommand_from ${at === 0 ? [word, ...command.aliases].join(' ') : word}`);
    const condition = quoted(seen.join('; and '));
    for (const parameter of command.parameters.filter(({ name }) => name !== command.rest)) {
      const values = fishValues(command, parameter);
      if (command.positionals.includes(parameter.name)) {
        if (values !== '') lines.push(`complete -c lasso -n ${condition} ${values}`);
        continue;
      }
      const letter = Object.entries(command.short).find(([, name]) => name === parameter.name)?.[0];
      const short = letter === undefined ? '' : `-s ${letter} `;
      const value = parameter.kind === 'switch' ? '' : `-x ${values} `;
      lines.push(`complete -c lasso -n ${condition} ${short}-l ${parameter.option} ${value}-d ${quoted(parameter.description)}`);
    }
    for (const { option, description } of common(command))
      lines.push(`complete -c lasso -n ${condition} -l ${option} -d ${quoted(description)}`);
  }
  return `${lines.join('\n')}\n`;
}

function fishValues(command: Command, parameter: Parameter): string {
  const source = sourceOf(command, parameter);
  switch (source.kind) {
    case 'words':
      return `-a ${quoted(source.words.join(' '))}`;
    case 'sandboxes':
      return `-a ${quoted(`(${namesCommand} 2>/dev/null)`)}`;
    case 'profiles':
      return `-a ${quoted(`(${profilesCommand} 2>/dev/null; __fish_complete_suffix .toml)`)}`;
    case 'folders':
      return `-a ${quoted('(__fish_complete_directories)')}`;
    case 'files':
      return `-a ${quoted('(__fish_complete_path)')}`;
    case 'none':
      return '';
  }
}

type Source =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'sandboxes' | 'profiles' | 'folders' | 'files' | 'none' };

/** verbs whose `name` is that of a profile there is */
const named: ReadonlySet<OperationName> = new Set(['profileEdit', 'profileSave', 'profileDelete', 'profileHistory']);

function sourceOf({ operation }: Command, { name, choices }: Parameter): Source {
  if (choices) return { kind: 'words', words: choices };
  if (name === 'sandbox') return { kind: 'sandboxes' };
  if (name === 'dir') return { kind: 'folders' };
  if (['key', 'target', 'mount', 'file', 'output'].includes(name) || (operation === 'profileSave' && name === 'from'))
    return { kind: 'files' };
  if (['profile', 'from', 'to'].includes(name) || (name === 'name' && named.has(operation))) return { kind: 'profiles' };
  return { kind: 'none' };
}

function firstWords(commands: readonly Command[]): readonly string[] {
  return [...new Set(commands.flatMap(({ name, aliases }) => [name.split(' ')[0] ?? name, ...aliases]))];
}

/** verbs of two words, by their first */
function families(commands: readonly Command[]): readonly { readonly family: string; readonly members: readonly string[] }[] {
  const found = new Map<string, string[]>();
  for (const { name } of commands) {
    const [family = '', member] = name.split(' ');
    if (member !== undefined) found.set(family, [...(found.get(family) ?? []), member]);
  }
  return [...found].map(([family, members]) => ({ family, members }));
}

function parameterOf({ parameters }: Command, name: string): Parameter {
  const parameter = parameters.find((candidate) => candidate.name === name);
  if (!parameter) throw new TypeError(`no parameter ${name}`);
  return parameter;
}

function spellings({ short }: Command, { name, option }: Parameter): readonly string[] {
  const letter = Object.entries(short).find(([, parameter]) => parameter === name)?.[0];
  return [`--${option}`, ...(letter === undefined ? [] : [`-${letter}`])];
}

function common(command: Command): readonly (typeof commonOptions)[number][] {
  return commonOptions.filter(({ option }) => option === 'help' || command[option]);
}

function longOptions(command: Command): readonly string[] {
  return [
    ...command.parameters.filter(({ name }) => name !== command.rest).map(({ option }) => `--${option}`),
    ...common(command).map(({ option }) => `--${option}`),
  ];
}

/** One word for any of the three shells. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
