import { startDocker } from '../kit/engines.ts';
import { keepPromisesOn } from './engine-target.ts';

const ignored = 'runsc runs with --ignore-cgroups where control groups are hybrid';

keepPromisesOn(
  {
    title: 'gVisor on Docker',
    backend: 'docker',
    isolation: 'gvisor',
    exceptions: { memory: ignored, pids: ignored },
  },
  ['stdio'],
  startDocker,
);
