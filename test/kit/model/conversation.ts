/**
 * What an agent tells a model, read out of the body of a request in any of four wire formats: which tools there are, and what came of
 * the calls so far. Bodies come from an agent and may be anything; what is not understood counts as not there.
 */

export interface Conversation {
  /** names of the tools that are offered, as the agent calls them */
  readonly tools: readonly string[];
  /** what each call brought so far, in order, as text */
  readonly results: readonly string[];
}

/** Anthropic Messages, OpenAI Chat Completions and Responses, Gemini: each has members of its own. */
export function readConversation(body: unknown): Conversation {
  return {
    tools: list(body, 'tools').flatMap(toolNames),
    results: [
      ...list(body, 'messages').flatMap(messageResults),
      ...list(body, 'input').flatMap(itemResults),
      ...list(body, 'contents').flatMap(contentResults),
    ],
  };
}

function toolNames(tool: unknown): readonly string[] {
  const declared = list(tool, 'functionDeclarations');
  if (declared.length > 0) return declared.flatMap((each) => string(each, 'name') ?? []);
  return [string(member(tool, 'function'), 'name') ?? string(tool, 'name') ?? []].flat();
}

/** Anthropic has results as parts of what the user says, Chat Completions as messages of their own. */
function messageResults(message: unknown): readonly string[] {
  if (string(message, 'role') === 'tool') return [plainText(member(message, 'content'))];
  return list(message, 'content')
    .filter((part) => string(part, 'type') === 'tool_result')
    .map((part) => plainText(member(part, 'content')));
}

function itemResults(item: unknown): readonly string[] {
  return /_call_output$/.test(string(item, 'type') ?? '') ? [plainText(member(item, 'output'))] : [];
}

function contentResults(content: unknown): readonly string[] {
  return list(content, 'parts').flatMap((part) => {
    const response = member(part, 'functionResponse');
    return response === undefined ? [] : [plainText(member(response, 'response'))];
  });
}

function plainText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((part: unknown) => string(part, 'text') ?? JSON.stringify(part)).join('\n');
  return value === undefined ? '' : JSON.stringify(value);
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
}

function list(value: unknown, name: string): readonly unknown[] {
  const found = member(value, name);
  return Array.isArray(found) ? (found as readonly unknown[]) : [];
}

function string(value: unknown, name: string): string | undefined {
  const found = member(value, name);
  return typeof found === 'string' ? found : undefined;
}
