/** The text that echo and printf put out, so that what is hidden in their arguments is judged too. Linear. */
import type { Argument } from './argument.ts';

/** What echo and printf say: words joined, escapes resolved where they are (bash(1)). */
export function spoken(name: string, argv: readonly Argument[]): string {
  const words = argv.map(({ text }) => text);
  if (name === 'echo') {
    let from = 0;
    let escapes = false;
    for (; /^-[neE]+$/.test(words[from] ?? ''); from++) escapes ||= words[from]?.includes('e') === true;
    const said = words.slice(from).join(' ');
    return escapes ? unescaped(said) : said.replace(/\\n/g, '\n');
  }
  const [format = '', ...values] = words[0] === '--' ? words.slice(1) : words;
  let next = 0;
  const once = unescaped(format).replace(/%([sbq%])/g, (_, letter: string) => (letter === '%' ? '%' : (values[next++] ?? '')));
  return [once, ...values.slice(next)].join(next > 0 ? '\n' : ' ');
}

const unescaped = (text: string): string =>
  text.replace(/\\(x[0-9a-fA-F]{1,2}|0?[0-7]{1,3}|u[0-9a-fA-F]{1,4}|[abefnrtv\\])/g, (whole, code: string) => {
    const named = { n: '\n', t: '\t', '\\': '\\', r: '\n', a: '', b: '', e: '', f: '\n', v: '\n' }[code];
    if (named !== undefined) return named;
    const value = /^[xu]/.test(code) ? parseInt(code.slice(1), 16) : parseInt(code, 8);
    return Number.isNaN(value) || value < 9 ? whole : String.fromCharCode(value);
  });
