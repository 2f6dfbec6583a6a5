/**
 * Projects to build inside a sandbox, made up on the spot and built without a network: what judging every program start costs
 * where people feel it. Needs nothing but the tools each one names.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runChild } from '../../helper/base/child.ts';

export interface Build {
  readonly what: string;
  /** programs the sandbox must hold */
  readonly needs: readonly string[];
  /** makes the project in this folder, which the sandbox sees as its workspace */
  readonly write: (folder: string) => Promise<void>;
  /** runs once in the sandbox before anything is measured */
  readonly prepare?: string;
  readonly script: string;
  /** absent: it is there to show the worst case, and nobody's build is like it */
  readonly atMostRatio?: number;
}

const steps = 40;
const units = 16;
const packages = 40;

export const builds: readonly Build[] = [
  {
    what: `make -j2 without a compiler, ${steps * 4} program starts and little else`,
    needs: ['make'],
    write: writeSteps,
    script: 'make -s -j2 -C /workspace/steps OUT=/tmp/out-$$',
  },
  {
    what: `make -j2 of ${units} C files`,
    needs: ['make', 'cc'],
    write: writeUnits,
    script: 'make -s -j2 -C /workspace/units OUT=/tmp/out-$$',
    atMostRatio: 1.1,
  },
  {
    what: `npm ci of ${packages} packages`,
    needs: ['npm'],
    write: writePackages,
    prepare: 'cd /workspace/packages && npm cache add --cache /workspace/packages/cache ./part-*.tgz',
    script: 'cd /workspace/packages/app && npm ci --offline --no-audit --no-fund --loglevel error --cache /workspace/packages/cache',
    atMostRatio: 1.1,
  },
];

/** Each part is copied, edited and touched. */
async function writeSteps(folder: string): Promise<void> {
  const parts = Array.from({ length: steps }, (_, index) => `$(OUT)/part-${index}`);
  const recipe = '\t@mkdir -p $(OUT)\n\t@cp source.txt $@.tmp\n\t@sed -e s/value/other/ $@.tmp > $@.new\n\t@touch $@\n';
  await writeFiles(join(folder, 'steps'), {
    'source.txt': 'name = value\n'.repeat(200),
    Makefile: `all: ${parts.join(' ')}\n\n$(OUT)/part-%: source.txt\n${recipe}`,
  });
}

/** A program of small files in C: compiled, put into a library, linked, run. */
async function writeUnits(folder: string): Promise<void> {
  const numbers = Array.from({ length: units }, (_, index) => index);
  const objects = numbers.map((index) => `$(OUT)/unit${index}.o`).join(' ');
  const unit = (index: number): string =>
    [
      '#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include "units.h"\n',
      ...Array.from(
        { length: 20 },
        (_, part) =>
          `static int part${part}(const char *text, int by)\n{\n\tint sum = ${part};\n\tfor (size_t i = 0; i < strlen(text); i++)\n` +
          `\t\tsum = sum * by + text[i] % ${index + 2};\n\treturn sum;\n}\n`,
      ),
      `int unit${index}(const char *text)\n{\n\treturn ${Array.from({ length: 20 }, (_, part) => `part${part}(text, ${part + 3})`).join(' + ')};\n}\n`,
    ].join('\n');
  const rules = [
    `all: $(OUT)/program\n\t@$(OUT)/program > $(OUT)/said\n`,
    `$(OUT):\n\t@mkdir -p $(OUT)\n`,
    `$(OUT)/%.o: %.c units.h | $(OUT)\n\t@cc -O1 -Wall -c $< -o $@\n`,
    `$(OUT)/units.a: ${objects}\n\t@ar rc $@ ${objects}\n`,
    `$(OUT)/program: main.c $(OUT)/units.a\n\t@cc -O1 -Wall main.c $(OUT)/units.a -o $@\n`,
  ];
  const calls = numbers.map((index) => `unit${index}("a text")`).join(' + ');
  await writeFiles(join(folder, 'units'), {
    ...Object.fromEntries(numbers.map((index) => [`unit${index}.c`, unit(index)])),
    'units.h': numbers.map((index) => `int unit${index}(const char *text);\n`).join(''),
    'main.c': `#include <stdio.h>\n#include "units.h"\n\nint main(void)\n{\n\treturn printf("%d\\n", ${calls}) < 0;\n}\n`,
    Makefile: rules.join('\n'),
  });
}

/** An application of small packages, of which some have a step of their own; its lock file names where they never were. */
async function writePackages(folder: string): Promise<void> {
  const root = join(folder, 'packages');
  const names = Array.from({ length: packages }, (_, index) => `part-${index}`);
  const locked: Record<string, unknown> = {};
  for (const [index, name] of names.entries()) {
    const source = join(root, 'sources', name);
    const hasInstallScript = index % 8 === 0;
    const scripts = hasInstallScript ? { postinstall: 'node -e 0' } : {};
    await writeFiles(join(source, 'package'), {
      'package.json': JSON.stringify({ name, version: '1.0.0', bin: 'run.js', scripts }),
      'run.js': '#!/usr/bin/env node\n',
      ...Object.fromEntries(Array.from({ length: 20 }, (_, file) => [`lib-${file}.js`, `exports.value = ${file};\n`.repeat(40)])),
    });
    const archive = join(root, `${name}.tgz`);
    const packed = await runChild('tar', ['-C', source, '-czf', archive, 'package'], { timeoutMs: 10_000 });
    if (packed.code !== 0) throw new Error(packed.stderr);
    const integrity = `sha512-${createHash('sha512')
      .update(await readFile(archive))
      .digest('base64')}`;
    const resolved = `https://registry.example/${name}/-/${name}-1.0.0.tgz`;
    locked[`node_modules/${name}`] = { version: '1.0.0', resolved, integrity, hasInstallScript, bin: { [name]: 'run.js' } };
  }
  const dependencies = Object.fromEntries(names.map((name) => [name, '1.0.0']));
  const app = { name: 'app', version: '1.0.0', dependencies };
  await writeFiles(join(root, 'app'), {
    'package.json': JSON.stringify({ ...app, scripts: { prepare: 'node -e 0 && ls node_modules/.bin | xargs -n 10 echo > /tmp/bins' } }),
    'package-lock.json': JSON.stringify({ ...app, lockfileVersion: 3, requires: true, packages: { '': app, ...locked } }),
  });
}

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}
