/** Actions that only look: effective values, differences, what a profile says about a command. What they show cannot be edited. */
import * as vscode from 'vscode';
import type { OperationResult } from '../../helper/protocol/operations.ts';
import type { Action } from '../actions.ts';
import type { Context } from '../context.ts';
import { Failure } from '../failure.ts';
import { comparedText } from './compared.ts';
import { openFile } from './open.ts';
import { chooseSubject, pickSubject, type Subject } from './subject.ts';
import { tryCommand } from './try.ts';
import { baseName } from './values.ts';
import { usual, type Wish } from './wish.ts';

export function readActions(context: Context): Readonly<Record<`lasso.${string}`, Action>> {
  const { helper, documents } = context;
  return {
    'lasso.showEffectiveProfile': async (argument) => {
      const subject = await chooseSubject(context, argument, 'Show an Effective Profile');
      if (!subject) return undefined;
      const { name, effective } = await helper.request('profileShow', subject.wish);
      const uri = documents.put(`/${name} (effective).lasso.toml`, effective);
      await vscode.window.showTextDocument(uri, { preview: true });
      return uri.toString();
    },
    'lasso.diffProfileWithBase': async (argument) => {
      const subject = await chooseSubject(context, argument, 'Diff a Profile with Its Base', (profile) => profile.extends !== undefined);
      if (!subject) return undefined;
      if (subject.wish.dir !== undefined) return compareInFolder(context, subject.wish, subject.wish.dir);
      const { files, name } = await helper.request('profileShow', { profile: subject.reference });
      const base = files[1];
      if (base === undefined) {
        throw new Failure(`“${name}” builds on no other profile.`, { hint: 'Use “Compare Profiles…” to hold it against one.' });
      }
      return compare(context, base, subject.reference);
    },
    'lasso.compareProfiles': async (argument) => {
      const from = await chooseSubject(context, argument, 'Compare Profiles: the First');
      const to = from && (await pickSubject(context, `Compare “${from.name}” With…`, ({ file }) => file !== from.file));
      return from && to && compare(context, from.reference, to.reference);
    },
    'lasso.tryCommand': async (argument) => {
      const subject = await chooseSubject(context, argument, 'Try a Command: Which Profile?');
      return subject && tryCommand(context, subject);
    },
    'lasso.editProfile': async (argument) => {
      const line = originIn(argument);
      if (line) return (await openFile(line.file, line.line)).document.uri.toString();
      const subject: Subject | undefined = await chooseSubject(context, argument, 'Open a Profile');
      return subject && (await openFile(subject.file)).document.uri.toString();
    },
  };
}

async function compare(context: Context, from: string, to: string): Promise<number> {
  return showDiff(context, await context.helper.request('profileDiff', { from, to }));
}

/** What a folder brings has no base of its own: it is held against the profile that it is laid over. */
async function compareInFolder(context: Context, wish: Wish, dir: string): Promise<number> {
  const { helper } = context;
  const { changes } = await helper.request('profileApprove', { ...wish, look: true });
  const within = await helper.request('profileShow', wish);
  const without = await helper.request('profileShow', usual());
  const from = { name: without.name, effective: without.effective };
  const to = { name: `${without.name} in ${baseName(dir)}`, effective: within.effective };
  return showDiff(context, { same: changes.length === 0, changes, from, to });
}

async function showDiff({ documents }: Context, diff: OperationResult<'profileDiff'>): Promise<number> {
  const left = documents.put(`/${diff.from.name} (compared).lasso.toml`, `\n${diff.from.effective}`);
  const right = documents.put(`/${diff.from.name} → ${diff.to.name}.lasso.toml`, comparedText(diff));
  await vscode.commands.executeCommand('vscode.diff', left, right, `${diff.from.name} ↔ ${diff.to.name} (effective)`, { preview: true });
  return diff.changes.length;
}

/** Where the value of a row was written, or what is wrong was found. */
function originIn(argument: unknown): { readonly file: string; readonly line: number } | undefined {
  const origin = property(property(argument, 'value'), 'origin') ?? property(argument, 'origin');
  const [file, line] = [property(origin, 'file'), property(origin, 'line')];
  return typeof file === 'string' && typeof line === 'number' ? { file, line } : undefined;
}

const property = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && key in value ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
