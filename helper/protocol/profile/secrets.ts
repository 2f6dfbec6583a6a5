/** `[secrets.NAME]`: which secrets an agent may use without ever holding them. It says where a value is, never what it is. */
import { z } from 'zod';
import { refusedVariable } from './environment.ts';
import { host } from './network.ts';

const sourceText =
  'must say where the value is: env:NAME, file:PATH#FIELD, command:PROGRAM ARGUMENTS, vscode:NAME, keyring:NAME, or github; never the value';
const source = z.string().regex(/^(env:[A-Za-z_][A-Za-z0-9_]*|file:[^#]+(#.+)?|command:\S.*|vscode:\S+|keyring:\S+|github)$/, sourceText);

const secret = z
  .strictObject({
    from: source
      .describe('where the value is, on the host: env:NAME, file:PATH#FIELD, command:…, vscode:NAME, keyring:NAME, github')
      .meta({ examples: ['env:NPM_TOKEN', 'command:op read op://dev/npm/token'] }),
    hosts: z
      .array(host)
      .default([])
      .describe('hosts it may be sent to; anywhere else a request that carries it is refused')
      .meta({ examples: [['registry.corp.example']] }),
    header: z
      .string()
      .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'must be the name of one HTTP header')
      .default('authorization')
      .describe('header it may stand in')
      .meta({ examples: ['x-api-key'] }),
    env: z
      .string()
      .superRefine((name, context) => {
        const reason = refusedVariable(name, '');
        if (reason !== undefined) context.addIssue({ code: 'custom', message: `may not be this variable: ${reason}` });
      })
      .optional()
      .describe('environment variable in which the sandbox finds the placeholder')
      .meta({ examples: ['NPM_TOKEN'] }),
    prefix: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,19}$/, 'must be letters, digits, "-" and "_", 20 at most')
      .optional()
      .describe('beginning of the placeholder, for programs that look whether a token begins as it should')
      .meta({ examples: ['npm_'] }),
    refresh: z
      .string()
      .regex(/\S/, 'must be a program and its arguments')
      .optional()
      .describe('program that is run on the host, without a shell, when the file of the secret says that its value has expired')
      .meta({ examples: ['agent auth refresh'] }),
  })
  .superRefine(({ from, refresh }, context) => {
    if (refresh !== undefined && !/^file:.*#/.test(from))
      context.addIssue({ code: 'custom', path: ['refresh'], message: 'is for secrets from file:PATH#FIELD only' });
  });

export const secrets = z.record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be letters, digits, "-" and "_"'), secret);
