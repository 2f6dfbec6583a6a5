"""What ordinary programs do with files, in the folder it starts in: it ends with a fault where one of them no longer works as usual."""
import os, signal, socket, subprocess, sys, threading, time

try:
    import ctypes, fcntl, sqlite3

    libc = ctypes.CDLL(None, use_errno=True)
except ImportError:  # small Pythons do without
    libc = fcntl = sqlite3 = None


def fails(kind, act):
    try:
        act()
    except kind:
        return
    sys.exit("no " + kind.__name__)


def read(path):
    with open(path) as file:
        return file.read()


def write(path, text="x", how="w"):
    with open(path, how) as file:
        file.write(text)


def names():
    folder = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
    os.close(os.open("one", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o640, dir_fd=folder))
    fails(FileExistsError, lambda: os.open("one", os.O_CREAT | os.O_EXCL | os.O_WRONLY, dir_fd=folder))
    os.rename("one", "two", src_dir_fd=folder, dst_dir_fd=folder)
    os.link("two", "three")
    os.unlink("two", dir_fd=folder)
    os.mkdir("folder/")
    os.rename("three", "folder/three")
    os.rename("folder", "moved")
    fails(FileNotFoundError, lambda: write("no-folder/x"))
    fails(OSError, lambda: write("/etc/x"))
    fails(IsADirectoryError, lambda: write("."))
    fails(NotADirectoryError, lambda: write("moved/three/x"))
    os.symlink("later", "leads-on")
    write("leads-on", "z")
    assert read("later") == "z"
    os.symlink("loop", "loop")
    fails(OSError, lambda: write("loop"))
    assert os.readlink("/proc/self/fd/%d" % os.open("later", os.O_RDWR)).endswith("/later")


def modes():
    for mask, file, folder in ((0o027, 0o640, 0o750), (0o022, 0o644, 0o755)):
        os.umask(mask)
        write("file")
        os.mkdir("made")
        assert [os.stat(name).st_mode & 0o777 for name in ("file", "made")] == [file, folder]
        os.unlink("file")
        os.rmdir("made")
    write("file", "long")
    os.chmod("file", 0o755)
    os.truncate("file", 2)
    os.fchmod(os.open("file", os.O_RDONLY), 0o700)
    assert os.stat("file").st_mode & 0o777 == 0o700 and read("file") == "lo"


def nameless():
    descriptor = os.open(".", os.O_TMPFILE | os.O_RDWR, 0o600)
    os.write(descriptor, b"text")
    if libc:
        assert libc.linkat(-100, b"/proc/self/fd/%d" % descriptor, -100, b"named", 0x400) == 0
        assert read("named") == "text"
    memory = os.memfd_create("m")
    write("/proc/self/fd/%d" % memory, "q")
    ours, theirs = os.pipe()
    write("/dev/fd/%d" % theirs, "p")
    assert os.read(ours, 1) == b"p"
    write("/proc/self/comm", "renamed")
    write("/proc/self/oom_score_adj", "500")
    assert (read("/proc/self/comm"), read("/proc/self/oom_score_adj")) == ("renamed\n", "500\n")
    write("/dev/null")


def locks():
    if not sqlite3:
        return
    for _ in range(200):
        with open("lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    base = sqlite3.connect("base")
    base.execute("pragma journal_mode=wal")
    base.execute("create table t(a)")
    with base:
        base.execute("insert into t values(1)")
    base.close()


def threads():
    def work(number):
        for _ in range(50):
            write("t%d" % number)
            os.rename("t%d" % number, "r%d" % number)
            os.unlink("r%d" % number)

    all_threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in all_threads:
        thread.start()
    for thread in all_threads:
        thread.join()


def programs():
    write("copy", "#!/bin/sh\nexit 0\n")
    for number in range(30):
        subprocess.run(["cp", "/bin/true", "run"], check=True)
        subprocess.run(["./run"], check=True)
        os.unlink("run")
    subprocess.run(["sh", "-c", "echo e >/dev/stderr; echo o >/dev/stdout; echo n >/dev/null; cat </dev/null >>copy"], check=True, capture_output=True)
    fails(OSError, lambda: write("/dev/tty")) if os.getsid(0) == os.getpid() else None


def terminal():
    child, master = os.forkpty()
    if child == 0:
        write("/dev/tty", "typed\n")
        os._exit(0)
    text = b""
    try:
        while b"typed" not in text:
            text += os.read(master, 100)
    except OSError:
        pass
    assert b"typed" in text, text
    assert os.waitpid(child, 0)[1] == 0


def pipes():
    os.mkfifo("pipe")

    def late(act, code=0):
        child = os.fork()
        if child == 0:
            time.sleep(0.2)
            act()
            os._exit(code)
        return child

    child = late(lambda: read("pipe"))
    write("pipe", "through")
    os.waitpid(child, 0)
    child = late(lambda: write("pipe", "back"))
    assert read("pipe") == "back"
    os.waitpid(child, 0)
    fails(OSError, lambda: os.open("pipe", os.O_WRONLY | os.O_NONBLOCK))
    os.close(os.open("pipe", os.O_RDWR))

    def heard(*_):
        raise InterruptedError

    signal.signal(signal.SIGALRM, heard)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    fails(InterruptedError, lambda: write("pipe"))
    child = late(lambda: read("pipe"))
    signal.signal(signal.SIGALRM, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    write("pipe", "after a signal")
    os.waitpid(child, 0)
    child = os.fork()
    if child == 0:
        write("pipe")
    time.sleep(0.1)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def sockets():
    local = socket.socket(socket.AF_UNIX)
    local.bind(os.path.abspath("socket"))
    assert local.getsockname() == os.path.abspath("socket")
    loopback = socket.socket()
    loopback.bind(("127.0.0.1", 0))


for part in (names, modes, nameless, locks, threads, programs, terminal, pipes, sockets):
    place = "everyday-" + part.__name__
    os.mkdir(place)
    os.chdir(place)
    part()
    os.chdir("..")
subprocess.run("tar cf all.tar everyday-names && mkdir out && tar xf all.tar -C out && cp -a out copy && rm -rf out copy", shell=True, check=True)
subprocess.run("rm -rf everyday-*", shell=True, check=True)
print("all as usual")
