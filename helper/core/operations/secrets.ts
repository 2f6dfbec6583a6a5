/** The verbs about secrets and logins. A value comes and goes over a stream of its own; no parameter, result or record holds one. */
import type { Duplex } from 'node:stream';
import type { OperationParams, OperationResult } from '../../protocol/operations.ts';
import type { Actor } from '../../protocol/record.ts';
import { LassoError } from '../../protocol/errors.ts';
import { resolveWorkspace } from '../creation.ts';
import type { Registry } from '../registry.ts';
import type { SecretRule } from '../../policy/secrets.ts';
import type { World } from '../world.ts';
import type { OperationContext, OperationHandlers } from './contract.ts';

type Verbs = 'secretSet' | 'secretList' | 'secretRemove' | 'secretTest' | 'secretAttend' | 'secretAnswer';

/** longest value that is taken, in bytes */
const valueLimitBytes = 64 * 1024;

export function secretOperations(world: World, registry: Registry): Pick<OperationHandlers, Verbs> {
  const { secrets } = world;
  return {
    secretSet: async ({ name, stream }, context) => {
      const value = (await valueFrom(stream, context)).replace(/\r?\n$/, '');
      if (value === '') throw new LassoError('BAD_REQUEST', 'secret set: the value is empty', 'Give it on stdin, or type it.');
      const kept = await secrets.own.set(name, value);
      secrets.forget();
      await noteChange(registry, 'set', name, context.actor);
      const place = kept.where === 'keyring' ? (secrets.own.keyringTitle ?? 'keyring') : secrets.own.file;
      return { name, place, ...kept };
    },
    secretList: async (params) => {
      const { name, rules } = await rulesOf(world, params);
      return {
        kept: [...(await secrets.own.list())],
        profile: name,
        used: rules.map(({ name: used, from, hosts, header, env }) => ({
          name: used,
          from,
          hosts: hosts.map(({ host }) => host),
          header,
          ...(env === undefined ? {} : { env }),
        })),
      };
    },
    secretRemove: async ({ name }, { actor }) => {
      const removed = await secrets.own.remove(name);
      secrets.forget();
      if (removed !== undefined) await noteChange(registry, 'remove', name, actor);
      return { name, removed: removed ?? null };
    },
    secretTest: (params) => test(world, params),
    secretAttend: async (_params, { signal }) => {
      const attendance = secrets.editors.attend();
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener('abort', () => resolve(), { once: true });
      });
      void attendance.dispose();
      return {};
    },
    secretAnswer: async ({ id, stream }, context) => {
      secrets.editors.answer(id, stream === undefined ? undefined : await valueFrom(stream, context));
      return {};
    },
  };
}

async function rulesOf(
  world: World,
  { profile, dir }: OperationParams<'secretList'>,
): Promise<{ readonly name: string; readonly rules: readonly SecretRule[]; readonly workspace: string | undefined }> {
  const workspace = dir === undefined ? undefined : await resolveWorkspace(world, dir);
  const { name, policy } = await world.readProfile({ reference: profile, dir: workspace, unapproved: 'leave-out' });
  return { name, rules: policy.secrets, workspace };
}

async function test(world: World, params: OperationParams<'secretTest'>): Promise<OperationResult<'secretTest'>> {
  const { name: profile, rules, workspace } = await rulesOf(world, params);
  const rule = rules.find(({ name }) => name === params.name);
  if (rule === undefined) {
    const known = rules.map(({ name }) => name).join(', ');
    throw new LassoError(
      'BAD_REQUEST',
      `The profile ${profile} uses no secret ${params.name}`,
      known === '' ? 'It uses none; name another profile with --profile.' : `There are: ${known}.`,
    );
  }
  const said = { name: rule.name, from: rule.from };
  try {
    world.secrets.forget();
    await world.secrets.value(rule, workspace === undefined ? undefined : { workspace, mounts: [] });
    return { ...said, found: true };
  } catch (error) {
    if (!(error instanceof LassoError)) throw error;
    return { ...said, found: false, reason: error.message, hint: error.hint };
  }
}

/** Every sandbox that may use it is told in its record. What cannot be recorded there does not undo what a person did elsewhere. */
async function noteChange(registry: Registry, action: string, name: string, actor: Actor): Promise<void> {
  const using = registry.all.filter(({ live }) => live?.policy.secrets.some(({ from }) => from === `keyring:${name}`));
  await Promise.all(using.map((sandbox) => sandbox.note({ type: 'secret', action, outcome: 'success', actor, target: name })));
}

/** Everything a stream brings, as text. @throws LassoError BAD_REQUEST for too much */
async function valueFrom(token: string | undefined, { streams, signal }: Pick<OperationContext, 'streams' | 'signal'>): Promise<string> {
  if (token === undefined) throw new LassoError('BAD_REQUEST', 'The value has no stream', 'Use the `lasso` command, or the editor.');
  const stream: Duplex = await streams.take(token);
  const give = (): void => void stream.destroy();
  signal.addEventListener('abort', give, { once: true });
  try {
    const bytes: Buffer[] = [];
    let length = 0;
    for await (const chunk of stream as AsyncIterable<unknown>) {
      if (!Buffer.isBuffer(chunk)) continue;
      length += chunk.length;
      if (length > valueLimitBytes) throw new LassoError('BAD_REQUEST', 'The value is longer than 64 kB', 'Give a shorter one.');
      bytes.push(chunk);
    }
    return Buffer.concat(bytes).toString('utf8');
  } finally {
    signal.removeEventListener('abort', give);
    stream.destroy();
  }
}
