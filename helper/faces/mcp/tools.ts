/**
 * The tools of the Model Context Protocol, derived from the table of operations: what a model may give is what the table names, and
 * nothing else is taken. No tool exists that is not in the table.
 */
import { z } from 'zod';
import type { Operation, ToolShape } from '../../protocol/operation.ts';
import { type HelperOperationName, operations } from '../../protocol/operations.ts';

export interface Tool {
  readonly operation: HelperOperationName;
  readonly name: string;
  readonly description: string;
  /** hostile input is taken in this form or not at all */
  readonly input: z.ZodObject;
  readonly readOnly: boolean;
  /** is about one sandbox */
  readonly aboutSandbox: boolean;
  /** without one it is about the one the server keeps for its folder */
  readonly ownSandbox: boolean;
  /** parameters of the verb, those that no model gives included */
  readonly parameters: readonly string[];
}

/** @throws TypeError when the table contradicts itself */
export function toolsOf(table: Readonly<Record<string, Operation>>): readonly Tool[] {
  return Object.entries(table).flatMap(([name, operation]) => (operation.mcp ?? []).map((shape) => toolOf(name, operation, shape)));
}

function toolOf(name: string, { effect, runs, params }: Operation, shape: ToolShape): Tool {
  if (effect === 'weaken') throw new TypeError(`${shape.name} would let a model change how safe things are`);
  if (runs !== 'helper' || !isHelperOperation(name)) throw new TypeError(`${shape.name} is not carried out by the helper`);
  const fields = shape.parameters.map((parameter): [string, z.ZodType] => {
    const field: unknown = params.shape[parameter];
    if (!(field instanceof z.ZodType)) throw new TypeError(`${shape.name} names the parameter ${parameter}, which ${name} has not`);
    return [parameter, formOf(parameter, field, shape)];
  });
  return {
    operation: name,
    name: shape.name,
    description: shape.description,
    input: z.strictObject(Object.fromEntries(fields)),
    readOnly: effect === 'read',
    aboutSandbox: shape.parameters.includes('sandbox'),
    ownSandbox: shape.ownSandbox === true,
    parameters: Object.keys(params.shape),
  };
}

/** What a sandbox is said by is the same for all tools: those the server made, and never “all”. */
function formOf(parameter: string, field: z.ZodType, { ownSandbox }: ToolShape): z.ZodType {
  if (parameter !== 'sandbox') return field;
  const said = 'sandbox: its id or name, as sandbox_list tells';
  return ownSandbox === true
    ? z.string().optional().describe(`${said} (default: the usual one, made when there is none)`)
    : z.string().describe(said);
}

const isHelperOperation = (name: string): name is HelperOperationName =>
  Object.entries<Operation>(operations).some(([known, { runs }]) => known === name && runs === 'helper');
