/** `[network]`: which hosts an agent may reach. Field names are those of LASSO 1.x; host groups such as `@npm` are ours. */
import { z } from 'zod';

const host = z
  .string()
  .regex(/^(@[a-z0-9][a-z0-9-]*|[^\s@/:]+)$/, 'must be a host name, "*.domain", or a group such as "@npm": no scheme, port, path or space');
const cidr = z.string().regex(/^[0-9A-Fa-f.:]+(\/\d{1,3})?$/, 'must be an address range such as 10.0.0.0/8');
const port = z.number().int().min(1).max(65_535);

export const network = z.strictObject({
  mode: z
    .enum(['none', 'restricted', 'full'])
    .default('restricted')
    .describe('no network, only the allowed domains, or everything but what is blocked'),
  allowed_domains: z
    .array(host)
    .default([])
    .describe('hosts that may be reached in restricted mode: names, "*.domain", or groups such as "@npm"'),
  blocked_domains: z.array(host).default([]).describe('hosts that may never be reached'),
  allowed_ports: z.array(port).default([80, 443]).describe('ports that may be reached on allowed hosts'),
  blocked_ports: z
    .array(port)
    .default([1433, 1434, 3306, 5432, 27017, 6379, 9042, 8123, 9000, 1521, 5984])
    .describe('ports that may never be reached; by default those of databases'),
  allowed_cidrs: z.array(cidr).default([]).describe('address ranges that may be reached although they are private'),
  blocked_cidrs: z
    .array(cidr)
    .default(['169.254.169.254/32', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'])
    .describe('address ranges that may never be reached; by default the private ones and the metadata service'),
  dns_servers: z.array(z.string()).default([]).describe('name servers to ask; without any, those of the host'),
});
