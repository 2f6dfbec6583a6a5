/** The verbs about records: read, verify, export, report, pack; the keys behind them; and who is told. */
import { z } from 'zod';
import { operation } from './operation.ts';
import { recordOutcome, recordType, verifyReport, verifyStatus } from './record.ts';
import { verifyStatuses } from './verify-status.ts';

const sandbox = z.string().optional().describe('sandbox, also one long removed, by id (default: the newest)');
const moment = z.string().max(40).describe('ISO 8601 date or time, or an age such as 90s, 15m, 2h, 7d');
const output = z.string().optional().describe('file that is written, which must not exist (default: printed)');

/** which records are wanted; all given must agree */
export const recordFilter = z.object({
  since: moment.optional().describe('not before: ISO 8601, or an age such as 15m, 2h, 7d'),
  until: moment.optional().describe('not after: ISO 8601, or an age such as 15m, 2h, 7d'),
  type: z.array(recordType).default([]).describe('only these types, such as command or network; may be given again'),
  outcome: z.array(recordOutcome).default([]).describe('only these outcomes, such as blocked; may be given again'),
  text: z.string().max(1000).optional().describe('only records with this text, in any case'),
});
export type RecordFilter = z.infer<typeof recordFilter>;

export const recordView = z.object({
  file: z.string(),
  line: z.number().int().describe('1-based, in its file'),
  text: z.string().describe('the line as written; hostile text'),
});
export type RecordView = z.infer<typeof recordView>;

export const recordRow = recordView.extend({ row: z.number().int().describe('0-based, among the rows of this filter') });
export type RecordRow = z.infer<typeof recordRow>;

/** one bar of a timeline */
const bar = z.object({ from: z.string().describe('ISO 8601'), records: z.number().int(), blocked: z.number().int() });

