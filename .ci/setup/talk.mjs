/**
 * How set-up speaks to a person: what it does, what went wrong with what to do, and asking leave before it changes the
 * machine. It must never go ahead without leave, except where CI says so.
 */
import { createInterface } from 'node:readline/promises';

/** A step that could not be done; `hint` says what to do about it. */
export class SetupError extends Error {
  /**
   * @param {string} message
   * @param {string} hint
   */
  constructor(message, hint) {
    super(message);
    this.hint = hint;
  }
}

/** @param {string} text */
export function say(text) {
  process.stdout.write(`${text}\n`);
}

/**
 * Asks on a terminal; goes ahead when CI=true; otherwise refuses and says what to run by hand.
 * @param {string} question
 * @param {string} byHand command that does the same
 */
export async function askLeave(question, byHand) {
  if (process.env['CI'] === 'true') return;
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new SetupError(
      'This needs your leave, and there is no terminal to ask on.',
      `Run this first: ${byHand}\n  or set CI=true to go ahead.`,
    );
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const answer = (await lines.question(`${question} [Y/n] `)).trim().toLowerCase();
  lines.close();
  if (answer !== '' && answer !== 'y' && answer !== 'yes') throw new SetupError('Nothing was installed.', `To do it by hand: ${byHand}`);
}

/**
 * Runs `main`; a failed step is told in words and ends with exit status 1.
 * @param {() => Promise<number>} main resolves to the exit status
 */
export async function runToExit(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`\n${error.message}\n  ${error.hint}\n`);
    process.exitCode = 1;
  }
}
