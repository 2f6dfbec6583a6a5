/** A host and LASSO folders of a test's own, under a fresh temporary folder that the undo removes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { foldersOf, type Folders, type Host } from '../../helper/base/platform.ts';

export interface TestPlace {
  readonly root: string;
  readonly host: Host;
  readonly folders: Folders;
  readonly remove: () => void;
}

export function testPlace(root = mkdtempSync(join(tmpdir(), 'lasso-test-'))): TestPlace {
  return {
    root,
    host: testHost(root),
    folders: foldersOf(testHost(root)),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function testHost(root: string): Host {
  return {
    platform: process.platform,
    environment: { LASSO_HOME: join(root, 'home'), LASSO_RUNTIME_DIR: join(root, 'run') },
    home: root,
    uid: process.getuid?.(),
    gid: process.getgid?.(),
    user: userInfo().username,
    temporary: tmpdir(),
  };
}
