/**
 * How an agent's own program is asked what it makes of its files: without a model, without a network. Pure: what is run where, and what
 * its answer means. Each was tried against files that are sound and files that are broken.
 */
import type { AgentName } from '../../protocol/agent.ts';

export interface OwnLook {
  /** program and its first words, below the folder in which the agent lies */
  readonly program: readonly [string, ...string[]];
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** what is wrong, in its own words; undefined where nothing is */
  readonly fault: (code: number | null, said: string) => string | undefined;
}

const lines = (said: string, from: RegExp): string | undefined => {
  const at = said.search(from);
  return at < 0 ? undefined : said.slice(at, at + 400).trim();
};

export const ownLooks: Readonly<Partial<Record<AgentName, OwnLook>>> = {
  claude: {
    program: ['bin/claude'],
    words: ['doctor'],
    environment: { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', DISABLE_AUTOUPDATER: '1' },
    fault: (code, said) => lines(said, /Invalid settings/) ?? (code === 0 ? undefined : said.slice(0, 400)),
  },
  opencode: {
    program: ['bin/opencode'],
    words: ['debug', 'config'],
    environment: { OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1', npm_config_fetch_retries: '0' },
    fault: (code, said) => (code === 0 ? undefined : said.slice(0, 400)),
  },
  codex: {
    program: ['bin/codex'],
    words: ['execpolicy', 'check', '--rules', '.codex/rules/lasso.rules', '--', 'git', 'push'],
    environment: {},
    fault: (code, said) => (code === 0 && /^\{"matchedRules"/m.test(said) ? undefined : said.slice(0, 400)),
  },
  gemini: {
    program: ['node/bin/node', 'package/bundle/gemini.js'],
    words: ['--list-extensions'],
    environment: { GEMINI_API_KEY: 'none', GEMINI_CLI_TRUST_WORKSPACE: 'true' },
    fault: (code, said) => (code === 0 ? lines(said, /Policy file error|Invalid configuration/) : said.slice(0, 400)),
  },
};
