/** Extra mounts: reading `SRC:DST[:ro]`, and judging one whose links are resolved. Whatever is not plainly harmless is refused. */
import { guestPaths } from '../protocol/guest.ts';
import type { MountRequest } from '../protocol/sandbox.ts';
import { type Judgement, type Refusal, refuse } from './judgement.ts';
import { type HostFacts, judgePlace } from './places.ts';
import { placeOf } from './paths.ts';

const form = 'Write SOURCE:TARGET or SOURCE:TARGET:ro, such as ~/data:/data:ro; a colon in a name is written \\:.';

/** Reads a mount; the text may be hostile. The source is not looked at. */
export function parseMount(
  text: string,
  facts: Pick<HostFacts, 'home' | 'platform'>,
): { readonly ok: true; readonly mount: MountRequest } | Refusal {
  if (/[\0-\x1f\x7f]/.test(text)) return refuse('it contains control characters', form);
  const parts = split(text, facts.platform);
  const [from, to, option] = parts;
  if (from === undefined || to === undefined || from === '' || to === '') return refuse('it does not say both what and where to', form);
  if (parts.length > 3) return refuse('it has too many parts', form);
  if (option !== undefined && option !== 'ro' && option !== 'rw') return refuse(`“${option}” is no option: ro and rw are`, form);
  const windows = facts.platform === 'win32';
  const source = from === '~' ? facts.home : /^~[/\\]/.test(from) && (windows || from[1] === '/') ? facts.home + from.slice(1) : from;
  if (placeOf(source, facts.platform) === undefined)
    return refuse('the source is not an absolute, plain path', 'Give the whole path, or one that begins with ~/.');
  if (!to.startsWith('/'))
    return refuse('the target is not an absolute path', 'Targets are folders such as /data, /mnt/name, /opt/name or /workspace/name.');
  if (to.split('/').includes('..')) return refuse('the target contains “..”', 'Give the target as it is.');
  const target = `/${to
    .split('/')
    .filter((name) => name !== '' && name !== '.')
    .join('/')}`;
  return { ok: true, mount: { source, target, readonly: option === 'ro' } };
}

/** Judges a mount whose source has every link resolved; the answer holds only for that very path. */
export function judgeMount(mount: MountRequest, facts: HostFacts): Judgement {
  const place = judgePlace(mount.source, !mount.readonly, facts);
  return place.ok ? judgeTarget(mount.target) : place;
}

const elsewhere = 'Targets are /data, /mnt/<name>, /opt/<name> or /workspace/<name>.';

/** Judges where in a sandbox something may be mounted. */
export function judgeTarget(target: string): Judgement {
  const names = target.split('/').slice(1);
  const plain = target.startsWith('/') && names.every((name) => name !== '' && name !== '.' && name !== '..' && !name.includes('\0'));
  const [first] = names;
  const deep = names.length > 1;
  if (plain && `${target}/`.startsWith(`${guestPaths.agents}/`))
    return refuse(`the target ${target} is refused: agents’ programs lie there`, elsewhere);
  if (plain && (first === 'data' || (deep && (first === 'mnt' || first === 'opt' || first === 'workspace')))) return { ok: true };
  const refused = target === '/workspace' ? 'the workspace is there already' : 'nothing may be mounted there';
  return refuse(`the target ${target} is refused: ${refused}`, elsewhere);
}

/** Cuts at colons that are neither escaped nor part of a drive letter. */
function split(text: string, platform: string): readonly string[] {
  const windows = platform === 'win32';
  const drive = windows ? (/^[A-Za-z]:(?=[\\/])/.exec(text)?.[0] ?? '') : '';
  const parts = [drive];
  for (let index = drive.length; index < text.length; index += 1) {
    const character = text[index] ?? '';
    const last = parts.length - 1;
    // A backslash is a separator on Windows, where no name holds a colon.
    if (!windows && character === '\\' && text[index + 1] === ':') {
      parts[last] = `${parts[last] ?? ''}:`;
      index += 1;
    } else if (character === ':') parts.push('');
    else parts[last] = `${parts[last] ?? ''}${character}`;
  }
  return parts;
}
