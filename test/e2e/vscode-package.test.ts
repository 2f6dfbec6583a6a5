/** A package holds what runs, for its own platform, and nothing else. Packs for every platform and looks inside. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { namesInZip } from '../kit/zip.ts';
import { repository } from '../kit/vscode-server.ts';

const targets = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64'];
const needed = [
  'extension.vsixmanifest',
  'extension/package.json',
  'extension/README.md',
  'extension/CHANGELOG.md',
  'extension/LICENSE.txt',
  'extension/dist/extension.cjs',
  'extension/dist/lasso.js',
  'extension/dist/verify-thread.js',
  'extension/dist/mcp.js',
  'extension/dist/media/audit.js',
  'extension/dist/media/audit.css',
  'extension/dist/node_modules/node-pty/package.json',
  'extension/media/activity.svg',
  'extension/media/icon.png',
  'extension/profiles/standard.toml',
  'extension/profiles/hosts.toml',
  'extension/images/agents.json',
  'extension/images/base.Containerfile',
  'extension/images/packages',
  'extension/helper/audit/FORMAT.md',
  'extension/dist/guest/guest-linux-x64',
  'extension/dist/guest/guest-linux-arm64',
];
const allowed = [
  /^(extension\.vsixmanifest|\[Content_Types\]\.xml)$/,
  /^extension\/(package\.json|README\.md|CHANGELOG\.md|LICENSE\.txt)$/i,
  /^extension\/dist\/[\w.-]+\.(js|cjs|json|txt)$/,
  /^extension\/dist\/media\/audit\.(js|css)$/,
  /^extension\/dist\/(guest|idmap|ports)\/[\w.-]+$/,
  /^extension\/dist\/node_modules\/node-pty\/(package\.json|LICENSE|lib\/.+\.js|prebuilds\/.+)$/,
  /^extension\/media\/([\w.-]+|walkthrough\/\w+\.md)$/,
  /^extension\/profiles\/[\w.-]+\.(toml|json|md)$/,
  /^extension\/helper\/audit\/FORMAT\.md$/,
  /^extension\/images\/([\w.-]+\.Containerfile|packages|agents\.json)$/,
];

for (const target of targets) {
  test(`the package for ${target} holds what runs there and nothing else`, () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'vsix-'));
    try {
      const vsix = path.join(folder, 'lasso.vsix');
      execFileSync(process.execPath, [path.join(repository, '.ci', 'package.mjs'), '--target', target, '--out', vsix]);
      const names = namesInZip(vsix);
      const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
      assert.deepEqual(
        needed.filter((name) => !names.some((found) => same(found, name))),
        [],
        'missing',
      );
      assert.deepEqual(
        names.filter((name) => !allowed.some((pattern) => pattern.test(name))),
        [],
        'not expected',
      );
      const native = names.filter((name) => name.includes('/prebuilds/'));
      assert.ok(native.length > 0, 'the native part is in');
      assert.deepEqual(
        native.filter((name) => !name.includes(`/prebuilds/${target}/`)),
        [],
        'of another platform',
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
