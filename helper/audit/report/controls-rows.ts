/**
 * Which controls a record of a sandbox can say something about, what each asks in our own words, what would support it, and what
 * no such record shows. Articles are cited as they are numbered in the Official Journal: Regulation (EU) 2022/2554 (DORA), its
 * Commission Delegated Regulation (EU) 2024/1774, Regulation (EU) 2024/1689 (AI Act), and Annex A of ISO/IEC 27001:2022.
 */
import * as say from './control-facts.ts';
import { counted, type Aspect } from './control-facts.ts';

export interface ControlRow {
  readonly framework: Framework;
  readonly reference: string;
  readonly title: string;
  /** in our own words, not those of the text */
  readonly asks: string;
  /** all of these make it `evidence`, some `partial` */
  readonly shows: readonly Aspect[];
  readonly lacks: string;
}

export const frameworks = {
  DORA: 'Regulation (EU) 2022/2554 on digital operational resilience for the financial sector (DORA)',
  'DORA RTS': 'Commission Delegated Regulation (EU) 2024/1774, technical standards on ICT risk management under DORA',
  'AI Act': 'Regulation (EU) 2024/1689 laying down harmonised rules on artificial intelligence (AI Act)',
  'ISO 27001': 'ISO/IEC 27001:2022, Annex A',
} as const;
export type Framework = keyof typeof frameworks;

const judged = counted('judgedCommands', 'command or program start was judged', 'commands and program starts were judged');
const blocked = counted('blockedCommands', 'of them was blocked', 'of them were blocked');
const connections = counted('judgedConnections', 'connection or request was judged', 'connections and requests were judged');
const refused = counted('blockedConnections', 'connection or request was refused', 'connections and requests were refused');
const names = counted('blockedNames', 'name was refused', 'names were refused');
const guard = counted('guard', 'attempt to go round the rules was caught or noted', 'attempts to go round the rules were caught or noted');
const asked = counted('questions', 'act waited for a person’s answer', 'acts waited for a person’s answer');
const answered = counted('answers', 'answer of a person is on record', 'answers of people are on record');
const denied = counted('refusedByPeople', 'act was stopped by a person’s no', 'acts were stopped by a person’s no');
const stopped = counted('stoppedByPeople', 'sandbox was stopped by a person', 'times a person stopped the sandbox');
const policies = counted('policies', 'change of mode or policy', 'changes of mode or policy');
const files = counted('files', 'record of changed files', 'records of changed files');
const limits = counted('limits', 'limit was hit', 'limits were hit');
const starts = counted('starts', 'start of the sandbox', 'starts of the sandbox');

