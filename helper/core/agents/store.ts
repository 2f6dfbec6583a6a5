/** Introduces the store of agents to this user's network: the registry their npm uses, the proxy they go through, whom they trust. */
import { join } from 'node:path';
import { secured } from '../../audit/forward/http.ts';
import type { ForwardFacts } from '../../audit/forward/contract.ts';
import type { Folders, Host } from '../../base/platform.ts';
import { AgentStore, readCatalog } from '../../images/index.ts';
import type { HostGroups } from '../../policy/network/rules.ts';
import { LassoError } from '../../protocol/errors.ts';
import { npmLogin, npmSettings } from '../profiles/mirror-settings.ts';
import type { Settings } from '../profiles/settings.ts';

export interface AgentStoreNeeds {
  readonly host: Host;
  readonly folders: Pick<Folders, 'cache'>;
  readonly settings: Settings;
  /** folder of the installed package */
  readonly packageRoot: string;
  readonly publicGroups: HostGroups;
  readonly network: Pick<ForwardFacts, 'dial' | 'trust'>;
}

export async function openAgentStore(needs: AgentStoreNeeds): Promise<AgentStore> {
  const { host, folders, packageRoot, network } = needs;
  const cpu = process.arch === 'arm64' ? 'arm64' : 'x64';
  return new AgentStore({
    folder: join(folders.cache, 'agents'),
    catalog: await readCatalog(join(packageRoot, 'images', 'agents.json'), `linux-${cpu}`),
    registry: async () => {
      const address = await registryAddress(needs);
      const url = new URL(address);
      const own = url.username === '' ? undefined : `Basic ${Buffer.from(plain(`${url.username}:${url.password}`)).toString('base64')}`;
      url.username = url.password = '';
      const authorization = own ?? (await npmLogin(host, url.href));
      return { address: url.href, ...(authorization === undefined ? {} : { authorization }) };
    },
    connect: async (url, signal) => {
      const name = url.hostname.replace(/^\[|\]$/g, '');
      const secure = url.protocol === 'https:';
      const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
      const stream = await network.dial({ host: name, port, web: true }, signal);
      return secure ? secured(stream, name, await network.trust(), signal) : stream;
    },
  });
}

/** LASSO's own setting, then what npm is told, then the public registry. @throws LassoError BAD_REQUEST */
async function registryAddress({ host, settings, publicGroups }: AgentStoreNeeds): Promise<string> {
  const { mirrors } = await settings.sound();
  const told = mirrors['npm']?.value ?? (await npmSettings(host)).find(({ adds }) => !adds)?.address;
  const [usual] = publicGroups['npm'] ?? [];
  const address = told ?? (usual === undefined ? '' : `https://${usual.host}/`);
  if (/^https?:\/\//.test(address) && URL.canParse(address)) return address;
  const what =
    address === '' ? 'No registry of npm is known' : `The registry of npm is ${JSON.stringify(address)}, which is no http(s) address`;
  throw new LassoError('BAD_REQUEST', what, 'Correct `registry` in your .npmrc, or set mirrors.npm in config.toml.');
}

/** As it was before it was written into an address. */
function plain(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
