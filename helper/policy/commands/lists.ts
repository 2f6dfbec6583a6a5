/** The lists of a profile against the name of one program. */
import { type Docket, refuse, type Span } from './docket.ts';
import { isProvided } from './provided.ts';
import { isForbiddenAs, isPermittedAs, type ProgramName } from './names.ts';

/** Holds a program against mode and lists, and writes down a refusal. `inShell`: the shell does this itself and starts nothing. */
export function judgeListed(name: ProgramName, docket: Docket, range: Span, inShell: boolean): void {
  const { rules } = docket;
  if (isProvided(name.text)) return;
  const forbidden = rules.blacklist.findIndex((entry) => isForbiddenAs(entry, name));
  if (rules.list === 'blacklist' && forbidden >= 0) {
    const reason = `${quoted(name)} is on the profile’s blacklist; do without it, or take it off the list.`;
    refuse(docket, 'list', reason, range, `commands.blacklist[${forbidden}]`);
    return;
  }
  if (inShell) return;
  const [lists, rule] = modeLists(rules.mode, rules.observeWhitelist, rules.assistWhitelist);
  if (lists !== undefined && !lists.some((entry) => isPermittedAs(entry, name))) {
    refuse(
      docket,
      'mode',
      `${quoted(name)} does not run in ${rules.mode} mode; switch the mode, or add it to the mode’s list.`,
      range,
      rule,
    );
    return;
  }
  if (rules.list === 'whitelist' && !rules.whitelist.some((entry) => isPermittedAs(entry, name)))
    refuse(
      docket,
      'list',
      `${quoted(name)} is not on the profile’s whitelist; use a command that is, or add it.`,
      range,
      'commands.whitelist',
    );
}

function modeLists(
  mode: Docket['rules']['mode'],
  observe: readonly string[],
  assist: readonly string[],
): readonly [readonly string[] | undefined, string | undefined] {
  switch (mode) {
    case 'observe':
      return [observe, 'commands.observe_whitelist'];
    case 'assist':
      return [assist, 'commands.assist_whitelist'];
    case 'autonomous':
      return [undefined, undefined];
  }
}

const quoted = ({ text }: ProgramName): string => `“${text.length > 60 ? `${text.slice(0, 59)}…` : text}”`;
