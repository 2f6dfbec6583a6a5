/** How a sandbox looks: pure functions from what is known to words, icon names and context values. */
import type { SandboxInfo, SandboxState, TerminalInfo } from '../../helper/protocol/sandbox.ts';
import { blockedLines, blockedWord, type Blocked } from './blocked.ts';

export interface StateLook {
  /** codicon */
  readonly icon: string;
  /** theme colour */
  readonly colour: string | undefined;
  readonly word: string;
}

export const stateLooks: Readonly<Record<SandboxState, StateLook>> = {
  creating: { icon: 'loading~spin', colour: undefined, word: 'starting' },
  running: { icon: 'circle-filled', colour: 'charts.green', word: 'running' },
  suspended: { icon: 'debug-pause', colour: 'charts.yellow', word: 'suspended' },
  stopping: { icon: 'loading~spin', colour: undefined, word: 'stopping' },
  stopped: { icon: 'circle-outline', colour: undefined, word: 'stopped' },
  failed: { icon: 'error', colour: 'charts.red', word: 'failed' },
};

/** what was blocked · agent · profile · mode · backend · uptime, or the state where it is not running */
export function descriptionOf(sandbox: SandboxInfo, nowMs: number, blocked?: Blocked): string {
  const last = sandbox.state === 'running' && sandbox.startedAt !== undefined ? elapsed(sandbox.startedAt, nowMs) : wordOf(sandbox);
  const parts = [blocked && blockedWord(blocked), sandbox.agent, sandbox.profile, sandbox.mode, backendOf(sandbox), last];
  return parts.filter((part) => part !== undefined).join(' · ');
}

export function tooltipOf(sandbox: SandboxInfo, nowMs: number, blocked?: Blocked): string {
  const since = sandbox.startedAt === undefined ? '' : `, for ${elapsed(sandbox.startedAt, nowMs)}`;
  const lines = [
    `${sandbox.name} (${sandbox.id})`,
    `State: ${wordOf(sandbox)}${sandbox.state === 'running' ? since : ''}`,
    sandbox.reason === undefined ? undefined : `Reason: ${sandbox.reason}`,
    `Profile: ${sandbox.profile}`,
    sandbox.mode === undefined ? undefined : `Mode: ${sandbox.mode}`,
    `Backend: ${backendOf(sandbox)}${sandbox.rootless === true ? ', rootless' : ''}`,
    sandbox.agent === undefined ? undefined : `Agent: ${sandbox.agent}`,
    `Workspace: ${sandbox.workspace}`,
    `Commands running: ${sandbox.running}`,
    ...sandbox.notices.map((notice) => `Note: ${notice}`),
    ...(blocked ? blockedLines(blocked) : []),
  ];
  return lines.filter((line) => line !== undefined).join('\n');
}

export const contextOf = (sandbox: SandboxInfo): string => `sandbox.${sandbox.state}`;

export const wordOf = ({ state }: SandboxInfo): string => stateLooks[state].word;

const backendOf = ({ backend, isolation }: SandboxInfo): string => (isolation === 'container' ? backend : `${backend} (${isolation})`);

export function terminalDescriptionOf({ id, rows, columns, attached }: TerminalInfo): string {
  return [id, `${columns}×${rows}`, attached === 0 ? 'detached' : undefined].filter((part) => part !== undefined).join(' · ');
}

/** Coarse on purpose: one unit, so that a row does not flicker. A clock that went backwards reads as now. */
export function elapsed(sinceIso: string, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((nowMs - Date.parse(sinceIso)) / 1000));
  if (Number.isNaN(seconds) || seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
