/** The tools as a server of the Model Context Protocol on any transport. Ends nothing and logs nothing itself. */
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { LassoError } from '../../protocol/errors.ts';
import { failureOf } from './answer.ts';
import { callTool, type Callable } from './call.ts';
import type { Tool } from './tools.ts';

/** calls of one client under way at once */
const callLimit = 64;

export function mcpServer(version: string, tools: readonly Tool[], about: string, to: Callable): McpServer {
  const server = new McpServer({ name: 'lasso', title: 'LASSO', version }, { instructions: about, capabilities: { tools: {} } });
  let underWay = 0;
  for (const tool of tools) {
    const { name, description, input, readOnly } = tool;
    const annotations = { readOnlyHint: readOnly, ...(readOnly ? {} : { destructiveHint: true }) };
    server.registerTool(name, { description, inputSchema: input, annotations }, async (given, { signal, sendNotification, _meta }) => {
      const token = _meta?.progressToken;
      let told = 0;
      const tell = (message: string): void => {
        if (token === undefined || signal.aborted) return;
        told += 1;
        const params = { progressToken: token, progress: told, message };
        void sendNotification({ method: 'notifications/progress', params }).catch(() => undefined);
      };
      if (underWay >= callLimit) {
        const hint = `Wait for answers; ${callLimit} may be under way.`;
        return failureOf(new LassoError('BAD_REQUEST', 'There are too many calls at once', hint));
      }
      underWay += 1;
      try {
        return await callTool(tool, given, to, { signal, tell });
      } finally {
        underWay -= 1;
      }
    });
  }
  return server;
}
