/** One simple command of the shell: its assignments, redirections and arguments, and what it does to the shell itself. */
import type { Assignment, Command, Redirection, WordPart } from 'unbash';
import { type Argument, isKnown, shown, unknown } from './argument.ts';
import { refuse } from './docket.ts';
import { judgeInvocation, judgeVariable } from './invocation.ts';
import { remember as remake } from './made.ts';
import { absolutePath } from './paths.ts';
import type { Scene } from './scene.ts';
import { judgeTouch } from './touch.ts';
import { spoken } from './spoken.ts';
import type { Input } from './use.ts';
import { forgetVariables, inside, operator, textAt, walkLine, wordPlace } from './walk.ts';
import { argumentsOf, singleArgument } from './words.ts';

export function walkCommand(node: Command, scene: Scene, given: Input): void {
  for (const part of [...node.prefix, ...node.suffix]) inside(part, scene);
  if (node.name !== undefined) inside(node.name, scene);
  const input = walkRedirections(node.redirects, scene, given);
  const place = wordPlace(scene);
  const first = node.name === undefined ? [] : argumentsOf(node.name, place);
  const rest = node.args.flatMap((argument) => (argument.type === 'Word' ? argumentsOf(argument, place) : assigned(argument, scene)));
  const argv = [...first, ...rest];
  assign(node, scene, argv.length > 0);
  if (argv.length === 0) return;
  if (node.name?.parts?.some(isCutOut) === true)
    refuse(
      scene.docket,
      'disguise',
      'The name of the program is cut out of something else; write it out.',
      scene.span ?? { start: node.name.pos, end: node.name.end },
    );
  judgeInvocation(argv, scene, input, walkLine);
  noteWritten(node, argv, scene, input);
  affectShell(argv, scene);
}

/** A name made with `${x:1:2}`, `${x,,}`, `${x/a/b}` or `${x@P}`. */
function isCutOut(part: WordPart): boolean {
  if (part.type === 'DoubleQuoted') return part.parts.some((child) => child.type === 'ParameterExpansion' && isCutOut(child));
  return part.type === 'ParameterExpansion' && /^(Slice|CaseModification|Replace|Transform)$/.test(part.operation?.type ?? '');
}

/** A text that is written to a file may be run later. */
function noteWritten(node: Command, argv: readonly Argument[], scene: Scene, input: Input): void {
  const name = argv[0]?.text ?? '';
  const says = name === 'echo' || name === 'printf';
  const rest = argv.slice(1);
  if (/^(curl|wget2?)$/.test(name)) {
    for (const file of written(node, scene)) remake(scene, file, { kind: 'fetched' });
    return;
  }
  if (name !== 'cat' && name !== 'tee' && !says) return;
  const text =
    says && rest.every(isKnown) ? textAt(spoken(name, rest), node, scene) : !says && input.kind === 'text' ? input.text : undefined;
  if (text === undefined) return;
  const files = name === 'tee' ? rest : written(node, scene);
  for (const file of files) remake(scene, file, { kind: 'text', text });
}

/** Files the output of a command goes to. */
const written = (node: Command, scene: Scene): readonly Argument[] =>
  node.redirects.flatMap((one) =>
    one.type === 'Redirect' && /^(>|>>|>\||&>)$/.test(one.operator) && one.target !== undefined
      ? [singleArgument(one.target, wordPlace(scene))]
      : [],
  );

function assigned(node: Assignment, scene: Scene): readonly Argument[] {
  const head = `${node.name}${node.append === true ? '+' : ''}=`;
  if (node.value.type === 'ArrayValue') return [textAt(head + unknown, node, scene)];
  return [textAt(head + singleArgument(node.value, wordPlace(scene)).text, node, scene)];
}

/** Assignments before a command are for that command; alone, they are for the shell. */
function assign(node: Command, scene: Scene, forCommand: boolean): void {
  for (const part of node.prefix) {
    if (part.type !== 'Assignment') continue;
    const plain = part.value.type === 'Word' && part.append !== true && part.index === undefined;
    const value = part.value.type === 'Word' ? singleArgument(part.value, wordPlace(scene)) : textAt(unknown, part, scene);
    if (!forCommand) remember(scene, part.name, plain ? value.text : undefined);
    judgeVariable(part.name, { ...value, ...textAt(value.text, part, scene) }, scene, walkLine);
  }
}

