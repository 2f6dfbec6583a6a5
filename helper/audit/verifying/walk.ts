/**
 * A walk along all files of a chain, line by line: what must come next, and what is wrong with what comes. It goes on after every
 * fault, so that one change is one problem, and its memory does not grow with the record. Hostile input; it never throws.
 */
import type { Anchor } from './anchor-notes.ts';
import { AnchorWatch } from './anchor-watch.ts';
import { basename, dirname, join } from 'node:path';
import type { VerifyProblem } from '../../protocol/record.ts';
import { chainFileName } from '../form/chain-files.ts';
import { digestOf, genesis } from '../form/chain.ts';
import type { EpochKeys } from './epoch-keys.ts';
import { linkFault, removedFile, type RemovedFile, type WalkedFile } from './file-links.ts';
import type { Findings, Spot } from './findings.ts';
import { detailOf, readLine, type RecordForm } from '../form/line.ts';
import type { Line } from '../form/lines.ts';
import { OpenIntents } from './open-intents.ts';

export interface WalkOptions {
  readonly sandbox: string;
  /** none: only digests are followed; `elsewhere`: somebody else checks the macs of the same bytes */
  readonly keys: EpochKeys | 'elsewhere' | undefined;
  readonly anchors: readonly Anchor[];
  readonly findings: Findings;
}

/** a file that is walked through now */
export interface FileStep {
  readonly path: string;
  readonly name: string;
  /** 1 for the first of the chain */
  readonly number: number;
  readonly last: boolean;
}

/** the line before, as far as the next one depends on it */
interface Before {
  readonly seq: number;
  readonly digest: string;
  readonly epoch: number;
  /** whether it ended its epoch */
  readonly ended: boolean;
  readonly spot: Spot;
  /** something is wrong with it already */
  readonly told: boolean;
}

export class ChainWalk {
  readonly #options: WalkOptions;
  readonly #findings: Findings;
  readonly #anchors: AnchorWatch;
  readonly #intents = new OpenIntents();
  #file: FileStep = { path: '', name: '', number: 1, last: true };
  #previous: WalkedFile | undefined;
  #line = 0;
  #linesBefore = 0;
  #errorsBeforeFile = 0;
  #next: string | undefined;
  /** undefined where nothing tells what comes next: after a file that is not there */
  #before: Before | undefined | 'start' = 'start';
  /** lines since then that are none, or whose mac does not fit */
  #bad = 0;
  /** first line of what is there, where the chain's first file is not */
  #entry: { readonly seq: number; readonly prev: string; readonly file: FileStep } | undefined;
  #removal: RemovedFile | undefined;
  #errorsBefore = 0;
  #count = 0;
  #fitting = 0;
  #head: string | undefined;
  #firstAt: string | undefined;

  constructor(options: WalkOptions) {
    this.#options = options;
    this.#findings = options.findings;
    this.#anchors = new AnchorWatch(options.anchors, options.findings, options.keys !== undefined);
  }

