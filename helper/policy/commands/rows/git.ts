/** git: its own options, and those of each subcommand that matter to the gate. */
import type { Grammar, Row } from '../row.ts';

const everywhere = 'text: pretty format since until author committer grep date abbrev unified,U diff-filter max-count,n skip S G';

const subcommands: Readonly<Record<string, Grammar>> = {
  push: {
    operands: ['text'],
    options: [
      'flag: force,f force-with-lease force-if-includes set-upstream,u delete,d all branches mirror tags follow-tags dry-run,n porcelain verbose,v quiet,q prune atomic thin no-verify verify ipv4,4 ipv6,6 progress signed',
      'steers: receive-pack,exec',
      'text: repo push-option,o recurse-submodules',
    ],
  },
  fetch: {
    operands: ['text'],
    options: [
      'steers: upload-pack',
      'flag: all append,a force,f prune,p tags,t keep,k quiet,q verbose,v multiple dry-run unshallow prune-tags,P update-head-ok,u',
      'text: depth deepen shallow-since jobs,j refmap recurse-submodules server-option,o filter',
    ],
  },
  pull: {
    operands: ['text'],
    options: [
      'steers: upload-pack',
      'flag: all append,a force,f prune,p tags,t quiet,q verbose,v ff ff-only squash autostash commit',
      'text: rebase,r depth strategy,s strategy-option,X jobs,j',
    ],
  },
  clone: {
    operands: ['text', 'write'],
    options: [
      'steers: upload-pack,u',
      'config: config,c',
      'steers: template',
      'text: branch,b origin,o depth jobs,j filter shallow-since recurse-submodules recursive server-option bundle-uri',
      'read: reference reference-if-able',
      'write: separate-git-dir',
      'flag: bare mirror local,l no-hardlinks no-checkout,n quiet,q verbose,v single-branch sparse shared,s dissociate tags',
    ],
  },
  'ls-remote': {
    operands: ['text'],
    options: [
      'steers: upload-pack,exec',
      'flag: heads,branches,h tags,t refs quiet,q symref get-url exit-code',
      'text: sort server-option,o',
    ],
  },
  'fetch-pack': { operands: ['text'], options: ['steers: upload-pack,exec'] },
  'send-pack': { operands: ['text'], options: ['steers: receive-pack,exec', 'flag: force,f mirror all'] },
  archive: { operands: ['text', 'text'], options: ['steers: exec', 'write: output,o', 'text: format prefix remote add-file mtime'] },
  commit: {
    operands: ['text'],
    options: [
      'text: message,m reuse-message,C reedit-message,c author date cleanup fixup squash trailer gpg-sign,S untracked-files,u',
      'read: file,F template,t pathspec-from-file',
      'flag: all,a amend no-edit edit,e no-verify,n allow-empty allow-empty-message signoff,s verbose,v quiet,q patch,p interactive include,i only,o dry-run reset-author no-gpg-sign verify',
    ],
  },
  reset: {
    operands: ['text'],
    options: ['flag: hard soft mixed merge keep quiet,q patch,p intent-to-add,N', 'text: recurse-submodules', 'read: pathspec-from-file'],
  },
  clean: { operands: ['text'], options: ['flag: force,f interactive,i dry-run,n quiet,q d x X', 'text: exclude,e'] },
  checkout: {
    operands: ['text'],
    options: [
      'flag: force,f quiet,q detach ours theirs merge,m patch,p track,t guess no-guess overlay orphan',
      'text: b B conflict',
      'read: pathspec-from-file',
    ],
  },
  switch: {
    operands: ['text'],
    options: ['flag: detach,d discard-changes force,f merge,m track,t guess quiet,q', 'text: create,c force-create,C orphan conflict'],
  },
  restore: {
    operands: ['text'],
    options: ['flag: staged,S worktree,W patch,p quiet,q ours theirs', 'text: source,s', 'read: pathspec-from-file'],
  },
  branch: {
    operands: ['text'],
    options: [
      'flag: delete,d D move,m M copy,c C force,f all,a remotes,r list,l verbose,v vv show-current track,t quiet,q edit-description unset-upstream',
      'text: set-upstream-to,u contains no-contains merged no-merged sort points-at format',
    ],
  },
  tag: {
    operands: ['text'],
    options: [
      'flag: annotate,a sign,s delete,d force,f list,l verify,v create-reflog',
      'text: message,m local-user,u sort contains points-at format n',
      'read: file,F',
    ],
  },
  stash: { operands: ['text'], options: ['flag: patch,p keep-index,k include-untracked,u all,a quiet,q staged,S', 'text: message,m'] },
  remote: { operands: ['text'], options: ['flag: verbose,v fetch,f tags mirror push all add delete', 'text: t m'] },
  config: {
    operands: ['text'],
    options: [
      'flag: global system local worktree get get-all add unset unset-all replace-all list,l null,z edit,e name-only show-origin show-scope bool int bool-or-int path all',
      'flag: remove-section rename-section get-regexp get-urlmatch includes',
      'read: file,f blob',
      'text: type,t default comment value',
    ],
  },
  log: {
    operands: ['text'],
    options: [
      'flag: patch,p,u oneline stat graph all decorate name-only name-status follow merges no-merges reverse first-parent shortstat numstat summary raw cc c m binary word-diff color-words patch-with-stat patch-with-raw full-diff ext-diff textconv walk-reflogs,g',
      'text: L',
      everywhere,
      'write: output',
      'text: output-indicator-new',
    ],
  },
  show: {
    operands: ['text'],
    options: ['flag: patch,p,u stat name-only name-status oneline textconv ext-diff', everywhere, 'write: output'],
  },
  diff: {
    operands: ['read'],
    options: [
      'flag: patch,p,u staged cached stat name-only name-status check word-diff no-index ext-diff textconv quiet',
      everywhere,
      'write: output',
      'read: O',
    ],
  },
  'format-patch': {
    operands: ['text'],
    options: [
      'write: output-directory,o output',
      'text: subject-prefix in-reply-to to cc signature start-number reroll-count,v',
      'read: signature-file',
    ],
  },
  difftool: {
    operands: ['text'],
    options: ['steers: extcmd,x', 'text: tool,t', 'flag: gui,g no-prompt,y prompt dir-diff,d cached staged'],
  },
  mergetool: { operands: ['text'], options: ['text: tool,t', 'flag: no-prompt,y prompt gui,g', 'read: O'] },
  grep: {
    operands: ['text'],
    options: [
      'steers: open-files-in-pager,O',
      'text: e A B C max-depth threads max-count,m',
      'read: f',
      'flag: ignore-case,i line-number,n word-regexp,w files-with-matches,l name-only count,c all-match cached no-index untracked invert-match,v extended-regexp,E fixed-strings,F perl-regexp,P quiet,q',
    ],
  },
  rebase: {
    operands: ['text'],
    options: [
      'shell: exec,x',
      'text: onto strategy,s strategy-option,X empty C whitespace',
      'flag: interactive,i continue abort skip quit edit-todo root autosquash autostash rebase-merges,r keep-empty force-rebase,f no-verify quiet,q verbose,v',
    ],
  },
  merge: {
    operands: ['text'],
    options: [
      'text: message,m strategy,s strategy-option,X into-name',
      'read: file,F',
      'flag: abort continue quit no-ff ff ff-only squash no-commit no-edit edit,e verbose,v quiet,q allow-unrelated-histories',
    ],
  },
  'filter-branch': {
    operands: ['text'],
    options: [
      'shell: setup env-filter tree-filter index-filter parent-filter msg-filter commit-filter tag-name-filter subdirectory-filter',
      'flag: force,f prune-empty',
      'write: d',
      'text: original',
    ],
  },
  bisect: { operands: ['text', 'command'] },
  submodule: {
    operands: ['text', 'shell-rest'],
    options: ['flag: quiet,q recursive init force,f remote cached', 'text: branch,b depth name reference jobs,j'],
  },
  worktree: { operands: ['text'], options: ['flag: force,f detach,d track checkout', 'text: b B reason'] },
  init: {
    operands: ['write'],
    options: ['steers: template', 'flag: bare quiet,q', 'text: initial-branch,b object-format shared', 'write: separate-git-dir'],
  },
  apply: {
    operands: ['read'],
    options: [
      'text: p exclude include whitespace',
      'write: directory build-fake-ancestor',
      'flag: check stat index cached reverse,R three-way,3 reject unsafe-paths',
    ],
  },
  am: { operands: ['read'] },
  'hash-object': { operands: ['read'] },
  'send-email': {
    operands: ['read'],
    options: ['steers: sendmail-cmd to-cmd cc-cmd header-cmd smtp-server', 'text: to cc bcc from subject'],
  },
  'request-pull': { operands: ['text'] },
  bundle: { operands: ['text', 'write', 'text'] },
  'checkout-index': { operands: ['read'], options: ['write: prefix', 'flag: a f all,a force,f'] },
  rm: { operands: ['text'], options: ['flag: cached force,f r quiet,q dry-run,n ignore-unmatch', 'read: pathspec-from-file'] },
  'upload-pack': { operands: ['read'] },
  'receive-pack': { operands: ['read'] },
  instaweb: { operands: ['text'], options: ['steers: httpd,d browser,b', 'read: module-path,m', 'text: port,p'] },
  'interpret-trailers': { operands: ['read'], options: ['text: trailer where if-exists'] },
  'sparse-checkout': { operands: ['text'] },
  help: { operands: ['text'], options: ['flag: web,w man,m info,i all,a'] },
  '*': { operands: ['text'], options: [everywhere, 'write: output', 'text: message,m'] },
};

