/**
 * Answers in pieces, as language models stream theirs: each event is sent only once the one before has been read, which the reader
 * says with a request of its own. Whoever holds back what passes is waited for in vain.
 */
import type { Answer, Asked } from './web.ts';

export const countOfEvents = 5;

/** Serves `POST /v1/messages` and `POST /read?event=N`; true when the request was one of them. */
export function serveEvents(): (asked: Asked, answer: Answer) => boolean {
  const waiting = new Map<string, () => void>();
  return (asked, answer) => {
    const [path = '', query = ''] = (asked.url ?? '/').split('?');
    if (path === '/read') {
      const event = new URLSearchParams(query).get('event') ?? '';
      waiting.get(event)?.();
      waiting.delete(event);
      asked.resume();
      answer.end('read\n');
      return true;
    }
    if (path !== '/v1/messages') return false;
    asked.resume();
    answer.setHeader('content-type', 'text/event-stream');
    const key = String(asked.headers['x-api-key'] ?? '');
    const send = (event: number): void => {
      const data = event === countOfEvents ? { type: 'message_stop', key } : { type: 'content_block_delta', text: `word ${event}` };
      const text = `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
      if (event === countOfEvents) return void answer.end(text);
      waiting.set(String(event), () => send(event + 1));
      (answer as NodeJS.WritableStream).write(text);
    };
    send(1);
    return true;
  };
}
