"""Every known way to change or make a closed file, tried inside a sandbox: one line of JSON for each, and what was found at the end.

The folder it starts in is closed by: .envrc, .vscode/, **/.git/hooks/, **/.git/config, .github/workflows/; it has .vscode/settings.json,
.git/HEAD and .git/config. With an argument it races instead, for that many seconds. It changes nothing outside that folder.
"""
import errno, os, socket, sys, threading, time

try:
    import ctypes, mmap

    libc = ctypes.CDLL(None, use_errno=True)
except ImportError:  # small Pythons do without, and what needs it is not tried there
    ctypes = libc = None
CURRENT, EMPTY_PATH, FOLLOW, EXCHANGE = -100, 0x1000, 0x400, 2
PRESENT = ".vscode/settings.json"
INTEL = os.uname().machine == "x86_64"
RENAMEAT2 = 316 if INTEL else 276


def check(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "")
    return result


def call(number, *arguments):
    check(libc.syscall(number, *arguments))


def write(path, how="w"):
    with open(path, how) as file:
        file.write("evil")


def attempt(name, act):
    try:
        act()
        print('{"name": "%s", "error": null}' % name)
    except AttributeError:
        if libc:
            raise
    except OSError as fault:
        print('{"name": "%s", "error": "%s"}' % (name, errno.errorcode.get(fault.errno, fault.errno)))


def opened(path=PRESENT, how=os.O_RDONLY):
    return os.open(path, how)


