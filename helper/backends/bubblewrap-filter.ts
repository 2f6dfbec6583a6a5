/**
 * The system-call filter of a sandbox without an engine, as a classic BPF program for seccomp(2). It refuses what an agent
 * has no use for and a kernel has had holes in; it must never refuse what ordinary programs need.
 */

type Cpu = 'x64' | 'arm64';

/** refused with EPERM: name → number on x86-64 and on arm64 (null where it does not exist) */
const refused: Readonly<Record<string, readonly [x64: number, arm64: number | null]>> = {
  acct: [163, 89],
  add_key: [248, 217],
  bpf: [321, 280],
  chroot: [161, 51],
  delete_module: [176, 106],
  finit_module: [313, 273],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fsopen: [430, 430],
  fspick: [433, 433],
  init_module: [175, 105],
  ioperm: [173, null],
  iopl: [172, null],
  kexec_file_load: [320, 294],
  kexec_load: [246, 104],
  keyctl: [250, 219],
  lookup_dcookie: [212, 18],
  mount: [165, 40],
  mount_setattr: [442, 442],
  move_mount: [429, 429],
  nfsservctl: [180, 42],
  open_by_handle_at: [304, 265],
  open_tree: [428, 428],
  open_tree_attr: [467, 467],
  perf_event_open: [298, 241],
  pivot_root: [155, 41],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  reboot: [169, 142],
  request_key: [249, 218],
  setns: [308, 268],
  swapoff: [168, 225],
  swapon: [167, 224],
  syslog: [103, 116],
  sysfs: [139, null],
  umount2: [166, 39],
  unshare: [272, 97],
  uselib: [134, null],
  userfaultfd: [323, 282],
  ustat: [136, null],
  vhangup: [153, 58],
};

/** refused with ENOSYS, so that programs take the older way: their arguments lie in memory, where no filter sees them */
const unknown: Readonly<Record<string, readonly [x64: number, arm64: number]>> = {
  clone3: [435, 435],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
};

/** looked at more closely: the argument's index, and what of it is refused with EPERM */
const judged: readonly {
  readonly number: readonly [number, number];
  readonly argument: number;
  readonly mask?: number;
  readonly values?: readonly number[];
}[] = [
  // clone: every CLONE_NEW* flag; threads and processes remain.
  { number: [56, 220], argument: 0, mask: 0x7e02_0000 },
  // ioctl: TIOCSTI and TIOCLINUX type into a terminal on another's behalf.
  { number: [16, 29], argument: 1, values: [0x5412, 0x541c] },
  // socket: AF_ALG, and AF_VSOCK, which no network namespace confines.
  { number: [41, 198], argument: 0, values: [38, 40] },
];

const auditArchitecture = { x64: 0xc000_003e, arm64: 0xc000_00b7 } as const;
const code = { load: 0x20, equal: 0x15, atLeast: 0x35, anyBit: 0x45, answer: 0x06 } as const;
const allow = 0x7fff_0000;
const errno = (number: number): number => 0x0005_0000 | number;
const EPERM = 1;
const ENOSYS = 38;
const x32Bit = 0x4000_0000;

interface Instruction {
  readonly code: number;
  readonly whenTrue?: number;
  readonly whenFalse?: number;
  readonly value: number;
}

/** The filter's bytes for `bwrap --seccomp`: an array of struct sock_filter. Pure. */
export function systemCallFilter(cpu: Cpu): Buffer {
  const column = cpu === 'x64' ? 0 : 1;
  const answer = (value: number): Instruction => ({ code: code.answer, value });
  const argumentLow = (index: number): number => 16 + 8 * index;
  const program: Instruction[] = [
    { code: code.load, value: 4 },
    { code: code.equal, value: auditArchitecture[cpu], whenTrue: 1 },
    answer(errno(ENOSYS)),
    { code: code.load, value: 0 },
  ];
  if (cpu === 'x64') program.push({ code: code.atLeast, value: x32Bit, whenFalse: 1 }, answer(errno(ENOSYS)));
  const refuse = (table: Readonly<Record<string, readonly (number | null)[]>>, number: number): void => {
    for (const row of Object.values(table)) {
      const value = row[column];
      if (value != null) program.push({ code: code.equal, value, whenFalse: 1 }, answer(errno(number)));
    }
  };
  refuse(refused, EPERM);
  refuse(unknown, ENOSYS);
  for (const { number, argument, mask, values } of judged) {
    const tests: Instruction[] = [
      ...(mask === undefined ? [] : [{ code: code.anyBit, value: mask, whenFalse: 1 }, answer(errno(EPERM))]),
      ...(values ?? []).flatMap((value) => [{ code: code.equal, value, whenFalse: 1 }, answer(errno(EPERM))]),
    ];
    program.push({ code: code.equal, value: number[column], whenFalse: tests.length + 2 });
    program.push({ code: code.load, value: argumentLow(argument) }, ...tests, answer(allow));
  }
  program.push(answer(allow));
  return Buffer.concat(program.map(encode));
}

function encode(instruction: Instruction): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(instruction.code, 0);
  bytes.writeUInt8(instruction.whenTrue ?? 0, 2);
  bytes.writeUInt8(instruction.whenFalse ?? 0, 3);
  bytes.writeUInt32LE(instruction.value >>> 0, 4);
  return bytes;
}
