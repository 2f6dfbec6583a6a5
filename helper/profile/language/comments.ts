/** Comments at the ends of lines stay where they are: those that stood in one column go on doing so. */

export interface Line {
  /** may hold ends of lines where a text in three quotes does */
  readonly code: string;
  readonly comment?: {
    readonly text: string;
    /** where it stood */
    readonly column: number;
    /** spaces before it, at least one */
    readonly gap: number;
  };
}

/** Lines as text, without their ends. */
export function alignComments(lines: readonly Line[]): readonly string[] {
  const aligned: string[] = [];
  for (let first = 0; first < lines.length;) {
    const group = groupFrom(lines, first);
    const [{ comment } = { comment: undefined }] = group;
    const column = Math.max(comment?.column ?? 0, ...group.map(({ code }) => width(code) + 1));
    for (const line of group) {
      const gap = group.length > 1 ? column - width(line.code) : (line.comment?.gap ?? 0);
      aligned.push(line.comment ? line.code + ' '.repeat(gap) + line.comment.text : line.code);
    }
    first += group.length;
  }
  return aligned;
}

/** Lines that follow one another and have their comments in the same column. */
function groupFrom(lines: readonly Line[], first: number): readonly Line[] {
  const column = lines[first]?.comment?.column;
  let end = first + 1;
  while (column !== undefined && lines[end]?.comment?.column === column) end += 1;
  return lines.slice(first, end);
}

const width = (code: string): number => code.length - (code.lastIndexOf('\n') + 1);
