/** The verb about the user's settings and folders. */
import { type Folders, foldersOf, type Host } from '../../base/platform.ts';
import type { Setting } from '../profiles/config.ts';
import type { World } from '../world.ts';
import type { OperationHandlers } from './contract.ts';

/** variable that moves a folder, besides LASSO_HOME, which moves all of them */
const movers = { profiles: 'LASSO_PROFILE_DIR', runtime: 'LASSO_RUNTIME_DIR', cache: 'LASSO_CACHE_DIR' } as const;

type Places = Pick<World, 'settings' | 'host' | 'folders'>;

export function settingsOperations({ settings, host, folders }: Places): Pick<OperationHandlers, 'configShow'> {
  return {
    configShow: async () => {
      const config = await settings.read();
      const [file, ...where] = folderSettings(config.file, host, folders);
      return { settings: [...(file ? [file] : []), ...config.settings, ...where], findings: [...config.findings] };
    },
  };
}

/** The config file, then every folder. A variable that says what would hold anyway is not named. */
function folderSettings(file: string, host: Host, folders: Folders): readonly Setting[] {
  const without = (names: readonly string[]): Folders =>
    foldersOf({ ...host, environment: { ...host.environment, ...Object.fromEntries(names.map((name) => [name, undefined])) } });
  const usual = without(['LASSO_HOME', ...Object.values(movers)]);
  const beside = without(Object.values(movers));
  const home = folders.home === usual.home ? 'default' : 'LASSO_HOME';
  const origin = (name: 'runtime' | 'cache'): string => {
    if (folders[name] === usual[name]) return 'default';
    return folders[name] === beside[name] ? home : movers[name];
  };
  return [
    { key: 'file', value: file, origin: home },
    { key: 'folders.home', value: folders.home, origin: home },
    ...folders.profiles.map((value, index) => ({ key: 'folders.profiles', value, origin: index === 0 ? home : movers.profiles })),
    { key: 'folders.state', value: folders.state, origin: home },
    { key: 'folders.audit', value: folders.audit, origin: home },
    { key: 'folders.cache', value: folders.cache, origin: origin('cache') },
    { key: 'folders.runtime', value: folders.runtime, origin: origin('runtime') },
    { key: 'folders.log', value: folders.log, origin: home },
  ];
}
