/** One run of the command line, from argv to the exit status. Holds no policy: what is allowed and done, the helper decides. */
import { LassoError } from '../../protocol/errors.ts';
import type { OperationInput, OperationName, OperationResult } from '../../protocol/operations.ts';
import type { Command } from './command.ts';
import type { CallOptions, Connect, Connection } from './connection.ts';
import { paintFor } from './console.ts';
import type { Console, Terminal } from './console.ts';
import { exec } from './exec.ts';
import { statusOf } from './exit.ts';
import { exitStatusOf, failureOf, failureText } from './failure.ts';
import { localise } from './local.ts';
import { parse, type Request, type Value } from './parse.ts';
import { progressLine } from './progress.ts';
import { renderers, type Shown } from './render/result.ts';
import { jsonText } from './render/text.ts';

export interface Program {
  readonly version: string;
  readonly commands: readonly Command[];
  readonly console: Console;
  readonly connect: Connect;
  /** carries out `lasso helper …`, which is for programs and not in the table */
  readonly internal: (words: readonly string[]) => Promise<number>;
  /** words that start this very program anew (default: `lasso`) */
  readonly self?: readonly [string, ...string[]];
}

/** Exit status; never rejects. */
export async function run(program: Program, argv: readonly string[]): Promise<number> {
  const { console, commands } = program;
  let json = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : argv.length).includes('--json');
  try {
    const request = parse(argv, commands);
    if (request.kind !== 'internal') json = request.kind === 'command' && request.json;
    return await carryOut(program, request);
  } catch (thrown) {
    const failure = failureOf(thrown);
    await put(console.stderr, failureText(failure, { json, paint: paintFor(console.stderr, console.environment) }));
    // Hooks of agents take most statuses for a yes.
    return argv[0] === 'guard' ? 2 : exitStatusOf(failure);
  }
}

async function carryOut(program: Program, request: Request): Promise<number> {
  const { console, commands } = program;
  switch (request.kind) {
    case 'internal':
      requireOutside(console);
      return await program.internal(request.words);
    case 'help': {
      const { helpOn, overview } = await import('./help.ts');
      const paint = paintFor(console.stdout, console.environment);
      return await put(console.stdout, request.topic === undefined ? overview(commands, paint) : helpOn(request.topic, commands, paint));
    }
    case 'command': {
      const { operation } = request.command;
      if (operation === 'version') return await version(program, request.json);
      if (operation === 'completions') return await completions(program, request.values);
      if (operation === 'mcpConfig') return await mcpConfig(program, request);
      requireOutside(console);
      if (operation === 'mcp') return await mcp(program, request);
      if (operation === 'guard') {
        const { guard } = await import('./guard.ts');
        return await guard(program, inputOf('guard', localise(request.command, request.values, console)));
      }
      const connection = await program.connect(operation);
      try {
        return await overConnection(program, connection, request);
      } finally {
        await connection.dispose();
      }
    }
  }
}

type CommandRequest = Extract<Request, { kind: 'command' }>;

