/** Shells, interpreters and editors: where their source text comes from. Sources: the manual pages named in rows/shells.ts. */
import { type Argument, isKnown } from '../argument.ts';
import type { Origin } from '../origin.ts';
import { type Consequence, hides, starts } from '../consequence.ts';
import { type Input, optionNamed, plainConsequences, type Special } from '../use.ts';

const shell: Special = (use, input) => {
  const { reading, name } = use;
  const doubts = plainConsequences({ ...use, reading: { ...reading, operands: [] } });
  const [first, ...rest] = reading.operands;
  // Only looked at, and not run.
  if (optionNamed(reading, 'n') !== undefined && first !== undefined) return reading.operands.map((path) => ({ does: 'read', path }));
  if (optionNamed(reading, 'c', 'command') !== undefined)
    return first === undefined ? doubts : [...doubts, { does: 'shell', line: first, operands: rest }];
  const fromInput =
    first === undefined || optionNamed(reading, 's') !== undefined || /^(-|\/dev\/(stdin|fd\/\d+)|\/proc\/self\/fd\/\d+)$/.test(first.text);
  if (!fromInput)
    return [
      ...doubts,
      isKnown(first) ? { does: 'read', path: first } : hides('The script that would run is not in the text; name it.', first),
    ];
  if (first?.text.startsWith('/dev/fd') === true || first?.text.startsWith('/proc') === true)
    return [...doubts, unread(first, name.text, first.origin)];
  return [...doubts, ...fed(input, name, (line) => ({ does: 'shell', line }))];
};

/** A program that reads its source from its input. */
function fed(input: Input, at: Argument, made: (text: Argument) => Consequence): readonly Consequence[] {
  switch (input.kind) {
    case 'nothing':
    case 'file':
      return [];
    case 'text':
      return [made(input.text)];
    case 'names':
      return [unread(at, at.text, undefined)];
    case 'unknown':
      return [unread(at, at.text, input.origin)];
  }
}

/** Source that is not in the text: refused where it comes from another machine or a decoder. */
function unread(at: Argument, who: string, origin: Origin | undefined): Consequence {
  const why = `What ${who} runs here is not in the text; save it, look at it, and run the file.`;
  return origin === 'hidden' ? { does: 'forbidden', stage: 'steering', why, at } : hides(why, at);
}

const source: Special = (use, input) => {
  const [file] = use.reading.operands;
  if (file === undefined) return [];
  if (input.kind === 'text' && /^\/dev\/(stdin|fd\/0)$/.test(file.text)) return [{ does: 'shell', line: input.text }];
  const told = isKnown(file) && !/^\/dev\/|^\/proc\//.test(file.text);
  return [told ? { does: 'read', path: file } : unread(file, 'the shell', file.origin)];
};

const interpreter: Special = (use, input) => {
  const { reading, program, name } = use;
  const language = program.language ?? 'other';
  const plain = plainConsequences({ ...use, reading: { ...reading, operands: [] } });
  const module = optionNamed(reading, 'm')?.value;
  if (module !== undefined && language === 'python') return [...plain, ...pythonModule(module, reading.operands)];
  const [first, ...rest] = reading.operands;
  const inPlace = ['perl', 'ruby'].includes(program.program) && reading.options.some(({ name: option }) => option === 'i');
  if (inPlace) return [...plain, ...reading.operands.map((path) => ({ does: 'write' as const, path }))];
  if (reading.options.some(({ role }) => role === 'code' || role === 'inert'))
    return [...plain, ...reading.operands.map((path) => ({ does: 'read' as const, path }))];
  if (first === undefined || /^(-|\/dev\/(stdin|fd\/\d+))$/.test(first.text)) {
    if (first?.text.startsWith('/dev/fd') === true) return [...plain, unread(first, name.text, first.origin)];
    return [...plain, ...fed(input, name, (code) => ({ does: 'code', code, language }))];
  }
  const evaluated = ['eval', 'e'].includes(first.text) && ['deno', 'bun'].includes(program.program) ? rest[0] : undefined;
  if (evaluated !== undefined) return [...plain, { does: 'code', code: evaluated, language }];
  return [...plain, ...[first, ...rest].map((path) => ({ does: 'read' as const, path }))];
};

function pythonModule(module: Argument, rest: readonly Argument[]): readonly Consequence[] {
  if (!isKnown(module)) return [hides('The module that would run is not in the text; name it.', module)];
  // pip has rules of its own; other modules are the interpreter’s business.
  if (module.text === 'pip') return starts([module, ...rest]);
  const at = module.text === 'pdb' ? rest.findIndex(({ text }) => text === '-c') + 1 : 0;
  const code = module.text === 'timeit' ? rest.find(({ text }) => !text.startsWith('-')) : at > 0 ? rest[at] : undefined;
  return code === undefined ? rest.map((path) => ({ does: 'read', path })) : [{ does: 'code', code, language: 'python' }];
}

/** Editors that are given their commands on the standard input. */
const editor: Special = (use, input) => [
  ...plainConsequences(use),
  ...(input.kind === 'text' ? [{ does: 'code' as const, code: input.text, language: 'vim' }] : []),
];

/** manner of naming → how it is read */
export const interpretingSpecials: Readonly<Record<string, Special>> = { shell, source, interpreter, editor };
