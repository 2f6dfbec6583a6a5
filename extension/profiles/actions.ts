/** What can be done with profiles, from the palette, the view and the lenses above their text. */
import type { Action } from '../actions.ts';
import type { Context } from '../context.ts';
import { approveActions } from './approve.ts';
import { readActions } from './read.ts';
import { shareActions } from './share.ts';
import { writeActions } from './write.ts';

export const profileActions = (context: Context): Readonly<Record<`lasso.${string}`, Action>> => ({
  ...readActions(context),
  ...writeActions(context),
  ...shareActions(context),
  ...approveActions(context),
});
