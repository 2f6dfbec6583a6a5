/** One TOML value as the parser reads it; what it does not accept comes back as it was written. Never throws. */
import { parse } from 'smol-toml';

/** @param content what stands between the quotes */
export function decodedText(content: string, quote: '"' | "'" | '"""' | "'''"): string {
  const long = quote.length === 3;
  if (!long && (quote === "'" || !content.includes('\\'))) return content;
  const value = parsed(`${quote}${content}${quote}`);
  return typeof value === 'string' ? value : content;
}

/** @param text a value without quotes */
export function decodedBare(text: string): unknown {
  if (text === 'true') return true;
  if (text === 'false') return false;
  if (/^[1-9][0-9]{0,14}$/.test(text)) return Number(text);
  return parsed(text) ?? text;
}

function parsed(value: string): unknown {
  try {
    return parse(`value = ${value}`, { integersAsBigInt: 'asNeeded' })['value'];
  } catch {
    return undefined;
  }
}
