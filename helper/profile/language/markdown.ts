/** Texts of profiles in Markdown, which an editor renders: whatever they say, they stay what they are and become no link or picture. */

/** longest value that is shown whole */
const limitCharacters = 300;

/** A code span; on one line, and short. */
export function code(text: string): string {
  const flat = text.replace(/\s+/g, ' ');
  const short = flat.length > limitCharacters ? `${flat.slice(0, limitCharacters)}…` : flat;
  const runs = [...short.matchAll(/`+/g)].map(([run]) => run.length);
  const fence = '`'.repeat(Math.max(0, ...runs) + 1);
  const edge = /^`|`$/.test(short) || short === '' ? ' ' : '';
  return `${fence}${edge}${short}${edge}${fence}`;
}

/** Prose whose characters mean nothing else. */
export const prose = (text: string): string => text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]()<>#+!|~&:.@/-]/g, '\\$&');

export const tomlBlock = (text: string): string => `\`\`\`toml\n${text.replaceAll('`', "'")}\n\`\`\``;
