/** Streams over one stdio connection, told apart by the ids of their frames. */
import type { Duplex } from 'node:stream';
import { tokenBytes } from '../protocol/guest.ts';
import type { Carrier } from './carrier.ts';
import { FrameConnection, FrameStream } from './frame-stream.ts';

/** Carries a link over one duplex connection. */
export function multiplexCarrier(control: Duplex): Carrier {
  const streams = new Map<number, { readonly stream: FrameStream; opened: boolean }>();
  const connections = new Map<number, FrameConnection>();
  const noToken = Buffer.alloc(tokenBytes);
  const add = (id: number): void => {
    streams.set(id, { stream: new FrameStream(control, id, () => streams.delete(id)), opened: false });
  };
  return {
    control,
    expect: (process) => {
      add(process * 2);
      add(process * 2 + 1);
      return { main: noToken, errors: noToken };
    },
    open: (id) => {
      const entry = streams.get(id);
      if (!entry) return Promise.reject(new Error('stream is not expected'));
      entry.opened = true;
      return Promise.resolve(entry.stream);
    },
    forget: (process) => {
      for (const id of [process * 2, process * 2 + 1]) if (streams.get(id)?.opened === false) streams.delete(id);
    },
    expectConnection: (id) => {
      connections.set(id, new FrameConnection(control, id, () => connections.delete(id)));
      return noToken;
    },
    openConnection: (id) => {
      const stream = connections.get(id);
      return stream ? Promise.resolve(stream) : Promise.reject(new Error('connection is not expected'));
    },
    forgetConnection: (id) => connections.get(id)?.abandon(),
    accept: (frame) => {
      // One that is gone on this side may still have had bytes under way.
      const stream = streams.get(frame.id)?.stream ?? connections.get(frame.id);
      if (frame.type === 'data') stream?.receive(frame.bytes);
      else if (frame.type === 'window') stream?.grow(frame.bytes);
      else stream?.finish();
    },
    dispose: async () => {
      control.destroy();
      await Promise.resolve();
    },
  };
}
