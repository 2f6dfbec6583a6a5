/** What people read about secrets and logins: names and places. No value comes here. */
import type { OperationResult } from '../../../protocol/operations.ts';
import { type Cell, columns, visible } from './text.ts';
import type { View } from './view.ts';

type Kept = Pick<OperationResult<'secretSet'>, 'where' | 'place' | 'why'>;

export const keptText = (result: OperationResult<'secretSet'>): string =>
  `kept  ${visible(result.name)}  ${whereText(result)}\n  A profile uses it with from = "keyring:${visible(result.name)}".\n`;

export const loggedInText = (result: OperationResult<'authWait'>): string =>
  `signed in to GitHub  ${whereText(result)}\n${result.scopes === '' ? '' : `  scopes: ${visible(result.scopes)}\n`}`;

/** A file is said plainly to be one, and why. */
function whereText({ where, place, why }: Kept): string {
  if (where === 'keyring') return `in ${visible(place)}`;
  const reason = why === undefined ? '' : `, because ${visible(why)}`;
  return `in the file ${visible(place)}, unencrypted and readable by you alone${reason}`;
}

export function secretsText({ kept, profile, used }: OperationResult<'secretList'>, { paint }: View): string {
  const head = (...texts: readonly string[]): readonly Cell[] => texts.map((text) => ({ text, paint: (shown) => paint('dim', shown) }));
  const cells = (...texts: readonly string[]): readonly Cell[] => texts.map((text) => ({ text }));
  const own =
    kept.length === 0
      ? 'LASSO keeps no secret.\n'
      : columns([
          head('KEPT', 'WHERE'),
          ...kept.map(({ name, where }) => cells(name, where === 'keyring' ? 'keyring' : 'file, unencrypted')),
        ]);
  if (used.length === 0) return `${own}\nThe profile ${visible(profile)} uses no secret.\n`;
  const rows = used.map(({ name, from, hosts, header, env }) => cells(name, from, env ?? '-', header, hosts.join(', ') || 'nowhere'));
  return `${own}\nSecrets the profile ${visible(profile)} uses:\n${columns([head('NAME', 'FROM', 'VARIABLE', 'HEADER', 'HOSTS'), ...rows])}`;
}

export const removedText = ({ name, removed }: OperationResult<'secretRemove'>): string =>
  removed === null ? `LASSO keeps no secret ${visible(name)}.\n` : `removed  ${visible(name)}  from the ${removed}\n`;

export const testedText = ({ name, from, found, reason, hint }: OperationResult<'secretTest'>, { paint }: View): string =>
  found
    ? `${paint('green', 'found')}  ${visible(name)}  (${visible(from)})\n`
    : `${paint('red', 'missing')}  ${visible(name)}  (${visible(from)})\n  ${visible(reason ?? '')}\n  ${visible(hint ?? '')}\n`;

export function loginText({ from, scopes, since, expiresAt }: OperationResult<'authStatus'>): string {
  if (from === null) return 'Not signed in to GitHub. Run `lasso auth login`, or set GITHUB_TOKEN before the helper starts.\n';
  if (from !== 'login') return `The token for GitHub comes from the variable ${from} of the helper.\n`;
  const rows = [
    ...(since === undefined ? [] : [`since ${visible(since)}`]),
    ...(expiresAt === undefined ? [] : [`until ${visible(expiresAt)}`]),
    ...(scopes === undefined || scopes === '' ? [] : [`scopes: ${visible(scopes)}`]),
  ];
  return `Signed in to GitHub with \`lasso auth login\`.\n${rows.map((row) => `  ${row}\n`).join('')}`;
}

export const loggedOutText = ({ removed }: OperationResult<'authLogout'>): string =>
  removed
    ? 'The login is forgotten here. It stays valid at GitHub until you revoke it in your settings there.\n'
    : 'There was no login to forget.\n';
