/** How a source says that it has no value. The message goes on after “the secret NAME cannot be used:”; it never holds a value. */
import { LassoError } from '../protocol/errors.ts';

export const unavailable = (message: string, hint: string): LassoError => new LassoError('SECRET_UNAVAILABLE', message, hint);
