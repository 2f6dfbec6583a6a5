/** Claude Code, OpenCode, Codex, Copilot CLI and Gemini CLI in sandboxes without an engine. */
import { agentsWorkOn } from '../kit/agents/suite.ts';

agentsWorkOn('bubblewrap', undefined);
