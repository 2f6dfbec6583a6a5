/* How a sandbox ends: everything is asked, then killed; when pid 1 leaves, the kernel leaves nothing. */
#define _GNU_SOURCE
#include <signal.h>
#include <unistd.h>

#include "guest.h"

enum { DRAIN_MS = 500, KILL_AGAIN_MS = 100, PATIENCE_MS = 2000 };

static bool begun;
static int64_t kill_at, leave_at;
static int64_t drained_at = -1;

bool ending_begun(void)
{
	return begun;
}

void ending_begin(uint32_t grace_ms)
{
	/* What stands still because the helper is away must not run again to say goodbye. */
	if (!link_is_open())
		ending_at_once();
	begun = true;
	kill_at = now_ms() + (int64_t)grace_ms;
	leave_at = kill_at + PATIENCE_MS;
	(void)kill(-1, SIGHUP);
	(void)kill(-1, SIGTERM);
	(void)kill(-1, SIGCONT);
}

_Noreturn void ending_at_once(void)
{
	(void)kill(-1, SIGKILL);
	_exit(EXIT_LINK_LOST);
}

int ending_wait_ms(int64_t now)
{
	if (!begun)
		return -1;
	int64_t next = drained_at >= 0 ? drained_at : kill_at;
	/* Also looks now and then by itself: processes that came in from outside are nobody's children here. */
	return next <= now ? 0 : next - now > KILL_AGAIN_MS ? KILL_AGAIN_MS : (int)(next - now);
}

static bool all_reported(void)
{
	for (struct process *p = process_next(NULL); p; p = process_next(p))
		if (!p->reported)
			return false;
	return link_is_idle();
}

void ending_tick(int64_t now)
{
	if (!begun)
		return;
	if (drained_at < 0 && !process_reap())
		drained_at = now + DRAIN_MS;
	if (now >= leave_at || (drained_at >= 0 && (now >= drained_at || all_reported()))) {
		(void)kill(-1, SIGKILL);
		_exit(EXIT_SHUTDOWN);
	}
	if (now >= kill_at && drained_at < 0) {
		(void)kill(-1, SIGKILL);
		kill_at = now + KILL_AGAIN_MS;
	}
}
