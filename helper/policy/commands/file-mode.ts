/** Modes of files as chmod(1) reads them: which permissions a mode may give. */

const setUser = 0o4000;
const setGroup = 0o2000;
const sticky = 0o1000;
const shifts: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 };

/**
 * The permissions a mode gives, as bits, or undefined where it is no mode. What is copied from others (`g=u`) counts as everything, and
 * a mode without a class counts for all classes: which it is depends on the file and on umask.
 */
export function permissionsGiven(mode: string): number | undefined {
  if (/^[0-7]{1,5}$/.test(mode)) return Number.parseInt(mode, 8);
  let bits = 0;
  for (const clause of mode.split(',')) {
    const [, who, actions] = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]|[0-7]{1,4}))+)$/.exec(clause) ?? [];
    if (who === undefined || actions === undefined) return undefined;
    const classes = who === '' || who.includes('a') ? 'ugo' : who;
    for (const [, sign, what = ''] of actions.matchAll(/([-+=])([rwxXst]*(?![rwxXst])[ugo]?|[0-7]{1,4})/g)) {
      if (sign === '-') continue;
      bits |= /^[0-7]+$/.test(what) ? Number.parseInt(what, 8) : given(classes, what);
    }
  }
  return bits;
}

function given(classes: string, what: string): number {
  let bits = 0;
  for (const letter of classes) {
    const shift = shifts[letter] ?? 0;
    if (what.includes('r')) bits |= 4 << shift;
    if (what.includes('w')) bits |= 2 << shift;
    if (/[xX]/.test(what)) bits |= 1 << shift;
    if (/[ugo]/.test(what)) bits |= 7 << shift;
    if (what.includes('s')) bits |= letter === 'u' ? setUser : letter === 'g' ? setGroup : 0;
  }
  return what.includes('t') ? bits | sticky : bits;
}
