/** What a person reads on stdout when a verb has succeeded, one function a verb; and the ids for --quiet. Writes nothing itself. */
import type { HelperOperationName, OperationResult } from '../../../protocol/operations.ts';
import type { Paint } from '../console.ts';
import { agentCheckText, agentConfigText, agentTable } from './agents.ts';
import { answered, approvalTable } from './approvals.ts';
import { verifyStatuses } from '../../../protocol/verify-status.ts';
import { verifiedText } from './audit.ts';
import { packText } from './evidence.ts';
import { doctorReport } from './doctor.ts';
import { forwardTable } from './forwards.ts';
import { keysText } from './record-keys.ts';
import { recordTable } from './record.ts';
import { triedText } from './receivers.ts';
import { sandboxDetail, sandboxTable } from './sandbox.ts';
import {
  diffText,
  exportedText,
  historyText,
  reloadedText,
  resolvedText,
  savedText,
  settingsText,
  whyStatus,
  whyText,
} from './profile-results.ts';
import { profileDetail, profileTable } from './profiles.ts';
import { loggedOutText, loginText, removedText, secretsText, testedText } from './secrets.ts';
import { jsonText, visible } from './text.ts';
import { initText, lockStatus, lockText, workspaceStatus, workspaceText } from './trust.ts';
import type { View } from './view.ts';

/** verbs whose result is shown */
export type Shown = Exclude<
  HelperOperationName,
  | 'hello'
  | 'quit'
  | 'attend'
  | 'hold'
  | 'exec'
  | 'agentLaunch'
  | 'agentPlan'
  | 'agentWrite'
  | 'guardAsk'
  | 'whyBatch'
  | `learning${string}`
  | `terminal${string}`
  | Passing
  | InPieces
>;
/** verbs about records that are long texts or come in pieces, or for a list that is scrolled */
type InPieces = 'auditView' | 'auditExport' | 'auditReport' | 'auditRows' | 'auditOverview';
/** verbs by which a value passes, and what leads to them */
type Passing = 'fileRead' | 'fileWrite' | 'secretSet' | 'secretAttend' | 'secretAnswer' | 'authBegin' | 'authWait' | 'authToken';

interface Renderer<N extends Shown> {
  readonly text: (result: OperationResult<N>, view: View) => string;
  readonly ids: (result: OperationResult<N>) => readonly string[];
  /** exit status; 0 where it is absent */
  readonly status?: (result: OperationResult<N>) => number;
}

