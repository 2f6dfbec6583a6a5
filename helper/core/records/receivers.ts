/** Who is told of a sandbox's record, as its profile says: settings without any value of a secret. Pure. */
import { join } from 'node:path';
import type { SinkSettings } from '../../audit/forward/settings.ts';
import type { ReadProfile } from '../world.ts';

type Told = Pick<ReadProfile, 'reference' | 'content' | 'fileOf'>;

/** @param home where `~/` leads */
export function receiversOf({ reference, content, fileOf }: Told, home: string): readonly SinkSettings[] {
  const { webhooks, syslog_address, syslog_facility, otlp_endpoint, otlp_headers, checkpoint_git, checkpoint_git_push } = content.audit;
  const written = (...paths: readonly string[]): { readonly profile: string; readonly files: string[] } => ({
    profile: reference,
    files: [...new Set(paths.flatMap((path) => fileOf(path) ?? []))].sort(),
  });
  const sinks: SinkSettings[] = [];
  for (const [index, { enabled, url, events, secret, timeout_seconds, retry_count }] of webhooks.entries()) {
    if (!enabled || url === '') continue;
    const at = `audit.webhooks[${index}]`;
    sinks.push({
      ...{ kind: 'webhook', url, events, timeoutMs: timeout_seconds * 1000, retries: retry_count },
      ...(secret === undefined ? {} : { secret: /^(env|secret):/.test(secret) ? secret : 'profile' }),
      ...written('audit.webhooks', at, `${at}.url`, `${at}.secret`),
    });
  }
  if (syslog_address !== undefined)
    sinks.push({ kind: 'syslog', address: syslog_address, facility: syslog_facility, ...written('audit.syslog_address') });
  if (otlp_endpoint !== undefined) {
    const names = Object.keys(otlp_headers).map((name) => `audit.otlp_headers.${name}`);
    sinks.push({
      ...{ kind: 'otlp', url: otlp_endpoint, headers: otlp_headers },
      ...written('audit.otlp_endpoint', 'audit.otlp_headers', ...names),
    });
  }
  if (checkpoint_git !== undefined) {
    const folder = checkpoint_git.startsWith('~/') ? join(home, checkpoint_git.slice(2)) : checkpoint_git;
    sinks.push({ kind: 'git', folder, push: checkpoint_git_push, ...written('audit.checkpoint_git') });
  }
  return sinks;
}
