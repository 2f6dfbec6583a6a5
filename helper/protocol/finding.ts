/** One remark about a text, from parser, schema or lint alike. Positions are zero-based, in UTF-16 code units, as in LSP. */
import { z } from 'zod';

export const position = z.object({ line: z.number().int().min(0), character: z.number().int().min(0) });
export type Position = z.infer<typeof position>;
export const range = z.object({ start: position, end: position });
export type Range = z.infer<typeof range>;

/** a change of the text that would settle a finding */
export const fix = z.object({
  title: z.string().describe('what it does, as a button says it'),
  edits: z
    .array(z.object({ range, text: z.string() }))
    .min(1)
    .describe('replacements; none overlaps another'),
});
export type Fix = z.infer<typeof fix>;

export const finding = z.object({
  severity: z.enum(['error', 'warning', 'information']),
  code: z.string().describe('kebab-case name of the rule'),
  message: z.string(),
  hint: z.string().optional().describe('what to do about it'),
  file: z.string().optional(),
  path: z.array(z.union([z.string(), z.number()])).describe('key path in the document'),
  range,
  fixes: z.array(fix).optional().describe('the likeliest first'),
});
export type Finding = z.infer<typeof finding>;
