import { startDocker } from '../kit/engines.ts';
import { keepPromisesOn } from './engine-target.ts';

keepPromisesOn(
  { title: 'Docker', backend: 'docker', isolation: 'container', exceptions: {}, everyday: true },
  ['socket', 'stdio'],
  startDocker,
);
