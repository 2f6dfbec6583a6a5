/**
 * Writes down what somebody on the host starts in a sandbox with the engine itself (`docker exec`). Nothing judges it or could stop
 * it: whoever may use the engine may do so, and the agent may not.
 */
import type { OutsideStart } from '../backends/backend.ts';
import type { Live } from './live.ts';
import type { Sandbox } from './sandbox.ts';

/** what a person is told from the first such start on, until the sandbox starts anew */
export const outsideNotice = 'It was entered from outside, past LASSO: the record says with what.';

export function recordOutsideStarts(sandbox: Sandbox, live: Live): void {
  live.running.onOutsideStart?.((start) => {
    void record(sandbox, start).then(() => notice(sandbox, live));
  });
}

async function record(sandbox: Sandbox, { command, argv, user, privileged }: OutsideStart): Promise<void> {
  await sandbox.note({
    type: 'violation',
    action: 'entered-from-outside',
    outcome: 'success',
    actor: { kind: 'user', face: 'helper' },
    target: command,
    detail: {
      argv,
      user,
      privileged,
      reason: `It was started with ${sandbox.saved.backend} exec from the host, where nothing judges it.`,
    },
  });
}

async function notice(sandbox: Sandbox, live: Live): Promise<void> {
  await sandbox.exclusive(async () => {
    const { notices } = sandbox.saved;
    if (sandbox.live === live && !notices.includes(outsideNotice))
      await sandbox.enter(sandbox.saved.state, { notices: [...notices, outsideNotice] });
  });
}
