/**
 * The helper's end of a link, for both ways its bytes can go: asks the guest, hears its answers, and ends once, with a reason.
 * A guest that breaks the protocol loses its link; nothing it sends can do more than that.
 */
import type { Duplex } from 'node:stream';
import { connectionIds, frameType, helloFlag, spawnFlag } from '../protocol/guest.ts';
import { describe } from '../base/log.ts';
import type { Carrier } from './carrier.ts';
import type { GuestLink, GuestProcess, LinkEnd, SpawnRequest } from './contract.ts';
import { deferred, type Deferred } from './deferred.ts';
import { encodeFrame } from './encode.ts';
import { FrameParser, ProtocolError, type GuestFrame, type HelloProcess } from './frames.ts';
import { encodeFiles, type FileGate, type GuestFiles } from './files.ts';
import { type Entry, Judging } from './judging.ts';
import type { GuestListens } from './network.ts';
import { Networking } from './networking.ts';
import { linkLost, unknownRequest } from './lost.ts';
import { LinkedProcess } from './process.ts';
import { encodeReopen, encodeSpawn, encodeU32, encodeWelcome, failureOf, flagsOf } from './requests.ts';
import type { LinkSettings } from './settings.ts';

interface Starting extends Entry {
  readonly started: Deferred<number>;
}

export class Link implements GuestLink {
  readonly #carrier: Carrier;
  readonly #settings: LinkSettings;
  readonly #processes = new Map<number, LinkedProcess>();
  readonly #starting = new Map<number, Starting>();
  /** exits told while the streams of a start are still being opened */
  readonly #early = new Map<number, Extract<GuestFrame, { type: 'exited' }>>();
  readonly #pings: Deferred<number>[] = [];
  readonly #end = deferred<LinkEnd>();
  readonly #hello = deferred<readonly GuestProcess[]>();
  #resumed: readonly GuestProcess[] = [];
  #greeted = false;
  #gated = false;
  #closes = false;
  #asked = false;
  #over = false;
  #nextId = 1;
  readonly #judging: Judging;
  readonly #networking: Networking;