  startFile(file: FileStep): void {
    const expected = this.#previous === undefined ? 1 : this.#file.number + 1;
    this.#file = file;
    this.#line = 0;
    this.#linesBefore = this.#count;
    this.#errorsBeforeFile = this.#findings.count;
    this.#next = undefined;
    if (file.number === expected) return;
    if (this.#previous !== undefined) {
      const names = Array.from({ length: Math.min(100, file.number - expected) }, (_, n) =>
        chainFileName(this.#options.sandbox, expected + n),
      );
      for (const name of names)
        this.#findings.error('missing', { file: this.#beside(name) }, 'The file is not there, and a later one of its chain is.');
    }
    this.#before = undefined;
    this.#bad = 0;
  }

  endFile(bytes: number): void {
    const sound = this.#findings.count === this.#errorsBeforeFile;
    const { path, name } = this.#file;
    const before = this.#previous;
    // A writer makes the next file before it ends this one by naming it, so the newest may be empty.
    if (bytes === 0 && !this.#file.last && before !== undefined && before.sound && before.next !== name)
      this.#findings.error('rotation', { file: path }, `The file is empty, and the one before, ${before.name}, does not end by naming it.`);
    this.#previous = { path, name, bytes, lines: this.#count - this.#linesBefore, digest: this.#digest, next: this.#next, sound };
  }

  take(line: Line): void {
    this.#line += 1;
    const spot: Spot = { file: this.#file.path, line: this.#line, since: this.#findings.since };
    this.#errorsBefore = this.#findings.count;
    if (!line.ended) {
      if (this.#file.last) this.#findings.error('torn-tail', spot, 'The last line has no end: a crash or a full disk tore it off.');
      else this.#findings.error('malformed', spot, 'There are bytes after the last line of a file that another one follows.');
      return;
    }
    this.#count += 1;
    if (line.bytes === undefined) return this.#reject('malformed', spot, 'The line is longer than any record.');
    const form = readLine(line.bytes);
    if (form.kind === 'malformed') return this.#reject('malformed', spot, `This is no record: ${form.reason}.`);
    if (form.kind === 'version') return this.#reject('version', spot, `The line is of version ${form.version}, not of the chain’s.`);
    const { sandbox, keys } = this.#options;
    const known = { ...spot, seq: form.seq };
    if (form.sandbox !== sandbox) return this.#reject('foreign', known, `The line belongs to sandbox ${form.sandbox}, not to ${sandbox}.`);
    if (keys !== undefined && keys !== 'elsewhere') {
      const key = keys.at(form.epoch);
      if (key === undefined)
        return this.#reject('epoch', known, `The line claims epoch ${form.epoch}, which the chain cannot have reached.`);
      if (!key.fits(line.bytes))
        return this.#reject('edited', known, 'Its mac does not fit: the line was changed, or somebody without the key wrote it.');
    }
    this.#fitting += 1;
    this.#follow(form, line.bytes, known);
  }

  /** What is left to say when every line was taken. */
  finish(): Walked {
    this.#anchors.end();
    this.#checkEntry();
    const last = this.#previous;
    if (last?.next !== undefined && this.#file.path === last.path)
      this.#findings.error(
        'missing',
        { file: this.#beside(last.next.slice(0, 100)) },
        `The file is not there: ${last.name} ends by naming it.`,
      );
    const reached = (typeof this.#before === 'object' ? this.#before.seq + 1 : 0) + this.#bad;
    const { last: most, anchoredAt } = this.#anchors;
    if (most !== undefined && most.size > reached && this.#file.path !== '') {
      const message = `${reached} records are there, and a checkpoint of ${most.at} says there were ${most.size}: the end was cut off, or it is an older copy.`;
      this.#findings.error('truncated', { file: this.#file.path, seq: reached }, message);
    }
    return {
      ...{ records: this.#count, fitting: this.#fitting, anchored: this.#anchors.anchored, intents: this.#intents.all() },
      ...(anchoredAt === undefined ? {} : { anchoredAt }),
      ...(this.#head === undefined ? {} : { head: this.#head }),
      ...(this.#firstAt === undefined ? {} : { firstAt: this.#firstAt }),
    };
  }

  /** A file of this name in the folder of the chain. */
  #beside(name: string): string {
    return join(dirname(this.#file.path), basename(name));
  }

  get #digest(): string {
    return typeof this.#before === 'object' ? this.#before.digest : genesis;
  }

  #reject(code: VerifyProblem['code'], spot: Spot, message: string): void {
    this.#anchors.nextLine(true);
    this.#bad += 1;
    this.#findings.error(code, spot, message);
  }

  /** A line that says of itself what a record says, and whose mac fits where there is a key. */
  #follow(form: RecordForm, bytes: Buffer, spot: Spot): void {
    const digest = digestOf(bytes);
    const place = this.#placeOf(form);
    if (place === 'back') {
      this.#anchors.nextLine(true);
      return this.#findings.error('order', spot, `Record ${form.seq} stands here again, or was moved here.`);
    }
    this.#anchors.nextLine(place === 'right');
    const faulty = place !== 'right' && place !== 'replacing';
    if (place === 'edited' && typeof this.#before === 'object' && !this.#before.told)
      this.#findings.error('edited', this.#before.spot, 'The next line follows another one: this line was changed.');
    if (place === 'gap') this.#findings.error('order', spot, this.#gapText(form));
    // Without keys the number alone may have been changed, and then the next line tells.
    if (place === 'renumbered' && this.#options.keys === undefined) return this.#reject('sequence', spot, this.#numberText(form));
    if (place === 'renumbered') this.#findings.error('sequence', spot, this.#numberText(form));
    if (!faulty) this.#checkPlace(form, bytes, spot);
    const ended = form.type === 'chain' && (form.action === 'epoch' || form.action === 'rotated');
    this.#before = { seq: form.seq, digest, epoch: form.epoch, ended, spot, told: this.#findings.count > this.#errorsBefore };
    this.#bad = 0;
    this.#note(form, bytes, spot);
    this.#head = digest;
    this.#firstAt ??= form.ts;
    this.#findings.since = form.ts;
    this.#anchors.line(form.seq, digest, spot, this.#count);
  }

  #placeOf({ seq, prev }: RecordForm): 'right' | 'replacing' | 'renumbered' | 'edited' | 'gap' | 'back' {
    const before = this.#before;
    if (before === undefined) return 'right';
    const expected = before === 'start' ? { seq: 0, prev: genesis } : { seq: before.seq + 1, prev: before.digest };
    if (prev === expected.prev) return seq === expected.seq ? 'right' : 'renumbered';
    if (this.#bad > 0 && seq === expected.seq + this.#bad) return 'replacing';
    if (this.#options.keys === undefined && this.#bad === 0 && seq === expected.seq && before !== 'start') return 'edited';
    return seq < expected.seq ? 'back' : 'gap';
  }

  #gapText({ seq }: RecordForm): string {
    const next = (typeof this.#before === 'object' ? this.#before.seq + 1 : 0) + this.#bad;
    if (seq <= next) return 'The line follows another one than that before it: lines were replaced, or an older copy goes on here.';
    return `Records ${next} to ${seq - 1} are missing before this line.`;
  }

  #numberText({ seq }: RecordForm): string {
    const expected = typeof this.#before === 'object' ? this.#before.seq + 1 : 0;
    return `Record ${seq} stands where record ${expected} belongs.`;
  }

  /** What else must be so of a line in its right place. */
  #checkPlace(form: RecordForm, bytes: Buffer, spot: Spot): void {
    const before = this.#before;
    const chained = form.type === 'chain';
    if (this.#line === 1 && this.#previous !== undefined) {
      const fault = linkFault(this.#previous, this.#file.name, form, bytes.toString('latin1'));
      if (fault !== undefined && before !== undefined) return this.#findings.error('rotation', spot, fault);
    } else if (this.#next !== undefined) return this.#findings.error('rotation', spot, 'The line stands after the last line of its file.');
    if (before === undefined) {
      if (this.#previous === undefined) this.#entry = { seq: form.seq, prev: form.prev, file: this.#file };
      return;
    }
    if (before === 'start' && this.#bad === 0 && (!chained || form.action !== 'begun'))
      return this.#findings.error('malformed', spot, 'A chain begins with a record that says so, and this is another one.');
    const epoch = before === 'start' ? 0 : before.epoch;
    const ended = before !== 'start' && before.ended;
    const fits = form.epoch === (ended ? epoch + 1 : epoch) || (form.epoch > epoch && form.epoch <= epoch + this.#bad);
    if (fits) return;
    const message =
      form.epoch > epoch ? `Epoch ${epoch} has no last line: records at its end were removed.` : `Epoch ${epoch} was over already.`;
    this.#findings.error('epoch', spot, message);
  }

  /** What is worth knowing though nothing is wrong with it. */
  #note(form: RecordForm, bytes: Buffer, spot: Spot): void {
    this.#intents.take(form, this.#file.path, this.#line);
    const since = this.#findings.since;
    if (since !== undefined && form.ts < since) this.#findings.note('clock', spot, `The clock went back from ${since} to ${form.ts}.`);
    if (form.type === 'gap') this.#findings.note('gap', spot, `A gap is on record: ${form.action.slice(0, 100)}.`);
    if (form.type !== 'chain') return;
    const text = bytes.toString('latin1');
    if (form.action === 'rotated') {
      const next = detailOf(text)['next'];
      this.#next = typeof next === 'string' ? next : '';
    }
    if (form.action !== 'removed') return;
    const removed = removedFile(text);
    if (removed === undefined) return;
    this.#findings.note('removed', spot, `The file ${removed.file}, records ${removed.first} to ${removed.last}, was removed on record.`);
    if (this.#entry?.file.number !== undefined && removed.file === chainFileName(this.#options.sandbox, this.#entry.file.number - 1))
      this.#removal = removed;
  }

  /** A first file that is not there must have been removed on record. */
  #checkEntry(): void {
    const entry = this.#entry;
    if (entry === undefined) return;
    const name = chainFileName(this.#options.sandbox, entry.file.number - 1);
    const removal = this.#removal;
    if (removal !== undefined && removal.last + 1 === entry.seq && removal.digest === entry.prev) return;
    this.#findings.error('missing', { file: this.#beside(name) }, 'The file is not there, and no record says that it was removed.');
  }
}

/** what a walk saw */
export interface Walked {
  /** lines, whatever they are */
  readonly records: number;
  /** records in the form of one, of this sandbox, whose mac fits where there is a key */
  readonly fitting: number;
  /** lines up to the newest checkpoint that agrees, before anything wrong */
  readonly anchored: number;
  readonly anchoredAt?: string;
  readonly head?: string;
  readonly firstAt?: string;
  readonly intents: ReturnType<OpenIntents['all']>;
}
