/** Verbs that read and verify records, also of sandboxes long removed. */
import { readdir } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { OperationHandlers } from './contract.ts';
import type { Registry } from '../registry.ts';
import type { World } from '../world.ts';
import { keyFileOf, loadKey } from '../../audit/keys.ts';
import { verifyFile } from '../../audit/verify.ts';

export function recordOperations(world: World, registry: Registry): Pick<OperationHandlers, 'auditVerify'> {
  return {
    auditVerify: async ({ target, key: keyFile }) => {
      const key = await loadKey(world.host, keyFile ?? keyFileOf(world.folders), world.folders.audit);
      const files = target === undefined ? await all(world) : [isAbsolute(target) ? target : await recordOf(world, registry, target)];
      const reports = [];
      for (const file of files) reports.push(await verifyFile(file, key));
      return { valid: reports.every(({ valid }) => valid), reports };
    },
  };
}

async function all(world: World): Promise<readonly string[]> {
  const names = await readdir(world.folders.audit).catch(() => []);
  return names
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .map((name) => join(world.folders.audit, name));
}

async function recordOf(world: World, registry: Registry, reference: string): Promise<string> {
  const files = await all(world);
  const begun = /^[0-9a-f]{3,12}$/.test(reference) ? files.filter((file) => idOf(file).startsWith(reference)) : [];
  const [only] = begun;
  if (only !== undefined && begun.length === 1) return only;
  return join(world.folders.audit, `${registry.resolve(reference).id}.jsonl`);
}

const idOf = (file: string): string => file.replace(/^.*[/\\]/, '').replace(/\.jsonl$/, '');
