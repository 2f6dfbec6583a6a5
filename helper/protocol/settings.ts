/**
 * The settings people have in VS Code, and what each means. All have application scope, so no workspace can change them. The
 * block in package.json is made from this table.
 */
import { z } from 'zod';

export const settings = z.object({
  'lasso.defaultProfile': z
    .string()
    .default('')
    .meta({ markdownDescription: 'Profile of new sandboxes: a name such as `standard`, or a file. Empty: ask each time.' }),
  'lasso.backend': z
    .enum(['auto', 'docker', 'podman', 'bubblewrap'])
    .default('auto')
    .meta({
      enumDescriptions: ['The first that works', 'Docker', 'Podman', 'bubblewrap: without an engine, Linux only'],
      description: 'What sandboxes are made with.',
    }),
  'lasso.isolation': z
    .enum(['profile', 'container', 'gvisor', 'kata'])
    .default('profile')
    .meta({
      enumDescriptions: ['What the profile says', 'A container', 'A container on gVisor’s own kernel', 'A virtual machine'],
      description: 'How strongly sandboxes are kept apart from this machine.',
    }),
  'lasso.mcp.enabled': z.boolean().default(true).meta({
    description: 'Offer agent mode tools that run commands and change files in a sandbox of the folder instead of on this machine.',
  }),
  'lasso.terminal.onClose': z
    .enum(['keep', 'stop'])
    .default('keep')
    .meta({
      enumDescriptions: ['The sandbox and what runs in it stay; attach again from the view', 'The sandbox stops'],
      description: 'What becomes of a sandbox when its last terminal in this window is closed.',
    }),
});

/** by the key a person writes */
export type SettingValues = z.output<typeof settings>;
