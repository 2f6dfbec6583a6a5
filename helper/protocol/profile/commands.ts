/** `[commands]`: which programs an agent may run, and for how long. Field names and defaults are those of LASSO 1.x; `ask_args`, `ask_except`, `workspace_only` and `undecided` are ours. */
import { z } from 'zod';

const names = z.array(z.string().min(1, 'must not be empty'));
const looking = ['ls', 'cat', 'head', 'tail', 'grep', 'find', 'wc', 'echo', 'test', 'file', 'du', 'df'];

export const commands = z.strictObject({
  mode: z
    .enum(['whitelist', 'blacklist'])
    .default('whitelist')
    .describe('whether only the whitelist may run, or everything but the blacklist')
    .meta({ examples: ['blacklist'] }),
  whitelist: names
    .default([
      ...['python3', 'pip', 'git', 'ls', 'cat', 'head', 'tail', 'grep', 'find', 'wc', 'sort', 'uniq', 'diff'],
      ...['mkdir', 'cp', 'mv', 'touch', 'echo', 'printf', 'test'],
    ])
    .describe('commands that may run in whitelist mode')
    .meta({ examples: [['git', 'npm', 'node']] }),
  blacklist: names
    .default([
      ...['rm', 'dd', 'mkfs', 'mount', 'umount', 'chroot', 'insmod', 'rmmod', 'modprobe', 'reboot', 'shutdown', 'systemctl', 'service'],
      ...['iptables', 'ip6tables', 'nft', 'tc', 'nsenter', 'unshare'],
    ])
    .describe('commands that may not run in blacklist mode')
    .meta({ examples: [['docker', 'ssh']] }),
  observe_whitelist: names
    .default(looking)
    .describe('commands that may run when the profile’s mode is observe')
    .meta({ examples: [['ls', 'cat']] }),
  assist_whitelist: names
    .default([...looking, 'python3', 'git', 'pip', 'npm', 'node', 'make', 'cargo', 'go'])
    .describe('commands that may run when the profile’s mode is assist')
    .meta({ examples: [['ls', 'cat', 'git']] }),
  blocked_args: z
    .record(z.string(), names)
    .default({ git: ['push', 'push --force'], pip: ['install --user'] })
    .describe('per command, arguments that are refused even where the command may run')
    .meta({ examples: [{ git: ['push --force'] }] }),
  ask_args: z
    .record(z.string(), names)
    .default({})
    .describe('per command, arguments that a person is asked about first, meant as those of blocked_args; "*" is any use of the command')
    .meta({ examples: [{ git: ['push'], npm: ['publish'] }] }),
  ask_except: z
    .record(z.string(), names)
    .default({})
    .describe('per command, whole argument lists, word by word, that nobody is asked about although ask_args says so')
    .meta({ examples: [{ git: ['push origin main'] }] }),
  workspace_only: names
    .default([])
    .describe('commands that run only on what lies inside the workspace: never on its root, .git, guarded paths or anything outside')
    .meta({ examples: [['rm', 'mv', 'chmod']] }),
  undecided: z
    .enum(['exec', 'deny'])
    .default('exec')
    .describe('what happens to a command whose text does not tell what it runs: judged when it starts each program, or refused')
    .meta({ examples: ['deny'] }),
  allow_shell_operators: z
    .boolean()
    .default(false)
    .describe('whether pipes, redirections and lists of commands are accepted')
    .meta({ examples: [true] }),
  max_execution_seconds: z
    .number()
    .int()
    .min(0)
    .max(604_800)
    .default(300)
    .describe('seconds after which `lasso exec` ends a command, unless it is given another time; 0 is no limit')
    .meta({ examples: [600] }),
});
