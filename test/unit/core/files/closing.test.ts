import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requireClosed, unclosedNotice } from '../../../../helper/core/files/closing.ts';
import { policyOf } from '../../../../helper/policy/policy.ts';
import { profileSchema } from '../../../../helper/protocol/profile/profile.ts';
import { builtInGroups } from '../../../kit/profile-sources.ts';

const notices = (closes: boolean, profile: Record<string, unknown>): readonly string[] =>
  requireClosed(policyOf(profileSchema.parse({ name: 'test', ...profile }), builtInGroups), { closes }, 'gVisor');

test('where the guest cannot keep absent names closed, a profile says whether that is accepted', () => {
  const [required, preferred] = [{ resources: { enforcement: 'required' } }, { resources: { enforcement: 'preferred' } }];
  assert.throws(() => notices(false, required), { code: 'CANNOT_ENFORCE', message: /workspace\.guarded/, hint: /preferred/ });
  assert.deepEqual(notices(false, preferred), [unclosedNotice]);
  for (const profile of [required, preferred]) assert.deepEqual(notices(true, profile), []);
});

test('nothing is missing where nothing is closed, or nothing can be made', () => {
  assert.deepEqual(notices(false, { workspace: { guarded: [], readonly: [] } }), []);
  assert.deepEqual(notices(false, { workspace: { mode: 'read-only' } }), []);
});
