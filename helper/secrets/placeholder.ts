/**
 * What stands for a secret inside a sandbox: a text that nobody can guess, and that no usual encoding (URL, JSON, HTML, shell)
 * changes. It is derived, not kept: a helper that starts again finds the same one.
 */
import { createHmac } from 'node:crypto';

/** 192 bits */
const digits = 48;

/**
 * @param token random text of the sandbox, 256 bits; who does not know it cannot tell the placeholder
 * @param prefix beginning, for programs that look whether a token begins as it should
 */
export function placeholderOf(token: string, name: string, prefix = ''): string {
  const mark = createHmac('sha256', token).update(`lasso secret placeholder\0${name}`).digest('hex').slice(0, digits);
  return `${prefix}lasso-secret-${mark}`;
}
