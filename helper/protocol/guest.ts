/**
 * The link between helper and guest, frame by frame. `images/guest/frames.h` mirrors this file and a house test keeps
 * the two equal. What comes from the guest's side is hostile input and is parsed as such in `helper/guest`.
 *
 * Frame, big-endian:
 *
 *     0        1                5                9
 *     +--------+----------------+----------------+----------------+
 *     | type 1 | id 4           | length 4       | payload length |
 *     +--------+----------------+----------------+----------------+
 *
 * A socket link is one control connection plus one raw connection per stream. Each connection opens with 1 kind byte
 * ('C' control, 'S' stream) and a 32-byte token: the sandbox's token for control, the stream's one-time token for a stream.
 * A stdio link carries the same frames on stdin/stdout, with DATA, WINDOW, END and RESET for the streams.
 *
 * Process `p` (helper-chosen, > 0) owns stream `2p` (terminal, or stdin and stdout) and `2p + 1` (stderr).
 */

export const guestProtocolVersion = 1;

export const frameHeaderBytes = 9;
/** longest payload of DATA; longer writes are cut into several frames */
export const dataLimitBytes = 65_536;
/** longest payload of any frame; a longer one ends the link */
export const frameLimitBytes = 1_048_576;
export const tokenBytes = 32;
/** credit each direction of a multiplexed stream starts with */
export const initialWindowBytes = 262_144;

