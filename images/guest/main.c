/* Pid 1 of a sandbox: sets itself apart from what it will start, connects to the helper, then waits and obeys. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "files.h"

enum { OUTSIDE_GRACE_MS = 5000, FIRST_FREE_DESCRIPTOR = 3, CALL_CLOSE_RANGE = 436 };

static struct endpoint signals = { -1, 0 };

/* Same user as the agent, and yet not to be traced, read or followed into /proc/1 by it. */
static void set_apart(void)
{
	if (prctl(PR_SET_DUMPABLE, 0) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		die("cannot set itself apart (errno %d)", errno);
	if (getpid() != 1)
		die("runs only as pid 1 of a sandbox: it signals every process it can see");
	struct rlimit none = { 0, 0 };
	if (setrlimit(RLIMIT_CORE, &none) < 0)
		die("core dumps cannot be forbidden (errno %d)", errno);
	if (syscall(CALL_CLOSE_RANGE, FIRST_FREE_DESCRIPTOR, ~0u, 0) < 0)
		for (int fd = FIRST_FREE_DESCRIPTOR; fd < 1024; fd++)
			(void)close(fd);
	if (chdir("/") < 0)
		die("/ is not a folder to be in (errno %d)", errno);
}

/*
 * Only what is awaited is blocked. The rest keeps its default action, which the kernel withholds from pid 1: nobody inside can
 * queue signals here or end it.
 */
static void open_signals(void)
{
	sigset_t awaited, blocked;
	for (int number = 1; number < _NSIG; number++)
		(void)signal(number, SIG_DFL);
	(void)sigemptyset(&awaited);
	(void)sigaddset(&awaited, SIGCHLD);
	(void)sigaddset(&awaited, SIGTERM);
	blocked = awaited;
	(void)sigaddset(&blocked, SIGPIPE);
	if (sigprocmask(SIG_SETMASK, &blocked, NULL) < 0)
		die("signals cannot be blocked (errno %d)", errno);
	signals.fd = signalfd(-1, &awaited, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals.fd < 0)
		die("signals cannot be awaited (errno %d)", errno);
	loop_watch(&signals, (struct tag){ .role = ROLE_SIGNALS }, 1 /* EPOLLIN */);
}

static void hear(const struct signalfd_siginfo *info, bool *children)
{
	*children |= info->ssi_signo == SIGCHLD;
	/* kill() by a process outside shows no pid in here; anything else is somebody inside. */
	bool outside = info->ssi_code == SI_USER && info->ssi_pid == 0;
	if (info->ssi_signo == SIGTERM && outside && !ending_begun())
		ending_begin(OUTSIDE_GRACE_MS);
}

void signals_ready(void)
{
	struct signalfd_siginfo told[8];
	ssize_t length;
	bool children = false;
	/* A full list may not be all; what comes later wakes us again. */
	do {
		length = read(signals.fd, told, sizeof told);
		for (ssize_t i = 0; i < length / (ssize_t)sizeof *told; i++)
			hear(&told[i], &children);
	} while (length == (ssize_t)sizeof told);
	if (children)
		(void)process_reap();
}

static int sooner(int a, int b)
{
	return a < 0 ? b : b < 0 || a < b ? a : b;
}

int main(int argc, char **argv, char **environment)
{
	/* What an agent's hook runs: pid 1 is never started like this. */
	if (argc > 1 && strcmp(argv[1], "guard") == 0)
		return guard_ask(argc == 3 ? argv[2] : NULL);
	/* Started by the helper inside of a sandbox, not as its pid 1. */
	if (getpid() != 1 && argc > 1 && (strcmp(argv[1], "read") == 0 || strcmp(argv[1], "write") == 0))
		return readwrite(argc - 1, argv + 1);
	if (getpid() != 1 && argc > 2 && strcmp(argv[1], "seed") == 0)
		return seed(argc - 2, argv + 2);
	set_apart();
	settings_read(environment);
	loop_open();
	open_signals();
	process_open();
	filter_open();
	gate_open();
	link_open(argc > 1 ? argv[1] : "/.lasso/link/socket");

	/* From here on there may be children, and a death of pid 1 is theirs too: no die() below this line. */
	for (;;) {
		link_flush();
		int64_t now = now_ms();
		int others = sooner(sooner(ending_wait_ms(now), gate_wait_ms(now)), sooner(tree_wait_ms(), network_wait_ms(now)));
		others = sooner(others, files_wait_ms(now));
		loop_turn(sooner(sooner(link_wait_ms(now), relay_wait_ms(now)), others));
		now = now_ms();
		link_tick(now);
		relay_tick(now);
		gate_tick(now);
		files_tick(now);
		network_tick(now);
		tree_tick(now);
		ending_tick(now);
	}
}
