/**
 * Where the extension begins: makes its parts known to each other and to VS Code. It asks for nothing and starts nothing
 * until a person does, or LASSO wrote agents' files here before; everything it registers is undone when it is deactivated.
 */
import path from 'node:path';
import { window, type ExtensionContext, type TerminalLinkProvider } from 'vscode';
import { registerActions } from './actions.ts';
import { watchAgentFiles } from './agents/drift.ts';
import { agentActions } from './agents/generate.ts';
import { ToolServers } from './agents/mcp.ts';
import { newAgent } from './agents/new.ts';
import { approvalActions } from './approvals/actions.ts';
import { ApprovalList } from './approvals/list.ts';
import { showQuestions } from './approvals/notices.ts';
import { registerApprovalView } from './approvals/view.ts';
import { auditActions } from './audit/actions.ts';
import { AuditPanels } from './audit/panels.ts';
import type { Context } from './context.ts';
import { doctorActions, watchEngines } from './doctor/actions.ts';
import { Documents } from './documents.ts';
import { Helper } from './helper.ts';
import { Lifetime } from './lifetime.ts';
import { openLog } from './log.ts';
import { profileActions } from './profiles/actions.ts';
import { ProfileList } from './profiles/list.ts';
import { registerProfileView } from './profiles/view.ts';
import { watchProfiles } from './profiles/watch.ts';
import { why } from './profiles/why.ts';
import { sandboxActions } from './sandboxes/actions.ts';
import { SandboxList } from './sandboxes/list.ts';
import { forwardPort } from './sandboxes/forward.ts';
import { learnProfile } from './sandboxes/learn.ts';
import { changeMode } from './sandboxes/mode.ts';
import { registerReloadLenses, reloadSandbox } from './sandboxes/reload.ts';
import { runCommand } from './sandboxes/run.ts';
import { registerStatusBar } from './sandboxes/status-bar.ts';
import { registerView } from './sandboxes/view.ts';
import { secretActions } from './secrets/actions.ts';
import { answerSecrets } from './secrets/answers.ts';
import { KeptSecrets } from './secrets/kept.ts';
import { ruleLinks, type RuleLink } from './terminal/links.ts';
import { watchClosing } from './terminal/open.ts';
import { registerTerminalProfile } from './terminal/profile.ts';

/** what tests may see */
export interface Extension {
  readonly activationMs: number;
  readonly helper: Helper;
  readonly sandboxes: SandboxList;
  readonly profiles: ProfileList;
  readonly approvals: ApprovalList;
  readonly links: TerminalLinkProvider<RuleLink>;
  readonly secrets: KeptSecrets;
  readonly toolServers: ToolServers;
}

export function activate({ extension, extensionPath, workspaceState, globalState, secrets, subscriptions }: ExtensionContext): Extension {
  const started = performance.now();
  const { version } = extension.packageJSON as { readonly version: string };
  const lifetime = new Lifetime();
  subscriptions.push(lifetime);
  const log = lifetime.own(openLog());
  const program = path.join(extensionPath, 'dist', 'lasso.js');
  const helper = lifetime.own(new Helper(program, log));
  const sandboxes = lifetime.own(new SandboxList(helper, log));
  const documents = lifetime.own(new Documents());
  const profiles = lifetime.own(new ProfileList(helper, log));
  const approvals = lifetime.own(new ApprovalList(helper, log));
  const context: Context = { helper, sandboxes, profiles, approvals, documents, log, program, memory: workspaceState };

  const kept = new KeptSecrets(secrets, globalState);
  lifetime.own(answerSecrets(helper, kept, log));
  lifetime.own(registerView(context));
  lifetime.own(registerProfileView(context));
  lifetime.own(registerApprovalView(context));
  lifetime.own(showQuestions(context));
  lifetime.own(registerStatusBar(context));
  lifetime.own(registerTerminalProfile(context));
  lifetime.own(watchClosing(context));
  lifetime.own(watchEngines(context));
  lifetime.own(watchProfiles(context));
  lifetime.own(watchAgentFiles(context));
  lifetime.own(registerReloadLenses(context));
  const toolServers = lifetime.own(new ToolServers(program, version));
  const panels = lifetime.own(new AuditPanels(context));
  const links = ruleLinks(context);
  lifetime.own(window.registerTerminalLinkProvider(links));
  const actions = {
    ...agentActions(context),
    ...approvalActions(context),
    ...sandboxActions(context),
    ...doctorActions(context),
    ...auditActions(context, panels),
    ...profileActions(context),
    ...secretActions(kept),
    'lasso.newAgent': newAgent(context),
    'lasso.changeMode': changeMode(context),
    'lasso.reloadSandbox': reloadSandbox(context),
    'lasso.learn': learnProfile(context),
    'lasso.forward': forwardPort(context),
    'lasso.why': why(context),
    'lasso.runCommand': runCommand(context, lifetime),
    'lasso.showLog': () => log.show(),
  };
  lifetime.own(registerActions(actions, log));
  return { activationMs: performance.now() - started, helper, sandboxes, profiles, approvals, links, secrets: kept, toolServers };
}
