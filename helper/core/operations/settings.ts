/** The verb about the user's settings and folders. */
import { foldersOf } from '../../base/platform.ts';
import type { OperationHandlers } from './contract.ts';
import type { World } from '../world.ts';

/** variable that moves a folder */
const movers = { home: 'LASSO_HOME', profiles: 'LASSO_PROFILE_DIR', runtime: 'LASSO_RUNTIME_DIR', cache: 'LASSO_CACHE_DIR' } as const;

export function settingsOperations({
  settings,
  host,
  folders,
}: Pick<World, 'settings' | 'host' | 'folders'>): Pick<OperationHandlers, 'configShow'> {
  return {
    configShow: async () => {
      const config = await settings.read();
      const usual = foldersOf({
        ...host,
        environment: { ...host.environment, ...Object.fromEntries(Object.values(movers).map((name) => [name, undefined])) },
      });
      const moved = (name: keyof typeof movers): string => (String(folders[name]) === String(usual[name]) ? 'default' : movers[name]);
      const homeward = moved('home');
      const under = (name: 'state' | 'audit' | 'log'): { key: string; value: string; origin: string } => ({
        key: `folders.${name}`,
        value: folders[name],
        origin: homeward,
      });
      return {
        settings: [
          { key: 'file', value: config.file, origin: homeward },
          ...config.settings,
          { key: 'folders.home', value: folders.home, origin: homeward },
          ...folders.profiles.map((value, index) => ({
            key: 'folders.profiles',
            value,
            origin: index === 0 ? homeward : movers.profiles,
          })),
          under('state'),
          under('audit'),
          { key: 'folders.cache', value: folders.cache, origin: moved('cache') },
          { key: 'folders.runtime', value: folders.runtime, origin: moved('runtime') },
          under('log'),
        ],
        findings: [...config.findings],
      };
    },
  };
}
