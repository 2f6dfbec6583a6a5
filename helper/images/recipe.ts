/**
 * What an image is made of, and the one digest that stands for all of it: same recipe, same digest, nothing to build. Pure.
 */
import { createHash } from 'node:crypto';

/** the base that is used where none is configured */
export const defaultBase = 'debian:bookworm-slim';

export const imageLabels = {
  managed: 'dev.lasso.managed',
  recipe: 'dev.lasso.recipe',
  base: 'dev.lasso.base',
  guest: 'dev.lasso.guest',
  agent: 'dev.lasso.agent',
} as const;

export interface RecipeInput {
  /** reference of the base image */
  readonly base: string;
  /** text of images/base.Containerfile */
  readonly containerfile: string;
  /** text of images/packages: one name a line, `#` opens a remark */
  readonly packages: string;
  /** static guest binary for the engine's processor */
  readonly guest: Uint8Array;
  /** PEM certificates to trust besides the public ones */
  readonly caCertificates: string;
  readonly aptMirror: string;
  readonly npmMirror: string;
}

/** one file of the build context */
export interface RecipeFile {
  readonly name: string;
  readonly mode: number;
  readonly content: string | Uint8Array;
}

export interface Recipe {
  /** SHA-256 over everything below, hex */
  readonly digest: string;
  readonly base: string;
  readonly containerfile: string;
  readonly files: readonly RecipeFile[];
  /** without BASE, which is known only when the base is here */
  readonly buildArguments: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly tag: string;
  readonly aptMirror: string;
  readonly packages: readonly string[];
}

const containerfileName = 'Containerfile';

/** The recipe of the base image. */
export function recipeOf(input: RecipeInput): Recipe {
  const guestDigest = sha256(input.guest);
  const parts = [input.base, input.containerfile, input.packages, guestDigest, input.caCertificates, input.aptMirror, input.npmMirror];
  const digest = sha256(JSON.stringify(parts));
  return {
    digest,
    base: input.base,
    containerfile: containerfileName,
    files: [
      { name: containerfileName, mode: 0o644, content: input.containerfile },
      { name: 'packages', mode: 0o644, content: input.packages },
      { name: 'ca.crt', mode: 0o644, content: input.caCertificates },
      { name: 'guest', mode: 0o555, content: input.guest },
    ],
    buildArguments: { APT_MIRROR: input.aptMirror, NPM_MIRROR: input.npmMirror },
    labels: {
      [imageLabels.managed]: '1',
      [imageLabels.recipe]: digest,
      [imageLabels.base]: input.base,
      [imageLabels.guest]: guestDigest,
    },
    tag: `localhost/lasso-base:${digest.slice(0, 12)}`,
    aptMirror: input.aptMirror,
    packages: input.packages.split('\n').filter((line) => /^[a-z0-9][a-z0-9+.-]*$/.test(line)),
  };
}

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');
