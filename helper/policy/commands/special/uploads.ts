/** curl, wget and the like: a URL may name a file, and what is sent to another machine may be what should stay (curl(1), wget(1)). */
import type { Argument } from '../argument.ts';
import { type Consequence, hides } from '../consequence.ts';
import { isSensitive } from '../origin.ts';
import { optionNamed, plainConsequences, type Special } from '../use.ts';

/** this machine, under any of its names */
const here =
  /^([a-z]+:\/\/)?([^/@\s]{1,200}@)?(localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\]|host\.docker\.internal|[\w-]+\.(localhost|local|test|internal))?(:(\d+|\0))?([/?#\0]|$)/i;
/** services that tell a machine its own keys */
const metadata =
  /169\.254\.169\.254|169\.254\.170\.2|metadata\.google\.internal|100\.100\.100\.200|fd00:ec2::254|\b2852039166\b|0xa9fea9fe/i;
const wholeFiles = /^(upload-file|post-file|body-file)$/;
const parts =
  /^(data|data-binary|data-ascii|data-urlencode|json|form|post-data|body-data|url-query|header|user-agent|referer|cookie|user)$/;

export const uploads: Special = (use, input) => {
  const { reading, program } = use;
  const { operands, options } = reading;
  const found: Consequence[] = plainConsequences(use);
  for (const { text, ...place } of operands)
    if (text.toLowerCase().startsWith('file://'))
      found.push({ does: 'read', path: { ...place, text: text.slice('file://'.length).replace(/^[^/]*/, '') } });
  const urls = [...operands, ...options.flatMap(({ name, value }) => (name === 'url' && value !== undefined ? [value] : []))];
  const config = optionNamed(reading, 'config');
  if (config !== undefined && program.program === 'curl')
    found.push(hides('Where it goes and what it sends is in another file; write it out.', config.at));
  const asked = urls.find(({ text }) => metadata.test(text));
  if (asked !== undefined) found.push(keeps('That address hands out the keys of the machine; leave it alone.', asked, 'credentials'));
  const httpie = /^(http|xh)$/.test(use.name.text.slice(use.name.text.lastIndexOf('/') + 1)) || program.program === 'http';
  const targets = urls.filter(({ text }) => !httpie || /[./:]/.test(text));
  if (targets.length > 0 && targets.every(({ text }) => here.test(text))) return found;
  const sends = (at: Argument, what: string): Consequence =>
    keeps(`It sends ${what} to another machine; send what is needed and nothing that should stay.`, at, 'exfiltration');
  const secretUrl = urls.find(({ origin }) => origin === 'secret');
  if (secretUrl !== undefined) found.push(sends(secretUrl, 'what it finds here'));
  for (const { name, value } of options) {
    if (value === undefined) continue;
    if (value.origin === 'secret' && (parts.test(name) || name === 'data-raw')) found.push(sends(value, 'what it finds here'));
    const file = wholeFiles.test(name) ? value.text : parts.test(name) ? (/(?:^|=)[@<](.*)$/s.exec(value.text)?.[1] ?? '') : '';
    if (file === '') continue;
    if (file === '-' || file === '.' || file.startsWith('-;')) {
      if (input.kind === 'unknown' && input.origin === 'secret') found.push(sends(value, 'what it is given'));
    } else if (wholeFiles.test(name)) found.push(sends(value, 'a whole file'));
    else if (isSensitive(file.replace(/;.*$/s, ''))) found.push(sends(value, 'a file that should stay'));
  }
  const posted = operands.find(({ text }) => httpie && /@/.test(text) && isSensitive(text.slice(text.indexOf('@') + 1)));
  if (posted !== undefined) found.push(sends(posted, 'a file that should stay'));
  if (httpie && input.kind === 'file') found.push(hides('What would be sent is not in the text; name it.', use.name));
  return found;
};

/** A connection that is given a file to send. */
export const sends: Special = (use, input) => [
  ...plainConsequences(use),
  ...(use.argv[0]?.text === 's_client' && (input.kind === 'file' || (input.kind === 'unknown' && input.origin === 'secret'))
    ? [keeps('It sends a file to another machine; send what is needed and nothing that should stay.', use.name, 'exfiltration')]
    : []),
];

const keeps = (why: string, at: Argument, stage: 'credentials' | 'exfiltration'): Consequence => ({ does: 'forbidden', stage, why, at });
