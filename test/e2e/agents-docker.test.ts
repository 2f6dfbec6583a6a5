/** Claude Code, OpenCode, Codex, Copilot CLI and Gemini CLI in sandboxes of Docker. */
import { agentsWorkOn } from '../kit/agents/suite.ts';
import { startDocker } from '../kit/engines.ts';

agentsWorkOn('docker', startDocker);
