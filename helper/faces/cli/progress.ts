/** Progress of a long request on stderr: one line that turns on a terminal, one line a step elsewhere. */
import type { Progress } from '../../protocol/events.ts';
import type { Console, Terminal } from './console.ts';
import { visible, widthOf } from './render/text.ts';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;
const frameMs = 100;

export interface ProgressLine {
  readonly show: (progress: Progress) => void;
  /** removes the line; must be called before anything else is written */
  readonly end: () => void;
}

export function progressLine({ stderr, environment }: Pick<Console, 'stderr' | 'environment'>, quiet: boolean): ProgressLine {
  if (quiet) return { show: () => undefined, end: () => undefined };
  return stderr.isTTY === true && environment['TERM'] !== 'dumb' ? spinner(stderr) : plain(stderr);
}

function textOf({ message, fraction }: Progress): string {
  return visible(message) + (fraction === undefined ? '' : ` ${Math.round(fraction * 100)} %`);
}

function plain(stderr: Terminal): ProgressLine {
  let last = '';
  return {
    show: ({ message }) => {
      if (message !== last) stderr.write(`${visible(message)}\n`);
      last = message;
    },
    end: () => undefined,
  };
}

function spinner(stderr: Terminal): ProgressLine {
  let text = '';
  let at = 0;
  let timer: NodeJS.Timeout | undefined;
  const draw = (): void => {
    const line = `${frames[at % frames.length] ?? ''} ${text}`;
    const columns = stderr.columns ?? 80;
    stderr.write(`\r\u001b[K${widthOf(line) < columns ? line : shortened(line, columns)}`);
    at += 1;
  };
  return {
    show: (progress) => {
      text = textOf(progress);
      draw();
      timer ??= setInterval(draw, frameMs).unref();
    },
    end: () => {
      if (timer === undefined) return;
      clearInterval(timer);
      timer = undefined;
      stderr.write('\r\u001b[K');
    },
  };
}

function shortened(line: string, columns: number): string {
  let kept = '';
  let width = 0;
  for (const character of line) {
    width += widthOf(character);
    if (width >= columns - 1) return `${kept}…`;
    kept += character;
  }
  return kept;
}
