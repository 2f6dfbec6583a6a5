/** Images of sandboxes, as the core sees them. */
export { ensureImage, type EnsuredImage, type ImageRequest } from './build.ts';
export type { ImageEngine } from './contract.ts';
export { readRecipe, type RecipeSources } from './read-recipe.ts';
export { defaultBase, imageLabels, type Recipe } from './recipe.ts';
