/**
 * A receiver's settings as they are kept beside its place in the record, so that a helper that comes later goes on. They say
 * where a secret comes from, never what it is. What is read back is checked like any file.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';

/** where a value comes from: `env:NAME`, `secret:NAME`, or `profile`: written in the profile itself */
const source = z.string().min(1).max(300);

/** by whom it is written: the profile, to find `profile` secrets again, and the files it stands in */
const written = { profile: z.string(), files: z.array(z.string()) };

const webhook = z.strictObject({
  kind: z.literal('webhook'),
  url: z.string().min(1),
  events: z.array(z.string()),
  secret: source.optional(),
  timeoutMs: z.number().int().min(1),
  /** attempts after the first before it is said that the receiver fails */
  retries: z.number().int().min(0),
  ...written,
});
const syslog = z.strictObject({ kind: z.literal('syslog'), address: z.string().min(1), facility: z.string(), ...written });
const otlp = z.strictObject({
  kind: z.literal('otlp'),
  url: z.string().min(1),
  headers: z.record(z.string(), source),
  ...written,
});
const git = z.strictObject({ kind: z.literal('git'), folder: z.string().min(1), push: z.boolean(), ...written });

export const sinkSettings = z.discriminatedUnion('kind', [webhook, syslog, otlp, git]);
export type SinkSettings = z.infer<typeof sinkSettings>;
export type WebhookSettings = z.infer<typeof webhook>;
export type SyslogSettings = z.infer<typeof syslog>;
export type OtlpSettings = z.infer<typeof otlp>;
export type GitSettings = z.infer<typeof git>;

/** where a sink goes, whole; may hold a token, so it is kept in its file alone */
function addressOf(sink: SinkSettings): string {
  switch (sink.kind) {
    case 'webhook':
    case 'otlp':
      return sink.url;
    case 'syslog':
      return sink.address;
    case 'git':
      return sink.folder;
  }
}

/** What tells receivers of a chain apart, for file names: the same address is the same receiver, whatever else changes. */
export function sinkId(sink: SinkSettings): string {
  const digest = createHash('sha256')
    .update(`${sink.kind}\0${addressOf(sink)}`)
    .digest('hex');
  return `${sink.kind}-${digest.slice(0, 16)}`;
}

/** Where a sink goes, for people and records: paths and queries of addresses may be tokens, so only their host is said. */
export function shownAddress(sink: SinkSettings): string {
  if (sink.kind !== 'webhook' && sink.kind !== 'otlp') return addressOf(sink);
  const url = URL.parse(sink.url);
  if (url === null) return 'an address that cannot be understood';
  return `${url.origin}${url.pathname === '/' && url.search === '' ? '/' : '/…'}`;
}
