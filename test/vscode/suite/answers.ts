/** Answers what the extension asks a person, without a person: dialogs, messages and pickers, for the time of one piece of work. */
import * as vscode from 'vscode';

export interface Answers {
  /** to dialogs and warnings, in order: the button's text, or undefined to close it */
  readonly warnings?: readonly (string | undefined)[];
  /** to other messages, in order */
  readonly informations?: readonly (string | undefined)[];
  /** to pickers, in order: a text in the row's label */
  readonly picks?: readonly string[];
  /** to questions for text, in order */
  readonly texts?: readonly string[];
}

/** What was asked: the texts of messages, then whatever the work gave. */
export async function answering<T>(
  answers: Answers,
  work: (asked: readonly string[]) => Thenable<T>,
): Promise<{ readonly asked: readonly string[]; readonly result: T }> {
  const asked: string[] = [];
  const { warnings = [], informations = [], picks = [], texts = [] } = answers;
  const [warning, information, pick, text] = [warnings.values(), informations.values(), picks.values(), texts.values()];
  const undo = [
    replace('showWarningMessage', (message) => {
      asked.push(String(message));
      return Promise.resolve(warning.next().value);
    }),
    replace('showInformationMessage', (message) => {
      asked.push(String(message));
      return Promise.resolve(information.next().value);
    }),
    replace('showErrorMessage', (message) => {
      asked.push(String(message));
      return Promise.resolve(undefined);
    }),
    replace('showQuickPick', async (items) => {
      const rows = (await items) as readonly vscode.QuickPickItem[];
      const wanted = pick.next().value;
      return rows.find(({ label, kind }) => kind !== vscode.QuickPickItemKind.Separator && wanted !== undefined && label.includes(wanted));
    }),
    replace('showInputBox', () => Promise.resolve(text.next().value)),
  ];
  try {
    return { result: await work(asked), asked };
  } finally {
    for (const each of undo) each();
  }
}

type Asking = 'showWarningMessage' | 'showInformationMessage' | 'showErrorMessage' | 'showQuickPick' | 'showInputBox';

// The extension and the suite are given the same object by VS Code, as the suite lies in the extension's folder.
function replace(name: Asking, stand: (first: unknown) => unknown): () => void {
  const before: unknown = vscode.window[name];
  const set = (value: unknown): void => void Object.defineProperty(vscode.window, name, { value, configurable: true, writable: true });
  set(stand);
  return () => set(before);
}