export const git: Row = {
  names: 'git',
  source: 'git(1) and the manual of each subcommand',
  special: 'git',
  posix: true,
  options: [
    'read: C git-dir',
    'change: work-tree',
    'config: c',
    'steers: exec-path config-env',
    'text: namespace super-prefix list-cmds attr-source',
    'flag: paginate,p no-pager,P bare no-replace-objects literal-pathspecs glob-pathspecs noglob-pathspecs icase-pathspecs no-optional-locks no-lazy-fetch no-advice',
    'inert: version,v help,h html-path man-path info-path',
  ],
  subcommands,
};

/** Subcommands git brings along; any other name is an alias or a program found in PATH. Source: git(1), `git help -a` of 2.47. */
export const gitSubcommands: ReadonlySet<string> = new Set([
  ...Object.keys(subcommands).filter((name) => name !== '*'),
  ...'add annotate backfill blame bugreport cat-file check-attr check-ignore check-mailmap check-ref-format checkout-index cherry cherry-pick column'.split(
    ' ',
  ),
  ...'commit-graph commit-tree count-objects credential credential-cache credential-store daemon describe diagnose diff-files diff-index diff-pairs'.split(
    ' ',
  ),
  ...'diff-tree fast-export fast-import fmt-merge-msg for-each-ref for-each-repo fsck fsck-objects gc get-tar-commit-id gitk gui hook imap-send'.split(
    ' ',
  ),
  ...'index-pack init-db last-modified ls-files ls-tree lfs mailinfo mailsplit maintenance merge-base merge-file merge-index merge-one-file merge-tree'.split(
    ' ',
  ),
  ...'mktag mktree multi-pack-index mv name-rev notes pack-objects pack-refs patch-id prune prune-packed quiltimport range-diff read-tree reflog refs'.split(
    ' ',
  ),
  ...'repack replace replay repo rerere rev-list rev-parse revert rm scalar shell shortlog show-branch show-index show-ref stage status stripspace'.split(
    ' ',
  ),
  ...'svn symbolic-ref unpack-file unpack-objects update-index update-ref update-server-info var verify-commit verify-pack verify-tag version'.split(
    ' ',
  ),
  ...'whatchanged write-tree flow citool'.split(' '),
]);
