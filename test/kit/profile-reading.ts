/** An open profile for tests of help while typing, from a text whose cursor is written as “|”. */
import { baseReader, readingOf, type Reading } from '../../helper/profile/language/reading.ts';
import { atCursor } from './language-client.ts';
import { memorySources } from './profile-sources.ts';

/** The profile is /w/p.toml; a file /user/team.toml is a profile of the user's. */
export async function readingAt(
  marked: string,
  files: Readonly<Record<string, string>> = {},
): Promise<{ readonly reading: Reading; readonly offset: number }> {
  const { text, offset } = marked.includes('|') ? atCursor(marked) : { text: marked, offset: 0 };
  const sources = memorySources(files);
  return { reading: await readingOf('/w/p.toml', text, sources, baseReader(sources)), offset };
}

/** what others build on in these tests */
export const team = `name = "team"
description = "What the team uses"
mode = "assist"

[network]
allowed_domains = [
  "@npm",
  "api.corp.example",
]
allowed_ports = [443, 8443]

[commands]
blacklist = ["docker", "ssh"]
`;
