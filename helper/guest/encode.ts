/** A frame as bytes, for everything the helper says to a guest. */
import { frameHeaderBytes, type FrameType } from '../protocol/guest.ts';

/** One frame to the guest, ready to be written in one go. */
export function encodeFrame(type: FrameType, id: number, payload: Uint8Array = new Uint8Array()): Buffer {
  const frame = Buffer.allocUnsafe(frameHeaderBytes + payload.length);
  frame[0] = type;
  frame.writeUInt32BE(id, 1);
  frame.writeUInt32BE(payload.length, 5);
  frame.set(payload, frameHeaderBytes);
  return frame;
}
