/** A guest that says what a test tells it to, over either kind of link: the helper's end is tried without any sandbox. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { duplexPair, type Duplex } from 'node:stream';
import { silentLog } from '../../helper/base/log.ts';
import type { GuestLink } from '../../helper/guest/contract.ts';
import { encodeFrame } from '../../helper/guest/encode.ts';
import type { NetworkGate } from '../../helper/guest/network.ts';
import { openSocketLink, openStdioLink } from '../../helper/guest/open.ts';
import { dataLimitBytes, frameHeaderBytes, frameType, guestProtocolVersion, type FrameType } from '../../helper/protocol/guest.ts';
import type { LinkKind } from '../../helper/protocol/sandbox.ts';

/** what the helper said */
export interface Said {
  readonly type: number;
  readonly id: number;
  readonly payload: Buffer;
}

/** the guest's end of one stream */
export interface FakeStream {
  send(bytes: Buffer): void;
  /** The guest sends no more. */
  end(): void;
  /** Ends it without a word. */
  vanish(): void;
  /** what the helper sent so far */
  readonly received: () => Buffer;
  /** the raw end, on a socket link */
  readonly raw: Duplex | null;
}

export interface FakeGuest extends AsyncDisposable {
  readonly link: GuestLink;
  readonly say: (type: FrameType, id: number, payload?: Uint8Array) => void;
  /** The next frame of this type that was not asked for before. */
  readonly hear: (type: FrameType) => Promise<Said>;
  /** Frames of this type that nobody asked for yet. */
  readonly unheard: (type: FrameType) => readonly Said[];
  readonly stream: (id: number, token: Buffer) => Promise<FakeStream>;
  /** Reads nothing more. */
  readonly deafen: () => void;
  /** Ends the link as a dead guest does. */
  readonly die: () => void;
}

/** A link to a guest that said hello and, where there is a network, that it listens. */
export async function fakeGuest(kind: LinkKind, network?: NetworkGate, listens = 3): Promise<FakeGuest> {
  const folder = await mkdtemp(join(tmpdir(), 'lasso-fake-guest-'));
  const socketPath = join(folder, 'socket');
  const token = randomBytes(32);
  const settings = { graceMs: 0, log: silentLog, ...(network ? { network } : {}) };
  const connect = async (letter: string, secret: Buffer): Promise<Duplex> => {
    const socket = createConnection({ path: socketPath, allowHalfOpen: true }).on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(Buffer.concat([Buffer.from(letter), secret]));
    return socket;
  };
  const pending =
    kind === 'socket' ? await openSocketLink({ ...settings, socketPath, token: token.toString('hex'), onIntruder: () => undefined }) : null;
  const [near, far] = duplexPair();
  const control = pending ? await connect('C', token) : near;
  const opening = pending?.link ?? openStdioLink({ ...settings, stdio: far });
  const say = (type: FrameType, id: number, payload: Uint8Array = new Uint8Array()): void =>
    void control.write(encodeFrame(type, id, payload));
  const told = listen(
    control.on('error', () => undefined),
    say,
  );
  say(frameType.HELLO, 0, Buffer.of(0, guestProtocolVersion, 0));
  if (network) say(frameType.NETWORK, 0, Buffer.of(listens));
  const link = await opening;
  return {
    ...{ link, say, hear: told.next, unheard: told.unheard },
    stream: async (id, secret) => (kind === 'socket' ? socketStream(await connect('S', secret), say, id) : framedStream(told, say, id)),
    deafen: () => void control.pause(),
    die: () => void control.destroy(),
    [Symbol.asyncDispose]: async () => {
      await link.dispose();
      await pending?.dispose();
      control.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Say = FakeGuest['say'];

function socketStream(socket: Duplex, say: Say, id: number): FakeStream {
  const parts: Buffer[] = [];
  socket.on('data', (bytes: Buffer) => parts.push(bytes));
  return {
    send: (bytes) => void socket.write(bytes),
    end: () => {
      socket.end();
      say(frameType.END, id);
    },
    vanish: () => socket.destroy(),
    received: () => Buffer.concat(parts),
    raw: socket,
  };
}

function framedStream(told: Told, say: Say, id: number): FakeStream {
  return {
    send: (bytes) => {
      for (let at = 0; at < bytes.length; at += dataLimitBytes) say(frameType.DATA, id, bytes.subarray(at, at + dataLimitBytes));
    },
    end: () => say(frameType.END, id),
    vanish: () => say(frameType.RESET, id),
    received: () => Buffer.concat(told.unheard(frameType.DATA).flatMap((said) => (said.id === id ? [said.payload] : []))),
    raw: null,
  };
}

interface Told {
  readonly next: (type: FrameType) => Promise<Said>;
  readonly unheard: (type: FrameType) => readonly Said[];
}

/** Cuts what the helper says into frames; a ping is answered. */
function listen(control: Duplex, say: Say): Told {
  const frames: Said[] = [];
  const waiting: { readonly type: number; readonly take: (said: Said) => void }[] = [];
  let kept = Buffer.alloc(0);
  control.on('data', (chunk: Buffer) => {
    kept = Buffer.concat([kept, chunk]);
    while (kept.length >= frameHeaderBytes && kept.length >= frameHeaderBytes + kept.readUInt32BE(5)) {
      const end = frameHeaderBytes + kept.readUInt32BE(5);
      const said = { type: kept.readUInt8(0), id: kept.readUInt32BE(1), payload: Buffer.from(kept.subarray(frameHeaderBytes, end)) };
      kept = kept.subarray(end);
      if (said.type === frameType.PING) say(frameType.PONG, 0, said.payload);
      const at = waiting.findIndex(({ type }) => type === said.type);
      if (at < 0) frames.push(said);
      else waiting.splice(at, 1)[0]?.take(said);
    }
  });
  return {
    next: (type) => {
      const at = frames.findIndex((frame) => frame.type === type);
      const [found] = at < 0 ? [] : frames.splice(at, 1);
      return found ? Promise.resolve(found) : new Promise((take) => waiting.push({ type, take }));
    },
    unheard: (type) => frames.filter((frame) => frame.type === type),
  };
}
