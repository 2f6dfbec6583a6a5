/**
 * Walks the syntax of a line of shell and hands every command in it to the gate, wherever it stands. Follows what the line does to the
 * shell that matters to later commands: folder, variables, functions, aliases.
 */
import { forEachChild, parse, type ParsedScript, type SyntaxNode } from 'unbash';
import type { Argument } from './argument.ts';
import { doubt, refuse, type Span, spend } from './docket.ts';
import { inputFault } from './input.ts';
import { type Scene, subshell } from './scene.ts';
import { forget, leave, type Scope, scopeIn } from './scope.ts';
import { walkCommand, walkRedirections } from './walk-command.ts';
import { outputOf } from './output.ts';
import { argumentsOf, type WordPlace } from './words.ts';
import type { Input } from './use.ts';

const nothing: Input = { kind: 'nothing' };

/** Reads a line and judges all of it. The line may be hostile. */
export function walkLine(line: Argument, scene: Scene, input: Input): void {
  const own = scene.depth === 0 ? undefined : inputFault(line.text);
  if (own !== undefined) {
    if (own.kind === 'deceives') refuse(scene.docket, 'input', own.reason, line);
    else doubt(scene.docket, own.reason, line);
    return;
  }
  try {
    walkScript(parse(line.text), scene, input, line.text);
  } catch (error) {
    // The parser’s own depth is not bounded in every shape: a line that exhausts the stack is one nobody can read.
    if (!(error instanceof RangeError)) throw error;
    doubt(scene.docket, 'The command is nested too deeply to be read; split it up.', scene.span ?? line);
  }
}

/** The place the words of a scene are read at. */
export const wordPlace = (scene: Scene): WordPlace => ({
  scope: scene.scope,
  cwd: scene.cwd,
  home: scene.place.home,
  workspace: scene.place.workspace,
  span: scene.span,
});

function walkScript(script: ParsedScript, scene: Scene, input: Input, text: string): void {
  const error = script.errors?.[0];
  if (error !== undefined)
    doubt(
      scene.docket,
      'The shell would not read this as it stands; check its quotes and brackets.',
      scene.span ?? { start: Math.min(error.pos, text.length), end: text.length },
      'syntax',
    );
  if (script.commands.length > 1) operator(scene, script.commands[1] ?? script, 'several commands in a line');
  for (const statement of script.commands) walk(statement, scene, input);
}

/** Refuses an operator where the profile accepts none. */
export function operator(scene: Scene, node: Span | { readonly pos: number; readonly end: number }, what: string): void {
  if (scene.docket.rules.shellOperators) return;
  const start = 'pos' in node ? node.pos : node.start;
  refuse(
    scene.docket,
    'operators',
    `The profile accepts no shell operators, and this uses ${what}; run plain commands one by one.`,
    scene.span ?? { start, end: node.end },
    'commands.allow_shell_operators',
  );
}

