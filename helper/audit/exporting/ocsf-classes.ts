/**
 * Which class of OCSF 1.3.0 a record belongs to, and what that class asks for besides the attributes all have. What no class fits
 * is a Base Event, rather than something it is not. Values are hostile text.
 */
import { isObject, numberIn, textIn } from './export-line.ts';

export interface OcsfClass {
  readonly uid: number;
  readonly category: number;
  readonly activity: number;
  /** where no activity of the class fits */
  readonly activityName?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

type Fields = Readonly<Record<string, unknown>>;

/** activity of every class for what it does not list */
export const otherActivity = 99;

export function ocsfClassOf(record: Fields): OcsfClass {
  switch (textIn(record, 'type') ?? '') {
    case 'command':
    case 'terminal':
      return processActivity(record);
    case 'network':
      return networkActivity(record);
    case 'lifecycle':
      return lifecycle(record);
    case 'file':
      return fileActivity(record);
    case 'policy':
      return policyChange(record);
    case 'violation':
    case 'gap':
      return finding(record);
    default:
      return named({ uid: 0, category: 0, activity: otherActivity, attributes: {} }, record);
  }
}

function named(found: OcsfClass, record: Fields): OcsfClass {
  return found.activity === otherActivity ? { ...found, activityName: textIn(record, 'action') ?? 'unknown' } : found;
}

const processActivities: Readonly<Record<string, number>> = { exec: 1, start: 1, shell: 1, open: 1 };

function processActivity(record: Fields): OcsfClass {
  const { detail } = record;
  const argv = isObject(detail) && Array.isArray(detail['argv']) ? detail['argv'].filter((word) => typeof word === 'string') : [];
  const target = textIn(record, 'target') ?? argv.join(' ');
  const program = textIn(detail, 'file') ?? textIn(detail, 'executable') ?? argv[0] ?? target.split(' ')[0] ?? '';
  const pid = numberIn(detail, 'pid');
  const code = numberIn(detail, 'code');
  // The outcome of what was begun is how it ended.
  const ended = numberIn(detail, 'intent') !== undefined && textIn(record, 'outcome') !== 'blocked';
  const activity = ended ? 2 : (processActivities[textIn(record, 'action') ?? ''] ?? otherActivity);
  const process = { name: baseName(program), cmd_line: target, ...(pid === undefined ? {} : { pid }) };
  return named({ uid: 1007, category: 1, activity, attributes: { process, ...(code === undefined ? {} : { exit_code: code }) } }, record);
}

const methods: Readonly<Record<string, number>> = { CONNECT: 1, DELETE: 2, GET: 3, HEAD: 4, OPTIONS: 5, POST: 6, PUT: 7, TRACE: 8 };

function networkActivity(record: Fields): OcsfClass {
  const { detail } = record;
  const host = textIn(detail, 'host') ?? textIn(record, 'target') ?? 'unknown';
  const port = numberIn(detail, 'port');
  const dst_endpoint = { hostname: host, ...(port === undefined ? {} : { port }) };
  const method = textIn(detail, 'method');
  if (textIn(record, 'action') === 'name')
    return { uid: 4003, category: 4, activity: 1, attributes: { dst_endpoint, query: { hostname: host } } };
  if (method !== undefined) {
    const activity = methods[method] ?? otherActivity;
    const http_request = {
      http_method: method,
      url: { hostname: host, path: textIn(detail, 'path') ?? '/', ...(port === undefined ? {} : { port }) },
    };
    return named({ uid: 4002, category: 4, activity, attributes: { dst_endpoint, http_request } }, record);
  }
  const activities: Readonly<Record<string, number>> = { connect: 1, forwarded: 1, forward: 7, closed: 2 };
  const activity = textIn(record, 'outcome') === 'blocked' ? 5 : (activities[textIn(record, 'action') ?? ''] ?? otherActivity);
  return named({ uid: 4001, category: 4, activity, attributes: { dst_endpoint } }, record);
}

const lifecycles: Readonly<Record<string, number>> = { create: 1, remove: 2, start: 3, resume: 3, stop: 4, ended: 4, suspend: 4 };

function lifecycle(record: Fields): OcsfClass {
  const app = { name: 'sandbox', vendor_name: 'LASSO', uid: textIn(record, 'sandbox') ?? 'unknown' };
  return named(
    { uid: 6002, category: 6, activity: lifecycles[textIn(record, 'action') ?? ''] ?? otherActivity, attributes: { app } },
    record,
  );
}

const fileActivities: Readonly<Record<string, number>> = {
  create: 1,
  created: 1,
  read: 2,
  update: 3,
  changed: 3,
  write: 3,
  delete: 4,
  deleted: 4,
  removed: 4,
  rename: 5,
};

function fileActivity(record: Fields): OcsfClass {
  const path = textIn(record, 'target') ?? textIn(record['detail'], 'path') ?? 'unknown';
  const file = { name: baseName(path), path, type_id: 0 };
  return named(
    { uid: 1001, category: 1, activity: fileActivities[textIn(record, 'action') ?? ''] ?? otherActivity, attributes: { file } },
    record,
  );
}

function policyChange(record: Fields): OcsfClass {
  const name = textIn(record, 'target') ?? textIn(record['detail'], 'profile') ?? textIn(record, 'action') ?? 'policy';
  return { uid: 3004, category: 3, activity: 3, attributes: { entity: { name, type: 'policy' } } };
}

function finding(record: Fields): OcsfClass {
  const [type = '', action = ''] = [textIn(record, 'type'), textIn(record, 'action')];
  const uid = `${textIn(record, 'sandbox') ?? ''}:${numberIn(record, 'seq') ?? ''}`;
  const desc = textIn(record['detail'], 'reason') ?? textIn(record, 'target');
  const finding_info = { uid, title: `${type}: ${action}`, types: [type], ...(desc === undefined ? {} : { desc }) };
  return { uid: 2004, category: 2, activity: 1, attributes: { finding_info, is_alert: true } };
}

const baseName = (path: string): string => path.replace(/^.*[/\\](?=[^/\\])/s, '');
