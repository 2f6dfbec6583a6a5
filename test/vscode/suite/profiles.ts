/** Promises about profiles in the editor: their language, and findings where they are. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { sampleFile, until } from './extension.ts';

export function profileTests(): void {
  describe('profiles', () => {
    let folder = '';
    before(() => (folder = mkdtempSync(path.join(tmpdir(), 'profiles-'))));
    after(async () => {
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      rmSync(folder, { recursive: true });
    });
    const open = async (name: string, text: string): Promise<vscode.TextDocument> => {
      const file = path.join(folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
      const document = await vscode.workspace.openTextDocument(file);
      await vscode.window.showTextDocument(document);
      return document;
    };

    it('have their own language, by name and by folder', async () => {
      for (const name of ['a.lasso.toml', '.lasso/b.toml', '.lasso/profiles/c.toml']) {
        const { languageId } = await open(name, 'description = "x"\n');
        assert.equal(languageId, 'lasso-profile', name);
      }
      const { languageId } = await vscode.workspace.openTextDocument(sampleFile('README.md'));
      assert.equal(languageId, 'markdown');
    });

    it('with a mistake show it, with its position', async () => {
      const { uri } = await open('bad.lasso.toml', 'description = "x"\n\n[resources\n');
      const found = await until('a diagnostic', () => vscode.languages.getDiagnostics(uri).at(0));
      assert.equal(found.severity, vscode.DiagnosticSeverity.Error);
      assert.ok(found.range.start.line >= 2, `line ${found.range.start.line}`);
    });
  });
}
