/** Variables that make a program start another, load code, or read its settings elsewhere. Sources: the manual page of each program. */
import { type Argument, isKnown, unknown } from './argument.ts';
import type { Consequence } from './consequence.ts';
import { steered } from './special/steered.ts';

/** their value is a program the named one uses */
const commandLines =
  /^(GIT_(PAGER|EDITOR|SEQUENCE_EDITOR|SSH_COMMAND|SSH|EXTERNAL_DIFF|ASKPASS|PROXY_COMMAND)|PAGER|MANPAGER|SYSTEMD_PAGER|BAT_PAGER|DELTA_PAGER|AWS_PAGER|GH_PAGER|PSQL_PAGER|EDITOR|VISUAL|FCEDIT|SUDO_EDITOR|GH_EDITOR|BROWSER|GH_BROWSER|SSH_ASKPASS|SUDO_ASKPASS|LESSOPEN|LESSCLOSE|RSYNC_RSH|CVS_RSH|SVN_SSH|RUSTC_WRAPPER|RUSTC_WORKSPACE_WRAPPER|CARGO_BUILD_RUSTC_WRAPPER|CARGO_TARGET_\w+_RUNNER|PSQL_EDITOR|CMAKE_\w+_LAUNCHER|npm_config_git|KUBE_EDITOR|HGEDITOR|SVN_EDITOR|DIFFPROG|MERGE|TERMINAL|TEXEDIT)$/;
/** their value is a command line of any kind */
const lines = /^(PROMPT_COMMAND|FZF_DEFAULT_COMMAND|MAKE|NODE|SHELL_COMMAND|XARGS|CC|CXX|CPP|LD|AR|AS|FC|HOSTCC|BUILD_CC|RUSTC|PYTHON)$/;
/** with them, names of programs or the code inside programs are no longer what they seem */
const hidden =
  /^(LD_BIND_NOW|DYLD_\w+|GCC_EXEC_PREFIX|COMPILER_PATH|COLLECT_GCC\w*|GIT_ATTR_\w+|GIT_ALLOW_PROTOCOL|GIT_PROTOCOL_FROM_USER|PYTHONHOME|PYTHONINSPECT|PHPRC|PHP_INI_SCAN_DIR|R_PROFILE\w*|R_ENVIRON\w*|JULIA_LOAD_PATH|ELECTRON_RUN_AS_NODE|MAKEFILES|YARN_IGNORE_PATH|TAR_OPTIONS|CDPATH|INPUTRC|TERMINFO\w*|TERMCAP|OPENSSL_CONF|HOSTALIASES|RES_OPTIONS|NLSPATH|GLIBC_TUNABLES|MYVIMRC|GTK_MODULES|QT_PLUGIN_PATH|XDG_CONFIG_(HOME|DIRS)|SCREENRC|TMUX_CONF|FPATH|PROMPT|RIPGREP_CONFIG_PATH|CURL_HOME|WGETRC|PIP_CONFIG_FILE|DOCKER_CONFIG|ANSIBLE_CONFIG|LESSKEY\w*|GREP_OPTIONS|BASHOPTS|SHELLOPTS|npm_config_(userconfig|globalconfig)|NPM_CONFIG_(USERCONFIG|GLOBALCONFIG))$/;
/** nobody needs them in a line of everyday work */
const refused =
  /^(LD_PRELOAD|LD_AUDIT|LD_DEBUG_OUTPUT|BASH_ENV|ENV|BASH_FUNC_.*|DYLD_INSERT_LIBRARIES|GIT_EXEC_PATH|GIT_TEMPLATE_DIR|GIT_CONFIG_(COUNT|KEY_\d+|VALUE_\d+|PARAMETERS)|PYTHONSTARTUP|PERL5OPT|PERL5DB|LUA_INIT\w*|RUSTFLAGS_WRAPPER|OPENSSL_MODULES|OPENSSL_ENGINES|GCONV_PATH|GIO_MODULE_DIR|VIMINIT|EXINIT|ZDOTDIR|AWKLIBPATH|(npm_config|NPM_CONFIG)_(script_shell|node_options|SCRIPT_SHELL|NODE_OPTIONS))$/;
