/** What is said when a link is over, and what stands for what was asked over an earlier one. */
import { LassoError } from '../protocol/errors.ts';
import type { SpawnRequest } from './contract.ts';

export function linkLost(cause?: unknown): LassoError {
  return new LassoError('LINK_LOST', 'The sandbox no longer answers.', 'Look at its state with `lasso status`, and start it again.', {
    cause,
  });
}

/** stands for the request of a process an earlier helper started */
export const unknownRequest: SpawnRequest = {
  argv: [],
  file: 'the command',
  cwd: '/',
  environment: {},
  terminal: null,
  stdin: false,
  separateStderr: false,
};
