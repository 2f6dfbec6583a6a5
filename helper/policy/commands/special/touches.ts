/** Programs whose manner of naming the files they touch does not fit a table. Sources: the manual pages named in rows/. */
import { type Argument, argumentAt, isKnown } from '../argument.ts';
import type { Consequence } from '../consequence.ts';
import { readOptions } from '../options.ts';
import { optionNamed, plainConsequences, type Use } from '../use.ts';
import { findConsequences } from './find.ts';
import { sedConsequences } from './sed.ts';
import { steered } from './steered.ts';

const find = ({ argv }: Use): readonly Consequence[] => findConsequences(argv).consequences;

const sed = ({ reading }: Use): readonly Consequence[] => {
  const scripts = reading.options.filter(({ name }) => name === 'expression').flatMap(({ value }) => value ?? []);
  const own = scripts.length > 0 || optionNamed(reading, 'file') !== undefined;
  const files = own ? reading.operands : reading.operands.slice(1);
  const [first] = reading.operands;
  const all = own || first === undefined ? scripts : [first];
  const inPlace = reading.options.some(({ name }) => name === 'in-place' || name === 'i');
  const fileScript = optionNamed(reading, 'file')?.value;
  return [
    ...all.flatMap((script) => sedConsequences(script)),
    ...files.map((path) => ({ does: inPlace ? ('write' as const) : ('read' as const), path })),
    ...(fileScript === undefined ? [] : [{ does: 'read' as const, path: fileScript }]),
  ];
};

/** A link’s target is a file that becomes reachable; a relative one counts from where the link is. */
const link = (use: Use): readonly Consequence[] => {
  const { operands } = use.reading;
  const folder = optionNamed(use.reading, 'target-directory')?.value;
  const last = folder ?? (operands.length > 1 ? operands.at(-1) : undefined);
  const targets = folder === undefined && operands.length > 1 ? operands.slice(0, -1) : operands;
  const symbolic = optionNamed(use.reading, 'symbolic') !== undefined;
  const fromLink = (target: Argument): Argument => {
    if (!symbolic || target.text.startsWith('/') || last === undefined || !isKnown(last) || !last.text.includes('/')) return target;
    return { ...target, text: `${last.text.slice(0, last.text.lastIndexOf('/'))}/${target.text}` };
  };
  return [
    ...targets.map((target) => ({ does: 'read' as const, path: fromLink(target) })),
    ...(last === undefined ? [] : [{ does: 'write' as const, path: last }]),
  ];
};

const dd = (use: Use): readonly Consequence[] =>
  use.reading.operands.flatMap((operand): readonly Consequence[] => {
    const [, key, text] = /^(if|of)=(.*)$/s.exec(operand.text) ?? [];
    if (text === undefined) return operand.splits ? [{ does: 'write', path: operand }] : [];
    return [{ does: key === 'of' ? 'remove' : 'read', path: { ...operand, text } }];
  });

const install = (use: Use): readonly Consequence[] =>
  optionNamed(use.reading, 'directory') === undefined
    ? plainConsequences(use)
    : use.reading.operands.map((path) => ({ does: 'write', path }));

/** tar: letters without a dash, and archives that are read or written. */
const bundled = (use: Use): readonly Consequence[] => {
  const [first, ...rest] = use.argv;
  const old = first !== undefined && /^[a-zA-Z]+$/.test(first.text);
  const reading = old ? readOptions(unbundled(first, rest), use.grammar, {}) : use.reading;
  const creates = reading.options.some(({ name }) => ['create', 'append', 'update', 'delete'].includes(name));
  const asked = plainConsequences({
    ...use,
    reading: {
      ...reading,
      operands: [],
      options: reading.options.filter(({ name }) => !['file', 'directory', 'checkpoint-action'].includes(name)),
    },
  });
  const options = reading.options.flatMap(({ name, value }): readonly Consequence[] => {
    if (value === undefined) return [];
    if (name === 'file')
      return value.text === '-' || /^[\w.-]+:/.test(value.text) ? [] : [{ does: creates ? 'write' : 'read', path: value }];
    if (name === 'directory') return [{ does: creates ? 'read' : 'write', path: value }];
    if (name !== 'checkpoint-action') return [];
    return value.text.startsWith('exec=') ? steered({ ...value, text: value.text.slice('exec='.length) }, 'tar') : [];
  });
  const removes = optionNamed(reading, 'remove-files') !== undefined;
  return [
    ...asked,
    ...options,
    ...(creates ? reading.operands.map((path) => ({ does: removes ? ('remove' as const) : ('read' as const), path })) : []),
  ];
};

/** `tar czf a.tar x` is `tar -c -z -f a.tar x`: each letter with a value takes the next word. */
function unbundled(first: Argument, rest: readonly Argument[]): readonly Argument[] {
  const values = [...rest];
  const words: Argument[] = [];
  for (const letter of first.text) {
    words.push({ ...first, text: `-${letter}` });
    if (!'fCbIXTgHVKLFN'.includes(letter)) continue;
    const value = values.shift();
    if (value !== undefined) words.push(value);
  }
  return [...words, ...values];
}

/** kill: what matters are process 1 and all processes at once (kill(1), kill(2)). */
const kill = (use: Use): readonly Consequence[] => {
  const targets: Argument[] = [];
  let ended = false;
  for (let at = 0; at < use.argv.length; at++) {
    const argument = use.argv[at];
    if (argument === undefined) break;
    const { text } = argument;
    if (ended) targets.push(argument);
    else if (text === '--') ended = true;
    else if (/^-(l|L|-list|-table)/.test(text)) return [];
    else if (/^(-[sn]|--signal|-p|-q|--queue|--timeout)$/.test(text)) at++;
    // The first dash and number is the signal, unless it is all there is; a later one is a group of processes.
    else if (text.startsWith('-') && targets.length === 0 && at === 0 && use.argv.length > 1) continue;
    else targets.push(argument);
  }
  return targets.map((at): Consequence => {
    if (/^(-0*1|0*1|-0+)$/.test(at.text))
      return {
        does: 'forbidden',
        stage: 'workspace-only',
        why: `“kill ${at.text}” would end the sandbox’s first process or every process; name the one you mean.`,
        at,
      };
    // All that can be meant are processes of the sandbox, and its first one does not hear it.
    if (!isKnown(at)) return { does: 'read', path: argumentAt('./process', at) };
    return { does: 'read', path: argumentAt('./process', at) };
  });
};

/** Ending by name: a pattern that fits everything, or everything of a user (pgrep(1), killall(1)). */
const killNamed = (use: Use): readonly Consequence[] => {
  const all = use.argv.find(({ text }) => /^(-[A-Za-z]*[uUv]\S*|--(e?uid|user|inverse)\S*|\.[*+]?|\^|\$|)$/.test(text));
  const everything = use.name.text.endsWith('killall5') ? use.name : all;
  return everything === undefined
    ? []
    : [{ does: 'forbidden', stage: 'workspace-only', why: 'This would end every process; name the one you mean.', at: everything }];
};

const talks = (): readonly Consequence[] => [];

/** manner of naming → how it is read */
export const touchingSpecials: Readonly<Record<string, (use: Use) => readonly Consequence[]>> = {
  find,
  sed,
  link,
  dd,
  install,
  bundled,
  kill,
  talks,
  'kill-named': killNamed,
};
