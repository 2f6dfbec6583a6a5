import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemCallFilter } from '../../../helper/backends/bubblewrap-filter.ts';

const arch = { x64: 0xc000003e, arm64: 0xc00000b7, i386: 0x40000003 } as const;
const allowed = 0x7fff0000;
const eperm = 0x00050001;
const enosys = 0x00050026;

/** Runs the program as the kernel would, on one system call. */
function judge(program: Buffer, architecture: number, number: number, argument = [0, 0]): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number, 0);
  data.writeUInt32LE(architecture, 4);
  argument.forEach((value, index) => data.writeBigUInt64LE(BigInt(value), 16 + 8 * index));
  let accumulator = 0;
  for (let at = 0; at < program.length / 8; at += 1) {
    const code = program.readUInt16LE(at * 8);
    const value = program.readUInt32LE(at * 8 + 4);
    const jump = (truth: boolean): number => program.readUInt8(at * 8 + (truth ? 2 : 3));
    if (code === 0x20) accumulator = data.readUInt32LE(value);
    else if (code === 0x15) at += jump(accumulator === value);
    else if (code === 0x35) at += jump(accumulator >= value);
    else if (code === 0x45) at += jump((accumulator & value) !== 0);
    else if (code === 0x06) return value;
    else assert.fail(`unknown instruction ${code}`);
  }
  return assert.fail('the program ran off its end');
}

const cases: readonly (readonly [name: string, cpu: 'x64' | 'arm64', number: number, argument: number[], verdict: number])[] = [
  ['read', 'x64', 0, [], allowed],
  ['execve', 'x64', 59, [], allowed],
  ['seccomp', 'x64', 317, [], allowed],
  ['mount', 'x64', 165, [], eperm],
  ['unshare', 'x64', 272, [], eperm],
  ['keyctl', 'x64', 250, [], eperm],
  ['bpf', 'x64', 321, [], eperm],
  ['clone3', 'x64', 435, [], enosys],
  ['io_uring_setup', 'x64', 425, [], enosys],
  ['clone for a process', 'x64', 56, [0x01200011], allowed],
  ['clone for a thread', 'x64', 56, [0x003d0f00], allowed],
  ['clone with a user namespace', 'x64', 56, [0x10000011], eperm],
  ['clone with a network namespace', 'x64', 56, [0x40000011], eperm],
  ['ioctl TCGETS', 'x64', 16, [0, 0x5401], allowed],
  ['ioctl TIOCSTI', 'x64', 16, [0, 0x5412], eperm],
  ['ioctl TIOCSTI with high bits', 'x64', 16, [0, 0x1_0000_5412], eperm],
  ['socket AF_INET', 'x64', 41, [2], allowed],
  ['socket AF_VSOCK', 'x64', 41, [40], eperm],
  ['read by its x32 number', 'x64', 0x40000000, [], enosys],
  ['mount by its x32 number', 'x64', 0x40000000 + 165, [], enosys],
  ['execve', 'arm64', 221, [], allowed],
  ['mount', 'arm64', 40, [], eperm],
  ['clone with a user namespace', 'arm64', 220, [0x10000011], eperm],
  ['socket AF_ALG', 'arm64', 198, [38], eperm],
  ['the last number there is', 'arm64', 0x3fffffff, [], allowed],
];

for (const [name, cpu, number, argument, verdict] of cases) {
  test(`${name} on ${cpu} is ${verdict === allowed ? 'let through' : 'refused'}`, () => {
    assert.equal(judge(systemCallFilter(cpu), arch[cpu], number, argument), verdict);
  });
}

test('calls by the numbers of another architecture are refused', () => {
  assert.equal(judge(systemCallFilter('x64'), arch.i386, 11), enosys);
  assert.equal(judge(systemCallFilter('arm64'), arch.x64, 59), enosys);
});
