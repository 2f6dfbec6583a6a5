/**
 * `npm start`: all set-up, then VS Code with the extension on a sample workspace: the desktop one where there is one,
 * otherwise a VS Code server on this machine. `npm start -- --terminal` does the same without VS Code.
 */
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { desktopCode, root, setUp } from './setup.mjs';
import { runInherited } from './setup/program.mjs';
import { runToExit, say, SetupError } from './setup/talk.mjs';
import { demonstrate } from './start/demonstration.mjs';
import { runServer } from './start/server.mjs';

const usage = `npm start                  VS Code with LASSO on a sample workspace
npm start -- --terminal    a sandboxed shell in this terminal; without a terminal, one command and its record`;

await runToExit(async () => {
  const options = process.argv.slice(2);
  if (options.includes('--help') || options.includes('-h')) return say(usage) ?? 0;
  const unknown = options.find((option) => option !== '--terminal');
  if (unknown !== undefined) throw new SetupError(`There is no option “${unknown}”.`, usage);
  const terminal = options.includes('--terminal');

  const status = await setUp(terminal ? 'terminal' : 'editor');
  if (status !== undefined) return status;
  const workspace = sampleWorkspace();
  if (!terminal) return openEditor(workspace);
  if (!process.stdin.isTTY || !process.stdout.isTTY) return demonstrate(root, workspace);
  say(`\nA shell in a sandbox; ${workspace} is /workspace in it. Type “exit” to leave.\n`);
  return runInherited(process.execPath, [join(root, 'dist', 'lasso.js'), 'shell', '--dir', workspace]);
});

/** a folder to play in; made once, and left alone afterwards */
function sampleWorkspace() {
  const workspace = join(root, '.cache', 'sample-workspace');
  if (!existsSync(workspace)) cpSync(join(root, 'test', 'kit', 'sample-workspace'), workspace, { recursive: true });
  return workspace;
}

/** @param {string} workspace */
function openEditor(workspace) {
  const code = desktopCode();
  if (code === undefined) return runServer(root, workspace);
  say(`VS Code opens on ${workspace}. There: F1, “LASSO: Open Sandboxed Terminal”.`);
  return runInherited(code, [`--extensionDevelopmentPath=${root}`, '--new-window', workspace]);
}