export const frameType = {
  /** guest → helper: u16 version, u8 flags (helloFlag), then per process it still has: u32 id, u32 pid, u8 spawnFlag bits */
  HELLO: 1,
  /** helper → guest: u16 version, u32 graceMs a lost link is waited for before everything is killed (0 = at once), u8 flags (welcomeFlag) */
  WELCOME: 2,
  /** both ways: 8 opaque bytes, echoed in PONG */
  PING: 3,
  PONG: 4,
  /** helper → guest: u32 graceMs; terminate everything, then end */
  SHUTDOWN: 5,

  /**
   * helper → guest: id = process; u8 flags (spawnFlag), u16 rows, u16 columns, 32-byte token of stream 2p,
   * 32-byte token of stream 2p+1, u16 argc, u16 envc, then NUL-ended strings: cwd, file, argv…, env…
   */
  SPAWN: 16,
  /** guest → helper: id = process; u32 pid as seen in the sandbox */
  STARTED: 17,
  /** guest → helper: id = process; u8 stage (spawnStage), u32 errno */
  FAILED: 18,
  /** guest → helper: id = process; u8 kind (0 exited, 1 signalled), u8 exit code or signal, u8 flags (1 = core dumped) */
  EXITED: 19,
  /** helper → guest: id = process; u8 signal, u8 target (signalTarget) */
  SIGNAL: 20,
  /** helper → guest: id = process; u16 rows, u16 columns */
  RESIZE: 21,
  /**
   * helper → guest, after WELCOME, once for each process of a resumed HELLO: id = process; two 32-byte tokens. The guest opens the
   * streams anew and tells STARTED and EXITED again; when all are open, everything inside runs on.
   */
  REOPEN: 22,
  /** helper → guest, the answer to EXITED: id = process; nothing more will be written to its streams. The guest forgets it. */
  RELEASE: 23,

  /** stdio link only, both ways: id = stream; bytes */
  DATA: 32,
  /** stdio link only, both ways: id = stream; u32 more bytes the sender may send */
  WINDOW: 33,
  /**
   * id = stream; no more bytes from this side. Helper → guest on both links (on a socket link besides shutting the connection
   * down: without END a stream that broke is a lost helper, not an end of file); guest → helper on a stdio link only.
   */
  END: 34,
  /** helper → guest: id = stream; the stream is gone in both directions, its descriptors inside are closed */
  RESET: 35,

  /**
   * guest → helper: id = question; u32 pid, u32 parent, u32 process it descends from, u8 flags (execFlag), u16 argc, then NUL-ended
   * strings: path as asked, path as found, first line of a script without "#!", its interpreter as found, current folder, argv…
   */
  EXEC_ASK: 48,
  /** helper → guest: id = question; u8 execAnswer bits, then for a no one line for whoever asked, UTF-8 */
  EXEC_ANSWER: 49,
  /** guest → helper: id = question whose lasting yes was used again; u32 pid, u32 parent, u32 process */
  EXEC_AGAIN: 50,
  /**
   * guest → helper: id = a question of its own, answered by EXEC_ANSWER; u32 pid, u32 question by which it was allowed, then the
   * NUL-ended arguments that really run, which are not those that were asked about. A no kills it.
   */
  EXEC_CHANGED: 51,
  /** guest → helper: id = question; u32 pid: another program ran than was allowed, and was killed */
  EXEC_OTHER: 52,
  /** helper → guest: no earlier yes is to be used again */
  EXEC_FORGET: 53,
  /** guest → helper: id = question that is not to be answered any more: whoever asked is gone */
  EXEC_GONE: 54,

  /** 55 to 63 are kept for exec decisions */

  /**
   * helper → guest, before the first SPAWN and whenever they change: u8 flags (none yet), u16 count of closed patterns, u16 count of hidden
   * paths, then NUL-ended strings: the workspace, the closed patterns (those of `[workspace]`: what may be neither changed nor made), then
   * absolute paths that are hidden behind an empty file or folder
   */
  FILES: 64,
  /**
   * guest → helper: a change of a closed path was refused; u32 pid, u8 fileAct, u16 index of the closed pattern, then NUL-ended strings: the
   * path, and for a rename or link the other path (else empty), then executable and argv… of who asked, as far as they fit
   */
  FILE_REFUSED: 65,
  /** guest → helper: a hidden path was opened, and what was there was empty; u16 index of the hidden path */
  FILE_SEEN: 66,

  /** 67 to 79 are kept for files */

  /**
   * guest → helper: id = question; u32 pid of who asks (0: unknown), then NUL-ended strings: the name in lower case without its last
   * dot, then executable and argv… of who asks, as far as they fit
   */
  NAME_ASK: 80,
  /**
   * helper → guest: id = question; u16 count of ports (0: there is no such name), u16 each, then for a no one line for whoever asked,
   * UTF-8. The guest gives the name an address of its own loopback and listens there on these ports.
   */
  NAME_ANSWER: 81,
  /**
   * guest → helper: id = connection (connectionIds.guest and above), which is also the id of its stream; u8 kind (connectionKind),
   * u16 port (0 for a hook), u32 pid (0: unknown), then NUL-ended strings: host (empty but for a name), executable, argv…, as far
   * as they fit. What a hook says on its stream: the agent's name, a line feed, what the agent gave it, END; the answer: empty lines
   * while somebody thinks, then `0`, line feed, END, or `2`, line feed, the reason, END.
   */
  CONNECT_ASK: 82,
  /** helper → guest: id = connection; 32-byte token of its stream, which the guest opens now */
  CONNECT_OPEN: 83,
  /** helper → guest: id = connection; it is reset; then one line for whoever asked, UTF-8 */
  CONNECT_REFUSE: 84,
  /** helper → guest: every name is asked about again before its next use */
  NAMES_FORGET: 85,
  /**
   * helper → guest: id = connection (connectionIds.helper and above), which is also the id of its stream; u16 port, 32-byte token: a
   * connection to that port of the sandbox's own loopback, 127.0.0.1 or ::1
   */
  FORWARD: 86,
  /** guest → helper: id = connection; u32 errno, 0 when it stands and its stream is being opened */
  FORWARDED: 87,
  /** guest → helper, once after WELCOME where networked: u8 flags (networkFlag), what the guest listens on */
  NETWORK: 88,

  /** 89 to 111 are kept for names and connections. Of a connection END and RESET are said by both sides, on both kinds of link. */
} as const;

export type FrameType = (typeof frameType)[keyof typeof frameType];

export const helloFlag = {
  /** back after a lost link; all inside stands still until the streams are open again */
  RESUMED: 1,
  /** this kernel takes no filter of system calls */
  UNFILTERED: 2,
  /** this kernel does not tell about program starts, so none can be judged */
  UNGATED: 4,
} as const;

