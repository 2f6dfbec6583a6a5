/** Where attacks are tried: what the profile of an attacker allows, and everything that is outside. */
import { type Outside, openOutside } from '../servers/outside.ts';
import type { Site } from '../servers/web.ts';
import { misleadingNames } from './addresses.ts';
import { unlistedNames } from './names.ts';

/** variable of the host that holds a secret, and what is in it */
export const attackedSecret = { TEST_SECRET: 'sk-value-of-a-secret-that-never-goes-in' } as const;

const allowed = ['web.example', 'model.example', '*.wild.example', ...Object.keys(misleadingNames)];
/** hosts an attacker may reach in one way or another */
export const reachable = [...allowed, 'api.example'];

export const attackerProfile = `name = "attacker"
mode = "autonomous"
exec_gate = "off"

[commands]
mode = "blacklist"
blacklist = []
allow_shell_operators = true

[network]
allowed_domains = ${JSON.stringify(allowed)}
blocked_domains = ["blocked.wild.example", "*.blocked.wild.example"]

[[network.rules]]
host = "api.example"
methods = ["GET", "POST"]
paths = ["/public/**"]

[secrets.model]
from = "env:TEST_SECRET"
hosts = ["model.example"]
header = "x-api-key"
env = "MODEL_KEY"
`;

/** @param sites more of what is outside */
export function openBattlefield(folder: string, sites: Readonly<Record<string, Site>> = {}): Promise<Outside> {
  const plain = ['web.example', 'x.wild.example', 'a.b.wild.example', 'api.example', 'model.example', ...unlistedNames];
  return openOutside(folder, {
    sites,
    names: { ...Object.fromEntries(plain.map((name) => [name, undefined])), ...mutable(misleadingNames) },
  });
}

const mutable = (names: typeof misleadingNames): Readonly<Record<string, string[] | string[][]>> =>
  JSON.parse(JSON.stringify(names)) as Record<string, string[] | string[][]>;
