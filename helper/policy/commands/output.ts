/** What a command of a pipe hands on to the next one, as far as the text tells. Runs nothing. */
import type { SyntaxNode } from 'unbash';
import { type Argument, argumentAt, isKnown, wildcard } from './argument.ts';
import { originOfOutput } from './origin.ts';
import type { Scene } from './scene.ts';
import { findConsequences } from './special/find.ts';
import { spoken } from './spoken.ts';
import type { Input } from './use.ts';
import { textAt, wordPlace } from './walk.ts';
import { argumentsOf, singleArgument } from './words.ts';

/** programs that hand on what they are given, in part or changed a little */
const passes =
  /^(cat|tee|sort|uniq|head|tail|nl|pv|sponge|gunzip|zcat|gzip|base64|xz|unxz|zstd|bzip2|bunzip2|dd|sed|grep|awk|cut|iconv|dos2unix|jq)$/;

export function outputOf(node: SyntaxNode, scene: Scene, given: Input): Input {
  if (node.type !== 'Command' || node.name === undefined) return { kind: 'unknown' };
  const argv = node.suffix.flatMap((word) => (word.type === 'Word' ? argumentsOf(word, wordPlace(scene)) : []));
  const name = node.name.value;
  const input = redirected(node, scene) ?? given;
  const origin = originOfOutput(
    name,
    argv.map(({ text }) => text),
  );
  if (origin !== undefined) return { kind: 'unknown', origin };
  if (passes.test(name)) {
    const whole = /^(cat|tee|sort|uniq|head|tail)$/.test(name) && argv.every(({ text }) => name === 'tee' || text === '-');
    if (whole) return input;
    return namesFrom(name, argv) ?? { kind: 'unknown', origin: input.kind === 'unknown' ? input.origin : undefined };
  }
  const found = namesFrom(name, argv);
  if (found !== undefined) return found;
  if ((name !== 'echo' && name !== 'printf') || !argv.every(isKnown)) return { kind: 'unknown' };
  return { kind: 'text', text: textAt(spoken(name, argv), node, scene) };
}

/** A here-document or here-string in front of the command, where all of it is in the text. */
function redirected(node: Extract<SyntaxNode, { type: 'Command' }>, scene: Scene): Input | undefined {
  const [first] = node.redirects;
  if (first?.type === 'HereDoc')
    return /[$`\\]/.test(first.body.text) ? undefined : { kind: 'text', text: textAt(first.body.text, first, scene) };
  if (first?.type !== 'HereString' || first.target === undefined) return undefined;
  const text = singleArgument(first.target, wordPlace(scene));
  return isKnown(text) ? { kind: 'text', text } : { kind: 'unknown' };
}

/** Names of files that programs list, as far as a name with marks can say it. */
function namesFrom(name: string, argv: readonly Argument[]): Input | undefined {
  const place = argv[0] ?? { start: 0, end: 0 };
  const words = argv.filter(({ text }) => !text.startsWith('-'));
  const below = (folders: readonly Argument[], leaf: string): Input => ({
    kind: 'names',
    names:
      folders.length === 0
        ? [argumentAt(`found/${leaf}`, place)]
        : folders.map((at) => argumentAt(`${at.text.replace(/\/+$/, '')}/${leaf}`, at)),
  });
  if (name === 'seq') return { kind: 'names', names: [argumentAt('1', place)] };
  if (name === 'find') return { kind: 'names', names: findConsequences(argv).found };
  if (name === 'ls') return words.length === 0 ? { kind: 'names', names: [argumentAt(wildcard, place)] } : undefined;
  const lists = argv.some(({ text }) => /^(-[a-zA-Z]*[lL][a-zA-Z]*|--files-(with|without)\S*)$/.test(text));
  if (/^(grep|egrep|rg|ag)$/.test(name) && lists) return below(words.slice(1), wildcard);
  if (/^fd(find)?$/.test(name)) return below(words.slice(1), wildcard);
  if (name !== 'git') return undefined;
  if (words[0]?.text === 'ls-files')
    return words.length === 1 ? { kind: 'names', names: [argumentAt(wildcard, place)] } : below([], wildcard);
  if (words[0]?.text === 'grep' && lists) return below([], wildcard);
  return words[0]?.text === 'diff' && argv.some(({ text }) => text === '--name-only') ? below([], wildcard) : undefined;
}
