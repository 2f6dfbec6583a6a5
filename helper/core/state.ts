/**
 * What is kept on disk about each sandbox, so that a helper that was killed finds every one again. Truth about what runs
 * is the engine's; this folder says what belongs to it. Files are this user's alone: they hold link tokens.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readFileIfAny, writeFileAtomic } from '../base/atomic-file.ts';
import { profileMode } from '../protocol/profile/profile.ts';
import { backendName, isolation, linkKind, sandboxState } from '../protocol/sandbox.ts';

const keptRecord = z.object({ durability: z.enum(['group', 'fsync']), maxFileBytes: z.number(), olderFiles: z.number() });
const bind = z.object({ source: z.string(), target: z.string(), readonly: z.boolean() });

export const savedSandbox = z.object({
  version: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{12}$/),
  name: z.string(),
  state: sandboxState,
  reason: z.string().optional(),
  createdAt: z.string(),
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
  /** the profile as it was asked for: a name or an absolute file */
  profile: z.string(),
  profileDigest: z.string(),
  /** whether the folder's own profile was left out, as the user asked */
  ignoreWorkspaceProfile: z.boolean().default(false),
  backend: backendName,
  isolation,
  /** set when the mode was changed while it ran; else the profile’s */
  mode: profileMode.optional(),
  /** asked-for link, kept for a restart; the one in use is in `link` */
  wantedLink: linkKind.optional(),
  link: linkKind,
  rootless: z.boolean(),
  agent: z.string().optional(),
  ephemeral: z.boolean(),
  workspace: z.string(),
  mounts: z.array(bind),
  /** `NAME=VALUE` pairs the user asked for */
  environment: z.record(z.string(), z.string()),
  identity: z.object({ uid: z.number(), gid: z.number(), hostUid: z.number(), hostGid: z.number() }),
  image: z.string().nullable(),
  /** 64 hex digits; only the guest and this file know it */
  token: z.string(),
  engineId: z.string().optional(),
  /** how its record is kept, as its profile said when it was made */
  record: keptRecord.optional(),
  notices: z.array(z.string()),
});
export type SavedSandbox = z.infer<typeof savedSandbox>;

/** A folder of saved sandboxes, one file each. */
export class StateFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Saves one, whole. */
  async save(sandbox: SavedSandbox): Promise<void> {
    await writeFileAtomic(this.#file(sandbox.id), `${JSON.stringify(sandbox, undefined, 1)}\n`);
  }

  async forget(id: string): Promise<void> {
    await rm(this.#file(id), { force: true });
  }

  /** All that can be read; the others are set aside as `.broken` and named, never guessed at. */
  async load(): Promise<{ readonly sandboxes: readonly SavedSandbox[]; readonly broken: readonly string[] }> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const sandboxes: SavedSandbox[] = [];
    const broken: string[] = [];
    for (const name of (await readdir(this.#folder)).sort()) {
      if (!name.endsWith('.json')) continue;
      const file = join(this.#folder, name);
      const saved = parse((await readFileIfAny(file)) ?? '');
      if (saved && `${saved.id}.json` === name) sandboxes.push(saved);
      else {
        await writeFileAtomic(`${file}.broken`, (await readFileIfAny(file)) ?? '');
        await rm(file, { force: true });
        broken.push(file);
      }
    }
    return { sandboxes, broken };
  }

  #file(id: string): string {
    return join(this.#folder, `${id}.json`);
  }
}

function parse(text: string): SavedSandbox | undefined {
  try {
    return savedSandbox.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