export const controlRows: readonly ControlRow[] = [
  {
    ...{ framework: 'DORA', reference: 'Article 8', title: 'Identification' },
    asks: 'Know and document ICT assets, their configuration and their dependencies.',
    shows: [say.configuration, starts],
    lacks: 'The entity’s inventory and classification, and which business function this sandbox supports.',
  },
  {
    ...{ framework: 'DORA', reference: 'Article 9', title: 'Protection and prevention' },
    asks: 'Protect systems and data by policy and controls: least access, protected data in transit, controlled change.',
    shows: [judged, blocked, connections, refused, say.secretsByName, say.configuration],
    lacks: 'The entity’s policies, who approved the profile, and protection outside this sandbox.',
  },
  {
    ...{ framework: 'DORA', reference: 'Article 10', title: 'Detection' },
    asks: 'Detect anomalous activities promptly and have thresholds that alert.',
    shows: [refused, guard, limits],
    lacks:
      'Whether anybody was alerted and how soon, thresholds, and detection elsewhere. Nothing caught does not prove that nothing happened.',
  },
  {
    ...{ framework: 'DORA', reference: 'Article 11', title: 'Response and recovery' },
    asks: 'Contain incidents and keep account of what was done during disruption.',
    shows: [stopped, denied, say.gapsNamed],
    lacks: 'Response plans, recovery objectives, tests of them, and communication.',
  },
  {
    ...{ framework: 'DORA', reference: 'Article 17', title: 'ICT-related incident management process' },
    asks: 'Detect, manage and record ICT-related incidents and significant cyber threats.',
    shows: [say.automatic, guard, say.unaltered],
    lacks: 'Which of these events the entity holds to be incidents, their root cause, follow-up, and classification (Article 18).',
  },
  {
    ...{ framework: 'DORA', reference: 'Article 19', title: 'Reporting of major ICT-related incidents' },
    asks: 'Report major incidents to the competent authority.',
    shows: [],
    lacks: 'All of it: reports are made by the entity. The record may serve as their source.',
  },
  {
    ...{ framework: 'DORA', reference: 'Article 28', title: 'ICT third-party risk: general principles' },
    asks: 'Manage the risk of services that third parties provide.',
    shows: [connections],
    lacks: 'Contracts, the register of information, due diligence. The record shows which hosts were reached, not under which contract.',
  },
  {
    ...{ framework: 'DORA RTS', reference: 'Article 12', title: 'Logging' },
    asks: 'Log access, changes, operations and network traffic, protect logs against tampering, notice when logging fails, and keep clocks in step.',
    shows: [say.automatic, judged, connections, say.unaltered, say.anchored, say.gapsNamed, say.times],
    lacks: 'Logs of other systems, retention as the entity has set it, and that the clock is synchronised with a reference.',
  },
  {
    ...{
      framework: 'DORA RTS',
      reference: 'Article 23',
      title: 'Detection of anomalous activities, and criteria for detecting and answering incidents',
    },
    asks: 'Record anomalous activities with time and type, protected against tampering.',
    shows: [guard, refused, say.unaltered],
    lacks: 'Analysis, alerts and criteria for response.',
  },
  {
    ...{ framework: 'AI Act', reference: 'Article 12(1)', title: 'Record-keeping: automatic recording' },
    asks: 'A high-risk AI system allows events to be recorded automatically over its lifetime.',
    shows: [say.automatic, say.actors],
    lacks:
      'Whether the system is a high-risk one, and events inside the model: prompts, outputs, its own logs. This is what the agent did.',
  },
  {
    ...{ framework: 'AI Act', reference: 'Article 12(2)', title: 'Record-keeping: traceability' },
    asks: 'Logs make it possible to find risks and substantial modifications, and to monitor operation.',
    shows: [judged, guard, policies, say.configuration],
    lacks: 'Versions of the model and of the agent where they were not named at the start, and the provider’s post-market monitoring.',
  },
  {
    ...{ framework: 'AI Act', reference: 'Article 14', title: 'Human oversight' },
    asks: 'People can oversee the system, decide not to follow it, intervene and stop it.',
    shows: [asked, answered, denied, stopped],
    lacks: 'That the people were competent, trained and given the authority, and that they understood what they were asked.',
  },
  {
    ...{ framework: 'AI Act', reference: 'Article 19(1)', title: 'Automatically generated logs: provider' },
    asks: 'Providers keep the logs under their control for a fitting period, at least six months.',
    shows: [say.kept, say.unaltered],
    lacks: 'That it will be kept for as long as is required. LASSO removes nothing unrecorded; keeping is the operator’s part.',
  },
  {
    ...{ framework: 'AI Act', reference: 'Article 26(2)', title: 'Deployers: oversight by people' },
    asks: 'Deployers assign oversight to people with competence, training, authority and support.',
    shows: [answered],
    lacks: 'Who was assigned, and their competence. The record names who answered, by login name.',
  },
  {
    ...{ framework: 'AI Act', reference: 'Article 26(5)', title: 'Deployers: monitoring' },
    asks: 'Deployers monitor operation, and inform and suspend where there is a risk.',
    shows: [judged, connections, guard],
    lacks: 'That somebody looked, and that provider or authority were informed.',
  },
  {
    ...{ framework: 'AI Act', reference: 'Article 26(6)', title: 'Deployers: keeping logs' },
    asks: 'Deployers keep automatically generated logs under their control for a fitting period, at least six months.',
    shows: [say.kept, say.unaltered, say.anchored],
    lacks: 'That it will be kept for as long as is required.',
  },
  {
    ...{ framework: 'ISO 27001', reference: 'A.5.15', title: 'Access control' },
    asks: 'Rules for access are set and enforced.',
    shows: [judged, blocked, connections, refused],
    lacks: 'Who set the rules and why they fit the business.',
  },
  {
    ...{ framework: 'ISO 27001', reference: 'A.5.17', title: 'Authentication information' },
    asks: 'Secrets for authentication are handled under control.',
    shows: [say.secretsByName, counted('secretsRefused', 'misuse of a secret was refused', 'misuses of secrets were refused')],
    lacks: 'How secrets are made, rotated and revoked.',
  },
  {
    ...{ framework: 'ISO 27001', reference: 'A.5.28', title: 'Collection of evidence' },
    asks: 'Evidence of events is identified, collected and preserved.',
    shows: [say.automatic, say.unaltered, say.anchored],
    lacks: 'Custody of this archive after it was made.',
  },
  {
    ...{ framework: 'ISO 27001', reference: 'A.5.33', title: 'Protection of records' },
    asks: 'Records are protected from loss, destruction, falsification and unauthorised access.',
    shows: [say.unaltered, say.anchored, say.gapsNamed],
    lacks: 'Copies elsewhere and who may read them. Whoever controls this user’s account may write what they like from then on.',
  },
  {
    ...{ framework: 'ISO 27001', reference: 'A.8.2', title: 'Privileged access rights' },
    asks: 'Privileged access is restricted and managed.',
    shows: [counted('outside', 'entry from the host, past LASSO, is on record', 'entries from the host, past LASSO, are on record')],
    lacks: 'Who holds privileges on the host. No such entry on record does not prove that there was none on every engine.',
  },
  {
    ...{ framework: 'ISO 27001', reference: 'A.8.3', title: 'Information access restriction' },
    asks: 'Access to information is restricted according to the rules.',
    shows: [say.configuration, blocked],
    lacks: 'Reading of files inside the sandbox, which is not recorded.',
  },
  {
    ...{ framework: 'ISO 27001', reference: 'A.8.9', title: 'Configuration management' },
    asks: 'Configurations are known, recorded and controlled.',
    shows: [say.configuration, policies],
    lacks: 'Approval of the configuration, and that of the host.',
  },
  {
    ...{ framework: 'ISO 27001', reference: 'A.8.12', title: 'Data leakage prevention' },
    asks: 'Measures keep data from leaving unauthorised.',
    shows: [refused, names, counted('secretsRefused', 'secret was kept from leaving', 'secrets were kept from leaving')],
    lacks: 'What was in the data that was allowed to leave; hosts, methods and numbers of bytes are on record.',
  },
  {
    ...{ framework: 'ISO 27001', reference: 'A.8.15', title: 'Logging' },
    asks: 'Activities, exceptions and faults are logged; logs are kept, protected and analysed.',
    shows: [say.automatic, say.actors, judged, connections, say.unaltered],
    lacks: 'That logs are analysed.',
  },
  {
    ...{ framework: 'ISO 27001', reference: 'A.8.16', title: 'Monitoring activities' },
    asks: 'Systems and networks are monitored for anomalous behaviour.',
    shows: [connections, guard, limits],
    lacks: 'That somebody evaluates it.',
  },
  {
    ...{ framework: 'ISO 27001', reference: 'A.8.17', title: 'Clock synchronization' },
    asks: 'Clocks are synchronised to approved sources.',
    shows: [say.times],
    lacks: 'The source the clock is synchronised to; what is shown is only that times are told and that steps would be recorded.',
  },
  {
    ...{ framework: 'ISO 27001', reference: 'A.8.20', title: 'Networks security' },
    asks: 'Networks are secured, managed and controlled.',
    shows: [connections, refused],
    lacks: 'Networks outside this sandbox.',
  },
  {
    ...{ framework: 'ISO 27001', reference: 'A.8.23', title: 'Web filtering' },
    asks: 'Access to external websites is managed.',
    shows: [connections, refused],
    lacks: 'How lists of hosts are kept up to date.',
  },
  {
    ...{ framework: 'ISO 27001', reference: 'A.8.32', title: 'Change management' },
    asks: 'Changes to systems follow procedures.',
    shows: [policies, files],
    lacks: 'Review and approval of the changes; what is in the files.',
  },
];
