/** The texts of an archive for an auditor: how to check it, what verification said, and which versions were at work. */
import type { VerifyReport } from '../../protocol/record.ts';
import { countText, momentText, shownText } from './report-words.ts';
import type { RecordSummary } from '../summary/summary-shape.ts';

export interface PackFacts {
  readonly summary: RecordSummary;
  readonly verification: VerifyReport;
  /** whether the first key was at hand where this was made */
  readonly keyed: boolean;
  readonly version: string;
  readonly at: Date;
}

export function readmeText({ summary, verification, version, at }: PackFacts): string {
  const { sandbox, files } = summary;
  const first = files[0] ?? `${sandbox}.jsonl`;
  return `Evidence about sandbox ${sandbox}
Made ${momentText(at.toISOString())} by LASSO ${version}. No first key, private key or value of a secret was put into it.

WHAT IS IN IT
  record/          the record itself, byte for byte, one JSON object a line: ${files.length === 0 ? 'none' : files.join(', ')}
  checkpoints/     signed statements of where the record stood, and the public key that checks them
  profile/         the profile in force, as far as it is known, and its digests
  versions.json    versions and digests of what was at work
  verification.*   what LASSO said about this record when this was made: ${verification.status}
  report.*         what happened, in words, tables and charts (report.html needs no network and runs no script)
  controls.*       DORA, AI Act and ISO/IEC 27001: what this record supports and what it does not show
  FORMAT.md        the format, byte by byte: enough to write a verifier of your own
  SHA256SUMS       digests of all of these

HOW TO CHECK IT
1. That nothing was changed on the way, if you were told the digest of the archive by another way:
     sha256sum THE-ARCHIVE.tar.gz
   and that its parts belong together:
     sha256sum -c SHA256SUMS

2. That the record is what LASSO signed. Get the public key from the operator by another way and compare it with
   checkpoints/public-key; who could replace the one could replace the other. Then, with any LASSO of this version:
     lasso audit verify record/${first} --public-key checkpoints/public-key --checkpoint checkpoints/${sandbox}.checkpoints
   or with a verifier written from FORMAT.md: follow the digests from the first line to the checkpoints, check their signatures.
   Exit status 0 means: unbroken, and a checkpoint covers it.

3. That each line was sealed with the key of its time, if the operator shows you the first key (a text that begins with
   lasso-first-key-3:). It is not in here: whoever has it can make lines that fit, so it should not travel with the record.
     lasso audit verify record/${first} --key FIRST-KEY --public-key checkpoints/public-key --checkpoint checkpoints/${sandbox}.checkpoints

4. That nothing was cut off and put back together with its checkpoints: compare with checkpoints kept elsewhere (a webhook's
   receiver, a syslog server, a git repository, a printed \`lasso audit checkpoint\`):
     lasso audit verify record/${first} --public-key checkpoints/public-key --checkpoint KEPT-ELSEWHERE

WHAT IT CANNOT SHOW
  Whoever controlled the user's account on that machine from some moment on could write what they liked from then on. What was written
  before that moment could not be changed unseen, as far as step 3 and checkpoints kept elsewhere reach.
  Everything that comes from the sandbox is hostile text. Open report.html or report.md rather than the lines themselves.
`;
}

export function verificationText({ verification, keyed, at }: PackFacts): string {
  const { status, valid, sandbox, records, verified, anchored, anchoredAt, head, firstAt, lastAt, problems } = verification;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Status', status],
    ['Valid', valid ? 'yes' : 'NO'],
    ['Sandbox', sandbox],
    ['Records', countText(records)],
    ['Seals checked with their keys', countText(verified)],
    ['First key', keyed ? 'was at hand' : 'was not at hand: followed by digests alone'],
    ['Covered by a checkpoint', `${countText(anchored)}${anchoredAt === undefined ? '' : `, of ${momentText(anchoredAt)}`}`],
    ['Digest of the last line', head],
    ['First record', firstAt],
    ['Last record', lastAt],
    ['Verified at', momentText(at.toISOString())],
  ];
  const lines = facts.flatMap(([label, value]) => (value === undefined ? [] : [`${label.padEnd(31)}${shownText(value)}\n`]));
  const found = problems.map(({ level, code, file, line, seq, message }) => {
    const where = [file, line === undefined ? '' : `line ${line}`, seq === undefined ? '' : `record #${seq}`].filter((part) => part !== '');
    return `${level === 'error' ? 'FAULT' : 'note '}  ${code}  ${shownText(where.join(', '))}: ${shownText(message)}\n`;
  });
  return `${lines.join('')}\n${found.length === 0 ? 'Nothing was found.\n' : found.join('')}`;
}

export function versionsText({ summary, version }: PackFacts): string {
  const { versions, starts } = summary;
  const told = {
    packedBy: version,
    writtenBy: versions.rows.map(({ key }) => key),
    starts: starts.items.map(({ seq, at, who, facts }) => ({ seq, at, who, facts: Object.fromEntries(facts) })),
    startsLeftOut: starts.left,
  };
  return `${JSON.stringify(told, null, 2)}\n`;
}
