/** Promises about writing a profile: what is wrong is marked where it is, and the editor helps with what could stand there. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { until } from './extension.ts';

export function profileLanguageTests(): void {
  describe('a profile that is written', () => {
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
    const findings = (uri: vscode.Uri): Promise<vscode.Diagnostic[]> =>
      until('a diagnostic', () => {
        const found = vscode.languages.getDiagnostics(uri);
        return found.length > 0 && found;
      });

    const wrong: readonly (readonly [what: string, text: string, marked: string, severity: vscode.DiagnosticSeverity])[] = [
      ['unknown key', 'name = "x"\n[network]\nallowed_domian = []\n', 'allowed_domian', vscode.DiagnosticSeverity.Error],
      ['value of the wrong type', 'name = "x"\n[network]\nallowed_ports = "80"\n', '"80"', vscode.DiagnosticSeverity.Error],
      ['choice that is none', 'name = "x"\nmode = "asist"\n', '"asist"', vscode.DiagnosticSeverity.Error],
    ];
    for (const [index, [what, text, marked, severity]] of wrong.entries())
      it(`has its ${what} marked, and nothing else`, async () => {
        const document = await open(`wrong-${index}.lasso.toml`, text);
        const [found, ...more] = (await findings(document.uri)).filter((finding) => finding.severity === severity);
        assert.ok(found);
        assert.equal(document.getText(found.range), marked);
        assert.deepEqual(more, []);
      });

    it('is checked again after a keystroke', async () => {
      const document = await open('typed.lasso.toml', 'name = "x"\nmode = "asist"\n');
      await findings(document.uri);
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, new vscode.Position(1, 10), 's');
      assert.ok(await vscode.workspace.applyEdit(edit));
      await until('no error is left', () =>
        vscode.languages.getDiagnostics(document.uri).every(({ severity }) => severity !== vscode.DiagnosticSeverity.Error),
      );
      await document.save();
    });

    it('is offered a fix for a misspelt key, which mends it', async () => {
      const document = await open('fix.lasso.toml', 'name = "x"\n[network]\nallowed_domian = []\n');
      const [found] = await findings(document.uri);
      assert.ok(found);
      const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
        'vscode.executeCodeActionProvider',
        document.uri,
        found.range,
      );
      const fix = actions.find(({ edit, title }) => edit !== undefined && title.includes('allowed_domains'));
      assert.ok(fix?.edit, `offered: ${actions.map(({ title }) => title).join(', ')}`);
      assert.ok(await vscode.workspace.applyEdit(fix.edit));
      assert.equal(document.lineAt(2).text, 'allowed_domains = []');
      await until('the error is gone', () => vscode.languages.getDiagnostics(document.uri).every(({ code }) => code !== found.code));
      await document.save();
    });

    const completed: readonly (readonly [what: string, text: string, wanted: string])[] = [
      ['a key', 'name = "x"\n[network]\nallo|\n', 'allowed_domains'],
      ['a key at the top', 'name = "x"\nexte|\n', 'extends'],
      ['a value', 'name = "x"\nmode = "|"\n', 'assist'],
      ['a profile to build on', 'name = "x"\nextends = "|"\n', 'strict'],
      ['a group of hosts', 'name = "x"\n[network]\nallowed_domains = ["@|"]\n', '@npm'],
    ];
    for (const [index, [what, text, wanted]] of completed.entries())
      it(`is offered ${what}`, async () => {
        const document = await open(`complete-${index}.lasso.toml`, text.replace('|', ''));
        const place = document.positionAt(text.indexOf('|'));
        await until(`${wanted} among the suggestions`, async () => {
          const list = await vscode.commands.executeCommand<vscode.CompletionList>(
            'vscode.executeCompletionItemProvider',
            document.uri,
            place,
          );
          return list.items.some(({ label }) => (typeof label === 'string' ? label : label.label).replaceAll('"', '') === wanted);
        });
      });

    it('explains a key under the pointer', async () => {
      const document = await open('hover.lasso.toml', 'name = "x"\n[resources]\nmax_pids = 100\n');
      const text = await until('an explanation', async () => {
        const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
          'vscode.executeHoverProvider',
          document.uri,
          new vscode.Position(2, 3),
        );
        const texts = hovers
          .flatMap(({ contents }) => contents)
          .map((content) => (content instanceof vscode.MarkdownString ? content.value : JSON.stringify(content)));
        return texts.length > 0 && texts.join('\n');
      });
      assert.match(text, /max_pids/);
      assert.match(text, /[Dd]efault/);
    });

    it('leads from “extends” to what it builds on', async () => {
      const document = await open('definition.lasso.toml', 'name = "x"\nextends = "strict"\n');
      const uri = await until('a definition', async () => {
        const found = await vscode.commands.executeCommand<(vscode.Location | vscode.LocationLink)[]>(
          'vscode.executeDefinitionProvider',
          document.uri,
          new vscode.Position(1, 13),
        );
        const [first] = found;
        return first && ('targetUri' in first ? first.targetUri : first.uri);
      });
      assert.equal(path.basename(uri.fsPath), 'strict.toml');
    });

    it('is formatted with every comment kept', async () => {
      const document = await open('format.lasso.toml', '# head\nname="x"   # why\n\n\n\n[network]\nallowed_ports=[80,443] # web\n');
      const edits = await until('edits', async () => {
        const found = await vscode.commands.executeCommand<vscode.TextEdit[] | undefined>(
          'vscode.executeFormatDocumentProvider',
          document.uri,
          {
            tabSize: 2,
            insertSpaces: true,
          },
        );
        return found !== undefined && found.length > 0 && found;
      });
      const edit = new vscode.WorkspaceEdit();
      edit.set(document.uri, edits);
      assert.ok(await vscode.workspace.applyEdit(edit));
      const text = document.getText();
      for (const kept of ['# head', '# why', '# web']) assert.ok(text.includes(kept), text);
      assert.match(text, /^name = "x" +# why$/m);
      await document.save();
    });

    it('has lenses that show, compare and try it', async () => {
      const document = await open('lens.lasso.toml', 'name = "x"\nextends = "standard"\n');
      const commands = await until('lenses', async () => {
        const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', document.uri, 10);
        return lenses.length > 0 && lenses.map(({ command }) => command);
      });
      assert.deepEqual(commands.map((command) => command?.command).sort(), [
        'lasso.diffProfileWithBase',
        'lasso.showEffectiveProfile',
        'lasso.tryCommand',
      ]);
      for (const command of commands) assert.deepEqual(command?.arguments?.slice(0, 1), [document.uri.toString()]);
    });

    it('has an outline of its tables', async () => {
      const document = await open('outline.lasso.toml', 'name = "x"\n[network]\nmode = "none"\n');
      const names = await until('symbols', async () => {
        const found = await vscode.commands.executeCommand<vscode.DocumentSymbol[] | undefined>(
          'vscode.executeDocumentSymbolProvider',
          document.uri,
        );
        return found?.map(({ name }) => name);
      });
      assert.ok(names.includes('network'), names.join());
    });
  });
}
