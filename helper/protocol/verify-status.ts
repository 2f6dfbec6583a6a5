/** What verification says of a record, worst first, and the exit status a shell gets. Without imports: a small thread reads it too. */
export const verifyStatuses = {
  tampered: { exit: 40, means: 'lines were changed, removed, inserted, moved or sealed with a key that was not theirs' },
  truncated: { exit: 30, means: 'a checkpoint or another file of the chain says there was more, or something else' },
  'no-key': { exit: 50, means: 'no key that is there fits' },
  torn: { exit: 20, means: 'a crash left a line without its end; everything before it stands' },
  unanchored: { exit: 10, means: 'unbroken, but no checkpoint covers all of it: a cut tail would not show' },
  intact: { exit: 0, means: 'unbroken, and covered by a checkpoint' },
} as const satisfies Readonly<Record<string, { readonly exit: number; readonly means: string }>>;
export type VerifyStatus = keyof typeof verifyStatuses;

/** The worst of them; undefined for none. */
export function worstStatus(found: Iterable<VerifyStatus>): VerifyStatus | undefined {
  const all = new Set<string>(found);
  return verifyStatusNames.find((status) => all.has(status));
}

/** worst first */
export const verifyStatusNames = [
  'tampered',
  'truncated',
  'no-key',
  'torn',
  'unanchored',
  'intact',
] as const satisfies readonly VerifyStatus[];
