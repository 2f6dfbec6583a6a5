/**
 * Uses of programs that reach out of what a session is for, whatever files they name: the program, what its arguments joined by spaces
 * look like, and why. Data only; every pattern is linear and is held against at most a few thousand characters.
 */
import type { Forbidding } from '../consequence.ts';
import { leaks } from './leaks.ts';

export interface Danger {
  /** separated by spaces */
  readonly names: string;
  readonly when: RegExp;
  readonly stage: Exclude<Forbidding, 'workspace-only'>;
  /** what it does, continuing “It …” */
  readonly does: string;
  readonly source: string;
}

const machine = 'changes the machine or its users';
const others = 'reaches into other processes';
const starts = 'starts another program in a roundabout way';
const destroys = 'destroys what cannot be brought back';

export const dangers: readonly Danger[] = [
  ...leaks,
  {
    names: 'useradd userdel usermod groupadd passwd chpasswd adduser deluser gpasswd chsh visudo vipw newusers',
    when: /^(?!(-S|--status|--help)\b)/,
    stage: 'steering',
    does: machine,
    source: 'useradd(8)',
  },
  {
    names: 'setcap chattr setfacl',
    when: /^(?!--?(help|version))/,
    stage: 'steering',
    does: 'changes what files may do',
    source: 'setcap(8), chattr(1), setfacl(1)',
  },
  {
    names: 'ip',
    when: /\b(link|addr\w*|route|rule|netns|neigh\w*|tuntap|tunnel) (set|add|del\w*|replace|change|flush|exec)\b/,
    stage: 'steering',
    does: machine,
    source: 'ip(8)',
  },
  { names: 'ifconfig route arp brctl', when: /\b(up|down|add|del|netmask|hw)\b/, stage: 'steering', does: machine, source: 'ifconfig(8)' },
  { names: 'date', when: /^(-\S+ )*(-s|--set)/, stage: 'steering', does: machine, source: 'date(1)' },
  { names: 'hostname', when: /^[a-zA-Z]/, stage: 'steering', does: machine, source: 'hostname(1)' },
  { names: 'hostnamectl timedatectl localectl', when: /^set-/, stage: 'steering', does: machine, source: 'hostnamectl(1)' },
  {
    names: 'swapoff swapon hwclock setenforce kexec losetup dmsetup cryptsetup grub-install efibootmgr',
    when: /\S/,
    stage: 'steering',
    does: machine,
    source: 'section 8 of the manual',
  },
  { names: 'bpftrace bpftool perf-probe stap', when: /\S/, stage: 'steering', does: others, source: 'bpftrace(8)' },
  { names: 'gdb lldb', when: /^(-\S+ )*(-p|--pid|attach)[ =]?\d/, stage: 'steering', does: others, source: 'gdb(1)' },
  { names: 'strace ltrace', when: /(^| )-p ?1( |$)/, stage: 'steering', does: others, source: 'strace(1)' },
  { names: 'reptyr injcode', when: /\S/, stage: 'steering', does: others, source: 'reptyr(1)' },
  {
    names: 'pkill killall',
    when: /(^| )(lasso\S*|init|systemd\S*|dockerd|containerd\S*)$/,
    stage: 'steering',
    does: others,
    source: 'pkill(1)',
  },
  {
    names: 'gdb lldb',
    when: /-(ex|iex|eval-command|o|O)[ =]'?"?(shell|!|pipe|python|py|source|guile|platform shell|process launch|script)/,
    stage: 'steering',
    does: starts,
    source: 'gdb manual, shell commands',
  },
  {
    names: 'vi vim nvim ex view vimdiff gvim',
    when: /(^| )(\+|-c ?|--cmd )[^ ]{0,20}!|(system\(|os\.execute|:terminal|jobstart)/,
    stage: 'steering',
    does: starts,
    source: 'vim(1)',
  },
  { names: 'ed red', when: /^!/, stage: 'steering', does: starts, source: 'ed(1)' },
  { names: 'less more man', when: /(^| )\+\S*!/, stage: 'steering', does: starts, source: 'less(1)' },
  { names: 'dc', when: /^-e ?.?!/, stage: 'steering', does: starts, source: 'dc(1)' },
  { names: 'troff groff nroff', when: /(^| )-\w*U/, stage: 'steering', does: starts, source: 'troff(1)' },
  {
    names: 'make gmake',
    when: /(^| )(-f ?|--(make)?file[= ])(-|\/dev\/\S*|\/(var\/)?tmp\/\S*)( |$)/,
    stage: 'steering',
    does: starts,
    source: 'make(1)',
  },
  {
    names: 'make gmake',
    when: /(^| )(SHELL|MAKEFLAGS|MAKEFILES|\.SHELLFLAGS)[:+?]*=(?!(\/usr)?\/bin\/(ba|da|z)?sh( |$))|\$\(shell|--eval|(^| )-E/,
    stage: 'steering',
    does: starts,
    source: 'make(1)',
  },
  { names: 'cmake', when: /(^| )-P \/(var\/)?tmp/, stage: 'steering', does: starts, source: 'cmake(1)' },
  {
    names: 'gcc cc g++ c++ clang clang++ gfortran',
    when: /(^| )-B ?\/(var\/)?tmp|(^| )-Xclang -load/,
    stage: 'steering',
    does: starts,
    source: 'gcc(1)',
  },
  { names: 'openssl', when: /(^| )-(engine|provider-path|provider_path)\b/, stage: 'steering', does: 'loads code', source: 'openssl(1)' },
  { names: 'gawk awk', when: /(^| )(-l ?|--load[ =])\S*[/.]/, stage: 'steering', does: 'loads code', source: 'gawk(1)' },
  {
    names: 'tar gtar bsdtar',
    when: /^-?[a-zA-Z]*x[a-zA-Z]*P|^-?[a-zA-Z]*P[a-zA-Z]*x|--absolute-names/,
    stage: 'paths',
    does: 'unpacks files to wherever the archive says',
    source: 'tar(1)',
  },
  { names: 'cargo', when: /--config[ =]\S*(wrapper|linker|runner|rustc)/, stage: 'steering', does: starts, source: 'The Cargo Book' },
  {
    names: 'npm pnpm yarn',
    when: /^(config|c) (set )?(\S+ )*(script-shell|node-options|shell|editor)\b|--(script-)?shell=|^set-script/,
    stage: 'steering',
    does: starts,
    source: 'npm docs',
  },
  { names: 'hash', when: /(^| )-p /, stage: 'steering', does: 'makes a name mean another program', source: 'bash(1), builtins' },
  { names: 'enable', when: /(^| )-f ?/, stage: 'steering', does: 'loads code into the shell', source: 'bash(1), builtins' },
  { names: 'bind', when: /(^| )-x/, stage: 'steering', does: starts, source: 'bash(1), builtins' },
  { names: 'mapfile readarray', when: /(^| )-C/, stage: 'steering', does: starts, source: 'bash(1), builtins' },
  { names: 'complete', when: /(^| )-C/, stage: 'steering', does: starts, source: 'bash(1), builtins' },
  {
    names: 'printf read test [ [[ let unset declare mapfile',
    when: /(^| )\S*\[[^\]]{0,200}(\$\(|`)/,
    stage: 'steering',
    does: 'hides a command in the index of a list',
    source: 'bash(1), arrays',
  },
  {
    names: 'redis-cli',
    when: /\b(flushall|flushdb|shutdown|config set|debug|script|eval|slaveof|replicaof)\b/i,
    stage: 'steering',
    does: destroys,
    source: 'Redis commands',
  },
  {
    names: 'sqlite3',
    when: /\.(shell|system|load|import \|)|\b(drop (table|database|schema)|truncate|load_extension|writefile|edit\()/i,
    stage: 'steering',
    does: destroys,
    source: 'sqlite3(1)',
  },
  {
    names: 'tmux screen byobu dtach',
    when: /\b(rm|shred|dd|mkfs\S*|curl|wget|nc|ssh|bash|sh)\b.* (-\S|\/)/,
    stage: 'steering',
    does: starts,
    source: 'tmux(1), screen(1)',
  },
  {
    names: 'ln',
    when: /^-\S*s\S* (\/|\/(etc|root|home|proc|var)(\/\S*)?)( |$)/,
    stage: 'paths',
    does: 'makes a way out of the workspace',
    source: 'ln(1)',
  },
  {
    names: 'pwsh powershell',
    when: /remove-item|\brm |\bdel |invoke-expression|\biex\b|download(string|file)|start-process|invoke-webrequest/i,
    stage: 'steering',
    does: starts,
    source: 'PowerShell documentation',
  },
  { names: 'deno', when: /^run .*https?:\/\//, stage: 'steering', does: 'runs what another machine sends', source: 'Deno manual' },
  { names: 'zip', when: /(^| )(-TT|--unzip-command)/, stage: 'steering', does: starts, source: 'zip(1)' },
  {
    names: 'ghc crystal runghc',
    when: /(^| )(-e|eval) .*(system|process|`)/i,
    stage: 'steering',
    does: starts,
    source: 'the documentation of each',
  },
  { names: 'gio', when: /^(trash|remove|mount)/, stage: 'paths', does: destroys, source: 'gio(1)' },
  {
    names: 'gawk',
    when: /-i ?inplace .* (\/(?!workspace|tmp)|~|\.\.)/,
    stage: 'paths',
    does: 'changes files outside the workspace',
    source: 'gawk(1)',
  },
];
