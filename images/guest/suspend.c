/* Everything inside stands still while nobody governs it. Needs /proc to tell who was stopped before. */
#define _GNU_SOURCE
#include <signal.h>
#include <time.h>

#include "exec.h"

/* How long one process, and all together, are waited for on a busy machine. */
enum { STAND_MS = 200, STAND_ALL_MS = 1000 };

static pid_t stopped[RESIDENT_LIMIT];
static size_t stopped_count;

static void wait_until_it_stands(pid_t pid, int64_t until)
{
	struct resident now;
	/* One in a call that cannot be interrupted sees nothing before it stops. */
	while (census_look(pid, &now) && (now.state == 'R' || now.state == 'S') && now_ms() < until)
		(void)nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
}

/* Shells before their jobs, each until it stands: one that still ran would see its job stop, and say so. */
static void stop_in_order(const struct resident *all, size_t count)
{
	int64_t over = now_ms() + STAND_ALL_MS;
	for (size_t i = 0; i < count && now_ms() < over; i++) {
		if (all[i].state == 'T' || kill(all[i].pid, SIGSTOP) < 0)
			continue;
		int64_t until = now_ms() + STAND_MS;
		wait_until_it_stands(all[i].pid, until < over ? until : over);
	}
}

void suspend_all(void)
{
	struct resident *all;
	size_t count = census_take(&all);
	stopped_count = 0;
	for (size_t i = 0; i < count; i++)
		if (all[i].state == 'T')
			stopped[stopped_count++] = all[i].pid;
	stop_in_order(all, count);
	(void)kill(-1, SIGSTOP);
}

static bool was_stopped(pid_t pid)
{
	for (size_t i = 0; i < stopped_count; i++)
		if (stopped[i] == pid)
			return true;
	return false;
}

void resume_all(void)
{
	/* Children before their shells, so that no shell takes its job for one that somebody stopped. */
	struct resident *all;
	size_t count = census_take(&all);
	for (size_t i = count; i > 0; i--)
		if (!was_stopped(all[i - 1].pid))
			(void)kill(all[i - 1].pid, SIGCONT);
	if (count == 0 || count == RESIDENT_LIMIT)
		(void)kill(-1, SIGCONT);
}
