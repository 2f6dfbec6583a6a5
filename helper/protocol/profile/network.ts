/**
 * `[network]`: which hosts an agent may reach. Field names are those of LASSO 1.x; host groups such as `@npm`, `[[network.rules]]`
 * and `unlisted` are ours.
 */
import { z } from 'zod';

const hostText = 'must be a host name, "*.domain", or a group such as "@npm": no scheme, port, path or space';
/** a host as a profile may name it */
export const host = z.string().regex(/^(@[a-z0-9][a-z0-9-]*|[^\s@/:]+)$/, hostText);
const cidr = z.string().regex(/^[0-9A-Fa-f.:]+(\/\d{1,3})?$/, 'must be an address range such as 10.0.0.0/8');
const port = z.number().int().min(1).max(65_535);
const method = z.string().regex(/^[A-Z]+$/, 'must be the name of an HTTP method in capitals, such as GET');
const path = z.string().regex(/^\/\S*$/, 'must begin with "/"; "*" stands for one step, "**" for any number of them');

const rule = z.strictObject({
  host: host.describe('host the rule is about: a name, "*.domain", or a group').meta({ examples: ['api.corp.example'] }),
  ports: z
    .array(port)
    .min(1, 'must name a port, or be left out')
    .optional()
    .describe('ports it is about; without it, the allowed ports, or for a deny rule every port')
    .meta({ examples: [[443]] }),
  methods: z
    .array(method)
    .min(1, 'must name a method, or be left out')
    .optional()
    .describe('HTTP methods it is about; without it, all')
    .meta({ examples: [['GET', 'HEAD']] }),
  paths: z
    .array(path)
    .min(1, 'must name a path, or be left out')
    .optional()
    .describe('paths it is about: "*" is one step, "**" any number; without it, all')
    .meta({ examples: [['/repos/team/**']] }),
  action: z
    .enum(['allow', 'deny', 'ask'])
    .default('allow')
    .describe('what happens; deny wins over ask, ask over allow, whatever their order')
    .meta({ examples: ['ask'] }),
});

export const network = z.strictObject({
  mode: z
    .enum(['none', 'restricted', 'full'])
    .default('restricted')
    .describe('no network, only the allowed domains, or everything but what is blocked')
    .meta({ examples: ['restricted'] }),
  allowed_domains: z
    .array(host)
    .default([])
    .describe('hosts that may be reached in restricted mode: names, "*.domain", or groups such as "@npm"')
    .meta({ examples: [['@npm', 'registry.corp.example']] }),
  blocked_domains: z
    .array(host)
    .default([])
    .describe('hosts that may never be reached')
    .meta({ examples: [['paste.example']] }),
  allowed_ports: z
    .array(port)
    .default([80, 443])
    .describe('ports that may be reached on allowed hosts')
    .meta({ examples: [[443]] }),
  blocked_ports: z
    .array(port)
    .default([1433, 1434, 3306, 5432, 27017, 6379, 9042, 8123, 9000, 1521, 5984])
    .describe('ports that may never be reached; by default those of databases')
    .meta({ examples: [['!5432']] }),
  allowed_cidrs: z
    .array(cidr)
    .default([])
    .describe('address ranges that may be reached although private or blocked; the narrower range wins, and this one where both are equal')
    .meta({ examples: [['10.20.0.0/16']] }),
  blocked_cidrs: z
    .array(cidr)
    .default(['169.254.169.254/32', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'])
    .describe('address ranges that may not be reached; by default the private ones and the metadata service, which nothing opens')
    .meta({ examples: [['203.0.113.0/24']] }),
  dns_servers: z
    .array(z.string())
    .default([])
    .describe('name servers to ask; without any, those of the host')
    .meta({ examples: [['10.20.0.53']] }),
  unlisted: z
    .enum(['deny', 'ask'])
    .default('deny')
    .describe('what happens to a host that nothing lists: refused, or a person is asked')
    .meta({ examples: ['ask'] }),
  rules: z
    .array(rule)
    .default([])
    .describe('finer rules for single hosts; an allow rule narrows its host to what the host’s allow rules say')
    .meta({ examples: [[{ host: 'api.corp.example', methods: ['GET'], action: 'allow' }]] }),
});
