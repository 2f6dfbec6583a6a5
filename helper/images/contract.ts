/**
 * What building images needs of a container engine. Engines keep it structurally; neither side imports the other.
 */

import type { Readable } from 'node:stream';

/** a line of progress: what is done now, or a line of the tool at work */
export type OnLine = (line: string) => void;

export interface BuildRequest {
  /** tar archive with the Containerfile in it */
  readonly context: Readable;
  readonly containerfile: string;
  readonly buildArguments: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly tag: string;
  /** build steps use the host's network */
  readonly hostNetwork: boolean;
}

export interface ImageEngine {
  /** as people write it: `Docker` */
  readonly title: string;
  /** Digest of the newest image with this label, or undefined. */
  byLabel(name: string, value: string, signal?: AbortSignal): Promise<string | undefined>;
  /** Digest of a reference that is here already, or undefined. */
  byName(reference: string, signal?: AbortSignal): Promise<string | undefined>;
  /** Rejects with the engine's words. */
  pull(reference: string, onLine: OnLine, signal?: AbortSignal): Promise<void>;
  /** Makes an image of a root file system in a tar archive. */
  importRoot(archive: Readable, reference: string, onLine: OnLine, signal?: AbortSignal): Promise<void>;
  build(request: BuildRequest, onLine: OnLine, signal?: AbortSignal): Promise<void>;
}
