/** The project's own files and what they import, as house tests see them: whatever git knows or would take, nothing else. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Paths from the repository's root of every file that is or would be committed. */
export function projectFiles(): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' });
  return listed.split('\0').filter((file) => file !== '' && existsSync(join(root, file)));
}

export function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

export const isCode = (file: string): boolean => /\.(ts|mjs|c|h)$/.test(file);

/** Fails with one fault a line. */
export function tellFaults(faults: readonly string[]): void {
  if (faults.length > 0) assert.fail(`\n${faults.join('\n')}`);
}

export interface Import {
  readonly file: string;
  readonly line: number;
  /** as written */
  readonly specifier: string;
  /** repository path of a relative specifier, otherwise undefined */
  readonly path?: string;
  /** erased by the compiler */
  readonly typeOnly: boolean;
}

/** Every static, dynamic, type and re-export import of a source text. */
export function importsOf(file: string, text = textOf(file)): readonly Import[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Import[] = [];
  const add = (node: ts.Node | undefined, typeOnly: boolean): void => {
    if (!node || !ts.isStringLiteralLike(node)) return;
    const specifier = node.text;
    const path = specifier.startsWith('.') ? { path: posix.join(posix.dirname(file), specifier) } : {};
    found.push({ file, line: source.getLineAndCharacterOfPosition(node.pos).line + 1, specifier, typeOnly, ...path });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && (node.expression.kind === ts.SyntaxKind.ImportKeyword || node.expression.getText() === 'require'))
      add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** `zod` of `zod/v4`, `@xterm/headless` of `@xterm/headless/lib`. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