  constructor(carrier: Carrier, settings: LinkSettings) {
    this.#carrier = carrier;
    this.#settings = settings;
    const { gate, guard, log } = settings;
    this.#judging = new Judging({ gate, log, entryOf: (id) => this.#starting.get(id), write: (frame) => this.#write(frame) });
    this.#networking = new Networking({ gate: settings.network, guard, log, carrier, isOver: () => this.#over });
    const parser = new FrameParser((frame) => this.#take(frame));
    carrier.control.on('data', (chunk: Buffer) => {
      if (this.#over) return;
      try {
        parser.push(chunk);
      } catch (error) {
        this.#finish({ reason: 'protocol', message: error instanceof ProtocolError ? error.message : describe(error) });
      }
    });
    const lost = (): void => this.#finish({ reason: this.#asked ? 'shutdown' : 'lost', message: 'the guest closed the link' });
    carrier.control.on('end', lost).on('close', lost).on('error', lost);
    carrier.control.resume();
  }

  get resumed(): readonly GuestProcess[] {
    return this.#resumed;
  }

  get gated(): boolean {
    return this.#gated;
  }

  get closes(): boolean {
    return this.#closes;
  }

  changeFiles(files: GuestFiles): void {
    this.#write(encodeFiles(files));
  }

  /** No earlier yes is used again, nor one that is being thought about. */
  forgetDecisions(): void {
    this.#judging.forget();
    this.#write(encodeFrame(frameType.EXEC_FORGET, 0));
  }

  get listens(): GuestListens {
    return this.#networking.listens;
  }

  forgetNames(): void {
    this.#networking.forget();
  }

  forward(port: number): Promise<Duplex> {
    return this.#networking.forward(port);
  }

  get ended(): Promise<LinkEnd> {
    return this.#end.promise;
  }

  /** Settles when the guest has said who it is, what it listens on, and its processes' streams are open; rejects when the link ends before. */
  get ready(): Promise<readonly GuestProcess[]> {
    return this.#hello.promise;
  }

  async spawn(request: SpawnRequest): Promise<GuestProcess> {
    if (this.#over) throw linkLost();
    const id = this.#nextId++;
    const started = deferred<number>();
    const frame = encodeSpawn(id, request, this.#carrier.expect(id));
    this.#starting.set(id, { request, started });
    this.#carrier.control.write(frame);
    try {
      const pid = await started.promise;
      return await this.#adopt(id, pid, flagsOf(request));
    } finally {
      this.#settled(id);
    }
  }

  async ping(): Promise<number> {
    if (this.#over) throw linkLost();
    const answer = deferred<number>();
    this.#pings.push(answer);
    const sentMs = performance.now();
    this.#carrier.control.write(encodeFrame(frameType.PING, 0, new Uint8Array(8)));
    return (await answer.promise) - sentMs;
  }

  async shutdown(graceMs: number): Promise<void> {
    this.#asked = true;
    if (!this.#over) this.#carrier.control.write(encodeU32(frameType.SHUTDOWN, 0, graceMs));
    await this.#end.promise;
  }

  async dispose(): Promise<void> {
    this.#finish({ reason: this.#asked ? 'shutdown' : 'lost', message: 'the helper closed the link' });
    await this.#carrier.dispose();
  }

  #settled(id: number): void {
    this.#carrier.forget(id);
    this.#starting.delete(id);
    this.#early.delete(id);
  }

  /** Opens the streams of a process that runs, and takes it into the table. */
  async #adopt(id: number, pid: number, flags: number): Promise<LinkedProcess> {
    const separate = (flags & spawnFlag.STDERR) !== 0 && (flags & spawnFlag.TERMINAL) === 0;
    const [main, errors] = await Promise.all([
      this.#carrier.open(id * 2),
      separate ? this.#carrier.open(id * 2 + 1) : Promise.resolve(null),
    ]).catch((error: unknown) => {
      this.#finish({ reason: 'protocol', message: 'the guest did not open the streams of a process' });
      throw linkLost(error);
    });
    const process = new LinkedProcess(this.#carrier, id, pid, { main, errors });
    if (this.#over) process.lost();
    else this.#processes.set(id, process);
    const early = this.#early.get(id);
    if (early) this.#exited(early);
    return process;
  }

  #take(frame: GuestFrame): void {
    if (this.#over) return;
    if (frame.type === 'hello') {
      this.#greet(frame.flags, frame.processes);
      return;
    }
    if (!this.#greeted) throw new ProtocolError('the guest did not say hello first');
    switch (frame.type) {
      case 'pong': {
        const answer = this.#pings.shift();
        if (!answer) throw new ProtocolError('the guest answered a ping that was not sent');
        answer.resolve(performance.now());
        return;
      }
      case 'started':
        this.#known(frame.id);
        this.#starting.get(frame.id)?.started.resolve(frame.pid);
        return;
      case 'failed':
        this.#failed(frame.id, frame.stage, frame.errno);
        return;
      case 'exited':
        this.#exited(frame);
        return;
      case 'data':
      case 'window':
      case 'end':
        if (frame.id >= connectionIds.guest) return this.#networking.take(frame);
        this.#known(frame.id >>> 1);
        this.#carrier.accept(frame);
        return;
      case 'reset':
      case 'name-ask':
      case 'connect-ask':
      case 'forwarded':
      case 'network':
        this.#networking.take(frame);
        return;
      case 'exec-ask':
      case 'exec-again':
      case 'exec-changed':
      case 'exec-other':
      case 'exec-gone':
        return this.#judging.take(frame);
      case 'file-refused':
        return this.#fileGate.refused(frame.refusal);
      case 'file-seen':
        return this.#fileGate.seen(frame.index);
    }
  }

  get #fileGate(): FileGate {
    const { files } = this.#settings;
    if (!files) throw new ProtocolError('the guest speaks of files although none is closed');
    return files;
  }

  #write(frame: Buffer): void {
    if (!this.#over) this.#carrier.control.write(frame);
  }

  /** Hostile: a guest may only speak of processes it was asked for. */
  #known(id: number): void {
    if (id === 0 || id >= this.#nextId) throw new ProtocolError('the guest speaks of a process nobody asked for');
  }

  #failed(id: number, stage: number, errno: number): void {
    this.#known(id);
    const starting = this.#starting.get(id);
    this.#starting.delete(id);
    starting?.started.reject(failureOf(starting.request, stage, errno, starting.refusal));
    // One that was being started when the link was lost never ran.
    this.#processes.get(id)?.ended({ kind: 'exited', status: 127 });
    this.#processes.delete(id);
  }

  #exited(frame: Extract<GuestFrame, { type: 'exited' }>): void {
    this.#known(frame.id);
    const process = this.#processes.get(frame.id);
    if (process) {
      this.#processes.delete(frame.id);
      process.ended({ kind: frame.kind, status: frame.status });
    } else if (this.#starting.has(frame.id)) this.#early.set(frame.id, frame);
  }

  #greet(flags: number, processes: readonly HelloProcess[]): void {
    const { gate, network, files, graceMs } = this.#settings;
    if (this.#greeted) throw new ProtocolError('the guest said hello twice');
    this.#greeted = true;
    if ((flags & helloFlag.RESUMED) === 0 && processes.length > 0) throw new ProtocolError('a new guest claims to have processes');
    if ((flags & helloFlag.UNFILTERED) !== 0) this.#settings.log.warn('the kernel of this sandbox takes no filter of system calls');
    this.#nextId = Math.max(0, ...processes.map((process) => process.id)) + 1;
    this.#gated = gate !== undefined && (flags & helloFlag.UNGATED) === 0;
    this.#closes = files !== undefined && (flags & helloFlag.UNGATED) === 0;
    this.#carrier.control.write(encodeWelcome(graceMs, { gated: gate !== undefined, networked: network !== undefined }));
    if (files) this.changeFiles(files.files());
    for (const { id } of processes) this.#carrier.control.write(encodeReopen(id, this.#carrier.expect(id)));
    void this.#resume(processes);
  }

  async #resume(processes: readonly HelloProcess[]): Promise<void> {
    try {
      for (const { id } of processes) this.#starting.set(id, { request: unknownRequest, started: deferred() });
      this.#resumed = await Promise.all(processes.map(({ id, pid, flags }) => this.#adopt(id, pid, flags)));
      for (const { id } of processes) this.#settled(id);
      await this.#networking.ready;
      this.#hello.resolve(this.#resumed);
    } catch {
      // The link has ended then, and `ready` with it.
    }
  }

  #finish(end: LinkEnd): void {
    if (this.#over) return;
    this.#over = true;
    if (end.reason !== 'shutdown') this.#settings.log.warn(`link over: ${end.message}`);
    const error = linkLost(end.message);
    this.#hello.reject(error);
    for (const { started } of this.#starting.values()) started.reject(error);
    for (const answer of this.#pings) answer.reject(error);
    for (const process of this.#processes.values()) process.lost();
    this.#networking.lost(error);
    this.#starting.clear();
    this.#processes.clear();
    if (end.reason === 'protocol') this.#carrier.control.destroy();
    this.#end.resolve(end);
  }
}
