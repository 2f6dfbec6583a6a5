/** Messages of DNS with whatever is wrong about them, and a program inside a sandbox that sends them to its resolver. */
import type { NameAnswer, NetworkGate } from '../../helper/guest/network.ts';
import { finish, request, type GuestWorld } from './guest.ts';

export const recordType = { A: 1, NS: 2, PTR: 12, TXT: 16, AAAA: 28, ANY: 255 } as const;
export const answerCode = { OK: 0, MALFORMED: 1, FAILED: 2, NO_NAME: 3, UNKNOWN: 4, REFUSED: 5 } as const;

export const u16 = (...values: readonly number[]): Buffer => Buffer.from(values.flatMap((value) => [value >> 8, value & 0xff]));
export const labels = (name: string): Buffer =>
  Buffer.concat([...name.split('.').map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label, 'latin1')])), Buffer.of(0)]);

interface Parts {
  readonly id?: number;
  readonly flags?: number;
  readonly counts?: readonly [number, number, number, number];
  readonly name?: Buffer;
  readonly type?: number;
  readonly class?: number;
  readonly rest?: Buffer;
}

/** A message with whatever is wrong about it. */
export const message = ({
  id = 7,
  flags = 0x100,
  counts = [1, 0, 0, 0],
  name = labels('a.test'),
  rest = Buffer.alloc(0),
  ...of
}: Parts): Buffer => Buffer.concat([u16(id, flags, ...counts), name, u16(of.type ?? recordType.A, of.class ?? 1), rest]);
export const asked = (name: string, of: number = recordType.A, id = 7): Buffer => message({ id, name: labels(name), type: of });
/** answered at once, with `answerCode.UNKNOWN` */
export const sentinel = message({ id: 0xfffe, flags: 0x1000 });
export const extension = Buffer.from([0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]);

export interface DnsReply {
  readonly id: number;
  readonly code: number;
  readonly counts: readonly number[];
  readonly question: string;
  /** of the last four bytes before an EDNS0 record */
  readonly address: string;
  readonly seconds: number;
  readonly bytes: Buffer;
}

function read(bytes: Buffer): DnsReply {
  const counts = [4, 6, 8, 10].map((at) => bytes.readUInt16BE(at));
  const end = counts[3] === 1 ? bytes.length - extension.length : bytes.length;
  const zero = bytes.indexOf(0, 12);
  const answered = counts[1] === 1;
  return {
    ...{ id: bytes.readUInt16BE(0), code: bytes.readUInt8(3) & 15, counts, bytes },
    question: counts[0] === 1 ? bytes.toString('latin1', 13, zero) : '',
    address: answered ? bytes.subarray(end - 4, end).join('.') : '',
    seconds: answered ? bytes.readUInt32BE(end - 10) : 0,
  };
}

/** Sends what it is told line by line, and says what came back. */
const asker = `
import socket, struct, sys
for line in sys.stdin:
    way, count, text = line.split()
    sent, back = [bytes.fromhex(part) for part in text.split(',')], []
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if way == 'udp' else socket.SOCK_STREAM)
    s.settimeout(30)
    s.connect(('127.0.0.1', 53))
    if way == 'udp':
        for part in sent: s.send(part)
        while len(back) < int(count): back.append(s.recv(2048))
    else:
        data = b''.join(part if way == 'raw' else struct.pack('>H', len(part)) + part for part in sent)
        if way == 'slowly':
            data = b''.join(struct.pack('>H', len(part)) + part for part in sent)
            for at in range(len(data)): s.send(data[at:at + 1])
        else: s.sendall(data)
        stream = s.makefile('rb')
        while len(back) < int(count):
            head = stream.read(2)
            if len(head) < 2: break
            back.append(stream.read(struct.unpack('>H', head)[0]))
    s.close()
    print(','.join(part.hex() for part in back) or '-', flush=True)
`;
export const python = (script: string): ReturnType<typeof request> => request(['/usr/bin/python3', '-c', script]);

type Way = 'udp' | 'tcp' | 'slowly' | 'raw';
interface Talk {
  readonly way?: Way;
  readonly send: readonly Buffer[];
  readonly replies?: number;
}

export async function talk(world: GuestWorld, talks: readonly Talk[]): Promise<readonly (readonly DnsReply[])[]> {
  const guest = await world.link.spawn(python(asker));
  const done = finish(guest);
  guest.stdio.end(
    talks
      .map(({ way = 'udp', send, replies = send.length }) => `${way} ${replies} ${send.map((part) => part.toString('hex')).join()}\n`)
      .join(''),
  );
  const { output, errors } = await done;
  const lines = output.toString().trimEnd().split('\n');
  if (lines.length !== talks.length) throw new Error(errors.toString());
  return lines.map((line) => (line === '-' ? [] : line.split(',').map((part) => read(Buffer.from(part, 'hex')))));
}

export interface SeenNames {
  readonly network: NetworkGate;
  readonly names: string[];
}

/** Everything is allowed but what begins with `no`. */
export function namesGate(answer?: (name: string) => Promise<NameAnswer>): SeenNames {
  const names: string[] = [];
  const usual = (name: string): Promise<NameAnswer> =>
    Promise.resolve(name.startsWith('no') ? { ports: [], message: 'LASSO: not that one' } : { ports: [80] });
  const network: NetworkGate = {
    name: ({ name }) => {
      names.push(name);
      return (answer ?? usual)(name);
    },
    connect: () => Promise.resolve({ allow: true, carry: (stream) => stream.on('error', () => undefined).resume() }),
  };
  return { network, names };
}
