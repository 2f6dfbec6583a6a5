/** One command with its arguments, judged: its name against the lists, its arguments, the files it touches, and all that it starts. */
import { type Argument, argumentAt, isKnown, shown, unknown, wildcard } from './argument.ts';
import { judgeAsked } from './asked.ts';
import { judgeBlocked } from './blocked.ts';
import type { Consequence } from './consequence.ts';
import { dangerousUses } from './dangerous.ts';
import { deceit, isPlain, posesAs } from './disguise.ts';
import { doubt, refuse, type Span, spend, type Made } from './docket.ts';
import { judgeArrivals } from './links.ts';
import { judgeListed } from './lists.ts';
import { longestRead, madeAt, noteMade } from './made.ts';
import { judgeRepository } from './made-repository.ts';
import { isForbiddenAs, programName, type ProgramName } from './names.ts';
import { isOtherUse } from './provided.ts';
import { gitSubcommands } from './rows/git.ts';
import { anyProgram, type Program, programs } from './rows/table.ts';
import { deepest, nested, type Scene } from './scene.ts';
import { isShellText } from './shell-text.ts';
import { readCode } from './special/code.ts';
import { gitConsequences } from './special/git.ts';
import { interpretingSpecials } from './special/interprets.ts';
import { runningSpecials, strange } from './special/runs.ts';
import { touchingSpecials } from './special/touches.ts';
import { sends, uploads } from './special/uploads.ts';
import { judgeTouch, type Touching } from './touch.ts';
import { type Input, plainConsequences, readUse, type Use } from './use.ts';
import { variableConsequences } from './variables.ts';

/** walks a line of shell inside a scene; given by the walker, which in turn judges commands here */
export type WalkLine = (line: Argument, scene: Scene, input: Input) => void;

