/**
 * Checkpoints committed into a local git repository, on a branch of their own: neither its working tree, nor its index, nor what
 * is checked out is touched. Git runs with argument vectors and without the repository's hooks; nothing of it is run.
 */
import { devNull } from 'node:os';
import { runChild } from '../../base/child.ts';
import { findProgram } from '../../base/program.ts';
import type { Courier, ForwardFacts, Item } from './contract.ts';
import type { GitSettings } from './settings.ts';

const branch = 'refs/heads/lasso-checkpoints';
const timeoutMs = 30_000;
/** what a repository's own settings could have run is turned off, over whatever they say */
const quiet = [
  ...['core.hooksPath=' + devNull, 'core.fsmonitor=false', 'core.sshCommand=ssh', 'core.gitProxy=', 'gc.auto=0', 'maintenance.auto=false'],
  ...['commit.gpgSign=false', 'push.gpgSign=false', 'push.recurseSubmodules=no', 'protocol.ext.allow=never'],
].flatMap((setting) => ['-c', setting]);

export function gitCourier(sink: GitSettings, facts: ForwardFacts): Courier {
  return {
    batchItems: 1000,
    batchBytes: 1_048_576,
    deliver: async (items, signal) => {
      try {
        await facts.requireSafe(sink.folder);
        const git = gitIn(sink.folder, facts, signal);
        if (!(await commit(git, items, facts))) return { accepted: true, message: 'the repository is there' };
        if (!sink.push) return { accepted: true, message: 'committed' };
        await git(
          ['push', '--quiet', '--no-verify', '--receive-pack=git-receive-pack', '--', 'origin', `${branch}:${branch}`],
          '',
          'network',
        );
        return { accepted: true, message: 'committed and pushed' };
      } catch (error) {
        return { accepted: false, message: error instanceof Error ? error.message : 'git failed' };
      }
    },
  };
}

type Git = (argv: readonly string[], input?: string, reach?: 'here' | 'network') => Promise<string>;

/** Puts the newest checkpoint of each sandbox in place of the one before, and says whether there is anything on the branch then. */
async function commit(git: Git, items: readonly Item[], facts: ForwardFacts): Promise<boolean> {
  const parent = (await git(['for-each-ref', '--format=%(objectname)', branch])).trim();
  const files = new Map(parent === '' ? [] : entriesOf(await git(['ls-tree', '-z', parent])));
  const said: string[] = [];
  for (const item of items) {
    if (item.kind !== 'checkpoint') continue;
    const blob = (await git(['hash-object', '-w', '-t', 'blob', '--no-filters', '--stdin'], item.note)).trim();
    files.set(`${item.sandbox}.checkpoint`, `100644 blob ${blob}`);
    said.push(`${item.sandbox}: ${item.size} records`);
  }
  if (said.length === 0) return false;
  const tree = (await git(['mktree', '-z'], [...files].map(([name, what]) => `${what}\t${name}\0`).join(''))).trim();
  // What was committed before the helper was killed is not committed twice.
  if (parent !== '' && (await git(['rev-parse', `${parent}^{tree}`])).trim() === tree) return true;
  const message = said.length === 1 ? `Checkpoint of ${said.join('')}` : `Checkpoints\n\n${said.join('\n')}`;
  const made = (await git(['commit-tree', tree, ...(parent === '' ? [] : ['-p', parent]), '-m', message])).trim();
  await git(['update-ref', '-m', `lasso ${facts.version}`, branch, made, parent === '' ? '0'.repeat(made.length) : parent]);
  return true;
}

/** Hostile input: a tree somebody else may have written to. */
function entriesOf(listing: string): readonly (readonly [name: string, what: string])[] {
  return listing.split('\0').flatMap((line) => {
    const [, what, name] = /^(\d{6} (?:blob|tree|commit) [0-9a-f]{40,64})\t([^\0]+)$/s.exec(line) ?? [];
    return what === undefined || name === undefined ? [] : [[name, what] as const];
  });
}

function gitIn(folder: string, facts: ForwardFacts, signal: AbortSignal): Git {
  const program = findProgram('git', facts.environment['PATH']);
  const own = Object.entries(facts.environment).filter(([name]) => !/^(GIT_|SSH_ASKPASS)/.test(name));
  return async (argv, input = '', reach = 'here') => {
    if (program === undefined) throw new Error('the program git is not there');
    const environment = {
      ...Object.fromEntries(own),
      ...{ GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_NOSYSTEM: '1', GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' },
      // Whoever may push is said in the user's own settings.
      ...(reach === 'network' ? { GIT_SSH_COMMAND: 'ssh -o BatchMode=yes' } : { GIT_CONFIG_GLOBAL: devNull }),
      ...{
        GIT_AUTHOR_NAME: 'LASSO',
        GIT_AUTHOR_EMAIL: 'lasso@localhost',
        GIT_COMMITTER_NAME: 'LASSO',
        GIT_COMMITTER_EMAIL: 'lasso@localhost',
      },
    };
    const { code, stdout, stderr } = await runChild(program, ['-C', folder, ...quiet, ...argv], { timeoutMs, environment, input, signal });
    if (code === 0) return stdout;
    throw new Error(
      `git ${argv[0] ?? ''} failed: ${stderr
        .replace(/[^\x20-\x7e]+/g, ' ')
        .trim()
        .slice(0, 200)}`,
    );
  };
}
