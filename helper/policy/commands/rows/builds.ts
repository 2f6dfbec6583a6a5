/** Tools of projects: builds, packages, tests, compilers. What they build is theirs; what their options start is listed. */
import type { Row } from '../row.ts';

export const builds: readonly Row[] = [
  {
    names: 'make gmake bmake',
    source: 'make(1)',
    operands: ['text'],
    options: [
      'code: eval,E',
      'read: file,makefile,f include-dir,I directory,C',
      'text: jobs assume-new,what-if,W assume-old,o load-average,l output-sync',
      'flag: j n dry-run,just-print always-make,B keep-going,k silent,s quiet print-directory,w environment-overrides,e ignore-errors,i question,q touch,t no-builtin-rules,r',
      'inert: version,v help,h',
    ],
    language: 'make',
    special: 'make',
  },
  {
    names:
      'cmake ctest cpack ninja samu meson bazel bazelisk buck2 scons autoconf automake autoreconf libtool libtoolize pkg-config qmake xmake premake waf just task mage rake invoke nox tox doit nx turbo lerna gradle gradlew mvn mvnw ant sbt lein mill',
    source: 'the manual of each',
    special: 'launches',
    operands: ['text'],
    options: ['read: build S B C f file', 'text: D G j target,t config preset'],
  },
  {
    names:
      'gcc cc g++ c++ clang clang++ clang-cl cpp tcc icc nvcc gfortran gdc ldc2 dmd rustc zig ghc ocamlfind ocamlc javac kotlinc scalac swiftc fpc as ld ld.gold ld.lld lld gold',
    source: 'gcc(1), clang(1), ld(1)',
    oneDash: true,
    operands: ['read'],
    options: [
      'steers: fplugin wrapper fpass-plugin',
      'hides: load specs plugin pluginargs Xclang',
      'write: o MF MD-file',
      'read: I L include isystem x T',
      'text: D U std W O',
    ],
  },
  {
    names: 'npm pnpm yarn',
    source: 'npm docs',
    special: 'npm',
    options: [
      'read: prefix,C userconfig globalconfig dir cwd',
      'steers: script-shell',
      'hides: node-options',
      'steers: git',
      'text: registry tag loglevel workspace,w filter,F omit include',
      'flag: silent,s yes,y force,f global,g save save-dev,D save-exact,E production ignore-scripts legacy-peer-deps quiet,q recursive,r parallel if-present',
      'inert: version,v help,h',
    ],
    operands: ['text'],
    subcommands: {
      exec: { operands: ['command'], options: ['shell: call,c', 'text: package,p workspace,w', 'flag: yes,y'] },
      dlx: { operands: ['text'], options: ['text: package,p', 'flag: quiet,q'] },
      config: { operands: ['text'], options: ['text: location,L', 'flag: global,g json'] },
      install: {
        operands: ['text'],
        options: [
          'flag: global,g save-dev,D save,S save-exact,E save-optional,O force,f production no-audit no-fund ignore-scripts legacy-peer-deps frozen-lockfile',
          'text: workspace,w registry omit prefix,C',
        ],
      },
      '*': { operands: ['text'], options: ['text: workspace,w prefix,C registry tag otp access', 'flag: global,g force,f'] },
    },
    also: {
      i: 'install',
      in: 'install',
      ins: 'install',
      add: 'install',
      isntall: 'install',
      x: 'exec',
      c: 'config',
      r: 'uninstall',
      rm: 'uninstall',
      remove: 'uninstall',
      un: 'uninstall',
      t: 'test',
      tst: 'test',
      rum: 'run',
      'run-script': 'run',
    },
  },
  {
    names: 'pip',
    source: 'pip documentation',
    options: [
      'text: proxy retries timeout exists-action trusted-host cache-dir keyring-provider',
      'read: cert client-cert',
      'write: log',
      'hides: python',
      'flag: quiet,q verbose,v isolated require-virtualenv debug no-input no-cache-dir disable-pip-version-check no-color no-python-version-warning',
      'inert: version,V help,h',
    ],
    subcommands: {
      install: {
        operands: ['read'],
        options: [
          'write: target,t prefix root report',
          'read: requirement,r constraint,c editable,e src find-links,f',
          'text: index-url,i extra-index-url platform python-version implementation abi config-settings,C global-option only-binary no-binary upgrade-strategy root-user-action progress-bar group',
          'flag: user pre upgrade,U force-reinstall ignore-installed,I no-deps no-build-isolation no-index break-system-packages require-hashes dry-run no-cache-dir quiet,q verbose,v',
        ],
      },
      '*': {
        operands: ['text'],
        options: [
          'read: requirement,r',
          'write: dest,d wheel-dir,w',
          'text: index-url,i format',
          'flag: yes,y outdated,o user files,f pre',
        ],
      },
    },
  },
  {
    names: 'uv poetry pdm pipenv hatch rye conda mamba micromamba',
    source: 'the documentation of each',
    special: 'uv',
    operands: ['text'],
    options: ['read: directory project C', 'text: python,p'],
    subcommands: {
      run: {
        operands: ['command'],
        options: [
          'text: with,w python,p extra group package name,n env-spec cwd',
          'read: prefix with-requirements directory env-file',
          'flag: no-sync frozen isolated module,m no-capture-output live-stream locked quiet,q',
        ],
      },
      tool: { operands: ['text', 'command'] },
      shell: { operands: ['text'] },
      '*': { operands: ['text'] },
    },
  },
  {
    names: 'cargo',
    source: 'The Cargo Book',
    options: [
      'text: color explain Z',
      'hides: config',
      'read: C manifest-path',
      'flag: verbose,v quiet,q frozen locked offline',
      'inert: version,V help,h list',
    ],
    subcommands: {
      run: { operands: ['text'], options: ['text: bin example package,p features,F target profile', 'flag: release,r quiet,q'] },
      '*': {
        operands: ['text'],
        options: [
          'text: package,p features,F target profile jobs,j bin',
          'hides: config',
          'read: manifest-path target-dir path',
          'flag: release,r workspace all-targets quiet,q',
        ],
      },
    },
  },
  {
    names: 'go',
    source: 'cmd/go documentation',
    exact: true,
    oneDash: true,
    options: ['read: C'],
    subcommands: {
      generate: { operands: ['text'] },
      '*': {
        operands: ['text'],
        options: [
          'steers: toolexec exec vettool',
          'write: o coverprofile cpuprofile memprofile',
          'text: run bench count timeout tags ldflags gcflags mod p',
          'hides: modfile overlay',
        ],
      },
    },
  },
  {
    names: 'rustup nvm pyenv rbenv asdf mise volta fnm sdk goenv',
    source: 'the documentation of each',
    operands: ['text'],
    subcommands: {
      run: { operands: ['text', 'command'] },
      exec: { operands: ['command'] },
      x: { operands: ['text', 'shell-rest'], options: ['text: c'] },
      which: { operands: ['text'] },
      '*': { operands: ['text'] },
    },
  },
  {
    names: 'bundle bundler',
    source: 'bundle(1)',
    operands: ['text'],
    subcommands: { exec: { operands: ['command'] }, '*': { operands: ['text'] } },
  },
  {
    names: 'gem composer mix opam stack cabal luarocks',
    source: 'the documentation of each',
    operands: ['text'],
    subcommands: { exec: { operands: ['command'], options: ['text: package resolver'] }, '*': { operands: ['text'] } },
  },
  {
    names:
      'pytest py.test unittest jest vitest mocha ava tap karma cypress playwright rspec phpunit nose2 tsc eslint prettier black ruff flake8 mypy pylint isort webpack vite rollup esbuild parcel next nuxt astro svelte-kit ng vue tailwindcss biome oxlint standard stylelint commitlint husky lint-staged pre-commit shellcheck shfmt hadolint golangci-lint gofmt goimports rustfmt clippy-driver cargo-clippy clang-format clang-tidy cppcheck rubocop phpstan swiftlint ktlint checkstyle',
    source: 'the documentation of each',
    operands: ['text'],
    options: ['read: config,c', 'write: outDir output,o'],
  },
  {
    names: 'coverage',
    source: 'coverage.py documentation',
    operands: ['text'],
    subcommands: {
      run: { operands: ['text'], options: ['text: source omit include', 'flag: module,m branch append,a parallel-mode,p'] },
      '*': { operands: ['text'] },
    },
  },
  {
    names:
      'apt apt-get aptitude dnf yum apk pacman zypper brew port snap flatpak dpkg rpm emerge xbps-install nix nix-env guix choco winget',
    source: 'apt-get(8), dpkg(1), nix manual',
    operands: ['text'],
    options: ['hides: option,o pre-invoke post-invoke', 'write: root instdir admindir', 'flag: yes,y quiet,q'],
  },
  {
    names:
      'aws gcloud gsutil az terraform tofu pulumi ansible ansible-playbook vagrant packer vault consul nomad doctl heroku flyctl vercel netlify wrangler firebase gh glab hub',
    source: 'the documentation of each',
    operands: ['read'],
    options: ['text: body,b title,t message,m repo,R profile region'],
  },
];
