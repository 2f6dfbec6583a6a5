import { startDocker } from '../kit/engines.ts';
import { keepPromisesOn } from './engine-target.ts';

const ignored = 'runsc runs with --ignore-cgroups where control groups are hybrid';

keepPromisesOn(
  {
    title: 'gVisor on Docker',
    backend: 'docker',
    isolation: 'gvisor',
    everyday: false,
    exceptions: {
      memory: ignored,
      pids: ignored,
      'hidden-guest': 'gVisor shows the files of pid 1 to every process; the guest has wiped what they would tell',
      'terminal-signals': 'the terminals of this gVisor make no signal of Ctrl-C',
      'exec-gate': 'gVisor has no user notification of system calls',
      'lasting-guest': 'this gVisor lets any process kill pid 1; the whole sandbox ends with it',
    },
  },
  ['stdio'],
  startDocker,
);
