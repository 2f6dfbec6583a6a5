/** A place in a document as text, the way TOML writes it: `extra_env."a.b"`, `network.allowed_ports[2]`. */

export type KeyPath = readonly (string | number)[];

export function keyPathText(path: KeyPath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += (text === '' ? '' : '.') + (/^[A-Za-z0-9_-]+$/.test(step) ? step : JSON.stringify(step));
  }
  return text;
}