export const renderers: { readonly [N in Shown]: Renderer<N> } = {
  up: {
    text: ({ sandbox, created }, { paint }) => `${created ? 'created' : 'running'}  ${ready(sandbox, paint)}`,
    ids: ({ sandbox }) => [sandbox.id],
  },
  create: { text: (sandbox, { paint }) => ready(sandbox, paint), ids: ({ id }) => [id] },
  start: { text: (sandbox, { paint }) => ready(sandbox, paint), ids: ({ id }) => [id] },
  down: { text: ({ removed }) => list('removed', removed, 'This folder has no sandbox.'), ids: ({ removed }) => removed },
  stop: { text: ({ stopped }) => list('stopped', stopped, 'Nothing was running.'), ids: ({ stopped }) => stopped },
  remove: { text: ({ removed }) => list('removed', removed, 'There was nothing to remove.'), ids: ({ removed }) => removed },
  status: {
    text: ({ sandboxes }, view) =>
      view.single ? sandboxes.map((sandbox) => sandboxDetail(sandbox, view)).join('\n') : sandboxTable(sandboxes, view),
    ids: ({ sandboxes }) => sandboxes.map(({ id }) => id),
  },
  mode: { text: ({ name, mode = '' }) => `${visible(name)} is in mode ${mode} now.\n`, ids: ({ id }) => [id] },
  reload: { text: reloadedText, ids: ({ sandbox }) => [sandbox.id] },
  approvals: { text: ({ approvals }, view) => approvalTable(approvals, view), ids: ({ approvals }) => approvals.map(({ id }) => id) },
  approve: { text: (approval) => answered('approved', approval), ids: ({ id }) => [id] },
  forward: { text: forwardTable, ids: ({ forwards }) => forwards.map(({ hostPort }) => `127.0.0.1:${hostPort}`) },
  deny: { text: (approval) => answered('denied', approval), ids: ({ id }) => [id] },
  agentForget: {
    text: ({ agent, forgotten }) =>
      forgotten ? `What ${agent} kept for this folder is forgotten.\n` : `${agent} kept nothing for this folder.\n`,
    ids: ({ agent, forgotten }) => (forgotten ? [agent] : []),
  },
  prebuild: {
    text: ({ backend, image, built }) =>
      image === null ? `${backend} needs no image.\n` : `${built ? 'built' : 'unchanged'}  ${visible(image)}  (${backend})\n`,
    ids: ({ image }) => (image === null ? [] : [image]),
  },
  doctor: { text: (report, { paint }) => doctorReport(report, paint), ids: () => [], status: ({ healthy }) => (healthy ? 0 : 1) },
  auditList: { text: recordTable, ids: ({ records }) => records.map(({ sandbox }) => sandbox) },
  // A note is text for a file: byte for byte, so that its signature holds.
  auditCheckpoint: { text: ({ checkpoint }) => checkpoint, ids: () => [] },
  auditPack: { text: packText, ids: ({ file }) => [file] },
  auditKey: { text: keysText, ids: ({ fingerprint }) => [fingerprint] },
  auditVerify: {
    text: ({ reports }, { paint }) => verifiedText(reports, paint),
    ids: () => [],
    status: ({ status }) => verifyStatuses[status].exit,
  },
  webhookTest: { text: triedText, ids: () => [], status: ({ sinks }) => (sinks.every(({ delivered }) => delivered) ? 0 : 1) },
  profileList: { text: profileTable, ids: ({ profiles }) => profiles.map(({ name }) => name) },
  profileShow: { text: profileDetail, ids: () => [] },
  profileNew: { text: (result, view) => savedText('created', result, view), ids: ({ name }) => [name] },
  profileSave: { text: (result, view) => savedText('saved', result, view), ids: ({ name }) => [name] },
  profileImport: { text: (result, view) => savedText('imported', result, view), ids: ({ name }) => [name] },
  profileDelete: {
    text: ({ name, version }) =>
      `deleted  ${visible(name)}\n  \`lasso profile history ${visible(name)} --restore ${version}\` brings it back.\n`,
    ids: ({ name }) => [name],
  },
  profileHistory: { text: historyText, ids: () => [] },
  profileDiff: { text: diffText, ids: () => [], status: ({ same }) => (same ? 0 : 1) },
  profileExport: { text: exportedText, ids: () => [] },
  profileResolve: { text: resolvedText, ids: ({ file }) => [file] },
  profileSchema: { text: ({ schema }) => `${jsonText(schema, 2)}\n`, ids: () => [] },
  configShow: {
    text: settingsText,
    ids: () => [],
    status: ({ findings }) => (findings.some(({ severity }) => severity === 'error') ? 2 : 0),
  },
  why: { text: whyText, ids: () => [], status: whyStatus },
  profileApprove: { text: workspaceText, ids: () => [], status: workspaceStatus },
  profileLock: { text: lockText, ids: ({ digest }) => (digest === undefined ? [] : [digest]), status: lockStatus },
  secretList: { text: secretsText, ids: ({ kept }) => kept.map(({ name }) => name) },
  secretRemove: { text: removedText, ids: ({ name, removed }) => (removed === null ? [] : [name]) },
  secretTest: { text: testedText, ids: () => [], status: ({ found }) => (found ? 0 : 1) },
  authStatus: { text: loginText, ids: () => [], status: ({ from }) => (from === null ? 1 : 0) },
  authLogout: { text: loggedOutText, ids: () => [] },
  agentList: { text: agentTable, ids: ({ agents }) => agents.map(({ name }) => name) },
  agentConfig: { text: agentConfigText, ids: ({ files }) => files.map(({ path }) => path) },
  agentCheck: { text: agentCheckText, ids: () => [], status: ({ sound }) => (sound ? 0 : 1) },
  folderInit: { text: initText, ids: ({ files }) => files },
};

function ready(sandbox: OperationResult<'create'>, paint: Paint): string {
  const { name, id, profile, backend, isolation, workspace, notices } = sandbox;
  const kind = isolation === 'container' ? backend : `${backend}, ${isolation}`;
  const head = `${paint('bold', visible(name))}  ${visible(id)}  ${visible(profile)} on ${kind}  ${visible(workspace)}\n`;
  return head + notices.map((notice) => `  ${paint('yellow', 'note:')} ${visible(notice)}\n`).join('');
}

function list(what: string, ids: readonly string[], none: string): string {
  return ids.length === 0 ? `${none}\n` : ids.map((id) => `${what}  ${visible(id)}\n`).join('');
}
