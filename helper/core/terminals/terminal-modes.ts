/**
 * Which modes a terminal was switched into by its output, however long ago: a full-screen program started an hour ago still has
 * the alternate screen, its mouse and its title. Only switches are looked for (ECMA-48, DEC STD 070, xterm); hostile output.
 */

const escape = 0x1b;
/** longest switch looked for, in bytes: a title */
const switchLimitBytes = 300;
/** what may follow ESC in a switch: [ ] = > c */
const interesting: ReadonlySet<number> = new Set(Buffer.from('[]=>c'));
const complete =
  /^\x1b(?:\[\?(?<modes>[0-9;]{1,48})(?<verb>[hl])|\[(?<region>[0-9]{0,5}(?:;[0-9]{0,5})?)r|\[(?<style>[0-9]?) q|\[>4(?:;(?<keys>[0-9]))?m|(?<soft>\[!p)|(?<keypad>[=>])|(?<hard>c)|\][02];(?<title>[^\x00-\x1f\x7f]{0,256})(?:\x07|\x1b\\))/;
const begun = /^\x1b(?:\[(?:[?>!]?[0-9; ]{0,48})?|\](?:[02](?:;[^\x00-\x1f\x7f]{0,256}\x1b?)?)?)?$/;

/** modes that move or redraw the screen itself; the screen's own picture brings them back */
const pictured: ReadonlySet<number> = new Set([3, 6, 7, 47, 1047, 1048, 1049, 2026]);
const highestMode = 9_999;
const modesLimit = 200;
/** modes that a soft reset switches back (DECSTR) */
const softened: readonly number[] = [1, 6, 7, 25, 66];

export class TerminalModes {
  readonly #modes = new Map<number, boolean>();
  #keypad = '';
  #style = '';
  #keys = '';
  #title = '';
  #region = '';
  /** start of a switch at the end of the last bytes */
  #rest: Buffer | undefined;

  /** One that knows the same, to go on from here. */
  copy(): TerminalModes {
    const copy = new TerminalModes();
    for (const [mode, on] of this.#modes) copy.#modes.set(mode, on);
    copy.#keypad = this.#keypad;
    copy.#style = this.#style;
    copy.#keys = this.#keys;
    copy.#title = this.#title;
    copy.#region = this.#region;
    copy.#rest = this.#rest;
    return copy;
  }

  /** Takes notice of output; an ESC that starts no switch costs a look at two bytes. */
  scan(bytes: Buffer): void {
    if (this.#rest !== undefined) {
      const joined = Buffer.concat([this.#rest, bytes.subarray(0, switchLimitBytes)]);
      this.#rest = undefined;
      this.#read(joined, 0, bytes.length < switchLimitBytes);
    }
    for (let at = bytes.indexOf(escape); at >= 0; at = bytes.indexOf(escape, at + 1)) {
      if (mayBeSwitch(bytes, at) && !this.#readPrivate(bytes, at)) this.#read(bytes, at, true);
    }
  }

  /** A resize undoes the scrolling region. */
  resized(): void {
    this.#region = '';
  }

  /** What switches a fresh terminal into the same modes, before what was kept is written to it. */
  get prefix(): string {
    const switched = [...this.#modes].map(([mode, on]) => switchOf(mode, on));
    return switched.join('') + this.#keypad + this.#keys + this.#style + this.#titleWords() + this.#region;
  }

  /** What a terminal still needs after a picture of the screen was drawn on it; `cursor` puts the cursor back. */
  completion(cursor: string): string {
    const switched = [...this.#modes].filter(([mode]) => !pictured.has(mode)).map(([mode, on]) => switchOf(mode, on));
    const region = this.#region === '' ? '' : this.#region + cursor;
    return region + switched.join('') + this.#keypad + this.#keys + this.#style + this.#titleWords();
  }

  #titleWords(): string {
    return this.#title === '' ? '' : `\x1b]2;${this.#title}\x07`;
  }

  /** The commonest switch, of one private mode, without making text of it: a full-screen program sends two with every frame. */
  #readPrivate(bytes: Buffer, at: number): boolean {
    if (bytes[at + 1] !== 0x5b || bytes[at + 2] !== 0x3f) return false;
    let mode = 0;
    for (let index = at + 3; index < at + 8; index += 1) {
      const byte = bytes[index] ?? 0;
      if (byte >= 0x30 && byte <= 0x39) mode = mode * 10 + byte - 0x30;
      else {
        if ((byte !== 0x68 && byte !== 0x6c) || index === at + 3) return false;
        this.#switch(mode, byte === 0x68);
        return true;
      }
    }
    return false;
  }

  #read(bytes: Buffer, at: number, last: boolean): void {
    const end = Math.min(at + switchLimitBytes, bytes.length);
    const found = complete.exec(bytes.toString('latin1', at, end));
    if (found?.groups === undefined) {
      if (last && end === bytes.length && begun.test(bytes.toString('latin1', at, end))) this.#rest = bytes.subarray(at);
      return;
    }
    const { modes, verb, region, style, keys, soft, keypad, hard, title } = found.groups;
    if (modes !== undefined) for (const mode of modes.split(';')) if (mode !== '') this.#switch(Number(mode), verb === 'h');
    if (region !== undefined) this.#region = /^(1?;?)$/.test(region) ? '' : `\x1b[${region}r`;
    if (style !== undefined) this.#style = `\x1b[${style} q`;
    if (keypad !== undefined) this.#keypad = `\x1b${keypad}`;
    if (found[0].startsWith('\x1b[>4')) this.#keys = keys === undefined || keys === '0' ? '' : found[0];
    // Found as Latin-1, but what was written is UTF-8.
    if (title !== undefined) this.#title = Buffer.from(title, 'latin1').toString('utf8');
    if (soft !== undefined) this.#reset(softened);
    if (hard !== undefined) this.#reset([...this.#modes.keys()]);
  }

  #switch(mode: number, on: boolean): void {
    // No terminal knows so many; hostile output may name them all.
    if (mode <= highestMode && (this.#modes.size < modesLimit || this.#modes.has(mode))) this.#modes.set(mode, on);
  }

  #reset(modes: readonly number[]): void {
    for (const mode of modes) this.#modes.delete(mode);
    this.#keypad = this.#region = this.#keys = '';
  }
}

/** Tells colours and cursor movements, most of what there is, from switches without reading them as text. */
function mayBeSwitch(bytes: Buffer, at: number): boolean {
  const next = bytes[at + 1];
  if (next !== undefined && !interesting.has(next)) return false;
  if (next !== 0x5b) return true;
  for (let index = at + 2; index < bytes.length && index < at + 16; index += 1) {
    const byte = bytes[index] ?? 0;
    // Digits and semicolons say nothing yet; ? > ! and r, or the space before q, do.
    if ((byte >= 0x30 && byte <= 0x39) || byte === 0x3b) continue;
    return byte === 0x3f || byte === 0x3e || byte === 0x21 || byte === 0x72 || byte === 0x20;
  }
  return true;
}

const switchOf = (mode: number, on: boolean): string => `\x1b[?${mode}${on ? 'h' : 'l'}`;
