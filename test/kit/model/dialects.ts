/**
 * An act in the words of a wire format, at once or as server-sent events: Anthropic Messages, OpenAI Chat Completions and Responses,
 * Gemini generateContent. Only what the agents under test read is said.
 */
import type { Act } from './script.ts';

/** an answer: one JSON value, or events in order */
export type Said = { readonly form: 'json'; readonly value: unknown } | { readonly form: 'events'; readonly events: readonly SaidEvent[] };
export interface SaidEvent {
  readonly event?: string;
  /** a text is sent as it stands */
  readonly data: unknown;
}

interface TypedEvent {
  readonly type: string;
  readonly [member: string]: unknown;
}

export interface Wish {
  /** path of the request without its query */
  readonly path: string;
  /** model it names, echoed */
  readonly model: string;
  readonly stream: boolean;
  /** unique among answers */
  readonly id: string;
}

/** The answer in the format the path belongs to; undefined for a path of none. */
export function saidIn(wish: Wish, act: Act): Said | undefined {
  if (wish.path.endsWith('/messages')) return anthropic(wish, act);
  if (wish.path.endsWith('/chat/completions')) return chat(wish, act);
  if (wish.path.endsWith('/responses')) return responses(wish, act);
  if (/:(generateContent|streamGenerateContent)$/.test(wish.path)) return gemini(wish.path, act);
  return undefined;
}

function anthropic({ model, stream, id }: Wish, act: Act): Said {
  const block =
    act.kind === 'text' ? { type: 'text', text: act.text } : { type: 'tool_use', id: `toolu_${id}`, name: act.tool, input: act.input };
  const stop = act.kind === 'text' ? 'end_turn' : 'tool_use';
  const usage = { input_tokens: 10, output_tokens: 5 };
  const message = { id: `msg_${id}`, type: 'message', role: 'assistant', model, stop_sequence: null, usage };
  if (!stream) return { form: 'json', value: { ...message, content: [block], stop_reason: stop } };
  const [begun, delta] =
    act.kind === 'text'
      ? [
          { type: 'text', text: '' },
          { type: 'text_delta', text: act.text },
        ]
      : [
          { ...block, input: {} },
          { type: 'input_json_delta', partial_json: JSON.stringify(act.input) },
        ];
  return events([
    { type: 'message_start', message: { ...message, content: [], stop_reason: null } },
    { type: 'content_block_start', index: 0, content_block: begun },
    { type: 'content_block_delta', index: 0, delta },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: stop, stop_sequence: null }, usage: { output_tokens: 5 } },
    { type: 'message_stop' },
  ]);
}

function chat({ model, stream, id }: Wish, act: Act): Said {
  const calls =
    act.kind === 'text'
      ? undefined
      : [{ index: 0, id: `call_${id}`, type: 'function', function: { name: act.tool, arguments: JSON.stringify(act.input) } }];
  const message = { role: 'assistant', content: act.kind === 'text' ? act.text : null, ...(calls && { tool_calls: calls }) };
  const reason = act.kind === 'text' ? 'stop' : 'tool_calls';
  const about = { id: `chatcmpl-${id}`, created: 1, model };
  const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
  if (!stream) {
    const choices = [{ index: 0, message, finish_reason: reason }];
    return { form: 'json', value: { ...about, object: 'chat.completion', usage, choices } };
  }
  const chunk = { ...about, object: 'chat.completion.chunk' };
  return {
    form: 'events',
    events: [
      { data: { ...chunk, choices: [{ index: 0, delta: message, finish_reason: null }] } },
      { data: { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: reason }] } },
      { data: { ...chunk, choices: [], usage } },
      { data: '[DONE]' },
    ],
  };
}

function responses({ model, stream, id }: Wish, act: Act): Said {
  const item =
    act.kind === 'text'
      ? {
          ...{ type: 'message', id: `msg_${id}`, role: 'assistant', status: 'completed' },
          content: [{ type: 'output_text', text: act.text, annotations: [] }],
        }
      : {
          ...{ type: 'function_call', id: `fc_${id}`, call_id: `call_${id}`, status: 'completed' },
          ...{ name: act.tool, arguments: JSON.stringify(act.input) },
        };
  const usage = {
    ...{ input_tokens: 10, input_tokens_details: { cached_tokens: 0 }, output_tokens: 5 },
    ...{ output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 15 },
  };
  const response = { id: `resp_${id}`, object: 'response', created_at: 1, model };
  const whole = { ...response, status: 'completed', output: [item], usage };
  if (!stream) return { form: 'json', value: whole };
  const place = { output_index: 0, item_id: item.id, content_index: 0 };
  return events([
    { type: 'response.created', response: { ...response, status: 'in_progress', output: [], usage: null } },
    { type: 'response.output_item.added', output_index: 0, item },
    ...(act.kind === 'text' ? [{ type: 'response.output_text.delta', ...place, delta: act.text }] : []),
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: whole },
  ]);
}

function gemini(path: string, act: Act): Said {
  const part =
    act.kind === 'text'
      ? { text: act.text }
      : // Whoever calls a tool without a signature of its thoughts is refused by the agent.
        { functionCall: { name: act.tool, args: act.input }, thoughtSignature: Buffer.from('script').toString('base64') };
  const value = {
    candidates: [{ index: 0, content: { role: 'model', parts: [part] }, finishReason: 'STOP' }],
    usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 },
  };
  return path.endsWith(':streamGenerateContent') ? { form: 'events', events: [{ data: value }] } : { form: 'json', value };
}

/** Events that are named as their data’s type. */
function events(all: readonly TypedEvent[]): Said {
  return { form: 'events', events: all.map((data) => ({ event: data.type, data })) };
}
