/** The scripted model speaks each wire format, plays its script by what came of it so far, and keeps what it was sent. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type TestContext, describe, test } from 'node:test';
import { z } from 'zod';
import { lastWords, read, shell, type Step, write } from '../../kit/model/script.ts';
import { scriptedModel, type ScriptedModel } from '../../kit/scripted-model.ts';
import { listening } from '../../kit/sockets.ts';

interface Answered {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

async function serving(t: TestContext, model: ScriptedModel): Promise<(path: string, body: unknown) => Promise<Answered>> {
  const server = createServer((asked, answer) => void model.site(asked, answer));
  const port = await listening(server);
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return async (path, body) => {
    const headers = { 'x-api-key': 'a-key' };
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: answer.status, type: answer.headers.get('content-type') ?? '', text: await answer.text() };
  };
}

/** The data of each event. */
const eventsOf = ({ text }: Answered): readonly unknown[] =>
  text
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => event.slice(event.indexOf('data: ') + 6))
    .map((data): unknown => (data === '[DONE]' ? data : JSON.parse(data)));

const steps: readonly Step[] = [shell('echo one'), write('/workspace/file', 'text')];
const done = 'what came of it';

/** a format: a body with a prompt, tools and results; where the call stands in an answer at once, and in events */
interface Format {
  readonly path: string;
  readonly streamPath?: string;
  readonly body: (prompt: string, tools: readonly string[], results: number) => Readonly<Record<string, unknown>>;
  readonly call: z.ZodType<{ readonly name: string; readonly input: unknown }>;
  readonly text: z.ZodType<string>;
  /** the event that holds all of a call, and how the call stands in it */
  readonly event: { readonly at: number; readonly call: z.ZodType<{ readonly name: string; readonly input?: unknown }> };
}

const times = <T>(count: number, make: (index: number) => T): readonly T[] => Array.from({ length: count }, (_, index) => make(index));
const inJson = z.string().transform((text): unknown => JSON.parse(text));

const formats: Readonly<Record<string, Format>> = {
  'Anthropic Messages': {
    path: '/v1/messages',
    body: (prompt, tools, results) => ({
      model: 'm',
      tools: tools.map((name) => ({ name, input_schema: {} })),
      messages: [
        { role: 'user', content: prompt },
        ...times(results, (index) => ({
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: `${index}`, content: [{ type: 'text', text: done }] }],
        })),
      ],
    }),
    call: z
      .object({ stop_reason: z.literal('tool_use'), content: z.tuple([z.object({ name: z.string(), input: z.unknown() })]) })
      .transform(({ content: [{ name, input }] }) => ({ name, input })),
    text: z
      .object({ stop_reason: z.literal('end_turn'), content: z.tuple([z.object({ text: z.string() })]) })
      .transform(({ content: [{ text }] }) => text),
    event: { at: 1, call: z.object({ content_block: z.object({ name: z.string() }) }).transform((event) => event.content_block) },
  },
  'OpenAI Chat Completions': {
    path: '/v1/chat/completions',
    body: (prompt, tools, results) => ({
      model: 'm',
      tools: tools.map((name) => ({ type: 'function', function: { name, parameters: {} } })),
      messages: [
        { role: 'user', content: prompt },
        ...times(results, (index) => ({ role: 'tool', tool_call_id: `${index}`, content: done })),
      ],
    }),
    call: z
      .object({
        choices: z.tuple([
          z.object({
            message: z.object({ tool_calls: z.tuple([z.object({ function: z.object({ name: z.string(), arguments: inJson }) })]) }),
          }),
        ]),
      })
      .transform(({ choices: [{ message }] }) => message.tool_calls[0].function)
      .transform(({ name, arguments: input }) => ({ name, input })),
    text: z
      .object({ choices: z.tuple([z.object({ message: z.object({ content: z.string() }) })]) })
      .transform(({ choices: [{ message }] }) => message.content),
    event: {
      at: 0,
      call: z
        .object({
          choices: z.tuple([
            z.object({
              delta: z.object({ tool_calls: z.tuple([z.object({ function: z.object({ name: z.string(), arguments: inJson }) })]) }),
            }),
          ]),
        })
        .transform(({ choices: [{ delta }] }) => delta.tool_calls[0].function)
        .transform(({ name, arguments: input }) => ({ name, input })),
    },
  },
  'OpenAI Responses': {
    path: '/v1/responses',
    body: (prompt, tools, results) => ({
      model: 'm',
      tools: tools.map((name) => ({ type: 'function', name, parameters: {} })),
      input: [
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: prompt }] },
        ...times(results, (index) => ({ type: 'function_call_output', call_id: `${index}`, output: done })),
      ],
    }),
    call: z
      .object({ output: z.tuple([z.object({ type: z.literal('function_call'), name: z.string(), arguments: inJson })]) })
      .transform(({ output: [{ name, arguments: input }] }) => ({ name, input })),
    text: z
      .object({ output: z.tuple([z.object({ content: z.tuple([z.object({ text: z.string() })]) })]) })
      .transform(({ output: [{ content }] }) => content[0].text),
    event: {
      at: 2,
      call: z
        .object({ type: z.literal('response.output_item.done'), item: z.object({ name: z.string(), arguments: inJson }) })
        .transform(({ item: { name, arguments: input } }) => ({ name, input })),
    },
  },
  'Gemini generateContent': {
    path: '/v1beta/models/m:generateContent',
    streamPath: '/v1beta/models/m:streamGenerateContent?alt=sse',
    body: (prompt, tools, results) => ({
      tools: tools.length === 0 ? [] : [{ functionDeclarations: tools.map((name) => ({ name })) }],
      contents: [
        { role: 'user', parts: [{ text: prompt }] },
        ...times(results, () => ({ role: 'user', parts: [{ functionResponse: { name: 'x', response: { output: done } } }] })),
      ],
    }),
    call: geminiCall(),
    text: z
      .object({ candidates: z.tuple([z.object({ content: z.object({ parts: z.tuple([z.object({ text: z.string() })]) }) })]) })
      .transform(({ candidates: [{ content }] }) => content.parts[0].text),
    event: { at: 0, call: geminiCall() },
  },
};