const longestValue = 4096;
/** a folder with a longer path is not followed: every later path would be read along with it */
const longestFolder = 1024;

function remember(scene: Scene, name: string, text: string | undefined): void {
  scene.docket.assigned.add(name);
  // A value that doubles itself again and again would outgrow any memory.
  const known = text !== undefined && text.length <= longestValue && !text.includes(unknown);
  scene.scope.own.set(name, known ? text : undefined);
}

/** after these any variable may have another value */
const setsAny = /^(read|mapfile|readarray|source|\.|getopts|unset|let|eval)$/;

/** What a command of the shell changes for those after it. */
function affectShell(argv: readonly Argument[], scene: Scene): void {
  const [first, ...rest] = argv;
  if (first === undefined) return;
  const name = first.text;
  if (name === 'cd' || name === 'pushd') {
    const target = rest.find(({ text }) => !/^-[LPe@n]+$|^--$/.test(text));
    if (target === undefined) scene.cwd = name === 'cd' ? scene.place.home : undefined;
    else
      scene.cwd =
        (scene.cwd?.length ?? 0) < longestFolder && isKnown(target) && !/^[-+]\d*$/.test(target.text)
          ? absolutePath(target.text, scene.cwd, scene.place.home)
          : undefined;
  } else if (name === 'popd') scene.cwd = undefined;
  else if (name === 'alias') {
    for (const argument of rest) {
      const equals = argument.text.indexOf('=');
      if (equals > 0) scene.aliases.set(argument.text.slice(0, equals), { ...argument, text: argument.text.slice(equals + 1) });
    }
  } else if (/^(export|declare|typeset|local|readonly)$/.test(name)) {
    const plain = rest.every(({ text }) => !text.startsWith('-') || /^-[xrg]+$/.test(text));
    for (const { text } of rest) {
      const [, variable, append, value] = /^(\w+)(\+?)=(.*)$/s.exec(text) ?? [];
      if (variable !== undefined) remember(scene, variable, plain && append === '' ? value : undefined);
    }
    if (!plain) forgetVariables(scene);
  } else if (setsAny.test(name) || scene.functions.has(name) || (name === 'printf' && rest[0]?.text.startsWith('-v') === true))
    forgetVariables(scene);
}

/** Judges what is redirected, and says what then stands at the standard input. */
export function walkRedirections(redirections: readonly Redirection[], scene: Scene, given: Input): Input {
  let input = given;
  for (const redirection of redirections) {
    operator(scene, redirection, 'a redirection');
    if (redirection.type === 'HereDoc') {
      input = { kind: 'text', text: textAt(redirection.body.text, redirection, scene) };
      continue;
    }
    if (redirection.target === undefined) continue;
    const target = singleArgument(redirection.target, wordPlace(scene));
    if (redirection.type === 'HereString') {
      input = target.text.includes(unknown) ? { kind: 'unknown', origin: target.origin } : { kind: 'text', text: target };
      continue;
    }
    if (redirection.operator === '<' || redirection.operator === '<&' || redirection.operator === '<>') {
      if (redirection.descriptor === undefined)
        input = { kind: isKnown(target) && !/^\/(dev|proc)\//.test(target.text) ? 'file' : 'unknown' };
      judgeTouch('read', target, scene, undefined);
      if (/^\/dev\/(tcp|udp)\//.test(target.text)) judgeTouch('write', target, scene, undefined);
    }
    if (redirection.operator !== '<' && redirection.operator !== '<&' && !/^(\d+-?|-)$/.test(target.text)) {
      judgeTouch('write', target, scene, undefined);
      if (scene.docket.rules.mode === 'observe' && !/^\/dev\/(null|stdout|stderr|tty)$/.test(target.text))
        refuse(
          scene.docket,
          'mode',
          `In observe mode nothing is written, and this would write “${shown(target)}”; switch the mode.`,
          scene.span ?? target,
          'mode',
        );
    }
  }
  return input;
}
