/** Fetches the agents that tests run, so that no test waits for that. */
import { contendersAt } from './contenders.ts';
import { agentPrograms } from './store.ts';

await agentPrograms(contendersAt('').map(({ name }) => name));
