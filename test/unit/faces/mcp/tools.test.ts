/** Tools come from the table of verbs and from nowhere else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { toolsOf } from '../../../../helper/faces/mcp/tools.ts';
import type { Operation, ToolShape } from '../../../../helper/protocol/operation.ts';
import { operations } from '../../../../helper/protocol/operations.ts';
import { testServer } from '../../../kit/mcp-server.ts';

const tools = toolsOf(operations);
const shapes = Object.entries<Operation>(operations).flatMap(([verb, { mcp = [] }]) => mcp.map((shape) => ({ verb, shape })));

test('there are as many tools as the table has, each under a name of its own', () => {
  assert.equal(tools.length, shapes.length);
  assert.equal(new Set(tools.map(({ name }) => name)).size, tools.length);
  assert.deepEqual(tools.map(({ name }) => name).sort(), [
    ...['file_read', 'file_write', 'sandbox_create', 'sandbox_exec', 'sandbox_list', 'sandbox_status', 'sandbox_stop'],
  ]);
});

test('a tool takes the parameters its row names, and no other', () => {
  for (const { verb, shape } of shapes) {
    const tool = tools.find(({ name }) => name === shape.name) ?? assert.fail(shape.name);
    assert.equal(tool.operation, verb);
    assert.deepEqual(Object.keys(tool.input.shape), shape.parameters);
    assert.equal(tool.input.safeParse({ ...sample(shape), more: 1 }).success, false);
    assert.equal(tool.input.safeParse(sample(shape)).success, true);
  }
});

function sample({ parameters }: ToolShape): Readonly<Record<string, unknown>> {
  const values: Readonly<Record<string, unknown>> = { sandbox: 'a', path: 'a', text: 'a', command: ['a'] };
  return Object.fromEntries(parameters.filter((name) => name in values).map((name) => [name, values[name]]));
}

test('no tool lets a model choose the folder, the profile, mounts, variables, isolation or streams', () => {
  const closed = [
    'dir',
    'profile',
    'backend',
    'isolation',
    'mount',
    'env',
    'link',
    'agent',
    'stdio',
    'stderr',
    'stdin',
    'request',
    'force',
  ];
  for (const { name, input } of tools)
    for (const parameter of closed) assert.equal(Object.hasOwn(input.shape, parameter), false, `${name} ${parameter}`);
});

test('a client is told which tools only look', async () => {
  const { client } = await testServer();
  for (const { name, annotations } of (await client.listTools()).tools) {
    const tool = tools.find((one) => one.name === name) ?? assert.fail(name);
    assert.equal(annotations?.readOnlyHint, operations[tool.operation].effect === 'read', name);
    assert.equal(annotations.destructiveHint, operations[tool.operation].effect === 'read' ? undefined : true, name);
  }
});

const row = { summary: 's', effect: 'read', runs: 'helper', params: z.object({ a: z.string() }), result: z.object({}) } as const;
const shape = { name: 't', description: 'd', parameters: ['a'] };
const faults: readonly (readonly [says: string, name: string, row: Operation, why: RegExp])[] = [
  ['that would weaken something', 'status', { ...row, effect: 'weaken', mcp: [shape] }, /how safe things are/],
  ['that the helper does not carry out', 'shell', { ...row, runs: 'face', mcp: [shape] }, /not carried out/],
  ['of no verb', 'nothing', { ...row, mcp: [shape] }, /not carried out/],
  ['with a parameter its verb has not', 'status', { ...row, mcp: [{ ...shape, parameters: ['b'] }] }, /parameter b/],
];
for (const [says, name, fault, why] of faults)
  test(`a tool ${says} is a fault of the table`, () => assert.throws(() => toolsOf({ [name]: fault }), why));
