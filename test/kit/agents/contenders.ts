/**
 * The coding agents that are run in tests: how each is led to the scripted model, and what it is told so that it plays a script from
 * end to end without anybody at a keyboard. Nothing here makes an agent safer than its user would have it.
 */
import type { AgentName } from '../../../helper/protocol/agent.ts';

export interface Contender {
  readonly name: AgentName;
  /** variable in which it looks for its key, and the header it sends it in */
  readonly key: { readonly variable: string; readonly header: string };
  /** environment that leads it to the model, NAME=VALUE */
  readonly environment: readonly string[];
  /** its words for playing a script that the prompt names */
  readonly words: (prompt: string) => readonly string[];
  /** how a tool's result begins that its own rules refused, not LASSO */
  readonly refusal: RegExp;
}

/** @param origin where the model is, `https://model.example` */
export const contendersAt = (origin: string): readonly Contender[] => [
  {
    name: 'claude',
    key: { variable: 'ANTHROPIC_API_KEY', header: 'x-api-key' },
    environment: [`ANTHROPIC_BASE_URL=${origin}`],
    words: (prompt) => ['-p', prompt, '--output-format', 'stream-json', '--verbose', '--dangerously-skip-permissions'],
    refusal: /^Permission to use/,
  },
  {
    name: 'opencode',
    key: { variable: 'MODEL_KEY', header: 'authorization' },
    environment: [
      // Before it starts it looks for its plugins' package, and asks four times.
      'npm_config_fetch_retries=0',
      `OPENCODE_CONFIG_CONTENT=${JSON.stringify({
        provider: { scripted: openCodeProvider(origin) },
        ...{ model: 'scripted/scripted', small_model: 'scripted/scripted' },
      })}`,
    ],
    words: (prompt) => ['run', '--format', 'json', prompt],
    refusal: /^The user rejected permission|rule which prevents/,
  },
  {
    name: 'codex',
    key: { variable: 'OPENAI_API_KEY', header: 'authorization' },
    environment: [],
    words: (prompt) => ['exec', '--json', '--ephemeral', ...codexSettings(origin).flatMap((setting) => ['-c', setting]), prompt],
    refusal: /rejected: |forbidden/,
  },
  {
    name: 'copilot',
    key: { variable: 'COPILOT_PROVIDER_API_KEY', header: 'authorization' },
    environment: ['COPILOT_OFFLINE=true', `COPILOT_PROVIDER_BASE_URL=${origin}/v1`, 'COPILOT_MODEL=scripted'],
    words: (prompt) => ['-p', prompt, '--trust-folder', '--no-color', '--allow-all'],
    refusal: /^Permission denied|denied by/i,
  },
  {
    name: 'gemini',
    key: { variable: 'GEMINI_API_KEY', header: 'x-goog-api-key' },
    environment: [`GOOGLE_GEMINI_BASE_URL=${origin}`, 'GEMINI_CLI_TRUST_WORKSPACE=true'],
    words: (prompt) => ['-m', 'gemini-2.5-pro', '-p', prompt, '-o', 'stream-json', '--yolo'],
    refusal: /^\{"error":"(Path not in workspace|Tool execution denied)/,
  },
];

/** What an agent may do: everyday work, and asking its model with a key it never holds. @param host where the model is */
export const profileFor = ({ name, key }: Contender, host: string): string => `name = "with-${name}"
extends = "standard"

[network]
allowed_domains = ["${host}"]

[resources]
enforcement = "preferred"

[secrets.model]
from = "env:MODEL_VALUE"
hosts = ["${host}"]
header = "${key.header}"
env = "${key.variable}"
`;

const openCodeProvider = (origin: string): unknown => ({
  npm: '@ai-sdk/openai-compatible',
  name: 'scripted',
  options: { baseURL: `${origin}/v1`, apiKey: '{env:MODEL_KEY}' },
  models: { scripted: { name: 'scripted', tool_call: true, limit: { context: 100_000, output: 4096 } } },
});

const codexSettings = (origin: string): readonly string[] => [
  'model="scripted"',
  'model_provider="scripted"',
  `model_providers.scripted={name="scripted",base_url="${origin}/v1",wire_api="responses",env_key="OPENAI_API_KEY"}`,
];
