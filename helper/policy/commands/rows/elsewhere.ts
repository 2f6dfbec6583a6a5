/** Programs that start another as somebody else, in other namespaces, or on another machine. */
import type { Row } from '../row.ts';

export const elsewhere: readonly Row[] = [
  {
    names: 'sudo',
    source: 'sudo(8)',
    posix: true,
    special: 'env',
    operands: ['variable', 'command'],
    options: [
      'text: user,u group,g host,h prompt,p close-from,C role,r type,t command-timeout,T other-user,U',
      'read: chdir,D chroot,R',
      'flag: askpass,A background,b edit,e preserve-env,E set-home,H login,i shell,s non-interactive,n preserve-groups,P',
      'flag: stdin,S list,l validate,v remove-timestamp,K reset-timestamp,k',
      'inert: version,V',
    ],
  },
  {
    names: 'doas',
    source: 'doas(1)',
    posix: true,
    operands: ['command'],
    options: ['text: u a', 'read: C', 'flag: n s', 'inert: L'],
  },
  {
    names: 'su runuser',
    source: 'su(1), runuser(1)',
    operands: ['text'],
    options: [
      'shell: command c session-command',
      'hides: shell,s',
      'flag: login,l preserve-environment,m,p pty,P',
      'text: group,g supp-group,G user,u whitelist-environment,w',
    ],
  },
  {
    names: 'unshare',
    source: 'unshare(1)',
    posix: true,
    operands: ['command'],
    options: [
      'flag: mount,m uts,u ipc,i net,n pid,p user,U cgroup,C time,T fork,f map-root-user,r map-current-user,c kill-child',
      'flag: mount-proc keep-caps',
      'text: map-user map-group propagation setgroups setuid,S setgid,G',
      'read: root,R wd,w',
    ],
  },
  {
    names: 'nsenter',
    source: 'nsenter(1)',
    posix: true,
    operands: ['command'],
    options: [
      'text: target,t setuid,S setgid,G',
      'flag: mount,m uts,u ipc,i net,n pid,p user,U cgroup,C time,T all,a root,r wd,w no-fork,F follow-context,Z preserve-credentials',
    ],
  },
  {
    names: 'chroot',
    source: 'chroot(8)',
    posix: true,
    operands: ['read', 'command'],
    options: ['text: groups userspec', 'flag: skip-chdir'],
  },
  {
    names: 'ssh slogin mosh dbclient',
    source: 'ssh(1)',
    posix: true,
    operands: ['text', 'shell-rest'],
    options: ['text: B b c D E e F I i J L l m O p Q R S W w', 'shell: o'],
  },
  {
    names: 'sshpass autossh',
    source: 'sshpass(1), autossh(1)',
    posix: true,
    operands: ['command'],
    options: ['text: p f d M P', 'flag: e v'],
  },
];
