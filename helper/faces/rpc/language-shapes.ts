/** What the pure functions about profiles say, in the shapes of the language server protocol. Nothing is decided here. */
import {
  type CodeAction,
  CodeActionKind,
  type CodeLens,
  type CompletionItem,
  CompletionItemKind,
  type Diagnostic,
  DiagnosticSeverity,
  DiagnosticTag,
  type DocumentSymbol as LspSymbol,
  InsertTextFormat,
  MarkupKind,
  SymbolKind,
} from 'vscode-languageserver-types';
import type { Offer } from '../../profile/language/completion.ts';
import type { OfferedFix } from '../../profile/language/fixes.ts';
import type { Lens } from '../../profile/language/lenses.ts';
import type { Proposal } from '../../profile/language/proposal.ts';
import type { DocumentSymbol } from '../../profile/language/symbols.ts';
import type { ProfileCheck } from '../../profile/check.ts';
import type { Finding } from '../../protocol/finding.ts';

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
} as const;

const itemKinds: Readonly<Record<Proposal['kind'], CompletionItemKind>> = {
  table: CompletionItemKind.Module,
  key: CompletionItemKind.Property,
  choice: CompletionItemKind.EnumMember,
  value: CompletionItemKind.Value,
  group: CompletionItemKind.Constant,
  command: CompletionItemKind.Function,
  profile: CompletionItemKind.File,
  variable: CompletionItemKind.Variable,
  removal: CompletionItemKind.Operator,
};

const symbolKinds: Readonly<Record<DocumentSymbol['kind'], SymbolKind>> = {
  table: SymbolKind.Namespace,
  entry: SymbolKind.Object,
  list: SymbolKind.Array,
  text: SymbolKind.String,
  number: SymbolKind.Number,
  boolean: SymbolKind.Boolean,
  key: SymbolKind.Key,
};

/** Findings of one file; those of what it builds on are told as one, at the place that names the base. */
export function diagnosticsOf({ findings, tree }: ProfileCheck, file: string): Diagnostic[] {
  const own = findings.filter((finding) => finding.file === file).map(diagnosticOf);
  const [first, ...others] = findings.filter((finding) => finding.file !== file && finding.severity === 'error');
  const base = tree?.entries.get('extends');
  if (first === undefined || base === undefined) return own;
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  const message = `What this profile builds on has an error: ${first.file ?? ''}:${first.range.start.line + 1} ${first.message}${more}`;
  return [...own, diagnosticOf({ severity: 'error', code: 'broken-base', message, path: ['extends'], range: base.origin.value })];
}

export const diagnosticOf = ({ severity, code, message, hint, range }: Finding): Diagnostic => ({
  range,
  severity: severities[severity],
  code,
  source: 'lasso',
  message: hint === undefined ? message : `${message}. ${hint}`,
  ...(code === 'deprecated' ? { tags: [DiagnosticTag.Deprecated] } : {}),
});

export function actionOf({ fix, findings, preferred }: OfferedFix, uri: string, version: number): CodeAction {
  const edits = fix.edits.map(({ range, text }) => ({ range, newText: text }));
  return {
    title: fix.title,
    kind: CodeActionKind.QuickFix,
    diagnostics: findings.map(diagnosticOf),
    ...(preferred ? { isPreferred: true } : {}),
    edit: { documentChanges: [{ textDocument: { uri, version }, edits }] },
  };
}

export function itemOf({ label, kind, insert, range, detail, documentation, filter, rank }: Offer): CompletionItem {
  return {
    label,
    kind: itemKinds[kind],
    insertTextFormat: InsertTextFormat.Snippet,
    textEdit: { range, newText: insert },
    filterText: filter,
    sortText: String(rank).padStart(5, '0'),
    ...(detail === undefined ? {} : { detail }),
    ...(documentation === undefined ? {} : { documentation: { kind: MarkupKind.Markdown, value: documentation } }),
  };
}

export const lensOf = ({ range, title, action }: Lens, uri: string): CodeLens => ({
  range,
  command: { title, command: action, arguments: [uri] },
});

export function symbolOf({ name, detail, kind, range, selection, children }: DocumentSymbol): LspSymbol {
  return {
    name,
    kind: symbolKinds[kind],
    range,
    selectionRange: selection,
    ...(detail === '' ? {} : { detail }),
    children: children.map(symbolOf),
  };
}
