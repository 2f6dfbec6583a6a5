/** The rings: who may import whom. The table is the rule; a fault names the import that breaks it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { importsOf, packageOf, projectFiles, tellFaults, type Import } from '../kit/sources.ts';

interface Ring {
  /** folders under helper/ it may look at, besides itself */
  readonly sees: readonly string[];
  readonly packages: readonly string[];
  readonly node: boolean;
}

const mechanism = (...packages: string[]): Ring => ({ sees: ['protocol', 'policy', 'base'], packages: ['zod', ...packages], node: true });
const mechanisms = ['backends', 'guest', 'egress', 'audit', 'secrets', 'images', 'agents'];
const beneathFaces = ['protocol', 'base', 'policy', 'profile', ...mechanisms];

const rings: Readonly<Record<string, Ring>> = {
  protocol: { sees: [], packages: ['zod'], node: false },
  base: { sees: [], packages: [], node: true },
  policy: { sees: ['protocol'], packages: ['unbash'], node: false },
  profile: { sees: ['protocol', 'policy', 'base'], packages: ['smol-toml', 'zod'], node: false },
  backends: mechanism('dockerode', 'tar-stream', 'node-pty'),
  guest: mechanism(),
  egress: mechanism(),
  audit: mechanism('tar-stream'),
  secrets: mechanism(),
  images: mechanism('dockerode', 'tar-stream'),
  agents: mechanism('jsonc-parser', 'smol-toml', 'yaml'),
  core: { sees: beneathFaces, packages: ['@xterm/headless', '@xterm/addon-serialize', 'zod'], node: true },
  faces: {
    sees: ['core', 'profile', 'protocol', 'base'],
    packages: [
      'zod',
      '@modelcontextprotocol/sdk',
      'vscode-jsonrpc',
      'vscode-languageserver',
      'vscode-languageserver-textdocument',
      'vscode-languageserver-types',
    ],
    node: true,
  },
};
/** helper/main.ts is the one place where everything is put together */
const composition: Ring = { sees: ['faces', 'core', ...beneathFaces], packages: [], node: true };
const outside: Readonly<Record<string, Ring>> = {
  extension: { sees: ['protocol'], packages: ['vscode', 'vscode-languageclient', 'vscode-jsonrpc'], node: true },
  media: { sees: ['protocol'], packages: [], node: false },
};

/** What is wrong with an import, or undefined. */
function fault({ file, specifier, path, typeOnly }: Import): string | undefined {
  const [top = '', folder = ''] = file.split('/');
  const home = top === 'helper' ? (folder.includes('.') ? '' : folder) : top;
  const ring = top === 'helper' ? (home === '' ? composition : rings[home]) : outside[top];
  if (ring === undefined) return `helper/${home} is in no ring`;
  if (specifier.startsWith('node:')) return ring.node ? undefined : 'no module of Node here';
  if (path === undefined) return ring.packages.includes(packageOf(specifier)) ? undefined : `package ${packageOf(specifier)} not here`;
  if (!path.endsWith('.ts') && !path.endsWith('.json')) return 'say the file with its .ts';
  const [targetTop = '', targetFolder = ''] = path.split('/');
  if (targetTop !== 'helper') return targetTop === top && top !== 'helper' ? undefined : `${targetTop}/ is out of reach`;
  const target = targetFolder.includes('.') ? '' : targetFolder;
  if (top !== 'helper' && !typeOnly) return 'types only, from helper/protocol';
  if (target === home && top === 'helper') return undefined;
  return ring.sees.includes(target) ? undefined : `helper/${target} is out of reach from ${home === '' ? 'main' : home}`;
}

const told = (found: Import): string | undefined => {
  const why = fault(found);
  return why === undefined ? undefined : `${found.file}:${found.line} imports ${found.specifier}: ${why}`;
};

test('no file looks where its ring may not look', () => {
  const files = projectFiles().filter((file) => /^(helper|extension|media)\/.*\.ts$/.test(file));
  const faults = files.flatMap((file) => importsOf(file)).flatMap((found) => told(found) ?? []);
  tellFaults(faults);
});

describe('the table refuses', () => {
  const refused: readonly (readonly [file: string, text: string])[] = [
    ['helper/protocol/a.ts', "import { readFile } from 'node:fs';"],
    ['helper/protocol/a.ts', "import type { Policy } from '../policy/policy.ts';"],
    ['helper/policy/a.ts', "import { x } from '../base/clock.ts';"],
    ['helper/policy/a.ts', "export const x = await import('node:os');"],
    ['helper/profile/a.ts', "import { join } from 'node:path';"],
    ['helper/guest/a.ts', "import type { Backend } from '../backends/backend.ts';"],
    ['helper/backends/a.ts', "type Link = import('../guest/contract.ts').GuestLink;"],
    ['helper/audit/a.ts', "export { x } from '../core/core.ts';"],
    ['helper/core/a.ts', "import { x } from '../faces/cli/cli.ts';"],
    ['helper/core/a.ts', "import Docker from 'dockerode';"],
    ['helper/faces/cli/a.ts', "import { x } from '../../backends/backend.ts';"],
    ['helper/core/a.ts', "import { x } from '../kit/sources.ts';"],
    ['extension/a.ts', "import { operations } from '../helper/protocol/operations.ts';"],
    ['extension/a.ts', "import type { Core } from '../helper/core/core.ts';"],
    ['media/a.ts', "import { join } from 'node:path';"],
    ['helper/newcomer/a.ts', "import { join } from 'node:path';"],
  ];
  for (const [file, text] of refused)
    test(`${text} in ${file}`, () => assert.equal(importsOf(file, text).flatMap((found) => told(found) ?? []).length, 1));
});
