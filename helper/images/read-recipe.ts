/** Reads what a recipe is made of from disk and settings. A certificate file that is named but cannot be read is an error. */
import { readFile } from 'node:fs/promises';
import nodePath from 'node:path';
import { LassoError } from '../protocol/errors.ts';
import { defaultBase, recipeOf, type Recipe } from './recipe.ts';

export interface RecipeSources {
  /** folder with base.Containerfile and packages */
  readonly imagesFolder: string;
  /** guest binary for the engine's processor */
  readonly guestProgram: string;
  /** LASSO_BASE_IMAGE, LASSO_CA_CERT, LASSO_APT_MIRROR, LASSO_NPM_MIRROR */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** @throws LassoError IMAGE_BUILD_FAILED, BAD_REQUEST */
export async function readRecipe(sources: RecipeSources): Promise<Recipe> {
  const { environment } = sources;
  const [containerfile, packages, guest] = await Promise.all([
    readFile(nodePath.join(sources.imagesFolder, 'base.Containerfile'), 'utf8').catch(incomplete),
    readFile(nodePath.join(sources.imagesFolder, 'packages'), 'utf8').catch(incomplete),
    readFile(sources.guestProgram).catch(incomplete),
  ]);
  return recipeOf({
    base: given(environment['LASSO_BASE_IMAGE']) ?? defaultBase,
    containerfile,
    packages,
    guest,
    caCertificates: await certificates(given(environment['LASSO_CA_CERT'])),
    aptMirror: address('LASSO_APT_MIRROR', given(environment['LASSO_APT_MIRROR'])),
    npmMirror: address('LASSO_NPM_MIRROR', given(environment['LASSO_NPM_MIRROR'])),
  });
}

const given = (value: string | undefined): string | undefined => (value === undefined || value.trim() === '' ? undefined : value.trim());

function incomplete(cause: unknown): never {
  throw new LassoError('IMAGE_BUILD_FAILED', 'This installation of LASSO lacks the parts of its image.', 'Install LASSO again.', { cause });
}

async function certificates(file: string | undefined): Promise<string> {
  if (file === undefined) return '';
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text !== undefined && text.includes('-----BEGIN CERTIFICATE-----')) return text;
  const what = text === undefined ? 'cannot be read' : 'holds no PEM certificate';
  throw new LassoError(
    'BAD_REQUEST',
    `LASSO_CA_CERT names ${file}, which ${what}.`,
    'Name a file with PEM certificates, or unset LASSO_CA_CERT.',
  );
}

/** An address that goes into files of the image: http(s), no space, no quote. */
function address(name: string, value: string | undefined): string {
  if (value === undefined) return '';
  const fine = URL.canParse(value) && /^https?:$/.test(new URL(value).protocol) && !/[\s'"\\$`]/.test(value);
  if (fine) return value;
  throw new LassoError('BAD_REQUEST', `${name} is ${JSON.stringify(value)}, which is no http(s) address.`, `Correct ${name}, or unset it.`);
}