export const welcomeFlag = {
  /** every program start is asked about */
  GATED: 1,
  /** names are answered, and connections carried */
  NETWORKED: 2,
} as const;

export const execFlag = {
  /** the helper's own spawn: it knows the arguments, none are sent */
  ENTRY: 1,
  SCRIPT: 2,
  /** the file has no name any more, or never had one */
  DELETED: 4,
  /** not all arguments were read */
  TRUNCATED: 8,
  /** something inside traces the process, so it cannot be held and looked at again */
  TRACED: 16,
  /** its environment puts other code into it (LD_PRELOAD and the like), or could not be read */
  LOADED: 32,
} as const;

/** bits of EXEC_ANSWER; none is a no */
export const execAnswer = {
  ALLOW: 1,
  /** the same file with the same arguments in the same folder need not be asked about again */
  KEEP: 2,
} as const;

/** bytes of EXEC_ASK before its strings */
export const execHeadBytes = 15;
/** longest payload of EXEC_ASK */
export const execLimitBytes = 65_536;

export const connectionKind = {
  /** to a name, on the address the guest gave it */
  NAME: 0,
  /** to the guest's proxy; what it asks for is in its first bytes */
  PROXY: 1,
  /** an agent's hook asks whether a tool may be used: the question is all it sends, the answer all it reads. It leads nowhere else. */
  GUARD: 2,
} as const;

/** what was tried on a closed path */
export const fileAct = {
  WRITE: 1,
  CREATE: 2,
  FOLDER: 3,
  RENAME: 4,
  LINK: 5,
  SYMLINK: 6,
  NODE: 7,
  REMOVE: 8,
  TRUNCATE: 9,
  MODE: 10,
} as const;

export const networkFlag = {
  /** names are answered on port 53 of 127.0.0.1 */
  NAMES: 1,
  /** the proxy listens */
  PROXY: 2,
} as const;

/** lowest ids of connections, by who chooses them; those of processes' streams are below */
export const connectionIds = { guest: 0x8000_0000, helper: 0xc000_0000 } as const;

/** ports of the sandbox's loopback, 127.0.0.1 */
export const guestPorts = { names: 53, proxy: 3128 } as const;

/** longest payload of NAME_ASK and CONNECT_ASK */
export const askerLimitBytes = 8192;
/** most ports of one name */
export const namePortLimit = 32;

export const signalTarget = {
  /** its process group */
  GROUP: 0,
  /** foreground group of its terminal */
  FOREGROUND: 1,
  /** everything that descends from it, also in sessions of their own; after TERM and KILL, EXITED is told when nothing of it is left */
  TREE: 2,
} as const;

export const spawnFlag = {
  /** a terminal of the given size; otherwise pipes */
  TERMINAL: 1,
  /** stderr has its own stream; otherwise it goes where stdout goes */
  STDERR: 2,
  /** nothing is ever written to stdin: it reads as empty */
  NO_STDIN: 4,
} as const;

export const spawnStage = { RESOURCES: 1, DIRECTORY: 2, EXECUTE: 3, STREAM: 4 } as const;

/** environment variables of pid 1, read once and erased before the first child exists */
export const guestEnvironment = {
  /** `socket` or `stdio` */
  LINK: 'LASSO_LINK',
  /** 64 hex digits; socket links only */
  TOKEN: 'LASSO_LINK_TOKEN',
  /** `name=soft:hard` pairs, comma separated: nofile, fsize, nproc, core */
  LIMITS: 'LASSO_LIMITS',
} as const;

/** where things lie inside every sandbox, whatever the backend */
export const guestPaths = {
  program: '/.lasso/guest',
  link: '/.lasso/link/socket',
  linkDirectory: '/.lasso/link',
  workspace: '/workspace',
  home: '/home/agent',
  /** programs of agents, each in a folder of its name; never written by anything inside */
  agents: '/opt/lasso',
  /** whom programs inside trust: the usual authorities, the host's own, and the sandbox's */
  authorities: '/etc/ssl/certs/ca-certificates.crt',
} as const;
