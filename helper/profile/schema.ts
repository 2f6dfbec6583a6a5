/**
 * The language of profiles as JSON Schema, for editors that know nothing of LASSO. Draft 7, which TOML extensions read. It says
 * what may stand where; what only a whole profile can tell, such as a host that is allowed and blocked, it does not.
 */
import { z } from 'zod';
import { profileSchema } from '../protocol/profile/profile.ts';

type Json = Readonly<Record<string, unknown>>;

export function profileJsonSchema(): Json {
  const made: unknown = z.toJSONSchema(profileSchema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    reused: 'inline',
    // To a validator of TOML a date is text.
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === 'date') jsonSchema.type = 'string';
    },
  });
  const { $schema, ...rest } = isJson(made) ? made : {};
  return { $schema, title: 'LASSO profile', description: 'What an agent may do in a sandbox', ...tidied(rest, 'top') };
}

/** `table` may get keys from what a profile builds on; an item of a list is one whole, in which nothing is inherited or removed */
type Place = 'top' | 'table' | 'item';

function tidied(schema: Json, place: Place): Json {
  const inner: Place = place === 'item' ? 'item' : 'table';
  const { required, properties, additionalProperties, items, anyOf, instead, ...rest } = schema;
  const kept = Object.entries(rest).filter(([key, value]) => !(key === 'maximum' && value === Number.MAX_SAFE_INTEGER));
  const plain: Json = Object.fromEntries(kept.filter(([key]) => key !== 'default' || properties === undefined));
  const choices = Array.isArray(anyOf) ? [...new Map(anyOf.filter(isJson).map((choice) => [JSON.stringify(choice), choice])).values()] : [];
  const [only] = choices;
  return {
    ...(choices.length === 1 && only ? only : {}),
    ...plain,
    ...(typeof instead === 'string' ? { description: `${String(plain['description'])}; does nothing any more: ${instead}` } : {}),
    ...(required !== undefined && place !== 'table' ? { required } : {}),
    ...(choices.length > 1 ? { anyOf: choices } : {}),
    ...(isJson(properties)
      ? {
          properties: Object.fromEntries(
            Object.entries(properties).map(([key, value]) => [key, isJson(value) ? tidied(value, inner) : value]),
          ),
        }
      : {}),
    ...(isJson(additionalProperties) ? { additionalProperties: tidied(additionalProperties, inner) } : {}),
    ...(typeof additionalProperties === 'boolean' ? { additionalProperties } : {}),
    ...(isJson(items) ? { items: place === 'item' ? tidied(items, 'item') : editable(tidied(items, 'item')) } : {}),
  };
}

/** An item, or the removal of one. */
function editable(item: Json): Json {
  const text = item['type'] === 'string';
  if (text && item['pattern'] === undefined && item['enum'] === undefined) return item;
  const pattern = item['type'] === 'object' ? '^!\\*$' : item['type'] === 'integer' ? '^!(\\*|[0-9]+)$' : '^!.';
  return { anyOf: [item, { type: 'string', pattern, description: '"!item" takes an inherited item out, "!*" in front takes all' }] };
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
