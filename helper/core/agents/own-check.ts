/**
 * Asks an agent's own program, the one LASSO keeps, what it makes of what LASSO would tell it. It is shown LASSO's own texts only, in a
 * private folder with a home that is thrown away: a project's settings may name programs to start, and no file of a project is read.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { agents } from '../../agents/index.ts';
import type { Brief } from '../../agents/brief.ts';
import { fileText } from '../../agents/told/file-text.ts';
import { type OwnLook, ownLooks } from '../../agents/told/own-looks.ts';
import { runChild } from '../../base/child.ts';
import type { AgentCheckRow, AgentName } from '../../protocol/agent.ts';
import type { World } from '../world.ts';

const limitMs = 60_000;
/** where nobody listens */
const nowhere = 'http://127.0.0.1:9';

/** @returns no row for an agent whose program looks at no files */
export async function ownCheck(
  world: Pick<World, 'agentStore' | 'folders' | 'host'>,
  agent: AgentName,
  brief: Brief,
): Promise<readonly AgentCheckRow[]> {
  const look = ownLooks[agent];
  const stored = world.agentStore.placeOf(agent);
  const { files } = agents[agent].render(brief);
  const first = files.find(({ kind }) => kind === 'values') ?? files[0];
  if (look === undefined || stored === undefined || first === undefined) return [];
  const { title } = agents[agent];
  const row = { agent, file: first.path, by: 'tool' } as const;
  if (world.host.platform !== 'linux') {
    return [{ ...row, status: 'absent', message: `LASSO keeps ${title} for sandboxes, and it does not run on this machine itself.` }];
  }
  if (!(await world.agentStore.isReady(agent))) {
    const message = `${title} ${stored.version} is not on this machine yet.`;
    return [{ ...row, status: 'absent', message, hint: `\`lasso run ${agent}\` fetches it.` }];
  }
  await mkdir(world.folders.runtime, { recursive: true, mode: 0o700 });
  const place = await mkdtemp(join(world.folders.runtime, 'check-'));
  try {
    const fault = await asked(look, stored.folder, place, agent, brief);
    if (fault === undefined) return [{ ...row, status: 'ok', message: `${title} ${stored.version} takes what LASSO tells it.` }];
    return [
      { ...row, status: 'problem', message: `${title} ${stored.version}: ${fault}`, hint: 'This is a fault of LASSO: please report it.' },
    ];
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

async function asked(look: OwnLook, folder: string, place: string, agent: AgentName, brief: Brief): Promise<string | undefined> {
  const [home, temporary, workspace] = [join(place, 'home'), join(place, 'tmp'), join(place, 'workspace')];
  // Codex wants its own folder there; a project begins where git says so.
  for (const path of [join(home, '.codex'), temporary, join(workspace, '.git')]) await mkdir(path, { recursive: true });
  for (const file of agents[agent].render(brief).files) {
    await mkdir(dirname(join(workspace, file.path)), { recursive: true });
    await writeFile(join(workspace, file.path), fileText(file, brief));
  }
  const [program, ...before] = look.program.map((word) => (word.includes('/') ? join(folder, word) : word));
  const { code, stdout, stderr, failure } = await runChild(program ?? '', [...before, ...look.words], {
    cwd: workspace,
    timeoutMs: limitMs,
    environment: {
      PATH: '/usr/bin:/bin',
      HOME: home,
      TMPDIR: temporary,
      CODEX_HOME: join(home, '.codex'),
      HTTP_PROXY: nowhere,
      HTTPS_PROXY: nowhere,
      ...look.environment,
    },
  });
  if (failure !== undefined) return `it cannot be started (${failure})`;
  return look.fault(code, `${stderr}\n${stdout}`.trim());
}
