/** A backend to measure: a private engine where it needs one, and a LASSO of its own on it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BackendName } from '../../helper/protocol/sandbox.ts';
import { canStartEngines, startDocker, startPodman, type TestEngine } from '../kit/engines.ts';
import { TestLasso } from '../kit/lasso.ts';

export interface BenchTarget {
  readonly backend: BackendName;
  readonly lasso: TestLasso;
  /** folder for the sandboxes */
  readonly workspace: string;
  /** null for bubblewrap */
  readonly engine: TestEngine | null;
  /** null for bubblewrap */
  readonly image: string | null;
  end(): Promise<void>;
}

/** Starts the engine, and builds the image where there is one. */
export async function benchTarget(backend: BackendName): Promise<BenchTarget> {
  if (backend !== 'bubblewrap' && !canStartEngines()) throw new Error('private engines can be started only by root on Linux');
  const engine =
    backend === 'docker' ? await startDocker() : backend === 'podman' ? await startPodman({ service: true, runtime: 'runc' }) : null;
  const lasso = new TestLasso(engine === null ? {} : { environment: engine.environment });
  const end = async (): Promise<void> => {
    try {
      await lasso.dispose();
    } finally {
      await engine?.stop();
    }
  };
  try {
    const connection = await lasso.connect();
    const { image } = await connection.call('prebuild', { backend });
    const workspace = join(lasso.root, 'workspace');
    mkdirSync(workspace);
    return { backend, lasso, workspace, engine, image, end };
  } catch (error) {
    await end().catch(() => undefined);
    throw error;
  }
}
