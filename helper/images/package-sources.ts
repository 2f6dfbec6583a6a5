/** Where Debian's packages come from on this host, so that a root file system can be made from the same place. Pure. */

export interface PackageSources {
  /** `bookworm` */
  readonly suite: string;
  /** lines of a sources.list */
  readonly lines: readonly string[];
}

/**
 * Reads apt's configuration, both of its formats, and keeps what belongs to the distribution itself; other people's repositories
 * stay out. Undefined where this is no Debian-like host.
 */
export function packageSources(release: string, configurations: readonly string[], mirror: string): PackageSources | undefined {
  const suite = /^VERSION_CODENAME="?([a-z]+)"?$/m.exec(release)?.[1];
  if (suite === undefined || !/^ID(_LIKE)?=.*(debian|ubuntu)/m.test(release)) return undefined;
  if (mirror !== '') return { suite, lines: [`deb ${mirror} ${suite} main`] };
  const own = (address: string, name: string, components: string): readonly string[] =>
    ownSuite(name, suite) && components.split(/\s+/).includes('main') ? [`deb ${address} ${name} ${components}`] : [];
  const lines = configurations.flatMap((text) => [...oneLine(text, own), ...stanzas(text, own)]);
  return lines.length === 0 ? undefined : { suite, lines: [...new Set(lines)] };
}

type Entry = (address: string, suite: string, components: string) => readonly string[];

const ownSuite = (name: string, suite: string): boolean => [suite, `${suite}-updates`, `${suite}-security`].includes(name);

function oneLine(text: string, entry: Entry): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const [, address, suite, components] = /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(.+?)\s*$/.exec(line) ?? [];
    return address === undefined || suite === undefined || components === undefined ? [] : entry(address, suite, components);
  });
}

function stanzas(text: string, entry: Entry): readonly string[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const field = (name: string): readonly string[] =>
      (new RegExp(`^${name}:[ \\t]*(.*)$`, 'mi').exec(stanza)?.[1] ?? '').split(/\s+/).filter((word) => word !== '');
    if (!field('Types').includes('deb') || field('Enabled')[0] === 'no') return [];
    const components = field('Components').join(' ');
    return field('URIs').flatMap((address) => field('Suites').flatMap((suite) => entry(address, suite, components)));
  });
}
