/** git: settings that name programs, aliases, transports, and subcommands that start others (git-config(1), gitremote-helpers(7)). */
import type { Argument } from '../argument.ts';
import { argumentAt, isKnown } from '../argument.ts';
import { type Consequence, hides } from '../consequence.ts';
import { gitSubcommands } from '../rows/git.ts';
import { optionNamed, plainConsequences, type Use } from '../use.ts';
import { repositories } from './repositories.ts';
import { steered } from './steered.ts';

/** settings whose value is a command line */
const commandSettings =
  /^(core\.(pager|editor|sshcommand|fsmonitor|askpass|gitproxy|alternaterefscommand)|pager\..+|sequence\.editor|diff\.external|diff\..+\.(command|textconv)|(diff|merge)tool\..+\.(cmd|path)|merge\..+\.driver|filter\..+\.(clean|smudge|process)|credential\.(.+\.)?helper|gpg\.(.+\.)?(program|defaultkeycommand)|uploadpack\.packobjectshook|interactive\.difffilter|(browser|man)\..+\.(cmd|path)|web\.browser|sendemail\.(.+\.)?(sendmailcmd|tocmd|cccmd|headercmd|smtpserver)|trailer\..+\.(cmd|command)|remote\..+\.(uploadpack|receivepack)|submodule\..+\.update|imap\.tunnel|instaweb\.(httpd|browser)|guitool\..+\.cmd|blame\..+command|hook\..+\.command)$/;
/** settings that bring in what the text does not show */
const hiddenSettings =
  /^(core\.(attributesfile|alternaterefsprefixes)|url\..+\.(insteadof|pushinsteadof)|http\.proxy|extensions\..+|uploadpack\.allow.*|receive\..+|transfer\..+|clean\.requireforce)$/;
/** settings nobody needs in a line of everyday work, unless to turn something off */
const refusedSettings =
  /^(core\.(hookspath|worktree)|include\.path|includeif\..+\.path|init\.templatedir|protocol\.(.+\.)?allow|remote\..+\.(vcs|push|mirror|proxy))$/;

export function gitConsequences(use: Use): readonly Consequence[] {
  const settings = [...use.before.options, ...use.reading.options]
    .filter(({ role }) => role === 'config')
    .flatMap(({ value }) => value ?? []);
  const found: Consequence[] = settings.flatMap((value) => setting(value));
  const { subcommand, reading } = use;
  if (subcommand === undefined) return [...found, ...plainConsequences(use)];
  const at = use.before.operands[0] ?? use.name;
  const alias = settings.find(({ text }) => text.toLowerCase().startsWith(`alias.${subcommand.toLowerCase()}=`));
  if (alias !== undefined) return [...found, ...aliased(alias, use.before.operands.slice(1))];
  if (!isKnown(at)) return [...found, hides('The subcommand of git is not in the text; write it out.', at)];
  if (!gitSubcommands.has(subcommand))
    return [
      ...found,
      hides(`“${subcommand}” is no subcommand of git, so it is an alias or another program; write out what it stands for.`, at),
    ];
  return [
    ...found,
    ...plainConsequences(use).filter(({ does }) => (does !== 'command' && does !== 'shell') || !groups.has(subcommand)),
    ...bySubcommand(use, subcommand),
    ...repositories(use, subcommand),
    ...transports(reading.operands),
  ];
}

/** names nobody deletes in passing */
const shared = /^:?(refs\/heads\/)?(main|master|trunk|develop|dev|production|prod|staging|stable|release([-/].*)?)$|^:?refs\/tags\//;
const groups = new Set(['bisect', 'submodule', 'rebase']);

function setting(value: Argument): readonly Consequence[] {
  const equals = value.text.indexOf('=');
  const key = (equals < 0 ? value.text : value.text.slice(0, equals)).toLowerCase();
  return keyConsequences(key, { ...value, text: equals < 0 ? 'true' : value.text.slice(equals + 1) });
}

function keyConsequences(key: string, value: Argument): readonly Consequence[] {
  if (key.includes('\0')) return [hides('The setting of git is not in the text; write it out.', value)];
  if (refusedSettings.test(key) && !/^(|\/dev\/null|never|user|false)$/.test(value.text))
    return [
      {
        does: 'forbidden',
        stage: 'steering',
        why: `The setting ${key} makes git do what the text does not show; leave it out.`,
        at: value,
      },
    ];
  if (hiddenSettings.test(key)) return [hides(`The setting ${key} makes git do what the text does not show; leave it out.`, value)];
  if (key.startsWith('alias.')) return aliased(value, []);
  if (!commandSettings.test(key)) return [];
  if (key.endsWith('.update') && !value.text.startsWith('!')) return [];
  if (key.startsWith('credential.') && /^[a-z-]+( .*)?$/.test(value.text) && !value.text.startsWith('!')) return [];
  return steered(value, 'git');
}

