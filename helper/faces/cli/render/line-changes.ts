/** Which lines of a text went and which came, with a little of what stayed around them. */

export interface LineChange {
  readonly kind: 'same' | 'added' | 'removed' | 'gap';
  readonly text: string;
}

/** lines that stay and are shown beside a change */
const around = 2;
/** longest texts, in lines, that are compared line by line */
const lineLimit = 2000;

/** Longest common subsequence of lines (Wagner and Fischer); texts too long for that are shown as all gone and all new. */
export function lineChanges(before: string, after: string): readonly LineChange[] {
  const [old, current] = [linesOf(before), linesOf(after)];
  let start = 0;
  while (start < old.length && start < current.length && old[start] === current[start]) start += 1;
  let end = 0;
  while (end < old.length - start && end < current.length - start && old.at(-1 - end) === current.at(-1 - end)) end += 1;
  const same = (lines: readonly string[]): readonly LineChange[] => lines.map((text) => ({ kind: 'same', text }));
  const middle = compared(old.slice(start, old.length - end), current.slice(start, current.length - end));
  return shortened([...same(old.slice(0, start)), ...middle, ...same(old.slice(old.length - end))]);
}

const linesOf = (text: string): readonly string[] => (text === '' ? [] : text.replace(/(\r\n|\n|\r)$/, '').split(/\r\n|\n|\r/));

function compared(old: readonly string[], current: readonly string[]): readonly LineChange[] {
  const removed = (text: string): LineChange => ({ kind: 'removed', text });
  const added = (text: string): LineChange => ({ kind: 'added', text });
  if (old.length > lineLimit || current.length > lineLimit) return [...old.map(removed), ...current.map(added)];
  const width = current.length + 1;
  const longest = new Uint16Array((old.length + 1) * width);
  const at = (row: number, column: number): number => longest[row * width + column] ?? 0;
  for (let row = old.length - 1; row >= 0; row -= 1)
    for (let column = current.length - 1; column >= 0; column -= 1)
      longest[row * width + column] =
        old[row] === current[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
  const changes: LineChange[] = [];
  let [row, column] = [0, 0];
  while (row < old.length || column < current.length) {
    const [gone, come] = [old[row], current[column]];
    if (gone !== undefined && gone === come) {
      changes.push({ kind: 'same', text: gone });
      row += 1;
      column += 1;
    } else if (gone !== undefined && (come === undefined || at(row + 1, column) >= at(row, column + 1))) {
      changes.push(removed(gone));
      row += 1;
    } else {
      changes.push(added(come ?? ''));
      column += 1;
    }
  }
  return changes;
}

function shortened(changes: readonly LineChange[]): readonly LineChange[] {
  const near = new Set<number>();
  changes.forEach(({ kind }, index) => {
    if (kind !== 'same') for (let offset = -around; offset <= around; offset += 1) near.add(index + offset);
  });
  return changes.flatMap((change, index): readonly LineChange[] => {
    if (near.has(index)) return [change];
    return index > 0 && !near.has(index - 1) ? [] : [{ kind: 'gap', text: '' }];
  });
}
