/** Which test files there are, in which order they run, and how many at once. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {{ name: string, folder: string, atOnce: number, limitMinutes: number }} Group */

/** @type {readonly Group[]} */
export const groups = [
  { name: 'house', folder: 'test/house', atOnce: 2, limitMinutes: 2 },
  { name: 'unit', folder: 'test/unit', atOnce: 2, limitMinutes: 2 },
  { name: 'parity', folder: 'test/parity', atOnce: 1, limitMinutes: 10 },
  { name: 'e2e', folder: 'test/e2e', atOnce: 1, limitMinutes: 10 },
];

/**
 * Test files of a group whose path holds `part`, sorted.
 * @param {string} root
 * @param {Group} group
 * @param {string} part
 */
export function testFiles(root, group, part) {
  const folder = join(root, group.folder);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts') && join(group.folder, name).includes(part))
    .sort()
    .map((name) => join(folder, name));
}
