import { startPodman } from '../kit/engines.ts';
import { keepPromisesOn } from './engine-target.ts';

keepPromisesOn({ title: 'Podman', backend: 'podman', isolation: 'container', exceptions: {}, everyday: true }, ['socket', 'stdio'], () =>
  startPodman({ service: true }),
);
