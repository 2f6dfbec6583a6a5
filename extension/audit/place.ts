/** Finds the row of a line among the rows of a whole record, by looking at few rows. Pure but for the look. */

export interface Place {
  readonly file: string;
  /** 1-based, in its file */
  readonly line: number;
}

/**
 * The row of a line, or of the first after it; undefined where there are no rows. Rows stand in the order of `files`, each
 * file's lines in order, but maybe not every line of them: so it halves, after a guess that is right for most records.
 * @param at the place of a row, undefined beyond the last
 */
export async function rowAt(
  { file, line }: Place,
  files: readonly string[],
  total: number,
  at: (row: number) => Promise<Place | undefined>,
): Promise<number | undefined> {
  const wanted = files.indexOf(file);
  if (wanted < 0 || total === 0) return undefined;
  let [low, high] = [0, total];
  let guess = Math.min(line - 1, total - 1);
  while (low < high) {
    const found = await at(guess);
    const index = found === undefined ? files.length : files.indexOf(found.file);
    const after = found === undefined || index > wanted || (index === wanted && found.line >= line);
    if (found !== undefined && index === wanted && found.line === line) return guess;
    if (after) high = guess;
    else low = guess + 1;
    guess = Math.floor((low + high) / 2);
  }
  return Math.min(low, total - 1);
}
