/** Which profile an action is about: the row it was called on, the document of a code lens, a name, or the one a person picks. */
import * as vscode from 'vscode';
import type { Context } from '../context.ts';
import { Failure, isRecord } from '../failure.ts';
import { sameFolder } from '../sandboxes/folders.ts';
import { referenceOf, type ListedProfile, type ProfileSource } from './listed.ts';
import { profileItems } from './picks.ts';
import { baseName } from './values.ts';
import { languageId } from './watch.ts';
import { wishOf, type Wish } from './wish.ts';

export interface Subject {
  readonly name: string;
  /** what the helper takes for it */
  readonly reference: string;
  readonly file: string;
  readonly source: ProfileSource;
  /** what the helper is asked about when it is looked at */
  readonly wish: Wish;
}

/** @throws Failure when there is none to choose from, or a document is no file */
export async function chooseSubject(
  context: Context,
  argument: unknown,
  title: string,
  fits: (profile: ListedProfile) => boolean = () => true,
): Promise<Subject | undefined> {
  const row = isRecord(argument) ? argument['profile'] : undefined;
  if (isListed(row)) return subjectOf(row);
  await context.helper.connect();
  if (context.profiles.all.length === 0) await context.profiles.load();
  if (typeof argument === 'string') return named(context, argument);
  if (argument instanceof vscode.Uri) return inDocument(context, argument);
  return pickSubject(context, title, fits);
}

/** Asks, whatever was clicked. */
export async function pickSubject(
  { profiles }: Context,
  title: string,
  fits: (profile: ListedProfile) => boolean = () => true,
): Promise<Subject | undefined> {
  await profiles.load();
  const fitting = profiles.all.filter(fits);
  if (fitting.length === 0) {
    throw new Failure('There is no such profile.', { hint: 'Begin one with “LASSO: New Profile…”.', code: 'UNKNOWN_PROFILE' });
  }
  const placeHolder = 'Profile';
  const picked = await vscode.window.showQuickPick(profileItems(fitting, activeFile()), {
    title,
    placeHolder,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.profile && subjectOf(picked.profile);
}

export const subjectOf = (profile: ListedProfile): Subject => ({
  name: profile.name,
  reference: referenceOf(profile),
  file: profile.file,
  source: profile.source,
  wish: wishOf(profile),
});

/** A code lens says which document it stands in; anything else is a profile's name. */
async function named(context: Context, text: string): Promise<Subject> {
  if (/^[a-z][a-z0-9+.-]+:/i.test(text)) return inDocument(context, vscode.Uri.parse(text, true));
  const known = context.profiles.all.find(({ name }) => name === text);
  return known ? subjectOf(known) : subjectOf({ name: text, file: text, source: 'file', description: '', tags: [], valid: true });
}

/** What is on disk is what counts, so a document is saved first. */
async function inDocument({ profiles }: Context, uri: vscode.Uri): Promise<Subject> {
  if (uri.scheme !== 'file') {
    throw new Failure('This document is not a file yet.', { hint: 'Save it, for instance as “team.lasso.toml”, and try again.' });
  }
  const document = vscode.workspace.textDocuments.find((candidate) => candidate.uri.toString() === uri.toString());
  if (document?.isDirty === true && !(await document.save())) {
    throw new Failure(`${baseName(uri.fsPath)} could not be saved.`, { hint: 'Save it and try again.' });
  }
  const known = profiles.all.find(({ file }) => sameFolder(file, uri.fsPath));
  const name = baseName(uri.fsPath).replace(/(\.lasso)?\.toml$/, '');
  return subjectOf(known ?? { name, file: uri.fsPath, source: 'file', description: '', tags: [], valid: true });
}

function activeFile(): string | undefined {
  const document = vscode.window.activeTextEditor?.document;
  return document?.languageId === languageId ? document.uri.fsPath : undefined;
}

function isListed(value: unknown): value is ListedProfile {
  if (!isRecord(value)) return false;
  return typeof value['name'] === 'string' && typeof value['file'] === 'string' && typeof value['source'] === 'string';
}
