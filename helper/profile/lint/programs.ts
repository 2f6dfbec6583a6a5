/** Programs that run others, or any code at all, as data: what letting one run lets in. */
import { programName } from '../../policy/commands/names.ts';

export interface Opener {
  /** `any-program`: starts other programs; `any-code`: does by itself what no list of commands can tell */
  readonly kind: 'any-program' | 'any-code';
  /** how, as part of a sentence */
  readonly how: string;
}

const shell: Opener = { kind: 'any-program', how: 'runs any command line it is given' };
const wrapper: Opener = { kind: 'any-program', how: 'runs any program named in its arguments' };
const builder: Opener = { kind: 'any-program', how: 'runs what the files of the workspace tell it to' };
const interpreter: Opener = { kind: 'any-code', how: 'runs any code it is given' };

const table: readonly (readonly [opener: Opener, names: string])[] = [
  [shell, 'sh bash dash zsh ksh fish csh tcsh ash pwsh busybox toybox'],
  [wrapper, 'env xargs find timeout nice nohup setsid stdbuf time watch parallel strace ltrace gdb script flock chroot unshare nsenter'],
  [wrapper, 'sudo su doas pkexec ssh npx pnpx bunx uvx pipx tmux screen'],
  [builder, 'make ninja just npm pnpm yarn cargo go gradle mvn rake'],
  [interpreter, 'python python2 python3 node nodejs deno bun perl ruby php lua tclsh awk gawk R Rscript jupyter julia java'],
];

const openers: ReadonlyMap<string, Opener> = new Map(table.flatMap(([opener, names]) => names.split(' ').map((name) => [name, opener])));

/** What a command of this name lets in, in any of its spellings: `/usr/bin/python3.12` is `python3`. */
export function openerOf(command: string): Opener | undefined {
  const name = programName(command).spellings.find((spelling) => openers.has(spelling));
  return name === undefined ? undefined : openers.get(name);
}
