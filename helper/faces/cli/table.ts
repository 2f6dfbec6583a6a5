/**
 * The verbs of the command line, derived from the table of operations. The build replaces this file by its value, because
 * loading the schemas would take longer than most commands do.
 */
import { z } from 'zod';
import { operations } from '../../protocol/operations.ts';
import type { CommandShape, Operation } from '../../protocol/operation.ts';
import type { OperationName } from '../../protocol/operations.ts';
import type { Command, Parameter } from './command.ts';

export const commands: readonly Command[] = Object.entries<Operation>(operations).flatMap(([name, operation]) =>
  operation.cli && isOperation(name) ? [commandOf(name, operation, operation.cli)] : [],
);

function isOperation(name: string): name is OperationName {
  return Object.hasOwn(operations, name);
}

function commandOf(operation: OperationName, { summary, params }: Operation, shape: CommandShape): Command {
  const hidden = new Set(shape.hidden ?? []);
  const schema = z.toJSONSchema(params, { io: 'input' });
  const required = new Set(schema.required ?? []);
  const parameters = Object.entries(schema.properties ?? {})
    .filter(([name]) => !hidden.has(name))
    .map(([name, property]) => parameterOf(name, property, required.has(name)));
  return {
    operation,
    name: shape.name,
    aliases: shape.aliases ?? [],
    summary,
    positionals: shape.positionals ?? [],
    ...(shape.rest === undefined ? {} : { rest: shape.rest }),
    ...(shape.restUnless === undefined ? {} : { restUnless: shape.restUnless }),
    short: Object.fromEntries(Object.entries(shape.short ?? {}).filter(([, name]) => !hidden.has(name))),
    json: shape.json ?? false,
    quiet: shape.quiet ?? false,
    progress: Object.hasOwn(params.shape, 'request'),
    examples: shape.examples,
    exits: shape.exits ?? [],
    parameters,
  };
}

function parameterOf(name: string, schema: z.core.JSONSchema._JSONSchema, required: boolean): Parameter {
  if (typeof schema === 'boolean') throw new TypeError(`parameter ${name} has no schema`);
  const { minimum, maximum, default: fallback } = schema;
  const items = typeof schema.items === 'object' && !Array.isArray(schema.items) ? schema.items.enum : undefined;
  const choices = (schema.enum ?? items ?? []).filter((choice) => typeof choice === 'string');
  return {
    name,
    option: name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    kind: kindOf(name, schema.type),
    required,
    description: schema.description ?? name,
    ...(choices.length === 0 ? {} : { choices }),
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
    ...(typeof fallback === 'string' || typeof fallback === 'number' || typeof fallback === 'boolean' ? { fallback } : {}),
  };
}

function kindOf(name: string, type: unknown): Parameter['kind'] {
  if (type === 'string') return 'text';
  if (type === 'array') return 'list';
  if (type === 'number' || type === 'integer') return type;
  if (type === 'boolean') return 'switch';
  throw new TypeError(`parameter ${name} has a type the command line cannot express: ${String(type)}`);
}
