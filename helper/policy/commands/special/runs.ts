/** Programs whose manner of naming what they start does not fit a table. Sources: the manual pages named in rows/. */
import { type Argument, argumentAt, unknownAt, wildcard } from '../argument.ts';
import { type Consequence, hides, starts } from '../consequence.ts';
import { joined, optionNamed, plainConsequences, type Special, type Use } from '../use.ts';

/** env and sudo: variables before the command, and a whole line as one option. */
const env: Special = (use) => {
  const moved = optionNamed(use.reading, 'chdir')?.value;
  const elsewhere: readonly Consequence[] = moved === undefined ? [] : [{ does: 'change', path: moved }];
  // A lone “-” is “-i”.
  const operands = use.reading.operands.filter(({ text }, index) => text !== '-' || index > 0);
  const set = operands.findIndex(({ text }) => !/^[A-Za-z_]\w*=/.test(text));
  const variables = set < 0 ? operands : operands.slice(0, set);
  const rest = set < 0 ? [] : operands.slice(set);
  const found: Consequence[] = variables.map((variable) => assignment(variable));
  const line = optionNamed(use.reading, 'split-string')?.value;
  if (line !== undefined) return [...found, { does: 'shell', line: joined([line, ...operands]) }];
  if (optionNamed(use.reading, 'shell', 'login') !== undefined && rest.length > 0) return [...found, { does: 'shell', line: joined(rest) }];
  if (optionNamed(use.reading, 'edit') !== undefined) return [...found, ...rest.map((path) => ({ does: 'write' as const, path }))];
  return [...found, ...elsewhere, ...strange(use), ...starts(rest)];
};

export function assignment(argument: Argument): Consequence {
  const equals = argument.text.indexOf('=');
  const name = argument.text.slice(0, equals < 0 ? undefined : equals).replace(/\+$/, '');
  return { does: 'sets', name, value: { ...argument, text: equals < 0 ? '' : argument.text.slice(equals + 1) } };
}

/** An option nobody knows may take what seems to be the command for its value. */
export function strange({ reading, name }: Use): readonly Consequence[] {
  const option = reading.options.find(({ known }) => !known);
  return option === undefined
    ? []
    : [hides(`What ${name.text} starts cannot be told because of “${option.at.text}”; leave it out.`, option.at)];
}

const loose: Special = (use) => {
  const { options, operands } = use.reading;
  const unsure = options.find(({ at }) => !at.text.includes('='));
  const doubt =
    unsure !== undefined && operands.length > 0
      ? [hides(`What ${use.name.text} starts cannot be told; start it directly.`, unsure.at)]
      : [];
  return [...doubt, ...starts(use.program.program === 'perf' || /(^|\/)setarch$/.test(use.name.text) ? operands.slice(1) : operands)];
};

const flock: Special = (use) => {
  const [file, first, line] = use.reading.operands;
  const lock: readonly Consequence[] = file === undefined || /^\d+$/.test(file.text) ? [] : [{ does: 'write', path: file }];
  const own = optionNamed(use.reading, 'command')?.value;
  if (own !== undefined) return [...lock, { does: 'shell', line: own }];
  if (line !== undefined && (first?.text === '-c' || first?.text === '--command')) return [...lock, { does: 'shell', line }];
  return [...lock, ...strange(use), ...starts(use.reading.operands.slice(1))];
};

const debuggers: Special = (use) => {
  const doubts = plainConsequences(use).filter(({ does }) => does === 'hides');
  const [first] = use.reading.operands;
  if (first === undefined) return doubts;
  return [...doubts, ...(optionNamed(use.reading, 'args') === undefined ? [] : starts(use.reading.operands))];
};

const tmux: Special = (use) => {
  const verb = use.reading.operands[0];
  const quiet = /^(ls|list-\S*|has(-session)?|kill-\S*|attach(-session)?|a|at|detach\S*|info|show-\S*|capture-pane|-\S*)$/;
  return verb === undefined || quiet.test(verb.text)
    ? []
    : [hides('What runs in that terminal is not in the text; run it directly.', verb)];
};

const later: Special = (use) => [hides('What is to run later is not in the text; run it now.', use.reading.operands[0] ?? use.name)];

/** xargs: arguments come from its input. */
const xargs: Special = (use, input) => {
  const { operands, options } = use.reading;
  const argv = operands.length > 0 ? operands : [argumentAt('echo', use.name)];
  const replaced = options.find(({ name }) => ['I', 'replace', 'i'].includes(name));
  const mark = replaced === undefined ? undefined : (replaced.value?.text ?? '{}');
  const place = argv.at(-1) ?? use.name;
  const names =
    input.kind === 'names' ? input.names.slice(0, 8) : input.kind === 'text' ? written(input.text, mark === undefined) : [unknownAt(place)];
  if (mark === undefined)
    return [...strange(use), ...(input.kind === 'text' ? starts([...argv, ...names]) : names.flatMap((name) => starts([...argv, name])))];
  const lines = names.map((name) =>
    argv.map((argument) =>
      argument.text.includes(mark) ? { ...argument, text: argument.text.replaceAll(mark, name.text), splits: false } : argument,
    ),
  );
  return [...strange(use), ...lines.flatMap((line) => starts(line))];
};

