/** `blocked_args` by meaning: a pattern of the profile is read as the program would read it, and so are the arguments it is held against. */
import { type Argument, argumentAt, isKnown, maybeOption, unknown } from './argument.ts';
import { type Docket, doubt, refuse, type Span } from './docket.ts';
import { permissionsGiven } from './file-mode.ts';
import { isForbiddenAs, type ProgramName } from './names.ts';
import { type Option, type Reading, readOptions } from './options.ts';
import type { Use } from './use.ts';

export type Match = 'yes' | 'maybe' | 'no';

/** Holds one use of a program against the profile’s refused arguments. */
export function judgeBlocked(use: Use, name: ProgramName, docket: Docket, range: Span): void {
  for (const [program, patterns] of docket.rules.blockedArguments) {
    if (!isForbiddenAs(program, name)) continue;
    for (const [index, pattern] of patterns.entries()) {
      const match = matchOf(pattern, use);
      const rule = `commands.blocked_args.${program}[${index}]`;
      const said = `${program} ${pattern}`;
      if (match === 'yes')
        refuse(docket, 'blocked-arguments', `The profile refuses “${said}”, and this does the same; find another way.`, range, rule);
      else if (match === 'maybe')
        doubt(docket, `Whether this is “${said}”, which the profile refuses, is not in the text; write the arguments out.`, range);
    }
    if (docket.rules.hidesGitHistory && use.program.program === 'git' && showsHistory(use, patterns))
      refuse(
        docket,
        'blocked-arguments',
        'The profile hides old contents of files, and this shows them; look at the files as they are.',
        range,
        'git_access.block_git_history_content',
      );
  }
}

/** Whether a use of a program is what a pattern of the profile means. */
export function matchOf(pattern: string, use: Use): Match {
  const tokens = pattern.split(/\s+/).filter((token) => token !== '');
  const [first = '', ...rest] = tokens;
  const bySubcommand = use.program.subcommands !== undefined && !first.startsWith('-');
  if (bySubcommand) {
    const wanted = use.program.also?.[first] ?? first;
    const meant = meaning(use);
    if (meant === undefined) return use.before.unclear.length > 0 ? 'maybe' : 'no';
    if (meant.includes(unknown)) return 'maybe';
    const same = sameByAnotherWay(use, wanted, rest);
    if (same) return 'yes';
    if (meant !== wanted) return 'no';
  }
  const asked = readOptions(
    (bySubcommand ? rest : tokens).map((text) => argumentAt(text, use.name)),
    use.grammar,
    { oneDash: use.program.oneDash },
  );
  return compare(asked, use, bySubcommand ? first : '');
}

/** send-pack is what push is made of. */
const meaning = ({ subcommand }: Use): string | undefined => (subcommand === 'send-pack' ? 'push' : subcommand);

function compare(asked: Reading, use: Use, subcommand: string): Match {
  const { before, reading } = use;
  const options: readonly Option[] = before === reading ? reading.options : [...before.options, ...reading.options];
  if (subcommand === 'clean' && use.program.program === 'git' && options.some(({ name }) => name === 'dry-run')) return 'no';
  const given = (wanted: Option): boolean =>
    options.some(({ name, value }) => name === wanted.name && (wanted.value === undefined || wanted.value.text === value?.text)) ||
    (wanted.name === 'force' && subcommand === 'push' && forcesOtherwise(options, reading)) ||
    // `:branch` pushes nothing in its place (git-push(1)).
    (wanted.name === 'delete' && subcommand === 'push' && reading.operands.some(({ text }) => /^:./.test(text)));
  const operands = operandsMatch(asked.operands, use);
  if (asked.options.every(given) && operands === 'yes') return 'yes';
  if (operands === 'no' || asked.options.length + asked.operands.length === 0) return 'no';
  const unclear = asked.options.length > 0 && [...before.unclear, ...reading.unclear].length > 0;
  return (asked.options.every(given) && operands === 'maybe') || unclear ? 'maybe' : 'no';
}

/** `+branch` forces one branch, `--mirror` all of them (git-push(1)). */
const forcesOtherwise = (options: readonly Option[], { operands }: Reading): boolean =>
  operands.some(({ text }) => text.startsWith('+')) || options.some(({ name }) => name === 'mirror');

function operandsMatch(asked: readonly Argument[], { program, reading }: Use): Match {
  const { operands } = reading;
  if (asked.length === 0) return 'yes';
  if (program.special === 'mode') return modeMatches(asked[0], operands[0], reading);
  const free = program.program === '';
  const starts = free ? operands.map((_, index) => index) : [0];
  for (const start of starts) if (asked.every((wanted, index) => operands[start + index]?.text === wanted.text)) return 'yes';
  const doubtful = asked.some((wanted, index) => {
    const operand = operands[index];
    return operand !== undefined && (!isKnown(operand) || maybeOption(operand)) && operand.text !== wanted.text;
  });
  return doubtful ? 'maybe' : 'no';
}

function modeMatches(wanted: Argument | undefined, mode: Argument | undefined, reading: Reading): Match {
  if (wanted === undefined || mode === undefined || reading.options.some(({ name }) => name === 'reference')) return 'no';
  if (!isKnown(mode)) return 'maybe';
  const refused = permissionsGiven(wanted.text);
  const given = permissionsGiven(mode.text);
  if (refused === undefined || given === undefined) return wanted.text === mode.text ? 'yes' : 'no';
  return (given & refused) === refused && refused !== 0 ? 'yes' : 'no';
}

/** The same through a setting: `git config remote.x.url` for `remote add`, a file for `config --global`. */
function sameByAnotherWay(use: Use, wanted: string, rest: readonly string[]): boolean {
  if (use.program.program !== 'git' || use.subcommand !== 'config') return false;
  const [first, second] = use.reading.operands;
  const key = (first?.text === 'set' || first?.text === 'add' ? second?.text : first?.text) ?? '';
  if (wanted === 'remote' && (rest[0] === 'add' || rest[0] === 'set-url'))
    return /^remote\..*\.(push)?url$/i.test(key) && use.reading.operands.length > 1;
  const file = use.reading.options.find(({ name }) => name === 'file')?.value;
  return wanted === 'config' && rest[0] === '--global' && file !== undefined && /(^|\/)(\.gitconfig|git\/config)$/.test(file.text);
}

const showing =
  /^(show|cat-file|whatchanged|format-patch|fast-export|archive|diff-tree|diff-index|diff-files|diff|difftool|range-diff|blame|annotate|bundle|grep)$/;
const patches = new Set([
  'patch',
  'L',
  'unified',
  'cc',
  'c',
  'word-diff',
  'color-words',
  'patch-with-stat',
  'patch-with-raw',
  'binary',
  'full-diff',
  'ext-diff',
  'textconv',
  'm',
]);

/** Only where the profile refuses one way of showing old contents are the other ways refused with it. */
function showsHistory(use: Use, patterns: readonly string[]): boolean {
  const named = patterns.some((pattern) => /^(show|diff|cat-file)$|^log (-p|-u|--patch)$/.test(pattern.trim()));
  const { subcommand, reading } = use;
  if (!named || subcommand === undefined) return false;
  if (subcommand === 'grep') return reading.operands.length > 1;
  if (subcommand === 'stash') return reading.operands[0]?.text === 'show';
  if (subcommand === 'log' || subcommand === 'reflog') return reading.options.some(({ name }) => patches.has(name));
  return showing.test(subcommand);
}