function geminiCall(): Format['call'] {
  const part = z.object({ functionCall: z.object({ name: z.string(), args: z.unknown() }) });
  return z
    .object({ candidates: z.tuple([z.object({ content: z.object({ parts: z.tuple([part]) }) })]) })
    .transform(({ candidates: [{ content }] }) => content.parts[0].functionCall)
    .transform(({ name, args }) => ({ name, input: args }));
}

for (const [title, { path, streamPath = path, body, call, text, event }] of Object.entries(formats))
  describe(title, () => {
    test('has each step called in turn, by the tools that are offered, and ends', async (t) => {
      const model = scriptedModel();
      const prompt = model.script('one', steps);
      const ask = await serving(t, model);
      const tools = ['other', 'Bash', 'write_file'];
      const first = call.parse(JSON.parse((await ask(path, body(prompt, tools, 0))).text));
      assert.deepEqual([first.name, z.object({ command: z.string() }).parse(first.input).command], ['Bash', 'echo one']);
      const second = call.parse(JSON.parse((await ask(path, body(prompt, tools, 1))).text));
      assert.deepEqual(second, { name: 'write_file', input: { file_path: '/workspace/file', content: 'text' } });
      assert.equal(text.parse(JSON.parse((await ask(path, body(prompt, tools, 2))).text)), lastWords);
      assert.equal(model.told('one').length, 2);
      for (const told of model.told('one')) assert.match(told, new RegExp(done));
    });

    test('says the same in events', async (t) => {
      const model = scriptedModel();
      const ask = await serving(t, model);
      const answered = await ask(streamPath, { ...body(model.script('one', steps), ['Bash'], 0), stream: true });
      assert.deepEqual([answered.status, answered.type], [200, 'text/event-stream']);
      assert.equal(event.call.parse(eventsOf(answered)[event.at]).name, 'Bash');
      const ended = await ask(streamPath, { ...body(model.script('one', steps), ['Bash'], 2), stream: true });
      assert.match(ended.text, new RegExp(lastWords));
    });

    test('answers in words where no tool is offered, and where no script is named', async (t) => {
      const model = scriptedModel();
      const ask = await serving(t, model);
      assert.notEqual(text.parse(JSON.parse((await ask(path, body(model.script('one', steps), [], 0))).text)), lastWords);
      assert.equal(text.parse(JSON.parse((await ask(path, body('Hello.', ['Bash'], 0))).text)), lastWords);
    });
  });

test('a step without a tool of its own is done with the shell', async (t) => {
  const model = scriptedModel();
  const ask = await serving(t, model);
  const prompt = model.script('one', [read("/a'b"), write('/c', "it's")]);
  const { path, body, call } = formats['OpenAI Responses'] ?? assert.fail();
  const lines: unknown[] = [];
  for (const results of [0, 1]) lines.push(call.parse(JSON.parse((await ask(path, body(prompt, ['exec_command'], results))).text)).input);
  assert.deepEqual(lines, [{ cmd: `cat '/a'\\''b'` }, { cmd: `printf %s 'it'\\''s' > '/c'` }]);
});

test('what was sent is kept, whatever it was', async (t) => {
  const model = scriptedModel();
  const ask = await serving(t, model);
  assert.equal((await ask('/elsewhere?x=1', 'no conversation')).status, 404);
  assert.equal((await ask('/v1/messages/count_tokens', {})).status, 200);
  const [first, second] = model.prompted;
  assert.deepEqual(
    [first?.path, first?.body, first?.headers['x-api-key'], first?.results],
    ['/elsewhere', '"no conversation"', 'a-key', []],
  );
  assert.deepEqual([second?.script, model.told('none')], [undefined, []]);
});
