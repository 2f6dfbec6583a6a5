/** Which files a patch changes, in the form that Codex introduced and in unified diffs. The text is hostile; linear, and it guesses nothing. */

/** undefined for what is neither, or names no file */
export function patchedPaths(text: string): readonly string[] | undefined {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const own = lines.some((line) => line.trim() === '*** Begin Patch');
  const paths = own ? lines.flatMap(pathOfHeader) : lines.flatMap(pathOfDiff);
  return paths.length === 0 ? undefined : [...new Set(paths)];
}

function pathOfHeader(line: string): readonly string[] {
  const found = /^\s*\*\*\* (?:Add File|Update File|Delete File|Move to): (.*)$/.exec(line)?.[1]?.trim();
  return found === undefined ? [] : [found];
}

/** Both sides of one file, without the letter that tells them apart. */
function pathOfDiff(line: string): readonly string[] {
  const found = /^(?:---|\+\+\+) ("?)(?:[ab]\/)?([^\t]*)\1(?:\t.*)?$/.exec(line)?.[2]?.trim();
  return found === undefined || found === '' || found === '/dev/null' ? [] : [found];
}
