/** All agents LASSO knows, by name. */
import type { AgentName } from '../protocol/agent.ts';
import { aider } from './aider.ts';
import type { Agent } from './agent.ts';
import { claude } from './claude.ts';
import { codex } from './codex.ts';
import { copilot } from './copilot.ts';
import { cursor } from './cursor.ts';
import { gemini } from './gemini.ts';
import { goose } from './goose.ts';
import { opencode } from './opencode.ts';
import { vscode } from './vscode.ts';

export const agents: Readonly<Record<AgentName, Agent>> = { claude, opencode, codex, copilot, gemini, vscode, cursor, aider, goose };
