/** A generated file as it would be where there is none yet, and whether a text is what its agent takes for one. Pure. */
import type { GeneratedFile } from '../agent.ts';
import type { Brief } from '../brief.ts';
import { mergeFile } from '../merging/merge.ts';
import { isRefusal } from '../merging/outcome.ts';
import { meaning } from '../merging/values-text.ts';
import { formProblem } from './form.ts';

export function fileText(file: GeneratedFile, { profile }: Pick<Brief, 'profile'>): string {
  const merged = mergeFile(null, file, { profile: profile.name, digest: profile.digest }, undefined);
  return isRefusal(merged) ? '' : merged.text;
}

/** What is wrong with a text in that place, in one line; undefined where nothing is. */
export function textProblem(file: GeneratedFile, text: string): string | undefined {
  if (file.kind !== 'values') return formProblem(file.path, text);
  const found = meaning(text.replace(/^\ufeff/, ''), file.form);
  return isRefusal(found) ? found.refused : undefined;
}
