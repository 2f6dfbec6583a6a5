/** Repositories over HTTP, as git itself serves them (git-http-backend, a CGI program; RFC 3875). Anybody may push. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { runChild } from '../../../helper/base/child.ts';
import type { Site } from './web.ts';

/** Makes an empty repository that is served. @param folder where repositories are */
export async function makeRepository(folder: string, name: string): Promise<string> {
  const repository = join(folder, name);
  for (const words of [
    ['init', '--quiet', '--bare', '--initial-branch=main', repository],
    ['-C', repository, 'config', 'http.receivepack', 'true'],
  ]) {
    const { code, stderr } = await runChild('git', words, { timeoutMs: 10_000, environment: gitEnvironment() });
    if (code !== 0) throw new Error(stderr);
  }
  return repository;
}

export function gitSite(folder: string): Site {
  return (asked, answer) => {
    const { pathname, search } = new URL(asked.url ?? '/', 'http://site.example');
    const { 'content-type': type = '', 'content-encoding': encoding = '', 'git-protocol': protocol = '' } = asked.headers;
    const child = spawn('git', ['http-backend'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: {
        ...gitEnvironment(),
        ...{ GIT_PROJECT_ROOT: folder, GIT_HTTP_EXPORT_ALL: '1', PATH_INFO: pathname, QUERY_STRING: search.slice(1) },
        ...{ REQUEST_METHOD: asked.method ?? '', CONTENT_TYPE: type, HTTP_CONTENT_ENCODING: encoding, REMOTE_ADDR: '127.0.0.1' },
        GIT_PROTOCOL: String(protocol),
      },
    });
    child.stdin.on('error', () => undefined);
    asked.pipe(child.stdin);
    let head = Buffer.alloc(0);
    let said = false;
    child.stdout.on('data', (piece: Buffer) => {
      if (said) return void (answer as NodeJS.WritableStream).write(piece);
      head = Buffer.concat([head, piece]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      said = true;
      for (const line of head.toString('latin1', 0, end).split('\r\n')) {
        const [, name = '', value = ''] = /^([^:]+): *(.*)$/.exec(line) ?? [];
        if (name.toLowerCase() === 'status') answer.statusCode = Number(value.slice(0, 3));
        else answer.setHeader(name, value);
      }
      (answer as NodeJS.WritableStream).write(head.subarray(end + 4));
    });
    child.once('close', () => answer.end());
    return true;
  };
}

/** what git runs with on the host: nothing of whoever runs the tests */
export function gitEnvironment(): Readonly<Record<string, string>> {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', HOME: '/nonexistent' };
}
