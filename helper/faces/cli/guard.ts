/**
 * `lasso guard NAME`: what an agent's hook on this machine runs before a tool is used. Hooks take most exit statuses, and a hook
 * that takes too long, for a yes; so every failure here is told on stderr with status 2, and in good time.
 */
import type { Readable } from 'node:stream';
import { LassoError } from '../../protocol/errors.ts';
import type { OperationInput, OperationResult } from '../../protocol/operations.ts';
import type { Connect } from './connection.ts';
import type { Console } from './console.ts';
import { failureOf } from './failure.ts';
import { visible } from './render/text.ts';

/** what every hook system takes for a no */
const refusedStatus = 2;

/** longest wait for the whole answer, in ms; hooks of agents are given longer */
const patienceMs = 20_000;
/** longest payload as a message holds it, in characters */
const payloadLimit = 7 * 1024 * 1024;

interface GuardSeat {
  readonly console: Console;
  readonly connect: Connect;
}

/** Exit status: 0 is a yes. Never rejects. */
export async function guard({ console, connect }: GuardSeat, input: OperationInput<'guard'>): Promise<number> {
  const over = new AbortController();
  const late = setTimeout(() => over.abort(), patienceMs);
  try {
    const answer = await Promise.race([ask(connect, console.stdin, input, over.signal), whenLate(over.signal)]);
    if (answer.allow) return 0;
    tell(console, input.agent, answer.reason);
  } catch (thrown) {
    const { message, hint } = failureOf(thrown);
    tell(console, input.agent, `LASSO: this is refused, because nobody could say whether it is allowed: ${message}. ${hint}`);
  } finally {
    clearTimeout(late);
    console.stdin.destroy();
  }
  return refusedStatus;
}

/** Copilot tells its model no other reason than one in JSON; all others tell what stands on stderr. */
function tell(console: Console, agent: OperationInput<'guard'>['agent'], reason: string): void {
  const said = visible(reason);
  console.stderr.write(`${said}\n`);
  if (agent === 'copilot') console.stdout.write(`${JSON.stringify({ permissionDecision: 'deny', permissionDecisionReason: said })}\n`);
}

async function ask(
  connect: Connect,
  stdin: Readable,
  { agent, dir, profile }: OperationInput<'guard'>,
  signal: AbortSignal,
): Promise<OperationResult<'guardAsk'>> {
  // Both take their time, and neither needs the other.
  const connecting = connect('guardAsk');
  connecting.catch(() => undefined);
  const payload = await wholeText(stdin);
  const connection = await connecting;
  try {
    return await connection.call('guardAsk', { agent, dir, profile, payload }, { signal });
  } finally {
    await connection.dispose();
  }
}

async function wholeText(stdin: Readable): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of stdin) {
    const chunk = Buffer.from(part as Buffer | string);
    bytes += chunk.length;
    if (bytes > payloadLimit) throw tooLarge();
    parts.push(chunk);
  }
  const text = Buffer.concat(parts).toString();
  if (JSON.stringify(text).length > payloadLimit) throw tooLarge();
  return text;
}

const tooLarge = (): LassoError => new LassoError('BAD_REQUEST', 'What the agent sent is too large', 'Let it do less at a time.');

function whenLate(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new LassoError('TIMED_OUT', 'The helper did not answer in time', 'Try again.')), {
      once: true,
    });
  });
}
