/** Hosts and LASSO folders that go when their test is over. */
import { testPlace, type TestPlace } from './folders.ts';
import { undoing } from './undoing.ts';

/** Called once a file: makes a place of a test’s own. */
export function testPlaces(): () => TestPlace {
  const undo = undoing();
  return () => {
    const made = testPlace();
    undo(made.remove);
    return made;
  };
}
