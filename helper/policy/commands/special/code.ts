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
  /** texts in quotes, in order */
  readonly quoted: readonly string[];
}

const acting: Readonly<Record<string, RegExp>> = {
  python:
    /\b(os\s*\.\s*(system|popen|exec\w*|spawn\w*|fork|forkpty|remove|unlink|rmdir|removedirs|rename|chmod|kill)|subprocess|pty|popen2|commands|shutil|socket|ctypes|__import__|importlib|exec|eval|compile|getattr|runpy|pickle|marshal|multiprocessing|pathlib|asyncio\.create_subprocess\w*|posix|nt|platform\.popen|write_text|write_bytes|urlopen|requests|urllib|http)\b|\bopen\s*\([^)]{0,200},\s*(mode\s*=\s*)?['"][rbt]*[wax+]/,
  javascript:
    /\b(child_process|exec|execSync|execFile\w*|spawn\w*|fork|eval|Function|process\s*\.\s*(binding|dlopen|kill)|unlink\w*|rm|rmSync|rmdir\w*|writeFile\w*|appendFile\w*|createWriteStream|chmod\w*|net|dgram|worker_threads|vm|cluster|Deno\.(run|Command|remove)|Bun\.(spawn\w*|\$)|constructor)\b|\bimport\s*\(|\$`|require\s*\(\s*[^'")\s]/,
  perl: /\b(system|exec|fork|open|unlink|eval|require|qx|syscall|kill|rmtree|rmdir|rename|chmod|socket|IO::|POSIX|do|sysopen|readpipe)\b|`|\/e[a-z]*\s*[;'"}]|\/e[a-z]*$/,
  ruby: /\b(system|exec|spawn|fork|popen\w*|eval|instance_eval|send|__send__|public_send|Open3|PTY|FileUtils|unlink|delete|rm\w*|chmod|Kernel|load|Socket|write|method)\b|`|%x|\bFile\s*\.\s*open/,
  php: /\b(system|exec|shell_exec|passthru|proc_open|popen|pcntl_\w+|eval|assert|unlink|rmdir|rename|chmod|file_put_contents|fopen|fsockopen|include|require|create_function|call_user_func\w*|mail|dl)\b|`/i,
  awk: /\bsystem\s*\(|\|\s{0,9}&?\s{0,9}(getline|")|\|\s*&|"\s*\|\s*getline|\|\s*\w|@load|\bgetline\s*</,
  sql: /\\!|\bsystem\b|\bCOPY\b[^;]{0,500}\bPROGRAM\b|\bINTO\s+(OUTFILE|DUMPFILE)\b|\.shell\b|\.system\b|\bDROP\b|\bTRUNCATE\b|\bDELETE\b|\bload_extension\b|xp_cmdshell|\bLOAD_FILE\b/i,
  vim: /!|\bsystem\b|\bpy\w*|\blua\b|\bperl\b|\bruby\b|\bterm\w*|\bsource\b|\bjob_start\b|\bcall\b/,
  make: /\$\(shell|`|!=|\S/,
};
const actingElsewhere =
  /\b(system|exec\w*|spawn\w*|popen|shell\w*|run|process|sh|eval|load\w*|delete|unlink|remove|open|write|socket|port)\b|`|!/i;

/** Reads source text; it may be hostile. Linear. */
export function readCode(code: string, language: string): CodeReading {
  const words = Object.hasOwn(acting, language) ? acting[language] : undefined;
  const acts = (words ?? actingElsewhere).test(code.replace(/\\\n/g, ''));
  const writes = language === 'awk' ? Array.from(code.matchAll(/>\s*"([^"]{1,4096})"/g), ([, file = '']) => file).slice(0, mostQuoted) : [];
  return {
    acts,
    writes,
    quoted: quotedIn(code),
    removes: /\b(rmtree|unlink\w*|remove|rmdir\w*|rm|rmSync|rm_r\w*|rm_f|delete)\s*[(\s'"]/.test(code),
  };
}

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
