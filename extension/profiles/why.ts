/**
 * “Why…”: what a sandbox's profile does with a command or an address, and which rule decides; nothing is run. It is about
 * what is selected in the editor, or what a person types: a terminal's selection could only be had through the clipboard.
 */
import * as vscode from 'vscode';
import type { SandboxInfo } from '../../helper/protocol/sandbox.ts';
import type { Action } from '../actions.ts';
import type { Context } from '../context.ts';
import { foldersHere, sameFolder } from '../sandboxes/folders.ts';
import { isLive } from '../sandboxes/list.ts';
import { sandboxIn } from '../terminal/open.ts';
import { showVerdict } from './try.ts';
import { isAddress } from './verdict.ts';
import { usual } from './wish.ts';

const memoryKey = 'lasso.lastTried';
/** more is no command line */
const textLimit = 20_000;

/** Takes the text as an argument where there is one. Gives the decision. */
export function why(context: Context): Action {
  return async (argument) => {
    await context.helper.connect();
    const sandbox = await sandboxHere(context);
    const asked = typeof argument === 'string' ? argument : (selectedText() ?? (await askText(context, sandbox)));
    if (asked === undefined || asked.trim() === '') return undefined;
    const intent = isAddress(asked) ? { url: asked.trim() } : { command: asked };
    const answer = await context.helper.request('why', { ...intent, ...wishFor(sandbox) });
    void showVerdict(answer, asked, []);
    return answer.verdict.decision;
  };
}

/** The sandbox that the terminal in front looks at, or the only one that runs in this window's folders. */
async function sandboxHere(context: Context): Promise<SandboxInfo | undefined> {
  await context.sandboxes.load();
  const looked = vscode.window.activeTerminal && sandboxIn(context, vscode.window.activeTerminal);
  if (looked && isLive(looked)) return looked;
  const here = context.sandboxes.all.filter((each) => isLive(each) && foldersHere().some((folder) => sameFolder(folder, each.workspace)));
  return here.length === 1 ? here[0] : undefined;
}

function wishFor(sandbox: SandboxInfo | undefined): {
  readonly profile?: string;
  readonly dir?: string;
  readonly mode?: NonNullable<SandboxInfo['mode']>;
} {
  if (sandbox) {
    const { profile, workspace: dir, mode } = sandbox;
    return { profile, dir, ...(mode === undefined ? {} : { mode }) };
  }
  const [dir] = foldersHere();
  return { ...usual(), ...(dir === undefined ? {} : { dir }) };
}

function selectedText(): string | undefined {
  const editor = vscode.window.activeTextEditor;
  const text = editor?.document.getText(editor.selection).trim() ?? '';
  return text === '' || text.length > textLimit ? undefined : text;
}

async function askText({ memory }: Context, sandbox: SandboxInfo | undefined): Promise<string | undefined> {
  const asked = await vscode.window.showInputBox({
    title: sandbox ? `Why… in ${sandbox.name}` : 'Why…',
    prompt: 'A command line, or an address that begins with http. Nothing is run.',
    placeHolder: 'git push --force',
    value: memory.get<string>(memoryKey, ''),
  });
  if (asked !== undefined && asked.trim() !== '') await memory.update(memoryKey, asked);
  return asked;
}