/** done by the shell itself, without a program of that name being started */
const inShell =
  /^(:|cd|pushd|popd|dirs|export|declare|typeset|local|readonly|unset|set|shopt|alias|unalias|read|mapfile|readarray|wait|jobs|fg|bg|disown|exit|return|break|continue|shift|umask|ulimit|getopts|hash|enable|complete|compgen|compopt|bind|history|fc|caller|logout|suspend|times|eval|exec|source|\.|command|builtin|trap|let|type|true|false|pwd|\[\[|help)$/;

/** programs that shells do without starting them, so that their start asks nobody */
const withoutStart = /^(echo|printf|test|\[|kill|pwd|true|false)$/;

/** Judges one command. `ofShell`: a shell runs it, so that names of its own commands are meant. */
export function judgeInvocation(argv: readonly Argument[], scene: Scene, input: Input, walk: WalkLine, ofShell = true): void {
  const [first, ...rest] = argv;
  if (first === undefined) return;
  const { docket } = scene;
  const range = scene.span ?? { start: first.start, end: argv.at(-1)?.end ?? first.end };
  if (!spend(docket, range)) return;
  if (scene.depth > deepest) {
    doubt(docket, 'Too many commands are wrapped in each other; split the line up.', range);
    return;
  }
  if (!isKnown(first)) {
    if (first.text.includes(wildcard) && !first.text.includes(unknown) && /^\/(?!workspace\/|tmp\/)/.test(first.text))
      refuse(
        docket,
        'disguise',
        `Which program “${shown(first)}” is would only show when it runs; write its name out.`,
        spanOf(first, scene),
      );
    doubt(docket, `Which program “${shown(first)}” is cannot be told from the text; write its name out.`, spanOf(first, scene));
    judgeArguments(rest, scene, false);
    return;
  }
  // The shell’s own `time` leaves its options behind; where it is the program, a command follows them.
  if (first.text.startsWith('-')) {
    judgeInvocation([argumentAt('time', first), ...argv], { ...scene, depth: scene.depth + 1 }, input, walk, false);
    return;
  }
  if (ofShell && first.text === scene.within)
    doubt(docket, `“${shown(first)}” calls itself, and how often is not in the text; use a loop.`, spanOf(first, scene));
  if (first.text === '' || (ofShell && scene.functions.has(first.text))) return;
  const name = programName(first.text);
  const alias = ofShell ? scene.aliases.get(first.text) : undefined;
  if (alias !== undefined) {
    const line = { ...alias, text: [alias.text, ...rest.map(({ text }) => text)].join(' ') };
    walk(line, { ...nested(scene, range, scene.scope), aliases: new Map() }, input);
    return;
  }
  if (!judgeLetters(name, scene, first)) return;
  const own = ofShell && !first.text.includes('/') && inShell.test(first.text);
  if (!own) docket.programs.add(name.base);
  judgeListed(name, docket, spanOf(first, scene), own || isShellText(argv));
  if (isOtherUse(first.text, rest[0]?.text))
    refuse(docket, 'list', 'This program is LASSO’s own, and answers nothing but hooks; use another.', spanOf(first, scene));
  const part = /^git-(.+)$/.exec(name.base)?.[1];
  const asGit = part !== undefined && gitSubcommands.has(part);
  const program = asGit ? programs.get('git') : name.spellings.map((spelling) => programs.get(spelling)).find((row) => row !== undefined);
  const use = readUse(program ?? anyProgram, first, asGit ? [argumentAt(part, first), ...rest] : rest);
  const meant = asGit ? programName('git') : name;
  judgeBlocked(use, meant, docket, range);
  if (docket.asksInside || scene.depth === 0 || withoutStart.test(name.base)) judgeAsked(use, meant, docket, range);
  judgeArguments(rest, scene, use.program.special === 'talks');
  const consequences = [...dangerousUses(use, meant), ...consequencesOf(use, input, program)];
  noteMade(use, scene);
  judgeArrivals(use, scene, range);
  const strictly = docket.rules.workspaceOnly.findIndex((entry) => isForbiddenAs(entry, name));
  const following: Following = { scene, input, walk, name, strictly, range };
  for (const consequence of consequences) follow(consequence, following);
  const script = use.program.special === 'shell' || use.program.special === 'source' || use.program.special === 'interpreter';
  followMade(madeAt(scene, first.text.includes('/') ? first : script ? use.reading.operands[0] : undefined), rest, use, following);
}

/** Judges a variable that is set, by what programs make of it. */
export function judgeVariable(variable: string, value: Argument, scene: Scene, walk: WalkLine): void {
  const following: Following = { scene, input: { kind: 'nothing' }, walk, name: programName(variable), strictly: -1, range: value };
  for (const consequence of variableConsequences(variable, value)) follow(consequence, following);
}

const spanOf = (argument: Argument, scene: Scene): Span => scene.span ?? { start: argument.start, end: argument.end };

function consequencesOf(use: Use, input: Input, program: Program | undefined): readonly Consequence[] {
  const special = use.program.special;
  if (special === 'git') return gitConsequences(use);
  const inert = use.reading.options.some(({ role }) => role === 'inert');
  const read =
    special === undefined
      ? undefined
      : ((special === 'uploads' ? uploads : special === 'sends' ? sends : undefined) ??
        runningSpecials[special] ??
        interpretingSpecials[special] ??
        touchingSpecials[special]);
  if (read !== undefined) return inert && special !== 'sed' ? [] : read(use, input);
  const wraps = use.grammar.operands?.includes('command') === true && !inert;
  return program === undefined || !wraps ? plainConsequences(use) : [...strange(use), ...plainConsequences(use)];
}

/** Names of plain letters go on; others are refused where they pose as such a name, and doubted otherwise. */
function judgeLetters(name: ProgramName, scene: Scene, first: Argument): boolean {
  if (isPlain(name.text)) return true;
  const posed = posesAs(name.text);
  if (posed === undefined)
    doubt(
      scene.docket,
      `Which program “${shown(first)}” is cannot be told for certain; use a name of plain letters.`,
      spanOf(first, scene),
    );
  else refuse(scene.docket, 'disguise', `“${shown(first)}” is not “${posed}” but only looks like it; type the name.`, spanOf(first, scene));
  return posed === undefined;
}

function judgeArguments(argv: readonly Argument[], scene: Scene, isText: boolean): void {
  for (const argument of argv) {
    const why = deceit(argument, isText);
    if (why !== undefined) refuse(scene.docket, 'disguise', `“${shown(argument)}” is not what it seems. ${why}`, spanOf(argument, scene));
  }
}

interface Following {
  readonly scene: Scene;
  readonly input: Input;
  readonly walk: WalkLine;
  readonly name: ProgramName;
  /** place of the program in `workspace_only`, or -1 */
  readonly strictly: number;
  readonly range: Span;
}

function follow(consequence: Consequence, following: Following): void {
  const { scene, input, walk, name, range, strictly } = following;
  const { docket } = scene;
  switch (consequence.does) {
    case 'shell':
      followLine(consequence.line, following, consequence.operands);
      return;
    case 'command':
      // `command`, `exec` and `builtin` name commands of the shell; other programs start a file.
      judgeInvocation(consequence.argv, nested(scene, range, scene.scope), input, walk, /^(command|builtin|exec)$/.test(name.text));
      return;
    case 'read':
    case 'write':
    case 'change':
    case 'remove':
      judgeTouch(
        consequence.does,
        consequence.path,
        scene,
        strictly < 0 ? undefined : { name: name.base, rule: `commands.workspace_only[${strictly}]` },
        meansLink(consequence.does, name.base),
      );
      return;
    case 'repository':
      judgeRepository(consequence.folder, scene, range);
      return;
    case 'code':
      followCode(consequence.code, consequence.language, following);
      return;
    case 'sets':
      judgeVariable(consequence.name, consequence.value, scene, walk);
      return;
    case 'hides':
      doubt(docket, consequence.why, spanOf(consequence.at, scene));
      return;
    case 'forbidden': {
      if (consequence.stage === 'workspace-only' && strictly < 0) return;
      refuse(
        docket,
        consequence.stage,
        consequence.why,
        spanOf(consequence.at, scene),
        strictly < 0 ? undefined : `commands.workspace_only[${strictly}]`,
      );
      return;
    }
  }
}

/** What takes a name away, or makes a link, does not follow one; what empties or overwrites a file does. */
const meansLink = (does: Touching, program: string): boolean =>
  does === 'remove' ? !/^g?(dd|shred|truncate)$/.test(program) : does === 'write' && /^g?ln$/.test(program);

function followLine(line: Argument, { scene, input, walk, name, range }: Following, operands: readonly Argument[] = []): void {
  if (line.text.includes(unknown) || line.text.includes(wildcard) || line.splits) {
    if (line.origin === 'hidden')
      refuse(
        scene.docket,
        'steering',
        `What ${name.base} would run comes from elsewhere, unread; save it, look at it, and run the file.`,
        spanOf(line, scene),
      );
    else doubt(scene.docket, `What ${name.base} would run as “${shown(line)}” is not in the text; write it out.`, spanOf(line, scene));
    if (line.text.startsWith(unknown)) return;
  }
  const readable = line.text.replaceAll(unknown, '$_').replaceAll(wildcard, '*');
  const inner = nested(scene, { start: line.start, end: line.end }, /^(eval|trap|alias)$/.test(name.text) ? scene.scope : undefined);
  operands.forEach((operand, index) => inner.scope.own.set(String(index), isKnown(operand) ? operand.text : undefined));
  walk({ ...line, text: readable, ...range }, inner, input);
}

/** Code that can start programs is doubted; the texts in its quotes are judged as commands, one by one and as one list of arguments. */
function followCode(code: Argument, language: string, { scene, walk, name, range }: Following): void {
  const { acts, quoted, writes, removes, opensShell, runsHidden } = readCode(code.text, language);
  for (const file of writes) judgeTouch('write', argumentAt(file, code), scene, undefined);
  const inner = nested(scene, range);
  const isPath = removes ? /^(~|\.?\.?\/|\.\.?$|\.git(\/|$))/ : /^(~|\.?\.?\/)/;
  for (const text of quoted) if (isPath.test(text)) judgeTouch(removes ? 'remove' : 'read', argumentAt(text, code), inner, undefined);
  if (runsHidden || (code.text.startsWith(unknown) && code.origin === 'hidden'))
    refuse(
      scene.docket,
      'steering',
      `The code given to ${name.base} runs what nobody has read; write it out, or save it and look at it.`,
      spanOf(code, scene),
    );
  if (opensShell)
    refuse(
      scene.docket,
      'exfiltration',
      `The code given to ${name.base} opens a shell to another machine; leave it out.`,
      spanOf(code, scene),
    );
  if (quoted.some((text) => /(^|\/)\.(ssh|aws|gnupg|kube|netrc|git-credentials)(\/|$)/.test(text)))
    refuse(scene.docket, 'credentials', `The code given to ${name.base} names credentials; do without them.`, spanOf(code, scene));
  if (removes && !quoted.some((text) => isPath.test(text) || /^[\w.-]+(\/[\w.*-]+)*$/.test(text)))
    doubt(scene.docket, `Which files the code given to ${name.base} removes is not in the text; name them.`, spanOf(code, scene));
  if (!acts) {
    if (code.text.startsWith(unknown))
      doubt(scene.docket, `The code that ${name.base} would run is not in the text; write it out.`, spanOf(code, scene));
    return;
  }
  doubt(
    scene.docket,
    `The code given to ${name.base} can start programs or change files, and what it does cannot be told; put plain commands in its place.`,
    spanOf(code, scene),
  );
  const nothing: Input = { kind: 'nothing' };
  const named = (text: string): boolean => programs.has(text) || isListed(text, scene);
  const argv = quoted.map((text) => argumentAt(text, code));
  const start = quoted.findIndex((text) => named(text));
  if (start >= 0) judgeInvocation(argv.slice(start), inner, nothing, walk, false);
  for (const argument of argv) {
    const first = /^\s*([\w./-]+)\s/.exec(argument.text)?.[1];
    if (first !== undefined && named(first.slice(first.lastIndexOf('/') + 1))) walk(argument, inner, nothing);
  }
}

/** Runs what the text itself made. */
function followMade(made: Made | undefined, rest: readonly Argument[], use: Use, following: Following): void {
  if (made === undefined) return;
  const { scene, range, input, walk } = following;
  if (made.kind === 'fetched')
    refuse(scene.docket, 'steering', 'It runs what another machine has just sent, unread; save it, look at it, and then run it.', range);
  else if (made.kind === 'program') judgeInvocation([argumentAt(made.name, use.name), ...rest], nested(scene, range), input, walk, false);
  else if (scene.docket.reread > longestRead) doubt(scene.docket, 'The line makes too much text to be read again; split it up.', range);
  else if (use.program.special === 'interpreter') followCode(made.text, use.program.language ?? 'other', following);
  else followLine(made.text, following);
}

const isListed = (text: string, { docket }: Scene): boolean =>
  docket.rules.blacklist.includes(text) || docket.rules.workspaceOnly.includes(text);
