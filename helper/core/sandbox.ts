/**
 * One sandbox as the helper knows it: its saved facts, its record, and, while it runs, its engine handle, link, terminals
 * and commands. Every start of a program passes `spawn`, which writes the record first. Starting and ending it is `lifecycle`.
 */
import type { GuestProcess, SpawnRequest } from '../guest/contract.ts';
import type { SandboxRecord } from '../audit/writing/log.ts';
import type { CommandExit } from '../protocol/events.ts';
import type { Actor, RecordEntry, RecordValue } from '../protocol/record.ts';
import type { SandboxInfo, SandboxState } from '../protocol/sandbox.ts';
import { type Learning, learningNotice } from './learning.ts';
import type { Live } from './live.ts';
import type { SavedSandbox } from './state.ts';
import type { Verdict } from '../protocol/verdict.ts';
import { judgeProgram } from '../policy/commands/judge.ts';
import { withoutLists } from '../policy/learning.ts';
import { LassoError } from '../protocol/errors.ts';
import { explainExit } from './exit.ts';
import { placeOf, rulesNow } from './rules-now.ts';
import { verdictDetail } from './verdict-detail.ts';
import { Terminal, titleOf } from './terminals/terminal.ts';

interface SandboxHooks {
  readonly changed: (sandbox: Sandbox) => void;
  readonly terminalEnded: (sandbox: Sandbox, terminal: Terminal, exit: CommandExit) => void;
  readonly save: (saved: SavedSandbox) => Promise<void>;
  readonly logError: (message: string, cause: unknown) => void;
  readonly monotonicMs: () => number;
}

/** a program to start, and how to write it down */
export interface Start {
  readonly type: 'command' | 'terminal' | 'file';
  readonly action: string;
  readonly actor: Actor;
  readonly request: SpawnRequest;
  /** what it is done to; default: the arguments */
  readonly target?: string;
  /** what policy said about the whole line it is part of; default: what it says about the arguments */
  readonly verdict?: Verdict;
  /** names of variables given for this one start */
  readonly variables?: readonly string[];
  /** what else its outcome says, asked for when it has ended */
  readonly more?: () => { readonly [key: string]: RecordValue };
}

const exitsKept = 64;

const ownShell: Verdict = { decision: 'allow', stage: 'own-shell', reason: 'A person’s own shell; what it starts is judged.' };
const ownAct: Verdict = { decision: 'allow', stage: 'own-act', reason: 'The profile allows it.' };

