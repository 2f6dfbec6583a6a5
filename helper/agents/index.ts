/** All agents LASSO knows, by name. */
import type { AgentName } from '../protocol/agent.ts';
import { aider } from './dialects/aider.ts';
import type { Agent } from './agent.ts';
import { claude } from './dialects/claude.ts';
import { codex } from './dialects/codex.ts';
import { copilot } from './dialects/copilot.ts';
import { cursor } from './dialects/cursor.ts';
import { gemini } from './dialects/gemini.ts';
import { goose } from './dialects/goose.ts';
import { opencode } from './dialects/opencode.ts';
import { vscode } from './dialects/vscode.ts';

export const agents: Readonly<Record<AgentName, Agent>> = { claude, opencode, codex, copilot, gemini, vscode, cursor, aider, goose };
