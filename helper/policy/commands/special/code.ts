/**
 * Source text of other languages in an argument. It is not understood: it is looked at for words that start programs, and where there
 * are some, for the commands written in its quotes. What starts programs is never allowed from the text alone.
 */
export interface CodeReading {
  /** whether it can start programs, or change and remove files by itself */
  readonly acts: boolean;
  /** files it writes, where it names them */
  readonly writes: readonly string[];
  /** whether it removes files by itself */
  readonly removes: boolean;
  /** whether it connects to another machine by hand and starts programs */
  readonly opensShell: boolean;
  /** whether it runs text that it decodes or fetches first */
  readonly runsHidden: boolean;
  /** texts in quotes, in order */
  readonly quoted: readonly string[];
}

const acting: Readonly<Record<string, RegExp>> = {
  python:
    /\b(os\s*\.\s*(system|popen|exec\w*|spawn\w*|fork|forkpty|kill|chmod|chown|setuid)|subprocess|pty|popen2|commands|socket|ctypes|__import__|importlib|exec|eval|compile|getattr|runpy|pickle|marshal|multiprocessing|asyncio\.create_subprocess\w*|posix|platform\.popen|urlopen|requests|urllib\.request|httpx|http\.client|smtplib|ftplib)\b/,
  javascript:
    /\b(child_process|exec|execSync|execFile\w*|spawn\w*|fork|eval|Function|process\s*\.\s*(binding|dlopen|kill)|chmod\w*|net|dgram|worker_threads|vm|cluster|Deno\.(run|Command)|Bun\.(spawn\w*|\$)|constructor)\b|\bimport\s*\(\s*[^'")\s]|\$`|require\s*\(\s*[^'")\s]/,
  perl: /\b(system|exec|fork|eval|qx|syscall|kill|socket|IO::|POSIX|do|readpipe|chmod)\b|\bopen\b[^;]{0,200}['"][^'"]{0,200}\||`|\/e[a-z]*\s*[;'"}]|\/e[a-z]*$/,
  ruby: /\b(system|exec|spawn|fork|popen\w*|eval|instance_eval|send|__send__|public_send|Open3|PTY|chmod|Kernel|load|\w*Socket|TCP\w*|method)\b|`|%x/,
  php: /\b(system|exec|shell_exec|passthru|proc_open|popen|pcntl_\w+|eval|assert|chmod|fsockopen|include|require|create_function|call_user_func\w*|mail|dl)\b|`/i,
  awk: /\bsystem\s*\(|\|\s{0,9}&?\s{0,9}(getline|")|\|\s*&|"\s*\|\s*getline|[^|]\|\s*[a-z]\w*\s*([;}]|$)|@load|\bgetline\s*<|\/inet\//,
  sql: /\\!|\bsystem\b|\bCOPY\b[^;]{0,500}\bPROGRAM\b|\bINTO\s+(OUTFILE|DUMPFILE)\b|\.shell\b|\.system\b|\bDROP\b|\bTRUNCATE\b|\bDELETE\b|\bload_extension\b|xp_cmdshell|\bLOAD_FILE\b/i,
  vim: /!|\bsystem\b|\bpy\w*|\blua\b|\bperl\b|\bruby\b|\bterm\w*|\bsource\b|\bjob_start\b|\bcall\b/,
  make: /\$\(shell|`|!=|\S/,
};
/** words that remove, and words that write: where the code names the file, it is judged like that of a command */
const removing =
  /\b(rmtree|unlink\w*|removedirs|remove(Sync)?|rmdir\w*|rm|rmSync|rm_r\w*|rm_f|rm_rf|delete|deleteSync|removeTree|shutil\s*\.\s*move|truncate\w*|rename\w*|move|replace)\s*[(\s'"]|\.\s*(unlink|rmdir)\b/;
const removesForSure =
  /\b(rmtree|unlink\w*|removedirs|rmdir\w*|rmSync|rm_r\w*|rm_f|rm_rf|removeSync|removeTree)\b|\b(os|fs|fsp|promises|FileUtils|File|Deno)\s*\.\s*(remove|rm|delete|unlink|rename|truncate)\w*|\brm\s*\(|\bshutil\s*\.\s*move|import\s*\{[^}]{0,200}\brm\b/;
/** a file that is written, named in the call or through a variable */
const writing =
  /(?:\bopen\s*\(\s*|\bPath\s*\(\s*|\b(?:writeFile|appendFile|createWriteStream|copyFile|outputFile|writeTextFile|file_put_contents|fopen|File\.write|IO\.write|File\.open)(?:Sync)?\s*\(\s*)[rbuf]?(["'])([^"'\n]{1,4096})\1\s*(,\s*(?:encoding\s*=\s*[^,)]{1,40},\s*)?(?:mode\s*=\s*)?["'][^"']{0,8}["']|\)\s*\.\s*\w+)?/g;
const assigning = /\b(?:const|let|var|my)?\s*\$?\w+\s*=\s*(?:\w+\()?(["'])([^"'\n]{1,4096})\1/g;
/** perl and ruby name the direction in the file’s name */
const redirecting = /(["'])\+?>{1,2}\s*(\/[^"'\n]{1,4096})\1/g;
const writes =
  /\bopen\s*\([^)]{0,300},\s*(?:mode\s*=\s*)?["'][rbt]*[wax+]|write_text|write_bytes|writeFile|appendFile|createWriteStream|copyFile|file_put_contents|File\.write|fopen|\bshutil\.(copy|move)|\bopen\b[^;]{0,200}['"]\s*[>+]/;
/** a connection that is made by hand, together with programs that are started: a shell for somebody else */
const reachesOut = /\bsocket|Socket|\bTCP\w*|fsockopen|\/inet\/|\bnet\b\.\w*connect/;
const startsShell = /\bpty\b|dup2|\/bin\/(ba|da|z)?sh\b|popen|\bexec\b|\bspawn|subprocess|getline/i;
/** text that is run, and text nobody can read before */
const runsText = /\b(eval|exec|system|popen|Function|execSync|subprocess)\b/;
const hidesText = /base64|b64decode|fromhex|unhexlify|\bpack\s*\(|urlopen|\bcodecs\b|fromCharCode/;
const actingElsewhere =
  /\b(system|exec\w*|spawn\w*|popen|shell\w*|run|process|sh|eval|load\w*|delete|unlink|remove|open|write|socket|port)\b|`|!/i;

/** Reads source text; it may be hostile. Linear. */
export function readCode(code: string, language: string): CodeReading {
  const words = Object.hasOwn(acting, language) ? acting[language] : undefined;
  const plain = code.replace(/\\\n/g, '');
  const removes = removing.test(code) && (words === undefined || language === 'awk' || removesForSure.test(code));
  const changes = writes.test(plain);
  return {
    acts: (words ?? actingElsewhere).test(plain),
    // Named in the call, or by a variable that is given a path.
    writes:
      language === 'awk'
        ? matches(code, />\s*(")([^"]{1,4096})"/g)
        : changes
          ? [...written(plain), ...matches(plain, assigning).filter(leads), ...matches(plain, redirecting)]
          : [],
    quoted: quotedIn(code),
    removes,
    opensShell: reachesOut.test(plain) && startsShell.test(plain),
    runsHidden: runsText.test(plain) && hidesText.test(plain),
  };
}

const leads = (path: string): boolean => /^(~|\/|\.\.(\/|$)|\.git(\/|$))/.test(path) && !/\s/.test(path);
const matches = (code: string, pattern: RegExp): string[] =>
  Array.from(code.matchAll(pattern), ([, , text = '']) => text).slice(0, mostQuoted);

/** Files opened to be read are not written. */
const written = (code: string): string[] =>
  Array.from(code.matchAll(writing), ([whole, , file = '', how = '']) =>
    /^(open|fopen)/.test(whole) && !/["'][rbt]*[wax+]/.test(how)
      ? ''
      : /^Path/.test(whole) && !/write|touch|open|unlink|rename/.test(how)
        ? ''
        : file,
  )
    .filter((file) => file !== '')
    .slice(0, mostQuoted);

const mostQuoted = 32;

function quotedIn(code: string): string[] {
  const found: string[] = [];
  let at = 0;
  while (at < code.length && found.length < mostQuoted) {
    const quote = code[at];
    if (quote !== '"' && quote !== "'" && quote !== '`') {
      at++;
      continue;
    }
    let text = '';
    let end = at + 1;
    while (end < code.length && code[end] !== quote) {
      if (code[end] === '\\' && end + 1 < code.length) end++;
      text += code[end] ?? '';
      end++;
    }
    if (text.trim() !== '') found.push(text);
    at = end + 1;
  }
  return found;
}