async function overConnection(program: Program, connection: Connection, request: CommandRequest): Promise<number> {
  const { console } = program;
  const { operation } = request.command;
  const values = localise(request.command, request.values, console);
  const progress = progressLine(console, request.quiet);
  const interrupt = new AbortController();
  const options = { signal: interrupt.signal, onProgress: progress.show };
  const interrupted = (): void => interrupt.abort();
  process.once('SIGINT', interrupted);
  const ready = (): void => {
    progress.end();
    process.off('SIGINT', interrupted);
  };
  try {
    if (operation === 'shell' || operation === 'attach') {
      const { attach, shell } = await import('./shell.ts');
      const seat = { connection, console, options, ready };
      return operation === 'shell' ? await shell(seat, inputOf('shell', values)) : await attach(seat, inputOf('attach', values));
    }
    if (operation === 'run') {
      const { runAgent } = await import('./agent-run.ts');
      return await runAgent({ connection, console, options, ready }, inputOf('run', values));
    }
    if (operation === 'init') {
      const { init } = await import('./init.ts');
      ready();
      return await init({ connection, console }, inputOf('init', values), { json: request.json, quiet: request.quiet });
    }
    if (operation === 'learn') {
      const { learn } = await import('./learn.ts');
      return await learn({ connection, console, options, ready }, inputOf('learn', values));
    }
    if (operation === 'exec') {
      ready();
      const input = inputOf('exec', values);
      return request.json ? await captured(connection, console, input) : await exec(connection, console, input);
    }
    if (operation === 'approvals' && values['watch'] === true) {
      const { watchApprovals } = await import('./watch.ts');
      ready();
      return await watchApprovals({ connection, console }, request.json);
    }
    if (operation === 'approve' && !request.json) {
      const { approve } = await import('./accept.ts');
      ready();
      return await approve({ connection, console }, inputOf('approve', values));
    }
    if (operation === 'secretSet' || operation === 'authLogin' || operation === 'authToken') {
      const { setSecret, showToken, signIn } = await import('./secret.ts');
      const seat = { connection, console };
      if (operation === 'authLogin') return await signIn(seat, options.signal);
      ready();
      return operation === 'authToken' ? await showToken(seat) : await setSecret(seat, inputOf('secretSet', values).name, request);
    }
    if (operation === 'why' && values['batch'] === true) {
      const { answerBatch } = await import('./batch.ts');
      ready();
      const { profile, mode, dir } = inputOf('why', values);
      return await answerBatch(connection, console, { profile, mode, dir });
    }
    if (operation === 'auditView' || operation === 'auditExport') {
      const { exportRecord, viewRecord } = await import('./record-view.ts');
      const seat = { connection, connect: program.connect, console, signal: interrupt.signal };
      if (operation === 'auditExport') return await exportRecord(seat, inputOf('auditExport', values));
      return await viewRecord(seat, inputOf('auditView', values), request.json);
    }
    if (operation === 'auditReport') {
      const { writeReport } = await import('./report.ts');
      return await writeReport({ connection, console, signal: interrupt.signal }, inputOf('auditReport', values));
    }
    if (operation === 'profileEdit') {
      const { editProfile } = await import('./edit.ts');
      ready();
      return await editProfile({ connection, console }, inputOf('profileEdit', values).name);
    }
    if (operation === 'auditKey' && values['print'] === true && values['move'] === undefined && values['keyring'] !== true) {
      const { printFirstKey } = await import('./first-key.ts');
      ready();
      return await printFirstKey({ connection, console }, request.json);
    }
    if (operation === 'profileApprove' && !request.json && isOpen(values)) {
      const { agree, canAsk } = await import('./agree.ts');
      ready();
      const about = { dir: textOf(values['dir']), profile: textOf(values['profile']) };
      if (canAsk(console)) return (await agree({ connection, console, ready }, about, false)) === undefined ? 1 : 0;
    }
    if (isShown(operation)) return await shown(operation, { connection, console, values, request, options, ready });
    throw new LassoError('INTERNAL', `${operation} has no command line`, 'This is a fault of LASSO: please report it.');
  } finally {
    ready();
  }
}

interface Showing {
  readonly connection: Connection;
  readonly console: Console;
  readonly values: Readonly<Record<string, Value>>;
  readonly request: CommandRequest;
  readonly options: Required<CallOptions>;
  readonly ready: () => void;
}

// The parameter ties a verb to its renderer, which a union of verbs would lose.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
async function shown<N extends Shown>(operation: N, showing: Showing): Promise<number> {
  const { connection, console, values, request, options, ready } = showing;
  const attempt = (given: Readonly<Record<string, Value>>): Promise<OperationResult<N>> =>
    connection.call(operation, inputOf(operation, given), request.command.progress ? options : { signal: options.signal });
  const starts = (operation === 'create' || operation === 'up') && !request.json;
  const result = starts ? await agreed(showing, attempt) : await attempt(values);
  ready();
  const renderer = renderers[operation];
  const paint = paintFor(console.stdout, console.environment);
  if (request.json) await put(console.stdout, `${jsonText(result, 2)}\n`);
  else if (request.quiet)
    await put(
      console.stdout,
      renderer
        .ids(result)
        .map((id) => `${id}\n`)
        .join(''),
    );
  else {
    const terminal = console.stdout.isTTY === true;
    const view = { paint, now: console.now(), single: values['sandbox'] !== undefined, asked: values, terminal };
    await put(console.stdout, renderer.text(result, view));
  }
  return renderer.status?.(result) ?? 0;
}

