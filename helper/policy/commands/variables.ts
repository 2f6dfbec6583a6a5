/** Variables that make a program start another, load code, or read its settings elsewhere. Sources: the manual page of each program. */
import { type Argument, isKnown, unknown } from './argument.ts';
import type { Consequence } from './consequence.ts';

/** their value is a command line */
const commandLines =
  /^(GIT_(PAGER|EDITOR|SEQUENCE_EDITOR|SSH_COMMAND|SSH|EXTERNAL_DIFF|ASKPASS|PROXY_COMMAND|PAGER_IN_USE)|PAGER|MANPAGER|SYSTEMD_PAGER|BAT_PAGER|DELTA_PAGER|AWS_PAGER|GH_PAGER|PSQL_PAGER|EDITOR|VISUAL|FCEDIT|SUDO_EDITOR|GH_EDITOR|BROWSER|GH_BROWSER|SSH_ASKPASS|SUDO_ASKPASS|PROMPT_COMMAND|LESSOPEN|LESSCLOSE|RSYNC_RSH|CVS_RSH|SVN_SSH|RUSTC_WRAPPER|RUSTC_WORKSPACE_WRAPPER|CARGO_BUILD_RUSTC_WRAPPER|CARGO_TARGET_\w+_RUNNER|TAR_OPTIONS_RSH|PSQL_EDITOR|MAKE|CMAKE_\w+_LAUNCHER|NODE|npm_config_git|FZF_DEFAULT_COMMAND|KUBE_EDITOR|HGEDITOR|SVN_EDITOR|DIFFPROG|MERGE|TERMINAL|SHELL_COMMAND|XARGS|TEXEDIT|PYTHONBREAKPOINT_CMD)$/;
/** with them, names of programs or the code inside programs are no longer what they seem */
const hidden =
  /^(LD_LIBRARY_PATH|LD_BIND_NOW|DYLD_\w+|GCC_EXEC_PREFIX|COMPILER_PATH|COLLECT_GCC\w*|GIT_CONFIG(_\w+)?|GIT_EXEC_PATH|GIT_TEMPLATE_DIR|GIT_ATTR_\w+|GIT_ALLOW_PROTOCOL|GIT_PROTOCOL_FROM_USER|GIT_EXTERNAL\w*|PERL5OPT|PERL5LIB|PERL5DB|PERLLIB|PYTHONSTARTUP|PYTHONHOME|PYTHONBREAKPOINT|PYTHONINSPECT|PYTHONWARNINGS|RUBYOPT|RUBYLIB|PHPRC|PHP_INI_SCAN_DIR|LUA_INIT\w*|R_PROFILE\w*|R_ENVIRON\w*|JULIA_LOAD_PATH|NODE_PATH|ELECTRON_RUN_AS_NODE|BUN_\w+|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_JAVA_OPTIONS|MAVEN_OPTS|GRADLE_OPTS|GOFLAGS|MAKEFILES|MAKEFLAGS|GNUMAKEFLAGS|SHELL|CONFIG_SHELL|npm_config_(script_shell|node_options|userconfig|globalconfig)|NPM_CONFIG_(SCRIPT_SHELL|NODE_OPTIONS|USERCONFIG|GLOBALCONFIG)|YARN_IGNORE_PATH|TAR_OPTIONS|CDPATH|INPUTRC|TERMINFO\w*|TERMCAP|OPENSSL_CONF|OPENSSL_MODULES|GCONV_PATH|HOSTALIASES|RES_OPTIONS|NLSPATH|GLIBC_TUNABLES|MALLOC_\w+|VIMINIT|EXINIT|MYVIMRC|GIO_MODULE_DIR|GTK_MODULES|QT_PLUGIN_PATH|XDG_CONFIG_(HOME|DIRS)|SCREENRC|TMUX_CONF|ZDOTDIR|FPATH|PS4|PROMPT|RIPGREP_CONFIG_PATH|CURL_HOME|WGETRC|AWKPATH|AWKLIBPATH|BUNDLE_GEMFILE|RUSTFLAGS_WRAPPER|PIP_CONFIG_FILE|DOCKER_CONFIG|ANSIBLE_CONFIG|LESSKEY\w*|LESS|GREP_OPTIONS|BASHOPTS|SHELLOPTS)$/;
/** nobody needs them in a line of everyday work */
const refused = /^(LD_PRELOAD|LD_AUDIT|LD_DEBUG_OUTPUT|BASH_ENV|ENV|BASH_FUNC_.*|DYLD_INSERT_LIBRARIES)$/;

/** What setting a variable for a program leads to. */
export function variableConsequences(name: string, value: Argument): readonly Consequence[] {
  if (refused.test(name) && value.text !== '')
    return [
      { does: 'forbidden', stage: 'variables', why: `${name} puts other code into programs; run the program without it.`, at: value },
    ];
  if (name === 'PATH') return pathConsequences(value);
  if (name === 'NODE_OPTIONS')
    return /(^|\s)(-r|--(require|import|loader|experimental-loader|eval|inspect\S*|env-file\S*))([\s=]|$)/.test(value.text) ||
      !isKnown(value)
      ? [hides(name, value)]
      : [];
  if (commandLines.test(name)) return value.text === '' ? [] : [{ does: 'shell', line: value }];
  if (
    /MAKEFLAGS$/.test(name) &&
    value.text.split(/\s+/).every((part) => /^(-?[kswBnri]*j?\d*|--(jobs|silent|keep-going|no-print-directory)(=\d+)?)$/.test(part))
  )
    return [];
  if (name === 'LESS') return /\||!/.test(value.text) ? [hides(name, value)] : [];
  return hidden.test(name) && value.text !== '' ? [hides(name, value)] : [];
}

const hides = (name: string, at: Argument): Consequence => ({
  does: 'hides',
  why: `With ${name} set, programs may run what the text does not show; leave it out.`,
  at,
});

/** Folders that are added to the known ones leave the names of known programs alone, unless they come first and are not usual places. */
function pathConsequences(value: Argument): readonly Consequence[] {
  const parts = value.text.split(':');
  const usual = /^\/(usr\/(local\/)?|opt\/[\w./-]+\/|home\/agent\/[\w./@-]*|workspace\/[\w./@-]*)?s?bin$|node_modules\/\.bin$/;
  const kept = parts.findIndex((part) => part === unknown);
  const before = kept < 0 ? parts : parts.slice(0, kept);
  const told = before.every((part) => usual.test(part));
  return told ? [] : [hides('PATH', value)];
}
