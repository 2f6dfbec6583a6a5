/**
 * A node:test reporter that writes one JSON line per finished test, for the runner in .ci/test.mjs to read. It must count
 * each failure once: a test that failed only because a test inside it failed is left out.
 */
import { inspect } from 'node:util';

/**
 * @typedef {object} Outcome
 * @property {'passed' | 'failed' | 'skipped'} status
 * @property {string} name names from the outermost suite inwards
 * @property {number} durationMs
 * @property {string} [why] what failed, or why it was skipped
 */

/** @param {AsyncIterable<{ type: string, data: any }>} source */
export default async function* reporter(source) {
  /** @type {string[]} */
  const path = [];
  for await (const { type, data } of source) {
    if (type === 'test:start') {
      path.length = data.nesting;
      path.push(data.name);
    }
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const outcome = outcomeOf(type, data, [...path.slice(0, data.nesting), data.name].join(' › '));
    if (outcome !== undefined) yield `${JSON.stringify(outcome)}\n`;
  }
}

/**
 * @param {string} type
 * @param {any} data
 * @param {string} name
 * @returns {Outcome | undefined}
 */
function outcomeOf(type, data, name) {
  const durationMs = data.details?.duration_ms ?? 0;
  const error = data.details?.error;
  const unmet = data.skip ?? data.todo;
  if (type === 'test:pass' && unmet !== undefined && unmet !== false)
    return { status: 'skipped', name, durationMs, why: typeof unmet === 'string' && unmet !== '' ? unmet : 'no reason was given' };
  if (type === 'test:pass') return data.details?.type === 'suite' ? undefined : { status: 'passed', name, durationMs };
  if (error?.failureType === 'subtestsFailed') return undefined;
  const cause = error?.cause ?? error;
  return { status: 'failed', name, durationMs, why: describe(cause) };
}

/**
 * The error and what caused it, without the test runner's own stack frames.
 * @param {unknown} cause
 * @returns {string}
 */
function describe(cause) {
  if (!(cause instanceof Error)) return inspect(cause);
  const lines = (cause.stack ?? cause.message).split('\n').filter((line) => !/^\s+at .*node:internal/.test(line));
  return [...lines, ...(cause.cause === undefined ? [] : [`caused by: ${describe(cause.cause)}`])].join('\n');
}
