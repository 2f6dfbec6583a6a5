/** One call of a tool, from what a model gave to what it is told. The verb, and all the model may not choose, come from the table and the bounds. */
import { LassoError } from '../../protocol/errors.ts';
import type { Progress } from '../../protocol/events.ts';
import type { HelperOperationName, OperationInput } from '../../protocol/operations.ts';
import { type Answer, answerOf, failureOf } from './answer.ts';
import type { HelperLink } from './link.ts';
import type { OwnSandboxes } from './sandboxes.ts';
import type { Tool } from './tools.ts';

export interface Caller {
  /** fires when the client cancels or is gone */
  readonly signal: AbortSignal;
  readonly tell: (message: string) => void;
}

/** between two signs that a call is still under way, in milliseconds; clients give up on what says nothing for a minute */
const signMs = 10_000;
/** of the helper's own limit for one message, so that the connection outlives a text that is too long */
const requestLimitBytes = 7 * 1024 * 1024;

export interface Callable {
  readonly link: HelperLink;
  readonly sandboxes: OwnSandboxes;
}

/** Never rejects: a failure is an answer too. @param given as the tool's form let it through */
export async function callTool(tool: Tool, given: Readonly<Record<string, unknown>>, to: Callable, caller: Caller): Promise<Answer> {
  const startedMs = performance.now();
  const sign = setInterval(() => caller.tell(`Under way for ${Math.round((performance.now() - startedMs) / 1000)} s`), signMs);
  try {
    return answerOf(await carryOut(tool, given, to, caller));
  } catch (error) {
    return failureOf(error);
  } finally {
    clearInterval(sign);
  }
}

async function carryOut(
  tool: Tool,
  given: Readonly<Record<string, unknown>>,
  { link, sandboxes }: Callable,
  caller: Caller,
): Promise<Readonly<Record<string, unknown>>> {
  const onProgress = ({ message }: Progress): void => caller.tell(message);
  if (Buffer.byteLength(JSON.stringify(given)) > requestLimitBytes)
    throw new LassoError('BAD_REQUEST', 'This is more than one call can hold', 'Give it in parts.');
  if (tool.operation === 'create') return await sandboxes.create(onProgress);
  if (tool.operation === 'status' && !tool.aboutSandbox) return { sandboxes: await sandboxes.list() };
  const params = tool.aboutSandbox ? { ...given, sandbox: await sandboxOf(tool, given['sandbox'], sandboxes, onProgress) } : given;
  const progress = tool.parameters.includes('request') ? { onProgress } : {};
  return await link.call(tool.operation, inputOf(tool.operation, params), { signal: caller.signal, ...progress });
}

async function sandboxOf(
  tool: Tool,
  reference: unknown,
  sandboxes: OwnSandboxes,
  onProgress: (progress: Progress) => void,
): Promise<string> {
  if (typeof reference === 'string') return await sandboxes.find(reference);
  if (tool.ownSandbox) return await sandboxes.usual(onProgress);
  throw new LassoError('BAD_REQUEST', 'Say which sandbox', 'sandbox_list lists them.');
}

/** What a tool's form lets through is input of its verb: the form is made of the verb's own, and the helper checks again. */
function inputOf<N extends HelperOperationName>(_name: N, params: Readonly<Record<string, unknown>>): OperationInput<N> {
  return params as OperationInput<N>;
}
