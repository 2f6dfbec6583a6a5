/**
 * Finds what looks like a credential in a text and puts a mark in its place: tokens of known forms, and values that stand where
 * passwords and tokens stand. What a variable or a file will give is left as it is. Linear in the text, whatever it holds.
 */

/** makes the mark that stands instead of a value */
export type Mark = (kind: string, value: string) => string;

interface Rule {
  readonly kind: string;
  /** the whole match is the value, or its second group is and the first stays */
  readonly pattern: RegExp;
}

/** names of values nobody should see */
const words = String.raw`password|passwd|passphrase|secret|token|api[-_]?key|access[-_]?key|secret[-_]?key|client[-_]?secret`;
/** a value as shells and forms write it: quoted, or up to what ends a word */
const value = String.raw`"[^"]*"?|'[^']*'?|[^\s"'${'`'}&|;<>()]+`;

/** Known forms. None begins in the middle of a run of its own characters, so each run is looked at once. */
const forms: readonly Rule[] = [
  {
    kind: 'private-key',
    pattern:
      /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:\\n|\\r|\s){1,4}[A-Za-z0-9+/][\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g,
  },
  { kind: 'github', pattern: /(?<![A-Za-z0-9_])(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{20,})/g },
  { kind: 'gitlab', pattern: /(?<![\w-])gl[a-z]{2,4}-[\w-]{16,}/g },
  { kind: 'api-key', pattern: /(?<![\w-])sk-(?=[A-Za-z_-]{0,200}\d)[\w-]{20,}/g },
  { kind: 'api-key', pattern: /(?<!\w)[rs]k_(?:live|test)_\w{16,}/g },
  { kind: 'aws', pattern: /(?<![A-Za-z0-9])A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{16}(?![A-Za-z0-9])/g },
  { kind: 'google', pattern: /(?<![\w-])AIza[\w-]{35}/g },
  { kind: 'slack', pattern: /(?<![\w-])xox[a-z]-[\w-]{10,}/g },
  { kind: 'npm', pattern: /(?<!\w)npm_[A-Za-z0-9]{30,}/g },
  { kind: 'pypi', pattern: /(?<![\w-])pypi-[\w-]{40,}/g },
  { kind: 'hugging-face', pattern: /(?<!\w)hf_[A-Za-z0-9]{30,}/g },
  { kind: 'sendgrid', pattern: /(?<![\w-])SG\.[\w-]{16,64}\.[\w-]{16,}/g },
  { kind: 'telegram', pattern: /(?<=\bbot)\d{8,12}:[\w-]{30,}/g },
  { kind: 'age', pattern: /AGE-SECRET-KEY-1[0-9A-Z]{40,}/g },
  { kind: 'jwt', pattern: /(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*/g },
];

/** Places where a value stands that nobody should see, whatever its form. */
const places: readonly Rule[] = [
  {
    kind: 'authorization',
    pattern:
      /(authorization\\?["']?\s{0,4}[:=]\s{0,4}\\?["']?(?:(?:basic|bearer|token|digest|negotiate|apikey|bot)\s{1,4})?)([^\s"'`\\,;|&)]+)/gi,
  },
  { kind: 'header', pattern: /((?:api-key|[a-z]-token|private-token)\s{0,4}:\s{0,4})([^\s"'`,;|&)]+)/gi },
  { kind: 'cookie', pattern: /(cookie:\s{0,4})([^"'\r\n]+)/gi },
  { kind: 'url', pattern: /([a-z][a-z0-9+.-]{0,20}:\/\/[^\s/?#@:"']{0,256}:)([^\s/?#"']+)(?=@)/gi },
  { kind: 'value', pattern: new RegExp(String.raw`((?:${words}|signature|x-amz-credential|[?&]sig|_auth)=)(${value})`, 'gi') },
  { kind: 'value', pattern: new RegExp(String.raw`((?:${words})\\?["']\s{0,4}:\s{0,4}\\?["'])((?:[^"'\\]|\\[^"'])+)`, 'gi') },
  {
    kind: 'value',
    pattern: new RegExp(String.raw`((?<![^\s"'(])--?(?:[a-z]{1,16}-)?(?:${words}|auth-token|access-token)\s{1,4})(?!-)(${value})`, 'gi'),
  },
  { kind: 'value', pattern: /((?<![^\s"'(])pass:)([^\s"';|&]+)/g },
  { kind: 'value', pattern: /(\bsshpass\s{1,4}-p\s{0,4})([^\s"';|&]+)/g },
];
/** only beside the program whose option it is: elsewhere it names a user and a group */
const curlUser: Rule = { kind: 'value', pattern: /((?<=\s)(?:-u|--user[= ])\s{0,4}["']?[^\s:"']{1,256}:)([^\s"']+)/g };

/** whether anything of it may be there, in lower case: most texts end here, so it holds no more than words */
const trigger =
  /passw|passphrase|secret|token|api-key|api_key|apikey|access-key|access_key|accesskey|authorization|cookie:|signature=|credential=|sig=|_auth=|private key|ghp_|gho_|ghu_|ghs_|ghr_|github_pat_|gl[a-z]{2,4}-|sk-|[rs]k_|akia|asia|abia|acca|aiza|xox|npm_|pypi-|hf_|sg\.|bot\d|age-secret|eyj|@|pass:|sshpass|curl|mysql|mariadb/;

/** Whether there may be anything to hide in a text, or in several put together. Quick; what it lets through need not hold anything. */
export const maybeSecret = (text: string): boolean => trigger.test(text.toLowerCase());

/** The text with marks; the same text when there is nothing to hide. */
export function redactText(text: string, mark: Mark): string {
  if (!maybeSecret(text)) return text;
  let redacted = text;
  for (const { kind, pattern } of forms) redacted = redacted.replace(pattern, (found) => mark(kind, found));
  for (const { kind, pattern } of /\bcurl\b/.test(text) ? [...places, curlUser] : places)
    redacted = redacted.replace(pattern, (whole: string, before: string, found: string) =>
      isHarmless(bare(found)) ? whole : before + around(found, mark(kind, bare(found))),
    );
  return redacted;
}

/** names of options whose next word is the value */
const option = new RegExp(String.raw`^--?(?:[a-z]{1,16}-)?(?:${words}|auth-token|access-token)$`, 'i');

/** Arguments of one program: options and values are words of their own here, whatever characters they hold. */
export function redactArguments(argv: readonly string[], mark: Mark): readonly string[] {
  const [program = ''] = argv;
  const isCurl = /(?:^|\/)curl$/.test(program);
  const isSsh = /(?:^|\/)sshpass$/.test(program);
  const isSql = /(?:^|\/)(?:mysql|mariadb)\w*$/.test(program);
  return argv.map((word, index) => {
    const before = index === 0 ? '' : (argv[index - 1] ?? '');
    if (option.test(before) && !word.startsWith('-') && !/^(?:id|type|src|env)=/.test(word) && !isWord(word)) return mark('value', word);
    if (isSsh && before === '-p') return mark('value', word);
    const glued = isSql ? /^(-p)(?!assword)([\s\S]+)$/.exec(word) : isCurl ? /^(-u[^:]{1,256}:)([\s\S]+)$/.exec(word) : null;
    const separate = isCurl && (before === '-u' || before === '--user') ? /^([^:]{1,256}:)([\s\S]+)$/.exec(word) : null;
    const [, stays, hidden] = glued ?? separate ?? [];
    return stays !== undefined && hidden !== undefined ? stays + mark('value', hidden) : redactText(word, mark);
  });
}

const bare = (found: string): string => found.replace(/^["']/, '').replace(/["']$/, '');

const around = (found: string, mark: string): string =>
  `${/^["']/.exec(found)?.[0] ?? ''}${mark}${found.length > 1 ? (/["']$/.exec(found)?.[0] ?? '') : ''}`;

/** What a variable, a template or a command will give, what is hidden already, and words that are no secret. */
const isHarmless = (found: string): boolean =>
  found === '' || /^(?:\$[A-Z_][A-Z0-9_]*$|\$\{|\$\(|\$$|\[redacted:|<[^>]*>$|\{\{|\*+$|(?:id|type|src|env)=)/.test(found) || isWord(found);

const isWord = (found: string): boolean => /^(?:true|false|null|none|yes|no|0|1)$/i.test(found) || found.startsWith('[redacted:');
