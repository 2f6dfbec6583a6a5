/** Takes away what a test made when it is over, the newest first. */
import { afterEach } from 'node:test';

/** Called once a file: what is handed to the result is done after the test that handed it over. */
export function undoing(): (step: () => unknown) => void {
  const steps: (() => unknown)[] = [];
  afterEach(async () => {
    for (const step of steps.splice(0).reverse()) await step();
  });
  return (step) => void steps.push(step);
}
