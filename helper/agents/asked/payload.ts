/**
 * What an agent's hook is told before a tool is used, as questions for policy. Every agent has its own words for it, and some run
 * the hooks of others, so all words are understood for all of them. Pure and total on hostile text: what cannot be told is
 * `unclear`, which is a no.
 */
import type { ToolQuestion } from '../../policy/tools.ts';
import { fieldsOf, type Fields, folderOf, textOf } from './payload-fields.ts';
import { questionsOf } from './tool-questions.ts';

/** longest payload, in UTF-16 code units */
export const payloadLimit = 8 * 1024 * 1024;
/** longest name of a tool that is kept */
const nameLimit = 200;

export interface ToolUse {
  /** as the agent calls it; hostile text */
  readonly tool: string;
  /** one at least */
  readonly questions: readonly ToolQuestion[];
}

/** `text` is what the hook was given on its stdin. */
export function toolUseOf(text: string): ToolUse {
  if (text.length > payloadLimit) return unclear('', 'what the agent sent is too large');
  const payload = fieldsOf(text.replace(/^\uFEFF/, ''));
  if (payload === undefined) return unclear('', 'what the agent sent is no JSON object');
  const event = textOf(payload, ['hook_event_name', 'hookEventName', 'event']) ?? '';
  return usedTool(event, payload) ?? toldEvent(event, payload) ?? unclear('', 'the agent does not say which tool it is about');
}

const toolNames = ['tool_name', 'toolName', 'tool'] as const;
const toolInputs = ['tool_input', 'toolInput', 'toolArgs', 'tool_args', 'args'] as const;

/** A payload that names a tool and what it is given. */
function usedTool(event: string, payload: Fields): ToolUse | undefined {
  const names = toolNames.flatMap((key) => (Object.hasOwn(payload, key) ? [payload[key]] : []));
  const [name] = names;
  if (names.length === 0) return undefined;
  if (typeof name !== 'string' || name === '' || name.length > nameLimit) return unclear('', 'the name of its tool is none');
  const inputs = toolInputs.flatMap((key) => (Object.hasOwn(payload, key) ? [payload[key]] : []));
  if (names.some((other) => other !== name) || inputs.length > 1) return unclear(name, 'the agent names more than one tool');
  // What a server of the agent's offers may be called like a tool of the agent's own.
  if (event === 'beforeMCPExecution') return { tool: name, questions: [{ kind: 'other', tool: name }] };
  const [given] = inputs;
  const fields = given === undefined ? {} : (fieldsOf(given) ?? given);
  const questions = questionsOf(name, fields, folderOf(payload));
  return { tool: name, questions };
}

/** A payload that is about one act by the name of its event, as Cursor's are. */
function toldEvent(event: string, payload: Fields): ToolUse | undefined {
  if (event === 'beforeShellExecution') return { tool: event, questions: questionsOf('shell', payload, folderOf(payload)) };
  if (event === 'beforeReadFile' || event === 'beforeTabFileRead')
    return { tool: event, questions: questionsOf('read', payload, folderOf(payload)) };
  return undefined;
}

function unclear(tool: string, why: string): ToolUse {
  return { tool, questions: [{ kind: 'unclear', why }] };
}
