/** Images of sandboxes, as the core sees them. */
export { ensureAgentImage } from './agent-image.ts';
export { AgentStore, type StoredAgent } from './agent-store.ts';
export { readCatalog } from './agent-catalog.ts';
export { ensureImage, type EnsuredImage, type ImageRequest } from './build.ts';
export type { ImageEngine } from './contract.ts';
export { readRecipe, type RecipeSources } from './read-recipe.ts';
export { defaultBase, imageLabels, type Recipe } from './recipe.ts';
