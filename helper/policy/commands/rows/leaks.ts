/** Uses of programs that show secrets, hand files to other machines, or destroy what lies elsewhere. Data only, as in dangers.ts. */
import type { Danger } from './danger.ts';

const secrets = 'shows secrets';
const publishes = 'hands files to another machine';
const destroys = 'destroys what cannot be brought back';

export const leaks: readonly Danger[] = [
  {
    names: 'gh',
    when: /^auth (token|status .*-t|setup-git)|^secret |^variable set|^(ssh|gpg)-key add/,
    stage: 'credentials',
    does: secrets,
    source: 'gh manual',
  },
  { names: 'gh', when: /^gist (create|edit)/, stage: 'exfiltration', does: publishes, source: 'gh manual' },
  {
    names: 'gh',
    when: /^(repo|release|gist|run|cache|label) delete|^api .*(-X|--method)[ =]?DELETE/,
    stage: 'exfiltration',
    does: destroys,
    source: 'gh manual',
  },
  {
    names: 'gcloud',
    when: /\bauth (print-\S+|application-default)|\bsecrets versions access/,
    stage: 'credentials',
    does: secrets,
    source: 'gcloud reference',
  },
  {
    names: 'aws',
    when: /\bconfigure (get|export-credentials)|\bsecretsmanager get|\bssm get-parameter.*decryption|\bsts (get-session-token|assume-role)/,
    stage: 'credentials',
    does: secrets,
    source: 'AWS CLI reference',
  },
  {
    names: 'aws gsutil gcloud',
    when: /^(s3 |storage |-m )*(cp|sync|mv|rsync) (?!s3:|gs:)\S+.* (s3|gs):\/\//,
    stage: 'exfiltration',
    does: publishes,
    source: 'AWS CLI and gsutil reference',
  },
  {
    names: 'aws gsutil gcloud az',
    when: /\b(s3 rb|s3 rm .*--recursive|rb |terminate-instances|delete-(stack|db-instance|bucket|table|cluster)\S*|rm -r|(projects|instances|group|vm) delete)\b/,
    stage: 'exfiltration',
    does: destroys,
    source: 'AWS CLI and gsutil reference',
  },
  { names: 'az', when: /\baccount get-access-token|\bkeyvault secret show/, stage: 'credentials', does: secrets, source: 'az reference' },
  {
    names: 'terraform tofu',
    when: /^(-\S+ )*destroy\b|^(-\S+ )*apply .*-destroy/,
    stage: 'exfiltration',
    does: destroys,
    source: 'Terraform CLI',
  },
  { names: 'pulumi', when: /^(destroy|stack rm)\b/, stage: 'exfiltration', does: destroys, source: 'Pulumi CLI' },
  {
    names: 'rclone',
    when: /^(-\S+ )*(copy|sync|move|copyto|moveto|rcat|mount|serve|delete|purge)\b/,
    stage: 'exfiltration',
    does: publishes,
    source: 'rclone(1)',
  },
  {
    names: 'mail mailx sendmail mutt msmtp swaks s-nail',
    when: /^(?!--?(version|help))/,
    stage: 'exfiltration',
    does: 'sends mail',
    source: 'mailx(1), sendmail(8)',
  },
  { names: 'ftp tftp', when: /\S/, stage: 'exfiltration', does: publishes, source: 'ftp(1)' },
  {
    names: 'dig nslookup host drill kdig ping ping6',
    when: /\0\S*\.[a-z]/i,
    stage: 'exfiltration',
    does: 'asks another machine for a name made of what is found here',
    source: 'MITRE ATT&CK T1048',
  },
  { names: 'security', when: /\b(find-\S+-password|dump-keychain|export)\b/, stage: 'credentials', does: secrets, source: 'security(1)' },
  { names: 'secret-tool keyring', when: /^(lookup|search|get)/, stage: 'credentials', does: secrets, source: 'secret-tool(1)' },
  { names: 'pass gopass', when: /^(show|ls|find|grep|-c)?\s?\S/, stage: 'credentials', does: secrets, source: 'pass(1)' },
  {
    names: 'op bw lpass',
    when: /^(read|get|item get|show|export|list|inject)/,
    stage: 'credentials',
    does: secrets,
    source: 'the documentation of each',
  },
  { names: 'vault', when: /^(kv get|read|token|print)/, stage: 'credentials', does: secrets, source: 'Vault CLI' },
  { names: 'gpg gpg2', when: /--export-secret/, stage: 'credentials', does: secrets, source: 'gpg(1)' },
  {
    names: 'python python3',
    when: /(^| )-m http\.server.*(--directory|-d)[ =]?(\/(?!workspace|tmp)|~|\.\.)/,
    stage: 'exfiltration',
    does: 'serves files from outside the workspace',
    source: 'http.server',
  },
  {
    names: 'find fd fdfind locate bfs',
    when: /^(\S+ )?(\/|\/(home|root|etc|var|Users)(\/\S*)?) .*(id_(rsa|ed25519|ecdsa)|authorized_keys|\.netrc|\.git-credentials|\bcredentials|\.kdbx|wallet\.dat|\.(pem|key|p12|pfx|env)\b|\bshadow\b)/,
    stage: 'credentials',
    does: 'looks for keys',
    source: 'MITRE ATT&CK T1552',
  },
  {
    names: 'grep egrep rg ag ack',
    when: /(PRIVATE KEY|AKIA|passw|secret|api.?key|token).* (\/|~|\/(home|root|etc|var|proc)(\/\S*)?)( |$)/i,
    stage: 'credentials',
    does: 'looks for keys',
    source: 'MITRE ATT&CK T1552',
  },
  {
    names: 'git',
    when: /^(\S+ )?config (\S+ )*credential\.helper store/,
    stage: 'steering',
    does: 'keeps passwords in a plain file',
    source: 'git-credential-store(1)',
  },
  { names: 'ssh-add', when: /(^| )-(L|l|D|d|x)/, stage: 'credentials', does: 'asks for the keys of somebody', source: 'ssh-add(1)' },
];
