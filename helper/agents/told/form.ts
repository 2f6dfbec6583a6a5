/** Whether a text is what its name says it is: JSON, TOML or YAML. Pure; what the tool makes of it, only the tool can say. */
import { parse as parseToml } from 'smol-toml';
import { parse as parseYaml } from 'yaml';

/** What is wrong with it, in one line; undefined where nothing is, or where its kind is not known. */
export function formProblem(path: string, text: string): string | undefined {
  try {
    if (path.endsWith('.json')) JSON.parse(text);
    else if (path.endsWith('.toml')) parseToml(text);
    else if (/\.ya?ml$/.test(path)) parseYaml(text);
    return undefined;
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0];
  }
}
