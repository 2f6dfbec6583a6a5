/**
 * Values that name a program another one is to use: a pager, an editor, a transport. People give a handful of well-known ones; any
 * other makes a harmless-looking command start something else, and is refused. Never looks at a disk.
 */
import { type Argument, isKnown } from '../argument.ts';
import type { Consequence } from '../consequence.ts';

/** programs people name there; what is given to them is judged like any command */
const usual =
  /^(\/usr\/(local\/)?bin\/|\/bin\/)?(cat|head|tail|less|more|most|bat|batcat|delta|diff-so-fancy|diff-highlight|diff|colordiff|difft|difftastic|true|:|echo|vi|vim|nvim|vimdiff|nvimdiff|nano|emacs|emacsclient|code|codium|cursor|micro|hx|sed|gzip|pigz|bzip2|pbzip2|lbzip2|xz|pixz|zstd|zstdmt|lz4|lzop|lzip|brotli|ssh|ccache|sccache|distcc|icecc|gpg|gpg2|git-upload-pack|git-receive-pack|git-lfs|pdftotext)(?=\s|$)/;

/** Values that programs give their own git, word for word as gitconfig(5) proposes them; they only read. */
const documented = new Set([`f() { git --git-dir="$1" for-each-ref --format='%(objectname)'; }; f`]);

/** What follows when `who` is told to use `line` as a helper; also where the value is a folder of the system. */
export function steered(line: Argument, who: string): readonly Consequence[] {
  const text = line.text.trim();
  if (text === '' || /^(true|false|yes|no|on|off|0|1)$/i.test(text) || /^\/usr\/(share|lib)\/[\w./-]+$/.test(text)) return [];
  const judged: Consequence = { does: 'shell', line: { ...line, text: line.text.replace(/^[!|]/, '') } };
  if (isKnown(line) && documented.has(text)) return [judged];
  if (isKnown(line) && usual.test(text) && !/[;&|`\n]|\$\(|[<>]\(/.test(text)) return [judged];
  const why = `It makes ${who} start “${text.replaceAll('\0', '…').slice(0, 40)}” in a roundabout way; start that by itself, or leave it out.`;
  return [judged, { does: 'forbidden', stage: 'steering', why, at: line }];
}
