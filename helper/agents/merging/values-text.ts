/** Values in the text of their form: one way in for all of them. Pure. */
import type { GeneratedFile } from '../agent.ts';
import { freshJson, meantByJson, mergeJson, takeOutOfJson } from './json.ts';
import type { JsonObject } from '../agent.ts';
import type { Mark, Meaning, Merged, Refusal } from './outcome.ts';
import { freshToml, meantByToml, mergeToml, takeOutOfToml } from './toml.ts';
import { freshYaml, meantByYaml, mergeYaml, takeOutOfYaml } from './yaml.ts';

export type ValuesFile = Pick<Extract<GeneratedFile, { kind: 'values' }>, 'form' | 'value' | 'last'>;
type Form = ValuesFile['form'];

/** Text of a file that holds nothing else. */
export function fresh({ form, value, last = [] }: ValuesFile, mark: Mark): string {
  switch (form) {
    case 'json':
    case 'jsonc':
      return freshJson({ value, last });
    case 'toml':
      return freshToml(value, mark);
    case 'yaml':
      return freshYaml(value);
  }
}

/** What a text means. */
export function meaning(text: string, form: Form): Meaning | Refusal {
  switch (form) {
    case 'json':
    case 'jsonc':
      return meantByJson(text, form === 'jsonc');
    case 'toml':
      return meantByToml(text);
    case 'yaml':
      return meantByYaml(text);
  }
}

export function mergeValues(text: string, { form, value, last = [] }: ValuesFile, mark: Mark): Merged | Refusal {
  switch (form) {
    case 'json':
    case 'jsonc':
      return mergeJson(text, { value, last }, form === 'jsonc');
    case 'toml':
      return mergeToml(text, value, mark);
    case 'yaml':
      return mergeYaml(text, value);
  }
}

export function takeOutValues(text: string, { form, value }: ValuesFile, was: JsonObject): string | Refusal {
  switch (form) {
    case 'json':
    case 'jsonc':
      return takeOutOfJson(text, value, was, form === 'jsonc');
    case 'toml':
      return takeOutOfToml(text);
    case 'yaml':
      return takeOutOfYaml(text, value, was);
  }
}
