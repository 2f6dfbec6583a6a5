/** The pinned Node: whatever Node starts a script, the one from package-lock.json runs it. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runInherited } from './program.mjs';
import { say, SetupError } from './talk.mjs';

const oldestMajor = 24;

/**
 * Path of the pinned Node, or undefined on a platform npm has none for.
 * @param {string} root
 */
function pinnedNode(root) {
  const file = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  return existsSync(file) ? file : undefined;
}

/**
 * Runs this very command again under the pinned Node and gives its exit status; undefined when it runs there already.
 * @param {string} root
 */
export async function rerunPinned(root) {
  const node = pinnedNode(root);
  if (node === undefined) {
    if (Number(process.versions.node.split('.')[0]) >= oldestMajor) return undefined;
    throw new SetupError(
      `Node ${process.version} is too old here.`,
      `Install Node ${oldestMajor} or newer; npm has no pinned Node for ${process.platform}-${process.arch}.`,
    );
  }
  if (process.execPath === node || process.env['LASSO_PINNED_NODE'] === node) return undefined;
  say(`Node: this is ${process.version}; going on with the pinned one from node_modules.`);
  const env = {
    ...process.env,
    LASSO_PINNED_NODE: node,
    npm_node_execpath: node,
    PATH: [join(root, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(delimiter),
  };
  return runInherited(node, [...process.execArgv, ...process.argv.slice(1)], { env });
}
