/**
 * The profiles one client has open: their texts, what was found in them, and what help is drawn from. A text is looked at once
 * however fast it changes, and again when something it builds on does. Nothing is kept of a document that was closed.
 */
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Log } from '../../base/log.ts';
import { checkProfile, type ProfileCheck } from '../../profile/check.ts';
import { baseReader, readingOf, type Reading } from '../../profile/language/reading.ts';
import type { ProfileSources } from '../../profile/sources.ts';
import type { ChangedDocument, OpenedDocument } from './documents.ts';
import { fileOf, isSettings, uriOf } from './language-uris.ts';
import { workspaceFindings } from './language-workspace.ts';

export interface Checked {
  readonly version: number;
  readonly check: ProfileCheck;
}

export interface OpenProfiles {
  open(document: OpenedDocument): void;
  change(document: ChangedDocument): void;
  close(uri: string): void;
  /** Something on disk is not as it was. */
  filesChanged(uris: readonly string[]): void;
  /** Undefined where nothing of that name is open. */
  reading(uri: string): Promise<Reading | undefined>;
  /** What was found in the text as it is now. */
  checked(uri: string): Promise<Checked | undefined>;
  /** the name under which the client knows a file */
  uriOf(file: string): string;
  clear(): void;
}

export interface OpenProfilesOptions {
  readonly sources: ProfileSources;
  /** the profile sandboxes get when none is named */
  readonly usualProfile: () => Promise<string>;
  /** told whenever a document was looked at; without a check when it was closed */
  readonly publish: (uri: string, file: string, checked: Checked | undefined) => void;
  readonly log: Log;
}

interface Entry {
  readonly uri: string;
  readonly file: string;
  document: TextDocument;
  /** files the last check read */
  files: readonly string[];
  reading: Promise<Reading> | undefined;
  checked: Promise<Checked> | undefined;
  /** a look at it is on its way */
  busy: boolean;
  stale: boolean;
}

/** documents of one client that are kept */
const openLimit = 200;

export function openProfiles({ sources, usualProfile, publish, log }: OpenProfilesOptions): OpenProfiles {
  const entries = new Map<string, Entry>();
  const byFile = (file: string): Entry | undefined => [...entries.values()].find((entry) => entry.file === file);
  const overlaid: ProfileSources = {
    ...sources,
    // Mirrors may change while an editor is open.
    get hostGroups() {
      return sources.hostGroups;
    },
    readFile: async (path) => byFile(path)?.document.getText() ?? (await sources.readFile(path)),
  };
  const bases = baseReader(overlaid);
  const furtherFindings = workspaceFindings(overlaid, usualProfile);

  const look = async ({ file, document }: Entry): Promise<Checked> => {
    const text = document.getText();
    const check = await checkProfile({ file, text }, overlaid);
    const further = await furtherFindings(file, check.findings).catch((error: unknown) => {
      log.warn(`what a folder may not say is not known: ${error instanceof Error ? error.message : 'unknown reason'}`);
      return [];
    });
    return { version: document.version, check: { ...check, findings: [...check.findings, ...further] } };
  };
  const refresh = async (entry: Entry): Promise<void> => {
    entry.stale = true;
    entry.reading = undefined;
    entry.checked = undefined;
    if (entry.busy) return;
    entry.busy = true;
    // What arrives together is looked at once.
    await Promise.resolve();
    try {
      while (entry.stale && entries.get(entry.uri) === entry) {
        entry.stale = false;
        const checked = await (entry.checked ??= look(entry));
        entry.files = checked.check.files;
        if (entry.document.version === checked.version && entries.get(entry.uri) === entry) publish(entry.uri, entry.file, checked);
      }
    } catch (error) {
      log.error(`a profile could not be checked: ${entry.file}`, error);
    } finally {
      entry.busy = false;
    }
  };
  const changed = (files: readonly string[]): void => {
    for (const entry of entries.values()) if (files.some((file) => entry.file === file || entry.files.includes(file))) void refresh(entry);
  };

  return {
    open: ({ uri, languageId, version, text }) => {
      const file = fileOf(uri);
      if (isSettings(file) || (entries.size >= openLimit && !entries.has(uri))) return;
      const document = TextDocument.create(uri, languageId, version, text);
      entries.set(uri, { uri, file, document, files: [file], reading: undefined, checked: undefined, busy: false, stale: false });
      changed([file]);
    },
    change: ({ uri, version, changes }) => {
      const entry = entries.get(uri);
      if (entry === undefined) return;
      entry.document = TextDocument.update(entry.document, [...changes], version);
      changed([entry.file]);
    },
    close: (uri) => {
      const entry = entries.get(uri);
      if (entry === undefined) return;
      entries.delete(uri);
      publish(uri, entry.file, undefined);
      changed([entry.file]);
    },
    filesChanged: (uris) => {
      // A file that is new may be what an unknown name means, so nothing is left out.
      if (uris.length > 0) for (const entry of entries.values()) void refresh(entry);
    },
    reading: async (uri) => {
      const entry = entries.get(uri);
      return entry && (entry.reading ??= readingOf(entry.file, entry.document.getText(), overlaid, bases));
    },
    checked: async (uri) => {
      const entry = entries.get(uri);
      return entry && (entry.checked ??= look(entry));
    },
    uriOf: (file) => byFile(file)?.uri ?? uriOf(file),
    clear: () => entries.clear(),
  };
}