/** What a verb gives that starts a sandbox, once a person has a say about the profile the folder brings. */
async function agreed<T>({ connection, console, values, ready }: Showing, attempt: (given: Showing['values']) => Promise<T>): Promise<T> {
  const { withAgreement } = await import('./agree.ts');
  const about = { dir: textOf(values['dir']), profile: textOf(values['profile']) };
  return await withAgreement({ connection, console, ready }, about, (without) =>
    attempt(without ? { ...values, ignoreWorkspaceProfile: true } : values),
  );
}

const textOf = (value: Value | undefined): string | undefined => (typeof value === 'string' ? value : undefined);

/** With --json the output is part of the document, and nothing is fed. */
async function captured(connection: Connection, console: Console, input: OperationInput<'exec'>): Promise<number> {
  const abort = new AbortController();
  const interrupted = (): void => abort.abort();
  process.once('SIGINT', interrupted);
  try {
    const result = await connection.call('exec', input, { signal: abort.signal });
    await put(console.stdout, `${jsonText(result, 2)}\n`);
    return statusOf(result.exit);
  } finally {
    process.off('SIGINT', interrupted);
  }
}

async function version({ console, version: own }: Program, json: boolean): Promise<number> {
  const result = { version: own, node: process.versions.node, platform: `${process.platform}-${process.arch}` };
  return await put(console.stdout, json ? `${jsonText(result, 2)}\n` : `lasso ${own}\n`);
}

async function completions({ console, commands }: Program, { shell }: Readonly<Record<string, Value>>): Promise<number> {
  const { completionScript } = await import('./completions.ts');
  if (shell !== 'bash' && shell !== 'zsh' && shell !== 'fish')
    throw new LassoError('BAD_REQUEST', 'no such shell', 'Try `lasso completions -h`.');
  return await put(console.stdout, completionScript(shell, commands));
}

/** Serves tools until their client is gone. The server is a file of its own: most commands do without what it loads. */
async function mcp({ console, version: own, connect }: Program, { command, values }: CommandRequest): Promise<number> {
  const { serveMcp } = await import('../mcp/serve.ts');
  const { dir = console.cwd, profile, backend } = inputOf('mcp', localise(command, values, console));
  const { stdin, stdout, stderr } = console;
  return await serveMcp({ stdin, stdout, stderr, version: own, bounds: { dir, profile, backend }, connect: () => connect('mcp') });
}

async function mcpConfig({ console, self }: Program, { command, values, json }: CommandRequest): Promise<number> {
  const { configFor, programFor } = await import('../mcp/config.ts');
  const { agent, dir, profile } = inputOf('mcpConfig', localise(command, values, console));
  const snippet = configFor(agent, {
    program: programFor(self ?? ['lasso'], console.environment, console.platform),
    dir: values['dir'] === undefined ? undefined : dir,
    profile,
  });
  const text = json ? `${jsonText({ agent, ...snippet }, 2)}\n` : snippet.text;
  if (!json) await put(console.stderr, `${snippet.file}:\n`);
  return await put(console.stdout, text);
}

/** A helper in a sandbox would govern nothing, and the one outside is not to be reached from there. @throws LassoError UNSUPPORTED */
function requireOutside({ environment }: Console): void {
  if (environment['LASSO'] !== '1') return;
  throw new LassoError(
    'UNSUPPORTED',
    'This is a LASSO sandbox: LASSO is not to be reached from inside.',
    'Ask the person outside. Outside of any sandbox, unset the variable LASSO.',
  );
}

/** Whether `lasso profile approve` leaves the answer to a person. */
function isOpen(values: Readonly<Record<string, Value>>): boolean {
  return ['digest', 'decline', 'look'].every((name) => values[name] === undefined || values[name] === false);
}

function isShown(operation: OperationName): operation is Shown {
  return Object.hasOwn(renderers, operation);
}

/** Values read by the table of `name` are its input: the table is derived from its schema, and the helper checks again. */
function inputOf<N extends OperationName>(_name: N, values: Readonly<Record<string, Value>>): OperationInput<N> {
  return values as OperationInput<N>;
}

/** Writes all of it; a reader that went away is no failure of ours. */
function put(stream: Terminal, text: string): Promise<0> {
  return new Promise((resolve) => {
    if (text === '') return resolve(0);
    stream.once('error', () => resolve(0));
    stream.write(text, () => resolve(0));
  });
}
