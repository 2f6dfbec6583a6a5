/** Every source a profile can name, found by what it says. */
import type { Clock } from '../base/clock.ts';
import { commandSource, type CommandFacts, runHostCommand } from './command.ts';
import { variableSource } from './environment.ts';
import { fileSource } from './file.ts';
import type { GithubLogin } from './github.ts';
import type { OwnStore } from './own-store.ts';
import { referenceOf } from './reference.ts';
import { safePath } from './safe-path.ts';
import type { SecretPlace, SecretSource } from './store.ts';
import { unavailable } from './unavailable.ts';
import type { EditorSecrets } from './vscode.ts';

export interface SourceFacts {
  readonly host: CommandFacts;
  readonly clock: Pick<Clock, 'now' | 'monotonicMs'>;
  readonly own: OwnStore;
  readonly editors: EditorSecrets;
  readonly github: GithubLogin;
}

/** how long a program that renews a file is not run again, in milliseconds */
const renewalPauseMs = 30_000;

/** What opens the source of a place. @throws LassoError SECRET_UNAVAILABLE where it names none */
export function secretSources({ host, clock, own, editors, github }: SourceFacts): (place: SecretPlace) => SecretSource {
  const renewals = new Map<string, { readonly done: Promise<void>; readonly untilMs: number }>();
  // Two renewals at once would end each other's tokens, and one that fails must not be run for every request.
  const renewal = (line: string, writable: readonly string[]): Promise<void> => {
    const last = renewals.get(line);
    if (last !== undefined && clock.monotonicMs() < last.untilMs) return last.done;
    const done = runHostCommand(line, writable, host).then(() => undefined);
    renewals.set(line, { done, untilMs: clock.monotonicMs() + renewalPauseMs });
    return done;
  };
  const sourceOf = ({ from, refresh, writable }: SecretPlace): SecretSource => {
    const reference = referenceOf(from);
    switch (reference.kind) {
      case 'env':
        return variableSource(reference.name, host.environment);
      case 'file': {
        const { path, field } = reference;
        const renew = refresh === undefined ? {} : { renew: () => renewal(refresh, writable) };
        return fileSource({ path, writable, ...(field === undefined ? {} : { field }), ...renew }, host, clock);
      }
      case 'command':
        return commandSource(reference.line, writable, host);
      case 'vscode':
        return editors.source(reference.name);
      case 'keyring':
        return { freshMs: 30_000, read: () => own.named(reference.name) };
      case 'github':
        return github.source;
    }
  };
  return (place) => {
    const source = sourceOf(place);
    return {
      freshMs: source.freshMs,
      read: async () => {
        for (const file of place.files) await requireSafeProfile(file, place.writable, host);
        return source.read();
      },
    };
  };
}

/** Whoever can change what is written about a secret can have it sent elsewhere, or have a program of the host started. */
async function requireSafeProfile(file: string, writable: readonly string[], host: CommandFacts): Promise<void> {
  try {
    await safePath(file, writable, host);
  } catch {
    throw unavailable(
      `the profile that names it can be changed by an agent: ${file}`,
      'Keep profiles with secrets in a folder that no sandbox is given: lasso profile import',
    );
  }
}
