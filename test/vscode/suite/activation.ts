/** Promises about what the extension contributes and what activating it costs. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { activated } from './extension.ts';

const activationLimitMs = 50;

export function activationTests(): void {
  describe('activation', () => {
    it('costs less than 50 ms of its own work and starts no helper', async () => {
      const { activationMs, helper } = await activated();
      assert.ok(activationMs < activationLimitMs, `${activationMs} ms`);
      assert.equal(helper.state.kind, 'idle');
    });

    it('registers every command that it contributes', async () => {
      const known = new Set(await vscode.commands.getCommands(true));
      const missing = contributed('commands').filter((entry) => !known.has(String(entry['command'])));
      assert.deepEqual(missing, []);
    });

    it('contributes no setting that a workspace may change', () => {
      const manifest: unknown = vscode.extensions.getExtension('lasso.lasso')?.packageJSON;
      const properties = inside(inside(inside(manifest, 'contributes'), 'configuration'), 'properties');
      assert.ok(isRecord(properties));
      const loose = Object.entries(properties).filter(([, value]) => inside(value, 'scope') !== 'application');
      assert.deepEqual(loose, []);
      assert.ok(Object.keys(properties).length >= 4);
    });
  });
}

function contributed(point: string): Readonly<Record<string, unknown>>[] {
  const manifest: unknown = vscode.extensions.getExtension('lasso.lasso')?.packageJSON;
  const entries = inside(inside(manifest, 'contributes'), point);
  assert.ok(Array.isArray(entries));
  return entries.filter(isRecord);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;
const inside = (value: unknown, key: string): unknown => (isRecord(value) ? value[key] : undefined);
