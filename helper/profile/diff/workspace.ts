/** How the files of the workspace and the secrets of two profiles differ, in words. Patterns are compared as they are written. */
import type { PolicyChange } from '../../protocol/profile-operations.ts';
import type { Profile } from '../../protocol/profile/profile.ts';
import { listed } from './words.ts';

export function workspaceChanges(a: Profile, b: Profile): readonly PolicyChange[] {
  const [before, after] = [a.workspace, b.workspace];
  const patterns = [...new Set([before, after].flatMap(({ hidden, readonly, guarded }) => [...hidden, ...readonly, ...guarded]))];
  const closed = new Map([before, after].map((side) => [side, closedIn(side)]));
  const sees = (side: Profile['workspace'], pattern: string): boolean => closed.get(side)?.hidden.has(pattern) !== true;
  const writes = (side: Profile['workspace'], pattern: string): boolean => writable(side) && closed.get(side)?.fixed.has(pattern) !== true;
  const whole = writable(before) === writable(after) ? undefined : writable(after);
  const visible = patterns.filter((pattern) => sees(before, pattern) !== sees(after, pattern));
  const changed = patterns.filter((pattern) => writes(before, pattern) !== writes(after, pattern) && writes(after, pattern) !== whole);
  const rows = [
    { those: visible.filter((pattern) => sees(after, pattern)), effect: 'allowed', text: 'seeing', path: 'workspace.hidden' },
    { those: changed.filter((pattern) => writes(after, pattern)), effect: 'allowed', text: 'changing', path: 'workspace.guarded' },
    { those: visible.filter((pattern) => sees(before, pattern)), effect: 'denied', text: 'seeing', path: 'workspace.hidden' },
    {
      those: changed.filter((pattern) => writes(before, pattern) && sees(after, pattern)),
      effect: 'denied',
      text: 'changing',
      path: 'workspace.guarded',
    },
  ] as const;
  return [
    ...(whole === undefined
      ? []
      : [{ effect: whole ? ('allowed' as const) : ('denied' as const), text: 'changing files of the workspace', path: 'workspace.mode' }]),
    ...rows.flatMap(({ those, effect, text, path }) =>
      those.length === 0 ? [] : [{ effect, text: `${text} ${listed(those)} in the workspace`, path }],
    ),
  ];
}

interface Closed {
  readonly hidden: ReadonlySet<string>;
  /** what cannot be changed, for whatever reason */
  readonly fixed: ReadonlySet<string>;
}

function closedIn({ hidden, readonly, guarded }: Profile['workspace']): Closed {
  return { hidden: new Set(hidden), fixed: new Set([...hidden, ...readonly, ...guarded]) };
}

const writable = ({ mode }: Profile['workspace']): boolean => mode !== 'read-only';

export function secretChanges(a: Profile, b: Profile): readonly PolicyChange[] {
  const names = [...new Set([...Object.keys(a.secrets), ...Object.keys(b.secrets)])];
  return names.flatMap((name): readonly PolicyChange[] => {
    const [before, after] = [a, b].map(({ secrets }) => (Object.hasOwn(secrets, name) ? secrets[name] : undefined));
    const path = `secrets.${name}`;
    const towards = (hosts: readonly string[]): string => (hosts.length === 0 ? ', towards no host' : `, towards ${listed(hosts)}`);
    if (after === undefined)
      return before === undefined ? [] : [{ effect: 'denied', text: `the secret ${name}${towards(before.hosts)}`, path }];
    if (before === undefined) return [{ effect: 'allowed', text: `the secret ${name} from ${after.from}${towards(after.hosts)}`, path }];
    const gained = after.hosts.filter((host) => !before.hosts.includes(host));
    const lost = before.hosts.filter((host) => !after.hosts.includes(host));
    const rest = (['from', 'header', 'env', 'prefix', 'refresh'] as const).filter((key) => before[key] !== after[key]);
    return [
      ...(gained.length === 0 ? [] : [{ effect: 'allowed' as const, text: `the secret ${name}${towards(gained)}`, path: `${path}.hosts` }]),
      ...(lost.length === 0 ? [] : [{ effect: 'denied' as const, text: `the secret ${name}${towards(lost)}`, path: `${path}.hosts` }]),
      ...rest.map((key) => ({
        effect: 'changed' as const,
        text: `${path}.${key}: ${before[key] ?? 'nothing'} → ${after[key] ?? 'nothing'}`,
        path: `${path}.${key}`,
      })),
    ];
  });
}