export class Sandbox {
  readonly record: SandboxRecord;
  readonly terminals = new Map<string, Terminal>();
  /** how the last terminals ended, for whoever asks a moment too late */
  readonly #exits = new Map<string, CommandExit>();
  live: Live | undefined;
  #learning: Learning | undefined;
  #saved: SavedSandbox;
  readonly #hooks: SandboxHooks;
  #commands = 0;
  #terminalCount = 0;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(saved: SavedSandbox, record: SandboxRecord, hooks: SandboxHooks) {
    this.#saved = saved;
    this.record = record;
    this.#hooks = hooks;
  }

  get saved(): SavedSandbox {
    return this.#saved;
  }

  get id(): string {
    return this.#saved.id;
  }

  get info(): SandboxInfo {
    const { saved } = this;
    return {
      ...pick(saved, ['id', 'name', 'state', 'reason', 'profile', 'profileDigest', 'backend', 'isolation']),
      ...pick(saved, ['mode', 'link', 'rootless', 'agent']),
      ...pick(saved, ['workspace', 'engineId', 'createdAt', 'startedAt', 'endedAt']),
      notices: saved.notices,
      ...(this.#learning === undefined ? {} : { learning: true, notices: [...saved.notices, learningNotice] }),
      ...(saved.mode === undefined && this.live !== undefined ? { mode: this.live.policy.mode } : {}),
      ...(saved.image === null ? {} : { image: saved.image }),
      terminals: [...this.terminals.values()].map((terminal) => terminal.info),
      running: this.#commands,
    };
  }

  /** what it needs is being learned */
  get learning(): Learning | undefined {
    return this.#learning;
  }

  /** Begins or ends learning; a new start never learns. */
  learn(learning: Learning | undefined): void {
    this.#learning = learning;
    this.#hooks.changed(this);
  }

  /** Changes saved facts, on disk first, then tells. */
  async change(facts: Partial<SavedSandbox>): Promise<void> {
    const next = { ...this.#saved, ...facts };
    await this.#hooks.save(next);
    this.#saved = next;
    this.#hooks.changed(this);
  }

  /** Changes the state even where the disk refuses: what runs or not is a fact, saved or not. */
  async enter(state: SandboxState, facts: Partial<SavedSandbox> = {}): Promise<void> {
    try {
      await this.change({ ...facts, state });
    } catch (error) {
      this.#saved = { ...this.#saved, ...facts, state };
      this.#hooks.logError(`state of ${this.id} not saved`, error);
      this.#hooks.changed(this);
    }
  }

  /** Runs one lifecycle change at a time. */
  async exclusive<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(change, change);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  /** Writes an outcome, of the intent with number `finishes`; a disk that refuses is logged, since the effect has happened already. */
  async note(entry: RecordEntry, finishes?: number): Promise<void> {
    try {
      await this.record.append(entry, finishes);
    } catch (error) {
      this.#hooks.logError(`record of ${this.id} not written: ${entry.action}`, error);
    }
  }

  /** @throws LassoError SANDBOX_NOT_RUNNING */
  requireLive(): Live {
    if (this.live && this.#saved.state === 'running') return this.live;
    throw new LassoError(
      'SANDBOX_NOT_RUNNING',
      `Sandbox ${this.#saved.name} is ${this.#saved.state}${this.#saved.reason === undefined ? '' : `: ${this.#saved.reason}`}`,
      `Start it again with \`lasso start ${this.#saved.name}\`.`,
    );
  }

  /**
   * Starts a program: intent on record, then the effect, then its end on record. Resolves once it runs.
   * @throws LassoError RECORD_FAILED (nothing was started), SANDBOX_NOT_RUNNING, COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE
   */
  async spawn(start: Start): Promise<{ readonly process: GuestProcess; readonly ended: Promise<CommandExit> }> {
    const live = this.requireLive();
    const { type, action, actor, request } = start;
    const target = start.target ?? request.argv.join(' ');
    const said = await this.#judge(start, live, target);
    const killsBefore = await live.running.memoryKills();
    const variables = start.variables === undefined || start.variables.length === 0 ? {} : { environment: start.variables };
    const detail = { argv: request.argv, cwd: request.cwd, ...variables, ...verdictDetail(start.verdict ?? said, live) };
    const intent = await this.record.append({ type, action, outcome: 'intent', actor, target, detail });
    const startedMs = this.#hooks.monotonicMs();
    this.#count(1);
    let process: GuestProcess;
    try {
      process = await live.link.spawn(request);
    } catch (error) {
      this.#count(-1);
      await this.note(
        { type, action, outcome: 'error', actor, target, detail: { reason: error instanceof Error ? error.message : 'failed' } },
        intent,
      );
      throw error;
    }
    const ended = process.exited.then(async (exit) => {
      const { exit: told, limit } = await explainExit(exit, { live, killsBefore, limitBytes: live.policy.limits.memoryBytes });
      const durationMs = Math.round(this.#hooks.monotonicMs() - startedMs);
      const outcome = exit.kind === 'lost' ? 'unknown' : told.code === 0 ? 'success' : 'error';
      const written: Record<string, RecordValue> = { pid: process.pid, code: told.code, signal: told.signal, durationMs };
      if (told.reason !== undefined) written['reason'] = told.reason;
      if (limit !== undefined) written['limit'] = limit;
      Object.assign(written, start.more?.());
      await this.note({ type, action, outcome, actor, target, detail: written }, intent);
      this.#count(-1);
      return told;
    });
    return { process, ended };
  }

  /** What the text alone forbids never reaches the sandbox, whether or not program starts are judged in it. */
  async #judge({ type, action, actor, request }: Start, live: Live, target: string): Promise<Verdict> {
    if (request.ownShell === true) return ownShell;
    if (request.ownAct === true) return ownAct;
    const rules = rulesNow(this.#saved, live.policy);
    // While it learns, a program that no list has is learned of when it starts.
    const verdict = judgeProgram(
      request.argv,
      this.learning === undefined ? rules : withoutLists(rules),
      placeOf(this.#saved, request.cwd),
    );
    // What asks is asked about when it starts; where no start is judged, nobody could be.
    if (verdict.decision !== 'deny' && (verdict.decision !== 'ask' || live.link.gated)) return verdict;
    const { rule } = verdict;
    const reason =
      verdict.decision === 'ask' ? `${verdict.reason} Program starts are not judged here, so nobody can be asked.` : verdict.reason;
    const origin = rule === undefined ? undefined : live.originOf(rule);
    const detail = { argv: request.argv, cwd: request.cwd, ...verdictDetail({ ...verdict, reason }, live) };
    await this.record.append({ type, action, outcome: 'blocked', actor, target, detail });
    const by = origin ?? rule;
    const message = `${request.argv[0] ?? 'It'} is blocked${by === undefined ? '' : ` by ${by}`}: ${reason}`;
    throw new LassoError('COMMAND_DENIED', message, 'Ask `lasso why` what the profile says, or change the profile.');
  }

  /** Opens a terminal on a program; the terminal lives until the program ends. */
  async openTerminal(start: Start, size: { readonly rows: number; readonly columns: number }): Promise<Terminal> {
    const { process, ended } = await this.spawn(start);
    return this.#keepTerminal(process, titleOf(start.request.argv[0] ?? 'shell'), size, ended);
  }

  /** Takes a terminal back whose program outlived the helper that opened it. */
  async resumeTerminal(process: GuestProcess, actor: Actor): Promise<Terminal> {
    const intent = await this.record.append({ type: 'terminal', action: 'resume', outcome: 'intent', actor, detail: { pid: process.pid } });
    this.#count(1);
    const ended = process.exited.then(async (exit) => {
      const live = this.live;
      const told = live
        ? (await explainExit(exit, { live, killsBefore: null, limitBytes: live.policy.limits.memoryBytes })).exit
        : { code: null, signal: null, reason: 'the sandbox ended' };
      await this.note(
        {
          type: 'terminal',
          action: 'shell',
          outcome: told.code === 0 ? 'success' : 'error',
          actor,
          detail: { pid: process.pid, code: told.code, signal: told.signal },
        },
        intent,
      );
      this.#count(-1);
      return told;
    });
    return this.#keepTerminal(process, 'resumed', { rows: 24, columns: 80 }, ended);
  }

  #keepTerminal(
    process: GuestProcess,
    title: string,
    size: { readonly rows: number; readonly columns: number },
    ended: Promise<CommandExit>,
  ): Terminal {
    this.#terminalCount += 1;
    const terminal = new Terminal({
      id: `t${this.#terminalCount}`,
      title,
      ...size,
      process,
      explain: () => ended,
      onChange: () => this.#hooks.changed(this),
    });
    this.terminals.set(terminal.id, terminal);
    void terminal.ended.then((exit) => {
      this.terminals.delete(terminal.id);
      this.#exits.set(terminal.id, exit);
      const [oldest] = this.#exits.keys();
      if (oldest !== undefined && this.#exits.size > exitsKept) this.#exits.delete(oldest);
      this.#hooks.changed(this);
      this.#hooks.terminalEnded(this, terminal, exit);
    });
    this.#hooks.changed(this);
    return terminal;
  }

  /** @throws LassoError TERMINAL_UNKNOWN */
  terminal(id: string | undefined): Terminal {
    const terminal = id === undefined ? this.terminals.values().next().value : this.terminals.get(id);
    if (terminal) return terminal;
    const open = [...this.terminals.keys()].join(', ');
    throw new LassoError(
      'TERMINAL_UNKNOWN',
      id === undefined ? `Sandbox ${this.#saved.name} has no open terminal` : `Sandbox ${this.#saved.name} has no terminal ${id}`,
      open === '' ? `Open one with \`lasso attach ${this.#saved.name} --new\`.` : `Open terminals: ${open}.`,
    );
  }

  /** How a terminal's program ends, or has ended. @throws LassoError TERMINAL_UNKNOWN */
  async terminalExit(id: string): Promise<CommandExit> {
    return this.#exits.get(id) ?? this.terminal(id).ended;
  }

  #count(by: 1 | -1): void {
    this.#commands += by;
    this.#hooks.changed(this);
  }
}

/** Only the named facts: what a face may see is listed, never what it may not. */
function pick<T extends object, K extends keyof T>(from: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(names.filter((name) => from[name] !== undefined).map((name) => [name, from[name]])) as Pick<T, K>;
}
