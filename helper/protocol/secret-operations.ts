/**
 * The verbs about secrets and logins. Names and places only: a value travels as bytes of a stream of its own, and is in no
 * parameter, result or event.
 */
import { z } from 'zod';
import { operation } from './operation.ts';

const dir = z.string().optional().describe('folder of the workspace (default: the current one)');
const profile = z.string().optional().describe('profile: a name or a file (default: the one sandboxes here get)');
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be letters, digits, "-" and "_", 64 at most');
/** 64 hex digits; the value goes over the stream that presents them */
const stream = z.string().regex(/^[0-9a-f]{64}$/);
const where = z.enum(['keyring', 'file']);

export const secretOperations = {
  secretSet: operation({
    summary: 'Keep a secret for profiles that name keyring:NAME; the value comes from stdin or is asked for, never an argument',
    effect: 'write',
    runs: 'helper',
    cli: {
      name: 'secret set',
      positionals: ['name'],
      hidden: ['stream'],
      json: true,
      quiet: true,
      examples: ['lasso secret set npm', 'op read op://dev/npm/token | lasso secret set npm'],
    },
    params: z.object({ name: name.describe('name of the secret'), stream: stream.optional() }),
    result: z.object({
      name: z.string(),
      where,
      place: z.string().describe('name of the keyring, or the file'),
      why: z.string().optional().describe('why it is in a file and not in a keyring'),
    }),
  }),
  secretList: operation({
    summary: 'List the secrets that LASSO keeps and those a profile uses; never a value',
    effect: 'read',
    runs: 'helper',
    cli: {
      name: 'secret list',
      short: { p: 'profile', d: 'dir' },
      json: true,
      quiet: true,
      examples: ['lasso secret list', 'lasso secret list --profile team'],
    },
    params: z.object({ profile, dir }),
    result: z.object({
      kept: z.array(z.object({ name: z.string(), where })),
      profile: z.string(),
      used: z.array(
        z.object({
          name: z.string(),
          from: z.string().describe('where its value is'),
          hosts: z.array(z.string()).describe('hosts it may be sent to'),
          header: z.string(),
          env: z.string().optional(),
        }),
      ),
    }),
  }),
  secretRemove: operation({
    summary: 'Forget a secret that LASSO keeps',
    effect: 'write',
    runs: 'helper',
    cli: { name: 'secret remove', positionals: ['name'], json: true, quiet: true, examples: ['lasso secret remove npm'] },
    params: z.object({ name: name.describe('name of the secret') }),
    result: z.object({ name: z.string(), removed: where.nullable().describe('where it was; null where there was none') }),
  }),
  secretTest: operation({
    summary: 'Say whether a secret that a profile uses is there, or why not; never the value',
    effect: 'read',
    runs: 'helper',
    cli: {
      name: 'secret test',
      positionals: ['name'],
      short: { p: 'profile', d: 'dir' },
      json: true,
      examples: ['lasso secret test npm', 'lasso secret test npm --profile team'],
      exits: [
        [0, 'it is there'],
        [1, 'it is not'],
      ],
    },
    params: z.object({ name: name.describe('name of the secret in the profile'), profile, dir }),
    result: z.object({
      name: z.string(),
      from: z.string(),
      found: z.boolean(),
      reason: z.string().optional(),
      hint: z.string().optional(),
    }),
  }),
  secretAttend: operation({
    summary: 'Be there to answer with secrets VS Code keeps, while this request lasts',
    effect: 'write',
    runs: 'helper',
    params: z.object({}),
    result: z.object({}),
  }),
  secretAnswer: operation({
    summary: 'Answer a question for a secret: over a stream, or that there is none',
    effect: 'write',
    runs: 'helper',
    params: z.object({ id: z.string().max(64), stream: stream.optional() }),
    result: z.object({}),
  }),
  authLogin: operation({
    summary: 'Sign in to GitHub with a code typed on its page',
    effect: 'write',
    runs: 'face',
    cli: { name: 'auth login', examples: ['lasso auth login'] },
    params: z.object({}),
    result: z.object({}),
  }),
  authBegin: operation({
    summary: 'Begin to sign in to GitHub: what to type, and where',
    effect: 'write',
    runs: 'helper',
    params: z.object({}),
    result: z.object({
      id: z.string(),
      code: z.string().describe('what a person types on the page'),
      page: z.string().describe('address of the page; from the server, so hostile text'),
      expiresAt: z.string(),
    }),
  }),
  authWait: operation({
    summary: 'Wait until a person has agreed on the page, and keep the login',
    effect: 'write',
    runs: 'helper',
    params: z.object({ id: z.string().max(64) }),
    result: z.object({ where, place: z.string(), why: z.string().optional(), scopes: z.string() }),
  }),
  authStatus: operation({
    summary: 'Say whether there is a login to GitHub, and where it comes from',
    effect: 'read',
    runs: 'helper',
    cli: {
      name: 'auth status',
      json: true,
      examples: ['lasso auth status'],
      exits: [
        [0, 'there is one'],
        [1, 'there is none'],
      ],
    },
    params: z.object({}),
    result: z.object({
      from: z.enum(['GITHUB_TOKEN', 'GH_TOKEN', 'login']).nullable().describe('a variable of the helper, or `lasso auth login`'),
      scopes: z.string().optional(),
      since: z.string().optional(),
      expiresAt: z.string().optional(),
    }),
  }),
  authToken: operation({
    summary: 'Print the token for GitHub: whoever reads it can act as you',
    effect: 'weaken',
    runs: 'helper',
    cli: { name: 'auth token', hidden: ['stream'], examples: ['lasso auth token'] },
    params: z.object({ stream: stream.optional() }),
    result: z.object({}),
  }),
  authLogout: operation({
    summary: 'Forget the login to GitHub on this machine; it stays valid there until it is revoked on GitHub’s own pages',
    effect: 'write',
    runs: 'helper',
    cli: { name: 'auth logout', json: true, examples: ['lasso auth logout'] },
    params: z.object({}),
    result: z.object({ removed: z.boolean() }),
  }),
} as const;
