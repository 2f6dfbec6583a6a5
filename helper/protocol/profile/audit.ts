/** `[audit]`: what is written down and who is told. A record is kept whatever this says; field names and defaults are those of LASSO 1.x. */
import { z } from 'zod';
import { recordType } from '../record.ts';

/** in the order of their numbers (RFC 5424, table 1), by the names LASSO 1.x and everybody else gives them */
export const syslogFacilities: readonly string[] = [
  ...[
    'kern',
    'user',
    'mail',
    'daemon',
    'auth',
    'syslog',
    'lpr',
    'news',
    'uucp',
    'cron',
    'authpriv',
    'ftp',
    'ntp',
    'audit',
    'alert',
    'clock',
  ],
  ...['local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
];

/** what a webhook's `events` may name: types of record, and what was blocked, whatever its type */
export const webhookEvents: readonly string[] = [...recordType.options, 'blocked', 'checkpoint'];

const webhook = z.strictObject({
  enabled: z.boolean().default(true).describe('whether it is called'),
  url: z
    .string()
    .default('')
    .describe('address that is called')
    .meta({ examples: ['https://hook.corp.example/lasso'] }),
  events: z
    .array(z.string())
    .default(['violation', 'lifecycle'])
    .describe('types of record it is told; violation is also whatever was blocked. Checkpoints go to every webhook')
    .meta({ examples: [['blocked']] }),
  secret: z
    .string()
    .optional()
    .describe('key of the signature: env:NAME, secret:NAME for one kept with `lasso secret set`, or itself')
    .meta({ examples: ['secret:hook', 'env:HOOK_KEY'] }),
  timeout_seconds: z
    .number()
    .int()
    .min(1)
    .max(30)
    .default(5)
    .describe('seconds to wait for an answer')
    .meta({ examples: [10] }),
  retry_count: z
    .number()
    .int()
    .min(0)
    .max(5)
    .default(2)
    .describe('further attempts before it is said that the address fails; what it was not told is kept and told later')
    .meta({ examples: [0] }),
});

export const audit = z.strictObject({
  enabled: z.boolean().default(true).describe('whether a record is kept').meta({ deprecated: true, instead: 'a record is always kept' }),
  log_dir: z
    .string()
    .default('./audit')
    .describe('folder of the record')
    .meta({ deprecated: true, instead: 'records lie in LASSO’s own folder, which LASSO_HOME moves' }),
  log_format: z
    .enum(['json', 'jsonl'])
    .default('jsonl')
    .describe('form of the record')
    .meta({ deprecated: true, instead: 'a record is always JSON, one a line' }),
  include_timestamps: z
    .boolean()
    .default(true)
    .describe('whether records carry the time')
    .meta({ deprecated: true, instead: 'records always carry the time' }),
  include_command_output: z
    .boolean()
    .default(false)
    .describe(
      'whether the first 4096 bytes of each stream of a command that was asked for are recorded, without what looks like a credential',
    )
    .meta({ examples: [true] }),
  include_file_diffs: z
    .boolean()
    .default(true)
    .describe('whether files of the workspace that were added, changed or removed are recorded when a sandbox stops')
    .meta({ examples: [false] }),
  durability: z
    .enum(['group', 'fsync'])
    .default('group')
    .describe('when a record counts as written: in the file and synced within a second, or synced at once')
    .meta({ examples: ['fsync'] }),
  max_log_size_mb: z
    .number()
    .int()
    .min(1)
    .max(1_048_576)
    .default(100)
    .describe('size at which a new file is begun, in megabytes')
    .meta({ examples: [50] }),
  rotation_count: z
    .number()
    .int()
    .min(0)
    .max(100_000)
    .default(10)
    .describe('older files kept')
    .meta({ examples: [5] }),
  sign_entries: z
    .boolean()
    .default(true)
    .describe('whether records are chained and signed')
    .meta({ deprecated: true, instead: 'records are always chained and signed' }),
  signing_key_path: z
    .string()
    .optional()
    .describe('file with the key of the chain')
    .meta({ deprecated: true, instead: 'keys are the user’s and change by themselves: lasso audit key' }),
  syslog_address: z
    .string()
    .optional()
    .describe('syslog server that is told: host:port (UDP), tcp://, tls://, or the path of a socket')
    .meta({ examples: ['log.corp.example:514', 'tls://log.corp.example:6514', '/dev/log'] }),
  syslog_facility: z
    .string()
    .default('local0')
    .describe('syslog facility')
    .meta({ examples: ['local1'] }),
  otlp_endpoint: z
    .string()
    .optional()
    .describe('OpenTelemetry collector that is told as logs, over OTLP/HTTP')
    .meta({ examples: ['https://otel.corp.example:4318'] }),
  otlp_headers: z
    .record(z.string().regex(/^[A-Za-z0-9-]{1,64}$/), z.string().regex(/^(env|secret):[A-Za-z0-9_.-]{1,128}$/))
    .default({})
    .describe('headers for the collector, each from a variable or a kept secret')
    .meta({ examples: [{ Authorization: 'secret:otel' }] }),
  checkpoint_git: z
    .string()
    .optional()
    .describe('local git repository in which checkpoints are committed, on the branch lasso-checkpoints')
    .meta({ examples: ['/srv/git/checkpoints.git'] }),
  checkpoint_git_push: z
    .boolean()
    .default(false)
    .describe('whether that branch is pushed to origin')
    .meta({ examples: [true] }),
  webhooks: z
    .array(webhook)
    .default([])
    .describe('addresses that are told')
    .meta({ examples: [[{ url: 'https://hook.corp.example/lasso' }]] }),
});