/** The value of an alias: a shell line after “!”, or a subcommand with arguments. */
function aliased(value: Argument, operands: readonly Argument[]): readonly Consequence[] {
  const text = value.text.replace(/^alias\.[^=]*=/i, '');
  const tail = operands.map((operand) => operand.text).join(' ');
  const line = text.startsWith('!') ? text.slice(1) : `git ${text}`;
  return [{ does: 'shell', line: { ...value, text: `${line} ${tail}`.trimEnd() } }];
}

function bySubcommand({ reading, name }: Use, subcommand: string): readonly Consequence[] {
  const { operands } = reading;
  const [first, second, ...rest] = operands;
  switch (subcommand) {
    case 'config':
      return first === undefined ? [] : configured(first.text === 'set' ? operands.slice(1) : operands);
    case 'rebase':
      return plainOf(reading, 'exec');
    case 'bisect':
      return first?.text === 'run' && second !== undefined ? [{ does: 'command', argv: [second, ...rest] }] : [];
    case 'submodule':
      return first?.text === 'foreach'
        ? [
            {
              does: 'shell',
              line: argumentAt(
                operands
                  .slice(1)
                  .filter(({ text }) => text !== '--recursive')
                  .map(({ text }) => text)
                  .join(' '),
                first,
              ),
            },
          ]
        : [];
    case 'credential':
      return first?.text === 'fill'
        ? [{ does: 'forbidden', stage: 'credentials', why: 'It shows stored passwords; leave it out.', at: first }]
        : [];
    case 'worktree':
      return first?.text === 'add' && second !== undefined ? [{ does: 'write', path: second }] : [];
    case 'rm':
      return optionNamed(reading, 'cached', 'dry-run') === undefined ? operands.map((path) => ({ does: 'remove', path })) : [];
    case 'push': {
      const all = optionNamed(reading, 'delete') !== undefined;
      const gone = operands.slice(1).find(({ text }) => (all || /^:./.test(text)) && shared.test(text));
      if (gone !== undefined)
        return [
          { does: 'forbidden', stage: 'steering', why: 'It deletes a branch or tag others build on; ask a person to do it.', at: gone },
        ];
      return first !== undefined && /^(https?|ssh|git|file):\/\/|^[\w.-]+@[\w.-]+:/.test(first.text)
        ? [
            {
              does: 'forbidden',
              stage: 'exfiltration',
              why: 'It pushes to an address written here; push to a remote the project has.',
              at: first,
            },
          ]
        : [];
    }
    case 'for-each-repo':
    case 'shell':
    case 'hook':
      return [hides(`What git ${subcommand} starts is not in the text; start it directly.`, first ?? name)];
    case 'daemon':
    case 'instaweb':
    case 'citool':
    case 'gitk':
    case 'gui':
    case 'svn':
      return [];
    default:
      return [];
  }
}

function plainOf({ options }: Use['reading'], name: string): readonly Consequence[] {
  return options.flatMap((option): readonly Consequence[] =>
    option.name === name && option.value !== undefined ? [{ does: 'shell', line: option.value }] : [],
  );
}

/** `git config KEY VALUE` keeps a setting for later. */
function configured([key, value]: readonly Argument[]): readonly Consequence[] {
  if (key === undefined || value === undefined) return [];
  if (key.text.toLowerCase() === 'core.hookspath')
    return [
      {
        does: 'forbidden',
        stage: 'paths',
        why: 'It chooses programs that git on the host would run; leave core.hooksPath as it is.',
        at: key,
      },
    ];
  return keyConsequences(key.text.toLowerCase(), value);
}

/** `ext::command` is a transport that runs a command; another `name::` starts git-remote-name. */
function transports(operands: readonly Argument[]): readonly Consequence[] {
  return operands.flatMap((operand): readonly Consequence[] => {
    const [, transport, line] = /^([a-z][a-z0-9+-]*)::(.*)$/is.exec(operand.text) ?? [];
    if (transport === undefined || line === undefined) return [];
    return transport === 'ext'
      ? steered({ ...operand, text: line.replace(/%(.)/g, '$1') }, 'git')
      : [hides(`“${transport}::” makes git start another program; use a plain address.`, operand)];
  });
}
