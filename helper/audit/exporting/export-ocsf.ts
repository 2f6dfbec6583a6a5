/**
 * Records as events of the Open Cybersecurity Schema Framework, version 1.3.0, one JSON document a
 * line. What OCSF has no place for is in `unmapped`, so nothing of a record is left out. Values are hostile text.
 */
import { textIn, numberIn, type ExportForm, type ExportLine } from './export-line.ts';
import { ocsfClassOf, otherActivity, type OcsfClass } from './ocsf-classes.ts';

const schemaVersion = '1.3.0';

export function ocsfForm(helperVersion: string): ExportForm {
  return { head: '', each: (line) => `${JSON.stringify(eventOf(line, helperVersion))}\n`, between: '', foot: '' };
}

function eventOf({ record, text, file, line }: ExportLine, helperVersion: string): Readonly<Record<string, unknown>> {
  const product = { name: 'LASSO', vendor_name: 'LASSO', version: helperVersion };
  if (record === undefined) {
    const shape = { uid: 0, category: 0, activity: otherActivity, activityName: 'unreadable line', attributes: {} };
    return {
      ...classification(shape),
      time: 0,
      severity_id: 4,
      status_id: 0,
      metadata: { version: schemaVersion, product },
      unmapped: { file, line, text },
    };
  }
  const shape = ocsfClassOf(record);
  const [sandbox = 'unknown', ts = '', outcome = ''] = ['sandbox', 'ts', 'outcome'].map((name) => textIn(record, name));
  const seq = numberIn(record, 'seq') ?? -1;
  const begun = numberIn(record['detail'], 'intent') ?? (outcome === 'intent' ? seq : undefined);
  const reason = textIn(record['detail'], 'reason');
  return {
    ...classification(shape),
    time: timeOf(ts),
    severity_id: severityOf(textIn(record, 'type') ?? '', outcome),
    ...statusOf(outcome),
    ...(reason === undefined ? {} : { status_detail: reason }),
    ...(outcome === 'blocked'
      ? { action_id: 2, disposition_id: 2 }
      : { action_id: outcome === 'success' ? 1 : 0, disposition_id: outcome === 'success' ? 1 : 0 }),
    message: [textIn(record, 'action'), outcome, textIn(record, 'target')].filter((part) => part !== undefined).join(' '),
    metadata: {
      version: schemaVersion,
      product,
      profiles: ['security_control', 'host'],
      log_name: 'lasso',
      uid: `${sandbox}:${seq}`,
      sequence: seq,
      original_time: ts,
      ...(begun === undefined ? {} : { correlation_uid: `${sandbox}:${begun}` }),
    },
    actor: actorOf(record),
    device: { type_id: 99, type: 'sandbox', uid: sandbox, name: sandbox },
    ...shape.attributes,
    unmapped: { lasso: record },
  };
}

function classification({ uid, category, activity, activityName }: OcsfClass): Readonly<Record<string, unknown>> {
  return {
    class_uid: uid,
    category_uid: category,
    activity_id: activity,
    ...(activityName === undefined ? {} : { activity_name: activityName }),
    type_uid: uid * 100 + activity,
  };
}

/** 1 informational, 2 low, 3 medium, 4 high */
function severityOf(type: string, outcome: string): number {
  if (type === 'violation' || type === 'gap') return 4;
  return outcome === 'blocked' ? 3 : outcome === 'error' ? 2 : 1;
}

function statusOf(outcome: string): Readonly<Record<string, unknown>> {
  switch (outcome) {
    case 'success':
      return { status_id: 1, status: 'Success' };
    case 'error':
    case 'blocked':
      return { status_id: 2, status: 'Failure' };
    case 'intent':
      return { status_id: 99, status: 'Begun' };
    default:
      return { status_id: 0, status: 'Unknown' };
  }
}

function actorOf(record: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { actor } = record;
  const user = textIn(actor, 'user');
  const app_name = [textIn(actor, 'kind'), textIn(actor, 'face')].filter((part) => part !== undefined).join(' by ');
  return { app_name: app_name === '' ? 'unknown' : app_name, ...(user === undefined ? {} : { user: { name: user, type_id: 1 } }) };
}

function timeOf(ts: string): number {
  const at = Date.parse(ts);
  return Number.isNaN(at) ? 0 : at;
}