/** options for a program that are everyday, unless they hold what loads or starts something else */
const optionsFor: ReadonlyMap<string, RegExp> = new Map(
  Object.entries({
    NODE_OPTIONS:
      /(^|\s)(-e|--(eval|env-file\S*))([\s=]|$)|(-r|--(require|import|loader|experimental-loader))[\s=]+["']?(\/(?!workspace)|~|data:|https?:|file:|\.\.)/,
    JAVA_TOOL_OPTIONS: /agent(lib|path)?:|-XX:On\w+=|-Xbootclasspath/,
    GOFLAGS: /-(toolexec|exec|vettool|overlay|modfile)\b/,
    MAKEFLAGS: /eval|SHELL|(^|\s)-?-?f|\$|=.*[;|&`]/,
    RUBYOPT: /-r\s*[/.~]|-I|-e/,
    LESS: /\||!/,
    PS4: /[$`]/,
    SHELL: /^(?!(\/usr)?(\/local)?\/bin\/(ba|da|z|fi|k)?sh$)/,
    PYTHONWARNINGS: /^(?!(ignore|error|default|always|module|once|all)(:[\w:.]*)?(,\S+)?$)/,
    PYTHONBREAKPOINT: /^(?!(0|pdb\.set_trace|ipdb\.set_trace|pudb\.set_trace|breakpoint)$)/,
    GIT_CONFIG_GLOBAL: /^(?!\/dev\/null$)/,
  }),
);
const sameOptions: ReadonlyMap<string, string> = new Map([
  ...['_JAVA_OPTIONS', 'JDK_JAVA_OPTIONS', 'MAVEN_OPTS', 'GRADLE_OPTS', 'SBT_OPTS', 'JAVA_OPTS'].map(
    (name) => [name, 'JAVA_TOOL_OPTIONS'] as const,
  ),
  ...(['GNUMAKEFLAGS', 'MFLAGS'] as const).map((name) => [name, 'MAKEFLAGS'] as const),
  ...(['GIT_CONFIG', 'GIT_CONFIG_SYSTEM'] as const).map((name) => [name, 'GIT_CONFIG_GLOBAL'] as const),
]);
/** folders code is taken from: as good as a script where they lie in the workspace */
const codeFolders = /^(LD_LIBRARY_PATH|PERL5LIB|PERLLIB|RUBYLIB|NODE_PATH|PYTHONPATH|AWKPATH|BUNDLE_GEMFILE|LUA_PATH)$/;

/** What setting a variable for a program leads to. */
export function variableConsequences(name: string, value: Argument): readonly Consequence[] {
  if (value.text === '') return [];
  if (refused.test(name)) return [forbidden(name, value)];
  if (name === 'PATH') return pathConsequences(value);
  const unwanted = optionsFor.get(sameOptions.get(name) ?? name);
  if (unwanted !== undefined)
    return unwanted.test(value.text) ? [forbidden(name, value)] : value.text.startsWith(unknown) ? [hides(name, value)] : [];
  if (codeFolders.test(name))
    return value.text.split(':').some((part) => /^(\/(var\/)?tmp|\/dev\/shm)(\/|$)/.test(part)) ? [forbidden(name, value)] : [];
  if (commandLines.test(name)) return steered(value, `what reads ${name}`);
  if (lines.test(name))
    return [{ does: 'shell', line: value }, ...(/^(\S*\/)?(ba|da|z|k)?sh\s|[;&|`]|\$\(/.test(value.text) ? [forbidden(name, value)] : [])];
  return hidden.test(name) ? [hides(name, value)] : [];
}

const forbidden = (name: string, at: Argument): Consequence => ({
  does: 'forbidden',
  stage: 'variables',
  why: `${name} puts other code into programs; run the program without it.`,
  at,
});

const hides = (name: string, at: Argument): Consequence => ({
  does: 'hides',
  why: `With ${name} set, programs may run what the text does not show; leave it out.`,
  at,
});

/** Folders that are added to the known ones leave the names of known programs alone, unless they come first and are not usual places. */
function pathConsequences(value: Argument): readonly Consequence[] {
  const parts = value.text.split(':');
  const usual = /^\/(usr\/([\w./-]+\/)?|opt\/[\w./-]+\/|home\/agent\/[\w./@-]*|workspace\/[\w./@-]*)?s?bin$|node_modules\/\.bin$/;
  const kept = parts.findIndex((part) => part === unknown);
  const before = kept < 0 ? parts : parts.slice(0, kept);
  if (before.some((part) => /^(\/(var\/)?tmp|\/dev\/shm|\.)(\/|$)|^$/.test(part) && isKnown({ ...value, text: part })))
    return [forbidden('PATH', value)];
  return before.every((part) => usual.test(part)) ? [] : [hides('PATH', value)];
}