/** Walks one node of the syntax; `input` is what stands at its standard input. */
export function walk(node: SyntaxNode, scene: Scene, input: Input): void {
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- what is not named here is walked through to its parts
  switch (node.type) {
    case 'Statement':
      if (!spend(scene.docket, scene.span ?? { start: node.pos, end: node.end })) return;
      if (node.background === true) operator(scene, node, '“&”');
      walk(node.command, node.background === true ? subshell(scene) : scene, input);
      return;
    case 'AndOr':
      walkAndOr(node, scene, input);
      return;
    case 'Pipeline':
      walkPipeline(node, scene, input);
      return;
    case 'Command':
      walkCommand(node, scene, input);
      return;
    case 'CompoundList':
      if (node.commands.length > 1) operator(scene, node, 'several commands in a line');
      node.commands.forEach((statement) => walk(statement, scene, input));
      return;
    case 'Redirected': {
      node.redirects.forEach((redirection) => inside(redirection, scene));
      const inner = walkRedirections(node.redirects, scene, input);
      walk(node.command, scene, inner);
      return;
    }
    case 'Function':
      operator(scene, node, 'a function');
      scene.functions.add(node.name.value);
      walk(node.body, { ...scene, scope: apart(scene), within: node.name.value }, nothing);
      return;
    case 'Subshell':
      operator(scene, node, 'brackets');
      walk(node.body, subshell(scene), input);
      return;
    case 'Coproc':
      operator(scene, node, 'coproc');
      walk(node.body, subshell(scene), nothing);
      return;
    case 'For':
    case 'Select': {
      operator(scene, node, 'a loop');
      const inner = { ...scene, scope: apart(scene), inLoop: true };
      node.wordlist?.forEach((word) => inside(word, scene));
      const values = node.wordlist?.flatMap((word) => argumentsOf(word, wordPlace(scene))) ?? [];
      // Every round has another value; the body is walked with each of the first few, though not again inside another loop.
      const few = !scene.inLoop && values.length > 0 && values.length <= 6 && values.every((value) => !value.splits) ? values : [undefined];
      for (const value of few) {
        inner.scope.own.set(node.name.value, value?.text);
        walk(node.body, inner, input);
      }
      afterwards(inner, scene);
      return;
    }
    case 'While':
    case 'ArithmeticFor': {
      operator(scene, node, 'a loop');
      const inner = { ...scene, scope: apart(scene) };
      forEachChild(node, (child) => walk(child, inner, node.type === 'While' ? input : nothing));
      afterwards(inner, scene);
      return;
    }
    case 'If':
    case 'Case':
    case 'BraceGroup':
    case 'Elif':
    case 'CaseItem': {
      operator(scene, node, node.type === 'BraceGroup' ? 'braces' : 'a condition');
      const inner = { ...scene, scope: scopeIn(scene.scope) };
      forEachChild(node, (child) => walk(child, inner, input));
      if (node.type === 'BraceGroup') Object.assign(scene, { cwd: inner.cwd });
      afterwards(inner, scene);
      return;
    }
    case 'Script':
      walkScript(node, subshell(scene), nothing, '');
      return;
    case 'CommandExpansion':
    case 'ProcessSubstitution':
    case 'ArithmeticCommandExpansion': {
      operator(scene, node, 'a substitution');
      // What runs here stands in another text where quotes were taken off first, so the whole of it is shown.
      const inner =
        node.script?.source === undefined
          ? subshell(scene)
          : { ...subshell(scene), span: scene.span ?? { start: node.pos, end: node.end } };
      if (node.script === undefined) return;
      if (node.type === 'ProcessSubstitution' && node.operator === '>') walkScript(node.script, inner, { kind: 'unknown' }, '');
      else walkScript(node.script, inner, nothing, '');
      return;
    }
    case 'TestUnary':
      if (/\[[^\]]{0,200}(\$\(|`)/.test(node.operand.value))
        refuse(
          scene.docket,
          'steering',
          'It hides a command in the index of a list; write the command out.',
          scene.span ?? { start: node.pos, end: node.end },
        );
      forEachChild(node, (child) => walk(child, scene, nothing));
      return;
    case 'ParameterExpansion':
      if (node.operation?.type === 'Transform' && node.operation.operand.value === 'P')
        refuse(
          scene.docket,
          'steering',
          'It runs what a variable holds as a prompt would; write the command out.',
          scene.span ?? { start: node.pos, end: node.end },
        );
      if (node.operation?.type === 'Default' && node.operation.operator.includes('=')) scene.scope.own.set(node.parameter, undefined);
      forEachChild(node, (child) => walk(child, scene, nothing));
      return;
    // Everything else holds commands only in its parts.
    default:
      forEachChild(node, (child) => walk(child, scene, nothing));
  }
}

/** Commands in the substitutions of a word. */
export function inside(node: SyntaxNode, scene: Scene): void {
  if (node.type === 'Word' && node.parts === undefined) return;
  forEachChild(node, (child) => walk(child, scene, nothing));
}

/** A body that runs at another time, or again: what is known now need not hold then. */
function apart(scene: Scene): Scope {
  const scope = scopeIn(scene.scope);
  scope.sealed = true;
  scope.own.set('HOME', scene.docket.assigned.has('HOME') ? undefined : scene.place.home);
  return scope;
}

function afterwards(inner: Scene, scene: Scene): void {
  const changed = inner.cwd !== scene.cwd;
  if (changed) scene.cwd = undefined;
  const { scope } = inner;
  const own = new Map(scope.own);
  own.delete('HOME');
  leave({ parent: scene.scope, own, sealed: false });
}

function walkAndOr(node: Extract<SyntaxNode, { type: 'AndOr' }>, scene: Scene, input: Input): void {
  operator(scene, node, '“&&” or “||”');
  const inner: Scene = { ...scene, scope: scopeIn(scene.scope) };
  node.commands.forEach((command, index) => {
    const other = node.operators[index - 1] === '||';
    const before = inner.cwd;
    if (!other) walk(command, inner, input);
    else {
      // The other branch runs where the first did not get to.
      const branch: Scene = { ...inner, cwd: scene.cwd, scope: scopeIn(inner.scope) };
      walk(command, branch, input);
      leave(branch.scope);
      inner.cwd = branch.cwd === scene.cwd ? before : undefined;
    }
  });
  scene.cwd = inner.cwd;
  leave(inner.scope);
}

function walkPipeline(node: Extract<SyntaxNode, { type: 'Pipeline' }>, scene: Scene, input: Input): void {
  const [only] = node.commands;
  if (node.commands.length === 1 && only !== undefined) {
    walk(only, scene, input);
    return;
  }
  operator(scene, node, '“|”');
  let current = input;
  for (const command of node.commands) {
    const inner = subshell(scene);
    walk(command, inner, current);
    current = outputOf(command, inner, current);
  }
}

export const textAt = (text: string, node: { readonly pos: number; readonly end: number }, scene: Scene): Argument => ({
  text,
  splits: false,
  start: scene.span?.start ?? node.pos,
  end: scene.span?.end ?? node.end,
});

/** After a command that may have set any variable. */
export const forgetVariables = (scene: Scene): void => forget(scene.scope);
