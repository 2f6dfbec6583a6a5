/** A secret in a variable of the helper. Its own environment is that of whoever started it, and does not change while it runs. */
import type { SecretSource } from './store.ts';
import { unavailable } from './unavailable.ts';

export function variableSource(name: string, environment: Readonly<Record<string, string | undefined>>): SecretSource {
  return {
    freshMs: 2000,
    read: () => {
      const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
      return value === undefined || value === ''
        ? Promise.reject(
            unavailable(
              `the variable ${name} is not set where LASSO’s helper was started`,
              'The helper keeps the variables it was started with: set it, stop every sandbox, and start again from there; or keep the value with `lasso secret set`.',
            ),
          )
        : Promise.resolve(value);
    },
  };
}
