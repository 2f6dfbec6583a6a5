/** `[audit]`: what is written down and who is told. A record is kept whatever this says; field names and defaults are those of LASSO 1.x. */
import { z } from 'zod';

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
    .describe('types of record it is told')
    .meta({ examples: [['violation']] }),
  secret: z
    .string()
    .optional()
    .describe('key of the signature in the header')
    .meta({ examples: ['WEBHOOK_KEY'] }),
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
    .describe('further attempts after a failure')
    .meta({ examples: [0] }),
});

export const audit = z.strictObject({
  enabled: z.boolean().default(true).describe('whether a record is kept').meta({ deprecated: true, instead: 'a record is always kept' }),
  log_dir: z
    .string()
    .default('./audit')
    .describe('folder of the record')
    .meta({ examples: ['/var/log/lasso'] }),
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
    .describe('whether the beginning of a command’s output is recorded')
    .meta({ examples: [true] }),
  include_file_diffs: z
    .boolean()
    .default(true)
    .describe('whether changes of files are recorded')
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
    .meta({ examples: ['/home/alice/keys/audit'] }),
  syslog_address: z
    .string()
    .optional()
    .describe('syslog server that is told, host:port or a socket')
    .meta({ examples: ['log.corp.example:514'] }),
  syslog_facility: z
    .string()
    .default('local0')
    .describe('syslog facility')
    .meta({ examples: ['local1'] }),
  webhooks: z
    .array(webhook)
    .default([])
    .describe('addresses that are told')
    .meta({ examples: [[{ url: 'https://hook.corp.example/lasso' }]] }),
});
