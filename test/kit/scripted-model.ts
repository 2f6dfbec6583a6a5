/**
 * A model that plays scripts: a site that speaks the wire formats agents speak, and has each agent do, step by step, what the script
 * says that its prompt names. It keeps what it was sent, so that a test can look for what must be there and what must not.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { readConversation } from './model/conversation.ts';
import { type Said, saidIn } from './model/dialects.ts';
import { nextAct, type Step } from './model/script.ts';
import type { Answer, Site } from './servers/web.ts';

/** a request the model was sent */
export interface Prompted {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** the script its conversation is about */
  readonly script: string | undefined;
  /** what the calls brought so far */
  readonly results: readonly string[];
}

export interface ScriptedModel {
  readonly site: Site;
  readonly prompted: readonly Prompted[];
  /** Makes a script known; the prompt that has an agent play it. @param name letters, digits and `-` */
  script(name: string, steps: readonly Step[]): string;
  /** What came of each step of a script, as the agent told it. */
  told(name: string): readonly string[];
}

const promptOf = (name: string): string => `Play the script <${name}>.`;

export function scriptedModel(): ScriptedModel {
  const scripts = new Map<string, readonly Step[]>();
  const prompted: Prompted[] = [];
  const site: Site = (asked, answer) => {
    void text(asked).then(
      (body) => {
        const [path = ''] = (asked.url ?? '').split('?');
        const parsed = parsedBody(body);
        const conversation = readConversation(parsed);
        const script = [...scripts.keys()].find((name) => body.includes(JSON.stringify(promptOf(name)).slice(1, -1)));
        const { results } = conversation;
        prompted.push({ path, headers: asked.headers, body, script, results });
        if (path.endsWith('/models')) return send(answer, { form: 'json', value: { object: 'list', data: [], models: [] } });
        if (/count_?tokens$/i.test(path)) return send(answer, { form: 'json', value: { input_tokens: 10, totalTokens: 10 } });
        const act = nextAct(script === undefined ? [] : (scripts.get(script) ?? []), conversation);
        send(answer, saidIn({ path, ...wishOf(parsed), id: String(prompted.length) }, act));
      },
      () => answer.destroy(),
    );
    return true;
  };
  return {
    site,
    prompted,
    script: (name, steps) => {
      scripts.set(name, steps);
      return promptOf(name);
    },
    told: (name) => {
      const lists = prompted.filter(({ script }) => script === name).map(({ results }) => results);
      return lists.reduce((longest, results) => (results.length > longest.length ? results : longest), []);
    },
  };
}

function parsedBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function wishOf(body: unknown): { readonly model: string; readonly stream: boolean } {
  if (typeof body !== 'object' || body === null) return { model: '', stream: false };
  return {
    model: 'model' in body && typeof body.model === 'string' ? body.model : '',
    stream: 'stream' in body && body.stream === true,
  };
}

function send(answer: Answer, said: Said | undefined): void {
  answer.on('error', () => undefined);
  if (said === undefined) {
    answer.statusCode = 404;
    answer.end('{"error":{"type":"not_found","message":"There is nothing here."}}');
    return;
  }
  if (said.form === 'json') {
    answer.setHeader('content-type', 'application/json');
    answer.end(JSON.stringify(said.value));
    return;
  }
  answer.setHeader('content-type', 'text/event-stream');
  answer.end(said.events.map(({ event, data }) => `${event === undefined ? '' : `event: ${event}\n`}data: ${dataText(data)}\n\n`).join(''));
}

const dataText = (data: unknown): string => (typeof data === 'string' ? data : JSON.stringify(data));
