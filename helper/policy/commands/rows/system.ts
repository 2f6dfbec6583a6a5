/** Programs about processes, the machine and its state. */
import type { Row } from '../row.ts';

export const system: readonly Row[] = [
  { names: 'kill', source: 'kill(1), bash(1)', special: 'kill', operands: ['text'], options: [] },
  { names: 'pkill killall skill killall5', source: 'pkill(1), killall(1)', special: 'kill-named', operands: ['text'] },
  {
    names:
      'mkfs mke2fs mkswap wipefs fdisk sfdisk cfdisk gdisk sgdisk parted losetup mkdosfs blkdiscard badblocks hdparm cryptsetup lvremove vgremove pvremove swapon swapoff',
    source: 'mkfs(8), wipefs(8)',
    operands: ['write'],
    options: ['text: t L U b type'],
  },
  { names: 'mount umount fusermount fusermount3', source: 'mount(8)', operands: ['write'], options: ['text: t o types options'] },
  {
    names: 'docker podman nerdctl kubectl oc helm docker-compose lxc lxc-attach ctr crictl',
    source: 'docker CLI reference',
    posix: true,
    operands: ['text'],
    options: ['text: context,c host,H log-level,l namespace,n'],
  },
  { names: 'systemctl service loginctl', source: 'systemctl(1)', operands: ['text'] },
  { names: 'reboot shutdown poweroff halt init telinit', source: 'shutdown(8)', operands: ['text'] },
  {
    names: 'useradd userdel usermod groupadd passwd chpasswd adduser deluser gpasswd chsh visudo vipw',
    source: 'useradd(8)',
    operands: ['text'],
  },
  {
    names: 'sysctl',
    source: 'sysctl(8)',
    operands: ['text'],
    options: ['hides: write,w system', 'read: load,p'],
  },
  { names: 'iptables ip6tables nft tc ufw', source: 'iptables(8)', operands: ['text'] },
  {
    names: 'mysql mariadb',
    source: 'mysql(1)',
    operands: ['text'],
    options: [
      'steers: pager',
      'code: execute,e init-command',
      'text: user,u host,h password,p port,P database,D',
      'read: socket,S defaults-file',
    ],
    language: 'sql',
  },
  {
    names: 'psql',
    source: 'psql(1)',
    operands: ['text'],
    options: ['code: command,c', 'read: file,f', 'write: output,o log-file,L', 'text: host,h port,p username,U dbname,d set,variable,v'],
    language: 'sql',
  },
  {
    names: 'sqlite3',
    source: 'sqlite3(1)',
    operands: ['write', 'code'],
    options: ['code: cmd', 'read: init'],
    language: 'sql',
    oneDash: true,
  },
  {
    names: 'redis-cli mongo mongosh sqlcmd sqlplus clickhouse-client',
    source: 'the documentation of each',
    operands: ['text'],
    options: ['code: eval query q Q', 'read: file f'],
    language: 'sql',
  },
  {
    names:
      'ps top htop pgrep lsof ss netstat uptime free id whoami hostname uname env-printenv printenv nproc lscpu lsblk dmesg vmstat iostat who w last groups getent locale tty stty',
    source: 'procps manual',
    operands: ['text'],
  },
  {
    names:
      'cd pushd popd dirs pwd export declare typeset local readonly unset set shopt alias unalias read mapfile readarray wait jobs fg bg disown exit return break continue shift umask ulimit getopts hash enable complete compgen compopt bind history fc caller logout suspend times help',
    source: 'bash(1), builtins',
    operands: ['text'],
    exact: true,
    special: 'builtin',
  },
];
