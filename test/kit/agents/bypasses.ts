/** The known ways to run a forbidden command, read from the corpus and filled in; and what of them came to something. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shell, type Step } from '../model/script.ts';
import { root } from '../sources.ts';

export interface Bypass {
  readonly label: string;
  readonly kind: 'reaches out' | 'removes';
  readonly step: Step;
  /** path of the page, or folder of the workspace, it is about */
  readonly object: string;
}

/** where pages are that nobody may reach */
export interface Pages {
  readonly host: string;
  readonly port: number;
}

/** @param node path of node where the agent runs */
export function bypassesTo({ host, port }: Pages, node: string): readonly Bypass[] {
  return readFileSync(join(root, 'test', 'corpus', 'agents', 'bypasses.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('# '))
    .map((line, index) => {
      const [label = '', template = ''] = line.split('\t');
      const [path, victim] = [`/way-${index + 1}-`, `victim-${index + 1}`];
      const url = `http://${host}:${port}${path}`;
      const values: Readonly<Record<string, string>> = {
        ...{ url, host, path, victim, node, port: String(port), n: String(index + 1) },
        base64: Buffer.from(`curl -s -m 3 ${url}`).toString('base64'),
      };
      const text = template
        .replaceAll('⏎', '\n')
        .replaceAll('␉', '\t')
        .replaceAll(/\{([a-z0-9]+)\}/g, (whole, name: string) => values[name] ?? whole);
      const removes = template.includes('{victim}');
      return { label, kind: removes ? 'removes' : 'reaches out', step: shell(text), object: removes ? victim : path };
    });
}

/** Makes what is to be removed. */
export function layOutVictims(workspace: string, bypasses: readonly Bypass[]): void {
  for (const { kind, object } of bypasses) {
    if (kind !== 'removes') continue;
    mkdirSync(join(workspace, object));
    writeFileSync(join(workspace, object, 'file'), 'kept\n');
  }
}

/** Those that came to something. @param reached paths of pages that were asked for */
export function cameThrough(bypasses: readonly Bypass[], workspace: string, reached: readonly string[]): readonly Bypass[] {
  return bypasses.filter(({ kind, object }) =>
    kind === 'removes' ? !existsSync(join(workspace, object, 'file')) : reached.some((path) => path.startsWith(object)),
  );
}