export const recordOperations = {
  auditView: operation({
    summary: 'Show a sandbox’s record; what was blocked stands out',
    effect: 'read',
    runs: 'helper',
    cli: {
      name: 'audit view',
      positionals: ['sandbox'],
      short: { n: 'tail', t: 'type', f: 'follow' },
      hidden: ['after', 'waitMs'],
      json: true,
      examples: [
        'lasso audit view app',
        'lasso audit view app --tail 20 --follow',
        'lasso audit view app --outcome blocked --since 2h',
        'lasso audit view app --type network --text registry',
      ],
    },
    params: recordFilter.extend({
      sandbox,
      tail: z.number().int().min(1).max(100_000).optional().describe('only the last so many records'),
      follow: z.boolean().default(false).describe('go on showing what comes, until interrupted'),
      after: z.string().max(200).optional().describe('only what came after this place, as an earlier answer named it'),
      waitMs: z.number().int().min(0).max(30_000).default(0).describe('how long to wait for the first, in milliseconds'),
    }),
    result: z.object({
      sandbox: z.string(),
      records: z.array(recordView),
      end: z.string().describe('place after the last record looked at'),
      more: z.boolean().describe('whether there is more to ask for at once, after `end`'),
    }),
  }),
  auditRows: operation({
    summary: 'Rows of a record for a list that is scrolled',
    effect: 'read',
    runs: 'helper',
    params: z.object({
      sandbox: z.string(),
      filter: recordFilter,
      from: z.number().int().describe('first row, 0-based; negative: counted from the end'),
      limit: z.number().int().min(0).max(1000).describe('rows at most; fewer come where they are long'),
    }),
    result: z.object({
      rows: z.array(recordRow),
      total: z.number().int().describe('rows of this filter known so far'),
      complete: z.boolean().describe('whether the whole record was looked through for `total`'),
      records: z.number().int().describe('records in all'),
    }),
  }),
  auditOverview: operation({
    summary: 'How much a record holds, of what, and when',
    effect: 'read',
    runs: 'helper',
    params: z.object({ sandbox: z.string(), bars: z.number().int().min(1).max(500).default(120) }),
    result: z.object({
      sandbox: z.string(),
      name: z.string().optional(),
      files: z.array(z.string()),
      bytes: z.number(),
      records: z.number().int(),
      firstAt: z.string().optional(),
      lastAt: z.string().optional(),
      types: z.record(z.string(), z.number().int()),
      outcomes: z.record(z.string(), z.number().int()),
      bars: z.array(bar),
    }),
  }),
  auditList: operation({
    summary: 'List the records there are, of removed sandboxes too',
    effect: 'read',
    runs: 'helper',
    cli: { name: 'audit list', json: true, quiet: true, examples: ['lasso audit list'] },
    params: z.object({}),
    result: z.object({
      records: z.array(
        z.object({
          sandbox: z.string(),
          name: z.string().optional().describe('while the sandbox exists'),
          files: z.array(z.string()),
          bytes: z.number(),
          changedAt: z.string(),
        }),
      ),
    }),
  }),
  auditVerify: operation({
    summary: 'Verify a record: say that it stands, or exactly what is wrong, where, since when',
    effect: 'read',
    runs: 'helper',
    cli: {
      name: 'audit verify',
      positionals: ['target'],
      short: { k: 'key' },
      json: true,
      quiet: true,
      examples: [
        'lasso audit verify app',
        'lasso audit verify app --checkpoint ./kept.checkpoint',
        'lasso audit verify ./0123456789ab.jsonl --key ./first-key --public-key ./public-key',
      ],
      exits: Object.values(verifyStatuses)
        .map(({ exit, means }) => [exit, means] as const)
        .sort(([a], [b]) => a - b),
    },
    params: z.object({
      target: z.string().optional().describe('sandbox, file or folder of records (default: every record of this user)'),
      key: z.string().optional().describe('file with the first key (default: this user’s, while it lies here)'),
      publicKey: z.string().optional().describe('file with the public key of checkpoints (default: this user’s)'),
      checkpoint: z.string().optional().describe('file with checkpoints kept elsewhere (default: those of this machine)'),
    }),
    result: z.object({ valid: z.boolean(), status: verifyStatus, reports: z.array(verifyReport) }),
  }),
  auditCheckpoint: operation({
    summary: 'Sign where a record stands now, and print it: keep it where this machine cannot change it',
    effect: 'write',
    runs: 'helper',
    cli: { name: 'audit checkpoint', positionals: ['sandbox'], json: true, examples: ['lasso audit checkpoint app'] },
    params: z.object({ sandbox }),
    result: z.object({ sandbox: z.string(), checkpoint: z.string().describe('C2SP signed note') }),
  }),
  auditKey: operation({
    summary: 'Say which keys protect the records; move the first key to where this machine does not keep it',
    effect: 'write',
    runs: 'helper',
    cli: {
      name: 'audit key',
      json: true,
      hidden: ['keep'],
      examples: [
        'lasso audit key',
        'lasso audit key --move /media/stick/lasso-first-key',
        'lasso audit key --keyring',
        'lasso audit key --print',
      ],
    },
    params: z.object({
      move: z.string().optional().describe('file the first key is moved to, which must not exist'),
      keyring: z.boolean().default(false).describe('move the first key into this system’s keyring'),
      print: z.boolean().default(false).describe('print the first key once and keep it no longer'),
      keep: z.boolean().default(false).describe('with `print`: keep it, as a face does until it has shown it'),
    }),
    result: z.object({
      fingerprint: z.string(),
      place: z.enum(['file', 'keyring', 'away']).describe('where the first key is: still here, in the keyring, or moved away'),
      file: z.string().optional(),
      firstKey: z.string().optional().describe('only for `print`'),
      publicKey: z.string().describe('verifies checkpoints, in C2SP’s form; for whoever asks'),
    }),
  }),
  auditExport: operation({
    summary: 'Export a record as CSV, JSON, JSON lines or OCSF events',
    effect: 'read',
    runs: 'helper',
    cli: {
      name: 'audit export',
      positionals: ['sandbox'],
      short: { o: 'output', t: 'type', F: 'format' },
      hidden: ['after'],
      examples: ['lasso audit export app --format csv -o app.csv', 'lasso audit export app --format ocsf --outcome blocked'],
    },
    params: recordFilter.extend({
      sandbox,
      format: z
        .enum(['csv', 'json', 'jsonl', 'ocsf'])
        .default('jsonl')
        .describe('csv (formulas get an apostrophe), json, jsonl (lines as written) or ocsf'),
      output,
      after: z.string().max(200).optional().describe('where an earlier answer ended'),
    }),
    result: z.object({
      sandbox: z.string(),
      text: z.string().describe('a piece; the pieces put together are the export'),
      next: z.string().optional().describe('where the next piece begins; absent after the last'),
    }),
  }),
  auditReport: operation({
    summary: 'Summarise a session: what ran, what was blocked and why, hosts, secrets, files, limits, approvals',
    effect: 'read',
    runs: 'helper',
    cli: {
      name: 'audit report',
      positionals: ['sandbox'],
      short: { o: 'output', F: 'format' },
      examples: ['lasso audit report app', 'lasso audit report app --format html -o report.html'],
    },
    params: z.object({
      sandbox,
      format: z.enum(['markdown', 'html']).default('markdown').describe('markdown or html'),
      output,
    }),
    result: z.object({ sandbox: z.string(), text: z.string() }),
  }),
  auditPack: operation({
    summary: 'Pack what an auditor needs into one archive: record, checkpoints, public key, profile, verification, report, control mapping',
    effect: 'read',
    runs: 'helper',
    cli: {
      name: 'audit pack',
      positionals: ['sandbox'],
      short: { o: 'output' },
      json: true,
      examples: ['lasso audit pack app -o app-evidence.tar.gz'],
    },
    params: z.object({ sandbox, output: z.string().describe('archive that is written (.tar.gz), which must not exist') }),
    result: z.object({ sandbox: z.string(), file: z.string(), sha256: z.string(), files: z.array(z.string()), status: verifyStatus }),
  }),
  webhookTest: operation({
    summary: 'Send a test event to the webhooks, syslog server and collector of a profile, and say what each answered',
    effect: 'write',
    runs: 'helper',
    cli: { name: 'webhook test', positionals: ['profile'], json: true, examples: ['lasso webhook test', 'lasso webhook test strict'] },
    params: z.object({
      profile: z.string().optional().describe('profile: a name or a file (default: that of your settings, else standard)'),
    }),
    result: z.object({
      sinks: z.array(
        z.object({
          kind: z.enum(['webhook', 'syslog', 'otlp', 'git']),
          address: z.string(),
          delivered: z.boolean(),
          message: z.string(),
        }),
      ),
    }),
  }),
} as const;
