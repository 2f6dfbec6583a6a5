/** What runs in the bare sandbox of `bare.ts`: the model, the pages nobody may reach, and the agent; its one argument is what is to be played. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import type { Step } from '../model/script.ts';
import { scriptedModel } from '../scripted-model.ts';
import { barePorts } from './bare-ports.ts';

const wish = z
  .object({ command: z.array(z.string()), steps: z.array(z.custom<Step>()) })
  .parse(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')));
const model = scriptedModel();
const prompt = model.script('bare', wish.steps);
const reached: string[] = [];

async function serve(port: number, listener: RequestListener): Promise<() => void> {
  const server = createServer(listener).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return () => {
    server.close();
    server.closeAllConnections();
  };
}
const stops = [
  await serve(barePorts.model, (asked, answer) => void model.site(asked, answer)),
  await serve(barePorts.pages, ({ url = '' }, answer) => {
    reached.push(url);
    answer.end('reached\n');
  }),
];
const [file = '', ...argv] = wish.command.map((word) => word.replace('<<prompt>>', prompt));
const child = spawn(file, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
const patience = setTimeout(() => child.kill('SIGKILL'), 240_000);
const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close') as Promise<[number | null]>]);
clearTimeout(patience);
for (const stop of stops) stop();
process.stdout.write(JSON.stringify({ code, reached, said: `${out}\n${err}`.slice(-4000) }), () => process.exit(0));
