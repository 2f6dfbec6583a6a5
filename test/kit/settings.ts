/** The block of package.json that tells VS Code about the settings, made from their table. */
import { z } from 'zod';
import { settings } from '../../helper/protocol/settings.ts';

export function configurationBlock(): unknown {
  const { properties = {} } = z.toJSONSchema(settings, { io: 'input' });
  const shown: readonly (readonly [string, unknown])[] = Object.entries(properties).map(([key, made], index) => {
    const { type, default: standing, enum: choices, enumDescriptions, description, markdownDescription } = plain(made);
    const value = {
      type,
      default: standing,
      scope: 'application',
      order: index + 1,
      enum: choices,
      enumDescriptions,
      description,
      markdownDescription,
    };
    return [key, value];
  });
  // What is undefined is left out, as in any JSON.
  return JSON.parse(JSON.stringify({ title: 'LASSO', properties: Object.fromEntries(shown) }));
}

function plain(made: unknown): Readonly<Record<string, unknown>> {
  return z.record(z.string(), z.unknown()).parse(made);
}
