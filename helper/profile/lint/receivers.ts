/** Who is told of the record: addresses that cannot be used, or tell it in clear, and secrets that stand in the profile itself. */
import { parseAddress, parseRange, inRange } from '../../policy/network/address-numbers.ts';
import { parseSyslogAddress } from '../../policy/syslog-address.ts';
import type { Finding } from '../../protocol/finding.ts';
import { syslogFacilities, webhookEvents } from '../../protocol/profile/audit.ts';
import type { KeyPath } from '../key-path.ts';
import { type LintSubject, noEffect, remark, textsAt, treeAt } from './subject.ts';

export function receiverFindings(subject: LintSubject): readonly Finding[] {
  return [...webhookFindings(subject), ...syslogFindings(subject), ...collectorFindings(subject), ...repositoryFindings(subject)];
}

function webhookFindings(subject: LintSubject): readonly Finding[] {
  const { tree, profile } = subject;
  return profile.audit.webhooks.flatMap(({ url, enabled, secret }, index) => {
    const path = ['audit', 'webhooks', index];
    return [
      ...(url === '' ? nowhere(subject, path, enabled) : addressFindings(subject, [...path, 'url'], url)),
      ...eventFindings(subject, [...path, 'events']),
      ...(secret === undefined || /^(env|secret):[A-Za-z0-9_.-]+$/.test(secret)
        ? []
        : clearSecret(treeAt(tree, [...path, 'secret']), path)),
    ];
  });
}

function nowhere({ tree }: LintSubject, path: KeyPath, enabled: boolean): readonly Finding[] {
  if (!enabled) return [];
  return remark(treeAt(tree, [...path, 'url']) ?? treeAt(tree, path), [...path, 'url'], {
    severity: 'warning',
    code: 'no-effect',
    message: 'This webhook has no address, so nothing is told',
    hint: 'Add url = "https://…".',
  });
}

function addressFindings({ tree, edits }: LintSubject, path: KeyPath, address: string): readonly Finding[] {
  const place = treeAt(tree, path);
  const host = /^https?:\/\/(?:[^/?#@]*@)?(\[[0-9a-f:.]+\]|[^/?#:@\s[\]]+)(?::\d{1,5})?(?:[/?#]\S*)?$/i.exec(address)?.[1];
  if (place === undefined) return [];
  if (host === undefined) return unusable(place, path, 'This is no http or https address', 'Write it as in https://hook.example/lasso.');
  if (!/^http:/i.test(address) || isHere(host)) return [];
  return remark(place, path, {
    severity: 'warning',
    code: 'plain-http',
    message: 'This address is not encrypted, and what it is told is about people’s work',
    hint: 'Use https.',
    fixes: [edits.replaced('Use https', place.origin.value, JSON.stringify(address.replace(/^http:/i, 'https:')))],
  });
}

function eventFindings({ tree }: LintSubject, path: KeyPath): readonly Finding[] {
  return textsAt(tree, path).flatMap(({ leaf, path: at, text }) =>
    webhookEvents.includes(text)
      ? []
      : remark(leaf, at, {
          severity: 'warning',
          code: 'unknown-event',
          message: `There is no type of record ${JSON.stringify(text)}`,
          hint: `There are: ${webhookEvents.join(', ')}.`,
        }),
  );
}

function clearSecret(place: ReturnType<typeof treeAt>, path: KeyPath): readonly Finding[] {
  return remark(place, [...path, 'secret'], {
    severity: 'warning',
    code: 'secret-in-clear',
    message: 'This secret stands in the profile, where whoever reads the file reads it',
    hint: 'Keep it with `lasso secret set NAME` and write "secret:NAME", or name a variable: "env:NAME".',
  });
}

function syslogFindings(subject: LintSubject): readonly Finding[] {
  const { tree, profile } = subject;
  const { syslog_address: address, syslog_facility: facility } = profile.audit;
  const [addressPath, facilityPath] = [
    ['audit', 'syslog_address'],
    ['audit', 'syslog_facility'],
  ];
  const parsed = address === undefined ? undefined : parseSyslogAddress(address);
  const place = treeAt(tree, addressPath);
  const wrong = 'This is no address of a syslog server';
  return [
    ...(address !== undefined && place && !parsed
      ? unusable(place, addressPath, wrong, 'Write it as in log.example:514, tls://log.example:6514 or /dev/log.')
      : []),
    ...(parsed && parsed.by !== 'tls' && parsed.by !== 'socket' && !isHere(parsed.host)
      ? remark(place, addressPath, {
          severity: 'information',
          code: 'plain-syslog',
          message: 'This server is told in clear, and what it is told is about people’s work',
          hint: 'Use tls:// where the server speaks it.',
        })
      : []),
    ...(syslogFacilities.includes(facility)
      ? []
      : unusable(
          treeAt(tree, facilityPath),
          facilityPath,
          'There is no such syslog facility, so local0 is used',
          `There are: ${syslogFacilities.join(', ')}.`,
        )),
    ...(address === undefined ? noEffect(subject, facilityPath, 'there is no syslog_address') : []),
  ];
}

function collectorFindings(subject: LintSubject): readonly Finding[] {
  const { otlp_endpoint: url } = subject.profile.audit;
  if (url === undefined) return noEffect(subject, ['audit', 'otlp_headers'], 'there is no otlp_endpoint');
  return addressFindings(subject, ['audit', 'otlp_endpoint'], url);
}

function repositoryFindings(subject: LintSubject): readonly Finding[] {
  const { checkpoint_git: folder } = subject.profile.audit;
  const path = ['audit', 'checkpoint_git'];
  if (folder === undefined) return noEffect(subject, ['audit', 'checkpoint_git_push'], 'there is no checkpoint_git');
  if (/^(\/|[A-Za-z]:[\\/]|~\/)/.test(folder)) return [];
  return unusable(treeAt(subject.tree, path), path, 'This is no whole path of a folder', 'Write it as in /srv/git/checkpoints.git.');
}

function unusable(place: ReturnType<typeof treeAt>, path: KeyPath, message: string, hint: string): readonly Finding[] {
  return remark(place, path, { severity: 'warning', code: 'unusable-address', message, hint });
}

/** Whether a host is this machine itself. */
function isHere(host: string): boolean {
  const address = parseAddress(host.replace(/^\[|\]$/g, ''));
  const [four, six] = [parseRange('127.0.0.0/8'), parseRange('::1/128')];
  if (address === undefined) return host.toLowerCase() === 'localhost';
  return (four !== undefined && inRange(address, four)) || (six !== undefined && inRange(address, six));
}
