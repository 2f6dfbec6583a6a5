/** The first thing a reader sees: how far the record stands, and what happened in a few sentences. */
import type { VerifyReport } from '../../protocol/record.ts';
import type { Verdict } from './report-shape.ts';
import { bytesText, countText, durationText, listText, momentText, plural } from './report-words.ts';
import type { RecordSummary } from '../summary/summary-shape.ts';

export function verdictOf(report: VerifyReport): Verdict {
  const { anchored, anchoredAt, verified, records } = report;
  const errors = report.problems.filter(({ level }) => level === 'error');
  const sealed =
    verified >= records && records > 0
      ? 'Each record’s seal was checked with its own key.'
      : verified > 0
        ? `The seals of ${countText(verified)} of ${countText(records)} records were checked with their keys; the others by their digests.`
        : 'The first key was not at hand, so no seal was checked: the records were followed by their digests alone.';
  const covered =
    anchored > 0
      ? `A signed checkpoint${anchoredAt === undefined ? '' : ` of ${momentText(anchoredAt)}`} covers the first ${countText(anchored)} of ${countText(records)}.`
      : 'No signed checkpoint covers it.';
  const wrong = `${plural(errors.length, 'fault')} found: ${listText([...new Set(errors.map(({ code }) => code))])}. See “Verification”.`;
  switch (report.status) {
    case 'intact':
      return {
        tone: 'good',
        headline: 'Verified: this record stands',
        text: `It is unbroken from its first line to its last. ${covered} ${sealed}`,
      };
    case 'unanchored':
      return anchored > 0
        ? {
            tone: 'fair',
            headline: 'Unbroken; a checkpoint covers its beginning',
            text: `${covered} Lines cut from what comes after would not show. ${sealed}`,
          }
        : {
            tone: 'fair',
            headline: 'Unbroken, but without a checkpoint',
            text: `Lines cut from its end would not show. ${covered} ${sealed}`,
          };
    case 'torn':
      return {
        tone: 'fair',
        headline: 'It stands, up to a line a crash tore',
        text: `Everything before the torn line stands. ${covered} ${sealed}`,
      };
    case 'no-key':
      return { tone: 'bad', headline: 'Not verified: no key fits', text: `Nothing here says who wrote it. ${wrong}` };
    case 'truncated':
      return { tone: 'bad', headline: 'Not valid: there was more, or something else', text: `${wrong} ${covered}` };
    case 'tampered':
      return { tone: 'bad', headline: 'Not valid: it was changed', text: `${wrong} ${covered}` };
  }
}

export function sentencesOf(summary: RecordSummary): readonly string[] {
  const { commands, network, blocked, approvals, secrets, filesChanged, firstAt, lastAt } = summary;
  if (firstAt === undefined || lastAt === undefined) return ['There are no records in it.'];
  const period = durationText(Math.max(0, Date.parse(lastAt) - Date.parse(firstAt)));
  const answered = approvals.answers.rows.map(({ key, count }) => `${countText(count)} ${key}`);
  const used = secrets.uses.rows.filter(({ about }) => about.used > 0);
  return [
    `Over ${period}, ${plural(commands.asked, 'command')} and ${plural(commands.terminals, 'terminal')} were asked for, and ${plural(commands.started, 'program start')} inside ${commands.started === 1 ? 'was' : 'were'} let through.`,
    blocked.count === 0
      ? 'Nothing was blocked.'
      : `${countText(blocked.count)} ${blocked.count === 1 ? 'thing was' : 'things were'} blocked: ${kindsOf(summary)}.`,
    ...(blocked.flooded === 0
      ? []
      : [
          `${plural(blocked.flooded, 'more refusal')} ${blocked.flooded === 1 ? 'has' : 'have'} no line of the record alone: repeated, or too fast.`,
        ]),
    network.allowed + network.blocked === 0
      ? 'No connection was asked for.'
      : `${plural(network.allowed, 'connection or request', 'connections and requests')} ${network.allowed === 1 ? 'was' : 'were'} allowed and ${countText(network.blocked)} refused; ${bytesText(network.bytesUp)} were sent and ${bytesText(network.bytesDown)} received.`,
    ...(used.length === 0
      ? []
      : [
          `${plural(new Set(used.map(({ about }) => about.secret)).size, 'secret')} ${used.length === 1 ? 'was' : 'were'} used, for ${plural(new Set(used.map(({ about }) => about.host)).size, 'host')}; values are nowhere on record.`,
        ]),
    ...(approvals.rows.items.length === 0
      ? []
      : [
          `A person was asked ${plural(approvals.rows.items.length + approvals.rows.left, 'time')}${answered.length === 0 ? '' : ` (${listText(answered)})`}.`,
        ]),
    ...(filesChanged.count === 0
      ? []
      : [`${plural(filesChanged.count, 'change')} of files ${filesChanged.count === 1 ? 'is' : 'are'} on record.`]),
    ...(summary.guard.rows.length === 0
      ? []
      : [
          `The guards caught ${plural(
            summary.guard.rows.reduce((sum, { count }) => sum + count, 0),
            'attempt',
          )} to go round the rules, or noted one.`,
        ]),
    ...(summary.chain.unfinished === 0
      ? []
      : [
          `${plural(summary.chain.unfinished, 'thing')} that began ${summary.chain.unfinished === 1 ? 'has' : 'have'} no end on record: under way, or ended unseen.`,
        ]),
    ...(summary.skipped === 0
      ? []
      : [
          `${plural(summary.skipped, 'line')} could not be read as records and ${summary.skipped === 1 ? 'is' : 'are'} not in this report.`,
        ]),
  ];
}

function kindsOf({ blocked, evidence }: RecordSummary): string {
  const named = [
    [evidence.blockedCommands.count, 'command or program start', 'commands and program starts'],
    [evidence.blockedConnections.count, 'connection or request', 'connections and requests'],
    [evidence.blockedNames.count, 'name', 'names'],
  ] as const;
  const told = named.filter(([count]) => count > 0);
  const rest = blocked.count - told.reduce((sum, [count]) => sum + count, 0);
  return listText([...told.map(([count, one, many]) => plural(count, one, many)), ...(rest > 0 ? [plural(rest, 'other')] : [])]);
}