def mapped():
    if not libc:
        raise AttributeError
    memory = mmap.mmap(opened(), 1, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
    memory[0] = 65


def inside(act):
    os.chdir(".vscode")
    try:
        act()
    finally:
        os.chdir("..")


def unseen(act):
    libc.prctl(4, 0, 0, 0, 0)
    try:
        act()
    finally:
        libc.prctl(4, 1, 0, 0, 0)


def prepare():
    os.makedirs("sub/deep", exist_ok=True)
    os.makedirs("fake/hooks")
    os.makedirs("flows/workflows")
    os.makedirs("node_modules/x/.vscode")
    for name in ("fake/hooks/pre-commit", "flows/workflows/ci.yml", "node_modules/x/.vscode/tasks.json", "free", "fake/config"):
        write(name)
    for target, name in ((".envrc", "dangling"), ("dangling", "twice"), ("/proc/self/cwd/.envrc", "magic"), ("..", "sub/up"), ("/workspace", "sub/whole")):
        os.symlink(target, name)


def attempts():
    nameless = os.open(".", os.O_TMPFILE | os.O_RDWR, 0o600)
    vscode = opened(".vscode")
    pid, me = os.getpid(), "/proc/%d/task/%d/cwd" % (os.getpid(), os.getpid())
    many = {
        "made": lambda: write(".envrc"),
        "made in other case": lambda: write(".EnvRC"),
        "made, only to be read": lambda: os.open(".envrc", os.O_CREAT | os.O_RDONLY),
        "appended to": lambda: write(PRESENT, "a"),
        "changed in place": lambda: write(PRESENT, "r+"),
        "emptied while opened for reading": lambda: opened(PRESENT, os.O_RDONLY | os.O_TRUNC),
        "cut": lambda: os.truncate(PRESENT, 0),
        "cut by a descriptor for reading": lambda: os.ftruncate(opened(), 0),
        "mapped": mapped,
        "made executable": lambda: os.chmod(PRESENT, 0o777),
        "made executable by a descriptor": lambda: os.fchmod(opened(), 0o777),
        "removed": lambda: os.unlink(PRESENT),
        "folder removed": lambda: os.rmdir(".vscode"),
        "renamed away": lambda: os.rename(PRESENT, "stolen"),
        "folder renamed away": lambda: os.rename(".vscode", "stolen"),
        "linked to another name": lambda: os.link(PRESENT, "stolen"),
        "linked by a descriptor": lambda: check(libc.linkat(opened(), b"", CURRENT, b"stolen", EMPTY_PATH)),
        "linked by /proc": lambda: check(libc.linkat(CURRENT, b"/proc/self/fd/%d" % opened(), CURRENT, b"stolen", FOLLOW)),
        "opened anew by /proc/self/fd": lambda: write("/proc/self/fd/%d" % opened()),
        "opened anew by /dev/fd": lambda: write("/dev/fd/%d" % opened()),
        "opened anew from a descriptor for nothing": lambda: write("/proc/self/fd/%d" % opened(PRESENT, os.O_PATH)),
        "made by /proc/self/root": lambda: write("/proc/self/root/workspace/.envrc"),
        "made by /proc/self/cwd": lambda: write("/proc/self/cwd/.envrc"),
        "made by /proc/thread-self": lambda: write("/proc/thread-self/cwd/.envrc"),
        "made by /proc of a thread": lambda: write(me + "/.envrc"),
        "made through a linked folder": lambda: write("sub/up/.envrc"),
        "made through a link to the whole": lambda: write("sub/whole/sub/../.envrc"),
        "made by dots": lambda: write("sub/deep/../../.envrc"),
        "made by a link that leads nowhere": lambda: write("dangling"),
        "made by a link to such a link": lambda: write("twice"),
        "made by a link into /proc": lambda: write("magic"),
        "made by the folder’s descriptor": lambda: os.open("new", os.O_CREAT | os.O_WRONLY, dir_fd=vscode),
        "made from inside its folder": lambda: inside(lambda: write("new")),
        "changed from inside its folder": lambda: inside(lambda: write("./settings.json")),
        "a link in its place": lambda: os.symlink("free", ".envrc"),
        "a folder in its place": lambda: os.mkdir(".envrc"),
        "a folder in its place, with a slash": lambda: os.mkdir(".envrc/"),
        "a pipe in its place": lambda: os.mkfifo(".envrc"),
        "an empty file in its place": lambda: os.mknod(".envrc"),
        "a socket in its place": lambda: socket.socket(socket.AF_UNIX).bind(".envrc"),
        "renamed onto it": lambda: os.rename("free", ".envrc"),
        "renamed onto what is there": lambda: os.rename("free", PRESENT),
        "linked onto it": lambda: os.link("free", ".envrc"),
        "exchanged": lambda: call(RENAMEAT2, CURRENT, b"free", CURRENT, PRESENT.encode(), EXCHANGE),
        "folder exchanged": lambda: call(RENAMEAT2, CURRENT, b"sub", CURRENT, b".vscode", EXCHANGE),
        "folder above renamed away": lambda: os.rename(".git", "stolen"),
        "folder above exchanged": lambda: call(RENAMEAT2, CURRENT, b"fake", CURRENT, b".git", EXCHANGE),
        "folder above renamed into place": lambda: os.rename("fake", "sub/.git"),
        "folder above as a link": lambda: os.symlink("../fake", "sub/.git"),
        "folder above as a file": lambda: write("sub/.git"),
        "folder above renamed into place, anchored": lambda: os.rename("flows", ".github"),
        "folder above as a link, anchored": lambda: os.symlink("flows", ".github"),
        "made in an absent folder": lambda: os.mkdir(".git/hooks"),
        "replaced by its lock file": lambda: (write(".git/config.lock"), os.rename(".git/config.lock", ".git/config")),
        "moved out of where it is free": lambda: os.rename("node_modules/x", "y"),
        "moved out with all around it": lambda: os.rename("node_modules", "y"),
        "a nameless file linked to it": lambda: check(libc.linkat(CURRENT, b"/proc/self/fd/%d" % nameless, CURRENT, b".envrc", FOLLOW)),
        "a nameless file linked by its descriptor": lambda: check(libc.linkat(nameless, b"", CURRENT, b".envrc", EMPTY_PATH)),
        "a nameless file in its folder": lambda: os.open(".vscode", os.O_TMPFILE | os.O_RDWR),
        "pid 1’s descriptor": lambda: os.open("/proc/1/fd/0", os.O_WRONLY),
        "pid 1’s root": lambda: write("/proc/1/root/workspace/new"),
        "pid 1’s memory": lambda: os.open("/proc/1/mem", os.O_RDWR),
        "by one whose memory cannot be read": lambda: unseen(lambda: write(".envrc")),
    }
    if INTEL:
        many["creat"] = lambda: call(85, b".envrc", 0o644)
        many["open"] = lambda: call(2, b".envrc", 0o102, 0o644)
        many["openat2"] = lambda: call(437, CURRENT, b".envrc", (ctypes.c_uint64 * 3)(0o102, 0o644, 0), 24)
    for name, act in many.items():
        attempt(name, act)


def races(seconds):
    until = time.monotonic() + seconds
    name = ctypes.create_string_buffer(64) if libc else "harmless"

    def forever(act):
        def loop():
            while time.monotonic() < until:
                try:
                    act()
                except OSError:
                    pass

        return threading.Thread(target=loop)

    def open_now(path):
        return libc.open(path, os.O_CREAT | os.O_RDWR, 0o644) if libc else os.open(path, os.O_CREAT | os.O_RDWR, 0o644)

    def swap():
        if not libc:
            return time.sleep(1)
        for value in (b".envrc", b"harmless"):
            name.value = value

    def swap_link():
        for target in ("harmless", ".envrc"):
            os.symlink(target, "made")
            os.rename("made", "swapped")

    def swap_folder():
        os.rename("sub", "sub2")
        os.rename("sub2", "sub")

    def make(path):
        descriptor = open_now(path)
        if descriptor >= 0:
            os.write(descriptor, b"evil")
            os.close(descriptor)

    def move():
        if not libc:
            return os.link("free", ".envrc")
        libc.rename(b"harmless", name)
        libc.link(b"free", name)
        libc.mkdir(name, 0o755)
        libc.rmdir(name)

    def fork():
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)

    acts = [swap, swap_link, swap_folder, move, fork]
    acts += [lambda path=path: make(path) for path in (name, b"swapped", b"dangling", b"sub/up/.envrc")]
    threads = [forever(act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if len(sys.argv) > 1:
    races(float(sys.argv[1]))
else:
    prepare()
    attempts()