/** The arguments xargs makes of a text: its words, or its lines. */
function written(text: Argument, words: boolean): readonly Argument[] {
  const parts = text.text.split(words ? /\s+/ : '\n').filter((part) => part !== '');
  return parts.length > 64 ? [unknownAt(text)] : parts.map((part) => argumentAt(part.replace(/^(['"])(.*)\1$/s, '$2'), text));
}

const parallel: Special = (use, input) => {
  const { operands } = use.reading;
  const at = operands.findIndex(({ text }) => /^:::+\+?$/.test(text));
  const words = at < 0 ? operands : operands.slice(0, at);
  if (words.length === 0) return [hides('What parallel starts is read from elsewhere; name the command.', use.name)];
  const given =
    at < 0
      ? input.kind === 'names'
        ? input.names
        : [unknownAt(use.name)]
      : operands.slice(at + 1).filter(({ text }) => !text.startsWith(':::'));
  const line = joined(words);
  const lines = given.slice(0, 8).map((value) => ({
    ...line,
    text: /\{[^}\s]*\}/.test(line.text)
      ? line.text.replace(/\{[^}\s,]*\}/g, () => value.text.replaceAll(wildcard, '*'))
      : `${line.text} ${value.text.replaceAll(wildcard, '*')}`,
  }));
  return [...strange(use), ...lines.map((one) => ({ does: 'shell' as const, line: one }))];
};

const npx: Special = (use) => {
  const line = optionNamed(use.reading, 'call')?.value;
  const [first, ...rest] = use.reading.operands;
  const wanted = optionNamed(use.reading, 'package', 'from')?.value;
  if (line !== undefined) return [...unfamiliar(wanted, true), { does: 'shell', line }];
  if (first === undefined) return [];
  if (/:\/\/|^(git|github|gitlab|file|https?):|\.tgz$/.test(first.text)) return [foreign(first)];
  const fetches = wanted !== undefined || /^(bunx|uvx|pipx|pnpx)$/.test(use.name.text);
  if (use.name.text === 'pipx') return first.text === 'run' ? [...unfamiliar(rest[0], true), ...starts(rest)] : [];
  const name = /^(@[^/@]+\/)?[^@]+/.exec(first.text)?.[0] ?? first.text;
  const named = wanted ?? first;
  return [...unfamiliar(named, fetches), ...starts([{ ...first, text: name }, ...rest])];
};

/** packages that are run without being installed, in everyday work */
const familiar =
  /^(@[\w.-]+\/)?(create|init|eslint|prettier|vite|vitest|jest|tsc|tsx|ts-node|typescript|playwright|cypress|prisma|drizzle-kit|next|nuxt|astro|svelte|sv|degit|tiged|shadcn(-ui)?|tailwindcss|cli|cli-[\w-]+|[\w-]+-cli|storybook|sb|turbo|nx|lerna|rimraf|cowsay|http-server|serve|json-server|npm-check-updates|depcheck|knip|madge|markdownlint\w*|stylelint|commitlint|husky|lint-staged|concurrently|nodemon|webpack|rollup|esbuild|parcel|mocha|c8|nyc|codemod|jscodeshift|license-checker|size-limit|openapi-\w+|graphql-codegen|ruff|black|mypy|pytest|isort|flake8|pylint|pyright|basedpyright|poetry|pdm|hatch|tox|nox|pre-commit|cookiecutter|copier|httpie|ipython|jupyter\w*|mkdocs|sphinx\w*|twine|build|codespell|bandit|pip-audit|pyupgrade|vulture|radon|yamllint|sqlfluff|uv|ty|marimo|black|coverage|yapf|autopep8|safety|semgrep|pip-tools|pipdeptree|eslint[\w-]*|create-[\w.-]+|create[\w-]*)(@[\w.^~-]+|[=<>!~].*)?$/;

/** A package that is fetched to be run is as unknown as anything another machine sends. */
const unfamiliar = (at: Argument | undefined, fetches: boolean): readonly Consequence[] =>
  at === undefined || !fetches || familiar.test(at.text)
    ? []
    : [hides(`What ${at.text.slice(0, 40)} does is not in the text, and it would be fetched to be run; install it into the project.`, at)];

const foreign = (at: Argument): Consequence => ({
  does: 'forbidden',
  stage: 'steering',
  why: 'It runs what another machine sends, unread; install it into the project and look at it.',
  at,
});

const make: Special = (use) => [
  ...plainConsequences(use),
  ...use.reading.operands
    .filter(({ text }) => /^\.?SHELL(FLAGS)?[:+?]*=|\$\(shell|\$\{shell|^MAKEFLAGS=|^MAKEFILES=/.test(text))
    .map((at) => hides('It makes make run what the text does not show; put it into the makefile.', at)),
];

const launches: Special = (use) => {
  const at = use.argv.findIndex(({ text }) => text === '-E');
  if (use.program.program !== 'cmake' || at < 0) return [];
  const [verb, ...rest] = use.argv.slice(at + 1);
  const same: Readonly<Record<string, string>> = {
    remove: 'rm',
    remove_directory: 'rm',
    rename: 'mv',
    copy: 'cp',
    copy_directory: 'cp',
    make_directory: 'mkdir',
    create_symlink: 'ln',
  };
  return verb === undefined ? [] : starts([{ ...verb, text: same[verb.text] ?? verb.text }, ...rest]);
};

const npm: Special = (use) => {
  const { operands } = use.reading;
  const setting =
    use.subcommand === 'config' && operands.some(({ text }) => /script-shell|node-options|^(git|editor|shell|viewer)(=|$)/.test(text));
  if (setting) return [...plainConsequences(use), hides('This setting makes npm run another program; leave it.', operands[0] ?? use.name)];
  const [first] = operands;
  if (use.subcommand === 'dlx' && first !== undefined)
    return [
      ...(/:\/\/|^(git|github|file):/.test(first.text)
        ? [foreign(first)]
        : unfamiliar(optionNamed(use.reading, 'package')?.value ?? first, true)),
      ...starts(operands),
    ];
  if (use.subcommand === 'exec' && operands.length === 1 && first !== undefined && /\s/.test(first.text))
    return [...plainConsequences(use), { does: 'shell', line: first }];
  const explored = use.subcommand === 'explore' ? operands.slice(1) : [];
  return [...plainConsequences(use), ...starts(explored)];
};

const uv: Special = (use) =>
  use.subcommand === 'pip'
    ? starts([argumentAt('pip', use.name), ...use.argv.slice(use.argv.findIndex(({ text }) => text === 'pip') + 1)])
    : plainConsequences(use);

const socat: Special = (use) =>
  use.reading.operands.flatMap((operand): readonly Consequence[] => {
    const line = /^(exec|system|shell):(.*)$/is.exec(operand.text)?.[2];
    return line === undefined ? [] : [{ does: 'shell', line: { ...operand, text: line.replace(/,[a-z]+(=\S*)?.*$/, '') } }];
  });

const fd: Special = (use) => {
  const at = use.argv.findIndex(({ text }) => /^(-[a-zA-Z]*[xX]|--exec(-batch)?)$/.test(text));
  const argv = at < 0 ? [] : use.argv.slice(at + 1);
  const file = unknownAt(use.name);
  const line = argv.some(({ text }) => text.includes('{'))
    ? argv.map((a) => ({ ...a, text: a.text.replace(/\{[./]*\}/g, '\0') }))
    : [...argv, file];
  return at < 0 ? plainConsequences(use) : starts(line);
};

const builtin: Special = (use) => {
  const { argv, name } = use;
  const [first] = argv;
  const has = (option: string): boolean =>
    argv.some(({ text }) => text.startsWith('-') && !text.startsWith('--') && text.slice(1).includes(option));
  const pairs = argv.filter(({ text }) => /^[\w.-]+\+?=/.test(text));
  switch (name.text) {
    case 'export':
    case 'declare':
    case 'typeset':
    case 'local':
    case 'readonly':
      return pairs.map((pair) => assignment(pair));
    case 'alias':
      return pairs.map((pair) => ({ does: 'shell', line: { ...pair, text: pair.text.slice(pair.text.indexOf('=') + 1) } }));
    case 'hash':
      return has('p') && first !== undefined ? [hides('It makes a name mean another program; call that program by its path.', first)] : [];
    case 'enable':
      return has('f') && first !== undefined ? [hides('It loads code into the shell; leave it out.', first)] : [];
    case 'complete':
    case 'compgen':
      return has('C') || has('F') ? argv.slice(-1).map((at) => hides('It runs a command when the shell completes; leave it out.', at)) : [];
    case 'bind':
      return has('x') ? argv.slice(-1).map((at) => hides('It binds a key to a command; leave it out.', at)) : [];
    case 'mapfile':
    case 'readarray':
      return has('C') ? argv.slice(-1).map((at) => hides('It runs a command for each line; use a loop.', at)) : [];
    case 'fc':
      return has('l') ? [] : [hides('It runs a line of the history again; write the line.', name)];
    default:
      return [];
  }
};

/** manner of naming → how it is read */
export const runningSpecials: Readonly<Record<string, Special>> = {
  ...{ env, loose, flock, debugger: debuggers, tmux, later, xargs, parallel, npx, make, launches },
  ...{
    npm,
    uv,
    socat,
    fd,
    builtin,
    'runs-folder': (use) => use.reading.operands.map((at) => hides('Which programs are in that folder is not in the text; name them.', at)),
  },
};
