/** A made-up agent in sandboxes without an engine, and in Docker's. */
import { agentRunsOn } from '../kit/agent-run-suite.ts';
import { canStartEngines, startDocker } from '../kit/engines.ts';

agentRunsOn('bubblewrap', undefined, false);
agentRunsOn('docker', startDocker, canStartEngines() ? false : 'private engines can be started only by root on Linux');
