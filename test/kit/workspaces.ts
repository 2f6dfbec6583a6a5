/** A workspace and a home of LASSO on disk, for tests of what a folder brings. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { considerProfile, effectiveProfile, type EffectiveProfile, type ProfileWish } from '../../helper/core/profiles/effective.ts';
import type { ProfilePlaces } from '../../helper/core/profiles/places.ts';
import { readTextFile } from '../../helper/core/profiles/profiles.ts';
import { remember } from '../../helper/core/profiles/trust.ts';
import type { WorkspaceProfile } from '../../helper/protocol/profile-operations.ts';
import { builtInGroups, builtInProfiles } from './profile-sources.ts';

export class TestWorkspace {
  readonly root: string;
  readonly dir: string;
  readonly places: ProfilePlaces;

  constructor() {
    this.root = realpathSync(mkdtempSync(join(tmpdir(), 'lw-')));
    this.dir = join(this.root, 'work');
    mkdirSync(this.dir);
    const user = join(this.root, 'home', 'profiles');
    this.places = {
      sources: {
        readFile: readTextFile,
        listFolder: (path) => Promise.resolve(readdirSync(path)),
        resolvePath: (...parts) => resolve(...parts),
        hash: (text) => createHash('sha256').update(text).digest('hex'),
        builtIns: builtInProfiles,
        userFolders: [user],
        hostGroups: builtInGroups,
      },
      folders: { state: join(this.root, 'home', 'state') },
      config: { defaults: {} },
    };
  }

  /** Writes a file of the workspace's `.lasso`. */
  write(name: string, text: string): string {
    return this.put(join(this.dir, '.lasso', name), text);
  }

  user(name: string, text: string): string {
    return this.put(join(this.root, 'home', 'profiles', `${name}.toml`), `name = "${name}"\n${text}`);
  }

  put(file: string, text: string): string {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  read(name: string): string {
    return readFileSync(join(this.dir, '.lasso', name), 'utf8');
  }

  async effective(wish: ProfileWish = {}): Promise<EffectiveProfile> {
    return await effectiveProfile({ dir: this.dir, ...wish }, this.places);
  }

  /** What the folder brings, whoever agreed to it. */
  async brings(wish: ProfileWish = {}): Promise<WorkspaceProfile | undefined> {
    return (await considerProfile({ dir: this.dir, ...wish }, this.places)).considered?.workspace;
  }

  async say(agreed: boolean, wish: ProfileWish = {}): Promise<void> {
    const { named, considered } = await considerProfile({ dir: this.dir, ...wish }, this.places);
    const { digest = '', files = [] } = considered?.reading ?? {};
    await remember({ workspace: this.dir, name: named }, { agreed, digest, files, at: new Date(0) }, this.places.folders);
  }

  dispose(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
