/** Where text comes from that a command line does not hold: another machine, a decoder, or what should not leave. Linear, and only a hint. */

/** `hidden`: sent by another machine or decoded, so that nobody has read it; `secret`: variables, keys and the like */
export type Origin = 'hidden' | 'secret';

const fetchers = /^(curl|wget2?|aria2c|fetch|lynx|https?|xh|nc|ncat|socat|telnet)$/;
const decoders = /^(base64|base32|basenc|xxd|openssl|uudecode|rev|tr|gpg)$/;
const tellers = /^(env|printenv|export|declare|set|history|hostname|whoami|id|uname|ifconfig)$/;

/** What a program of a pipe hands on, by its name and arguments. */
export function originOfOutput(name: string, words: readonly string[]): Origin | undefined {
  const base = name.slice(name.lastIndexOf('/') + 1);
  if (fetchers.test(base)) return 'hidden';
  if (base === 'jq' && words.some((word) => /^-\w*n/.test(word)) && words.some((word) => /\benv\b|\$ENV/.test(word))) return 'secret';
  if (decoders.test(base)) return base === 'openssl' && words[0] === 's_client' ? 'hidden' : decodes(base, words) ? 'hidden' : undefined;
  if (tellers.test(base) && !words.some((word) => /^[^-=]+$/.test(word) && base !== 'printenv')) return 'secret';
  if (/^g?tar$/.test(base) && words.some((word) => /^-*[a-zA-Z]*c/.test(word))) return 'secret';
  return words.some(isSensitive) ? 'secret' : undefined;
}

function decodes(base: string, words: readonly string[]): boolean {
  if (base === 'rev' || base === 'uudecode' || base === 'gpg') return true;
  if (base === 'tr') return words.length > 1 && !words.some((word) => word.startsWith('-') || word.includes('[') || word.includes('\\'));
  if (base === 'openssl') return words.some((word) => /^-?(d|base64|enc)$/.test(word));
  return words.some((word) => (base === 'xxd' ? /^-\w*r/ : /^-\w*[dD]|^--d/).test(word));
}

const fetched = /(^|[\s(|;&`])(curl|wget2?|aria2c|lynx|https?|xh|ncat?|socat)\s/;
const decoded = /(^|[\s(|;&`])((base(64|32)|basenc)\s[^|)`]{0,80}-\w*[dD]|xxd\s[^|)`]{0,80}-\w*r|rev\b|openssl\s+(enc|base64|s_client))/;
const told = /(^|[\s(|;&`])(env|printenv|set|export\s+-p|declare\s+-p|whoami|hostname|history|base64|xxd|od)\s*($|[\s)`|;<-])/;

/** What the substitutions of a word hand on; `text` is the word as written. */
export function originOfWord(text: string): Origin | undefined {
  const at = text.search(/\$\(|`|[<>]\(|\$\{/);
  if (at < 0) return undefined;
  const inner = text.slice(at, at + 4096);
  if (fetched.test(inner) || decoded.test(inner)) return 'hidden';
  if (told.test(inner)) return 'secret';
  return inner.split(/[\s"'()`<>|;]+/).some(isSensitive) ? 'secret' : undefined;
}

const sensitive =
  /(^|\/)\.env(\.(?!example|sample|template|dist)[\w.]+)?$|(^|\/)(id_(rsa|ed25519|ecdsa|dsa)|credentials(\.\w+)?|secrets?(\.\w+)*|\.netrc|\.npmrc|\.pypirc|\.git-credentials|[\w.-]*\.(pem|key|p12|pfx|kdbx))$|^\/etc\/(?!hosts$|os-release$|timezone$)|^\/proc\/[^/]+\/environ|^(~|\/home\/[^/]+|\/root)\/\.|\/\.(ssh|aws|gnupg|kube)(\/|$)/i;

/** Whether a file’s name says that its contents should stay. */
export const isSensitive = (path: string): boolean => path.length < 4096 && sensitive.test(path);
