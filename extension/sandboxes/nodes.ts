/** The rows of the tree: a sandbox, and below it what belongs to it; or, without a helper, why and what to do. */
import type { Failure } from '../failure.ts';
import type { SandboxInfo, TerminalInfo } from '../../helper/protocol/sandbox.ts';

export type Node =
  | { readonly kind: 'sandbox'; readonly sandbox: SandboxInfo }
  | { readonly kind: 'terminal'; readonly sandbox: SandboxInfo; readonly terminal: TerminalInfo }
  | { readonly kind: 'workspace'; readonly sandbox: SandboxInfo }
  | { readonly kind: 'record'; readonly sandbox: SandboxInfo }
  | { readonly kind: 'note'; readonly sandbox: SandboxInfo; readonly text: string; readonly index: number }
  | { readonly kind: 'advice'; readonly text: string; readonly icon: string; readonly command?: `lasso.${string}` };

export function childrenOf(sandbox: SandboxInfo): Node[] {
  const notes = sandbox.reason === undefined ? sandbox.notices : [sandbox.reason, ...sandbox.notices];
  return [
    ...notes.map((text, index) => ({ kind: 'note', sandbox, text, index }) as const),
    ...sandbox.terminals.map((terminal) => ({ kind: 'terminal', sandbox, terminal }) as const),
    { kind: 'workspace', sandbox },
    { kind: 'record', sandbox },
  ];
}

/** rows instead of sandboxes when no helper can be had */
export function adviceOn({ message, hint }: Failure): Node[] {
  return [
    { kind: 'advice', text: message, icon: 'error' },
    ...(hint === '' ? [] : [{ kind: 'advice', text: hint, icon: 'lightbulb' } as const]),
    { kind: 'advice', text: 'Try again', icon: 'refresh', command: 'lasso.refresh' },
    { kind: 'advice', text: 'Show log', icon: 'output', command: 'lasso.showLog' },
  ];
}

/** stable across updates, so that VS Code keeps what is expanded and selected */
export function nodeId(node: Node): string {
  switch (node.kind) {
    case 'sandbox':
      return node.sandbox.id;
    case 'terminal':
      return `${node.sandbox.id}/terminal/${node.terminal.id}`;
    case 'note':
      return `${node.sandbox.id}/note/${node.index}`;
    case 'advice':
      return `advice/${node.text}`;
    case 'workspace':
    case 'record':
      return `${node.sandbox.id}/${node.kind}`;
  }
}
