/**
 * Attacks on the way out as rows: what an agent may try, as lines of bash, and whether it must come to nothing. Whether a try came
 * through is not for the attacker to say: each carries a word of its own, which the servers outside, the resolver and the traps look for.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestLasso } from '../lasso.ts';
import { recordsOf } from '../starts.ts';
import type { Outside } from '../servers/outside.ts';

export interface Attack {
  readonly name: string;
  /** program it needs besides bash and coreutils */
  readonly needs?: 'curl' | 'openssl' | 'perl' | 'python3';
  readonly must: 'fail' | 'work';
  /** bash, each in a shell of its own; `$M` is its word, and where only the inside can tell, it says `through` */
  readonly tries: readonly string[];
  /** whether each try must be on record, with its word */
  readonly recorded?: boolean;
}

export interface Battlefield {
  readonly lasso: TestLasso;
  readonly outside: Outside;
  readonly sandbox: string;
  readonly workspace: string;
}

export interface AttackResult {
  readonly attack: Attack;
  /** tries that did what they must not */
  readonly wrong: readonly string[];
  /** why it was not tried */
  readonly skipped?: string;
}

/** how an attacker goes out: past the proxy, through it, and with bytes of his own to a host and port */
const prelude = `
unproxied() { env -u http_proxy -u https_proxy -u all_proxy -u HTTP_PROXY -u HTTPS_PROXY -u ALL_PROXY "$@"; }
direct() { unproxied curl -sS -g -k -m 8 --path-as-is "$@"; }
proxied() { curl -sS -g -k -m 8 --path-as-is "$@"; }
say() { exec 5<>"/dev/tcp/$1/$2" || exit 1; printf "$3" >&5; timeout 3 cat <&5; }
through() { echo "$M came through"; }
`;

/** Tries all of it, some at once, and says what went wrong. @param title begins the words, which must not be used twice */
export async function tryAttacks(
  field: Battlefield,
  title: string,
  attacks: readonly Attack[],
  atOnce = 4,
): Promise<readonly AttackResult[]> {
  const results: AttackResult[] = [];
  const rows = attacks.entries();
  const has = new Map<string, Promise<boolean>>();
  const present = (program: string): Promise<boolean> => {
    const known = has.get(program) ?? isThere(field, program);
    has.set(program, known);
    return known;
  };
  const work = async (): Promise<void> => {
    for (const [index, attack] of rows) {
      const { needs } = attack;
      if (needs === undefined || (await present(needs))) results[index] = await tryAttack(field, attack, `${title}r${index}`);
      else results[index] = { attack, wrong: [], skipped: `there is no ${needs} in this sandbox` };
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}

async function tryAttack(field: Battlefield, attack: Attack, row: string): Promise<AttackResult> {
  const { lasso, sandbox, workspace, outside } = field;
  const words = attack.tries.map((_, index) => `${row}t${index}z`);
  const lines = attack.tries.map(
    (line, index) => `(M=${words[index] ?? ''}\n${line}\n) > $(at ${index}) 2>&1 &${index % 8 === 7 ? ' wait' : ''}`,
  );
  const shown = words.map((word, index) => `echo "== ${word}"; cat $(at ${index})`);
  const at = `at() { echo /tmp/${row}-$1; }`;
  writeFileSync(join(workspace, `${row}.sh`), `${prelude}${at}\n${lines.join('\n')}\nwait\n${shown.join('\n')}\nrm /tmp/${row}-*\n`);
  const { stdout } = await lasso.exec(sandbox, ['bash', `./${row}.sh`], { timeoutSeconds: 80 });
  const records = attack.recorded === true ? JSON.stringify(await recordsOf(lasso, sandbox)) : '';
  const wrong = words.flatMap((word, index) => {
    const [, said] = stdout.split(`== ${word}\n`);
    const told = `${attack.tries[index] ?? ''} → ${(said ?? '').split('\n== ')[0]?.trim().slice(0, 300) ?? ''}`;
    if (said === undefined) return [`not tried: ${told}`];
    const came = stdout.includes(`${word} came through`) || cameThrough(outside, word);
    if (came !== (attack.must === 'work')) return [told];
    return attack.recorded === true && !records.includes(word) ? [`not on record: ${told}`] : [];
  });
  return { attack, wrong };
}

/** Whether anything outside has heard a word: a server in a path or header, the resolver in a name, a trap in anything. */
function cameThrough(outside: Outside, word: string): boolean {
  // What somebody asks for is in the path; a query only says where to go next.
  const asked = (text: string): boolean => text.replace(/\?to=\S*/g, '').includes(word);
  const heard =
    outside.heard.some(asked) || outside.seen.some(({ url, headers }) => asked(`${url} ${JSON.stringify({ ...headers, ':path': '' })}`));
  return heard || outside.trapped.some((text) => text.includes(word)) || outside.questions().names.some((name) => name.includes(word));
}

async function isThere({ lasso, sandbox }: Battlefield, program: string): Promise<boolean> {
  return (await lasso.exec(sandbox, ['bash', '-c', `command -v ${program}`])).exit.code === 0;
}

/** One line a row, and how many tries there were of each kind; throws when one of them went wrong. */
export function tellAttacks(title: string, results: readonly AttackResult[]): void {
  const count = (must: Attack['must']): number =>
    results
      .filter(({ attack, skipped }) => attack.must === must && skipped === undefined)
      .reduce((sum, { attack }) => sum + attack.tries.length, 0);
  const lines = results.map(({ attack: { name, must, tries }, wrong, skipped }) => {
    const outcome = skipped ?? (wrong.length === 0 ? 'as it must' : `${wrong.length} WRONG`);
    return `  ${must === 'fail' ? 'refused' : 'let through'}  ${String(tries.length).padStart(3)}  ${name}: ${outcome}`;
  });
  console.log(`${title}: ${count('fail')} tries that must fail, ${count('work')} that must work\n${lines.join('\n')}`);
  const wrong = results.flatMap(({ attack, wrong: tries }) => tries.map((line) => `${attack.name}: ${line}`));
  assert.deepEqual(wrong, []);
}
