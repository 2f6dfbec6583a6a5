/** How a command inside ended, as a status for the shell outside and a line for the person. */
import { constants } from 'node:os';
import type { CommandExit } from '../../protocol/events.ts';
import { visible } from './render/text.ts';

/** exit status of a program whose reader went away */
export const brokenPipeStatus = 128 + 13;

/** The command's own status; 128 and the signal's number where a signal ended it, as shells have it. */
export function statusOf({ code, signal }: CommandExit): number {
  if (code !== null) return code;
  return signal === null ? 1 : Math.min(255, 128 + signal);
}

/** What is worth saying about an end; nothing for one the command chose itself. */
export function remarkOn({ signal, reason }: CommandExit): string | undefined {
  if (signal === null) return reason === undefined ? undefined : visible(reason);
  const name = Object.entries(constants.signals).find(([, number]) => number === signal)?.[0];
  const killed = `killed by signal ${signal}${name === undefined ? '' : ` (${name})`}`;
  return reason === undefined ? killed : `${visible(reason)}; ${killed}`;
}

export function statusOfSignal(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}
