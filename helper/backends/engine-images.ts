/**
 * The image half of an engine: look up, pull, import, build. It keeps the contract of `helper/images` by its shape alone. What
 * engines report is split into lines; an error in the report is an error.
 */
import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { Connection } from './connection.ts';
import { engineFailure, statusOf } from './engine-failure.ts';

type OnLine = (line: string) => void;

export interface EngineImages {
  readonly title: string;
  byLabel(name: string, value: string, signal?: AbortSignal): Promise<string | undefined>;
  byName(reference: string, signal?: AbortSignal): Promise<string | undefined>;
  pull(reference: string, onLine: OnLine, signal?: AbortSignal): Promise<void>;
  importRoot(archive: Readable, reference: string, onLine: OnLine, signal?: AbortSignal): Promise<void>;
  build(
    request: {
      readonly context: Readable;
      readonly containerfile: string;
      readonly buildArguments: Readonly<Record<string, string>>;
      readonly labels: Readonly<Record<string, string>>;
      readonly tag: string;
      readonly hostNetwork: boolean;
    },
    onLine: OnLine,
    signal?: AbortSignal,
  ): Promise<void>;
}

/** Images over a connection that is made when first needed. */
export function imagesOf(title: string, connect: (signal?: AbortSignal) => Promise<Connection>): EngineImages {
  const run = async <T>(doing: string, signal: AbortSignal | undefined, action: (docker: Docker) => Promise<T>): Promise<T> => {
    try {
      return await action((await connect(signal)).docker);
    } catch (error) {
      throw engineFailure(title, doing, error);
    }
  };
  return {
    title,
    byLabel: (name, value, signal) =>
      run('listing images', signal, async (docker) => {
        const images = await docker.listImages({ filters: { label: [`${name}=${value}`] } });
        return images.toSorted((a, b) => b.Created - a.Created)[0]?.Id;
      }).then((id) => (id === undefined ? undefined : digestOf(id))),
    byName: (reference, signal) =>
      run('inspecting an image', signal, async (docker) => {
        try {
          return digestOf((await docker.getImage(reference).inspect()).Id);
        } catch (error) {
          if (statusOf(error) === 404) return undefined;
          throw error;
        }
      }),
    pull: (reference, onLine, signal) =>
      run('pulling an image', signal, async (docker) => {
        const stream: NodeJS.ReadableStream = await docker.pull(reference, signal === undefined ? {} : { abortSignal: signal });
        await reported(stream, onLine, signal);
      }),
    importRoot: (archive, reference, onLine, signal) =>
      run('importing an image', signal, async (docker) => {
        // Podman ignores a separate `tag`; both take it as part of the name.
        const target = { fromSrc: '-', repo: reference };
        await reported(await docker.importImage(archive, target), onLine, signal);
      }),
    build: (request, onLine, signal) =>
      run('building an image', signal, async (docker) => {
        const stream = await docker.buildImage(request.context, {
          dockerfile: request.containerfile,
          buildargs: { ...request.buildArguments },
          labels: { ...request.labels },
          t: request.tag,
          rm: true,
          forcerm: true,
          ...(request.hostNetwork ? { networkmode: 'host' } : {}),
          ...(signal === undefined ? {} : { abortSignal: signal }),
        });
        await reported(stream, onLine, signal);
      }),
  };
}

const digestOf = (id: string): string => (id.startsWith('sha256:') ? id : `sha256:${id}`);

/** Reads an engine's report (one JSON object a line) to its end; hostile only as far as the registry is. */
async function reported(stream: NodeJS.ReadableStream, onLine: OnLine, signal?: AbortSignal): Promise<void> {
  let rest = '';
  let failure: string | undefined;
  const line = (text: string): void => {
    const entry = parse(text);
    failure = entry.error ?? failure;
    for (const part of (entry.text ?? '').split(/[\r\n]+/)) if (part.trim() !== '') onLine(part.trimEnd());
  };
  for await (const chunk of stream) {
    signal?.throwIfAborted();
    const lines = (rest + (typeof chunk === 'string' ? chunk : chunk.toString('utf8'))).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(line);
  }
  line(rest);
  if (failure !== undefined) throw new Error(failure);
}

function parse(text: string): { readonly text?: string; readonly error?: string } {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    const word = (name: string): string | undefined => {
      const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
      return typeof found === 'string' ? found : undefined;
    };
    const error = word('error');
    const said = word('stream') ?? word('status');
    return { ...(said === undefined ? {} : { text: said }), ...(error === undefined ? {} : { error }) };
  } catch {
    return { text };
  }
}
