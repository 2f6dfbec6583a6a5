/** Counts what was reported and prints it: a line per file as it ends, then failures in full, skips with reasons, totals. */

/** @typedef {import('./file.mjs').FileReport} FileReport */

const colour = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
/** @type {(code: number, text: string) => string} */
const paint = (code, text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);

export class Tally {
  /** @type {FileReport[]} */
  #reports = [];
  /** @type {string[]} */
  #stages = [];

  /** @param {FileReport} report */
  tell = (report) => {
    this.#reports.push(report);
    const count = countOf(report);
    const parts = [
      `${count.passed} passed`,
      ...(count.failed > 0 ? [`${count.failed} failed`] : []),
      ...(count.skipped > 0 ? [`${count.skipped} skipped`] : []),
    ];
    const mark = count.failed > 0 ? paint(31, '✖') : count.passed === 0 ? paint(33, '–') : paint(32, '✔');
    print(`${mark} ${report.file}  ${parts.join(', ')}  ${seconds(report.durationMs)}`);
  };

  /**
   * Runs one stage under a heading and keeps its time.
   * @param {string} name
   * @param {() => Promise<void>} work
   */
  async stage(name, work) {
    print(`\n${paint(1, name)}`);
    const startedMs = performance.now();
    await work();
    this.#stages.push(`${name} ${seconds(performance.now() - startedMs)}`);
  }

  get failed() {
    return this.#total().failed > 0;
  }

  /** Prints all that is to be said at the end; the totals are the last line. */
  conclude() {
    for (const report of this.#reports) {
      const skipped = report.outcomes.filter((outcome) => outcome.status === 'skipped');
      for (const outcome of skipped) print(`${paint(33, 'skipped')} ${report.file}: ${outcome.name}: ${outcome.why}`);
    }
    for (const report of this.#reports) {
      const failed = report.outcomes.filter((outcome) => outcome.status === 'failed');
      for (const outcome of failed) print(`\n${paint(31, 'failed')} ${report.file}: ${outcome.name}\n${indent(outcome.why ?? '')}`);
      if (failed.length > 0 && report.output.trim() !== '') print(`  its output ended with:\n${indent(report.output.trimEnd())}`);
    }
    const { passed, failed, skipped } = this.#total();
    print(`\n${this.#stages.join(' · ')}`);
    print(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  }

  #total() {
    const total = { passed: 0, failed: 0, skipped: 0 };
    for (const report of this.#reports) {
      const count = countOf(report);
      total.passed += count.passed;
      total.failed += count.failed;
      total.skipped += count.skipped;
    }
    return total;
  }
}

/** @param {FileReport} report */
function countOf(report) {
  const count = { passed: 0, failed: 0, skipped: 0 };
  for (const outcome of report.outcomes) count[outcome.status] += 1;
  return count;
}

/** @param {number} ms */
function seconds(ms) {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 0)} s`;
}

/** @param {string} text */
function indent(text) {
  return text.replaceAll(/^/gm, '    ');
}

/** @param {string} text */
function print(text) {
  process.stdout.write(`${text}\n`);
}
