/** `[extra_env]`: variables every command of a sandbox gets, and the one rule about which names nobody may set. */
import { z } from 'zod';

/** variables by which programs find the way out of a sandbox, in the two spellings that are in use */
export const proxyVariables = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'] as const;
/** variables by which programs find out whom to trust: each names one file of certificates */
export const authorityVariables = [
  ...['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'GIT_SSL_CAINFO'],
  ...['PIP_CERT', 'CARGO_HTTP_CAINFO', 'npm_config_cafile', 'AWS_CA_BUNDLE', 'DENO_CERT'],
] as const;

const reserved = new Set<string>([
  ...['PATH', 'LD_PRELOAD', 'LD_LIBRARY_PATH', 'PYTHONPATH', 'DOCKER_HOST', 'DOCKER_SOCK'],
  ...['HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_ALL', 'TMPDIR', 'LASSO'],
  ...proxyVariables,
  ...authorityVariables,
]);
const allowedOwn = new Set(['LASSO_AGENT', 'LASSO_EXTRA_MOUNTS', 'LASSO_INJECT_GIT_IDENTITY', 'LASSO_NO_AUTO_MOUNT']);
/** longest NAME=VALUE that Linux passes to a program, with its ending NUL */
const limitBytes = 131_072;

/** Why nobody may set this variable, or undefined when they may. Names and values may be hostile. */
export function refusedVariable(name: string, value: string): string | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return 'a name consists of letters, digits and underscores and does not begin with a digit';
  if (reserved.has(name)) return 'LASSO sets it itself';
  if (name.startsWith('LD_')) return 'it could put other code into every program';
  if (name.startsWith('LASSO_') && !allowedOwn.has(name)) return 'names that begin with LASSO_ are LASSO’s own';
  if (value.includes('\0')) return 'its value contains a NUL character';
  if (name.length + 3 * value.length + 2 > limitBytes) return 'its value is too long';
  return undefined;
}

/** What profiles of LASSO 1.x may name although LASSO sets it itself: it is accepted, and has no effect. */
const withoutEffect = new Set<string>([...proxyVariables, ...authorityVariables]);

export const extraEnv = z
  .record(z.string(), z.string())
  .superRefine((variables, context) => {
    for (const [name, value] of Object.entries(variables)) {
      const reason = refusedVariable(name, value);
      if (reason !== undefined && !withoutEffect.has(name))
        context.addIssue({ code: 'custom', path: [name], message: `may not be set: ${reason}`, params: { at: 'key' } });
    }
  })
  .describe('environment variables for everything in the sandbox');
