/* Everything inside stands still while nobody governs it. Needs /proc to tell who was stopped before. */
#define _GNU_SOURCE
#include <signal.h>

#include "exec.h"

static pid_t stopped[RESIDENT_LIMIT];
static size_t stopped_count;

void suspend_all(void)
{
	struct resident *all;
	size_t count = census_take(&all);
	stopped_count = 0;
	for (size_t i = 0; i < count; i++)
		if (all[i].state == 'T')
			stopped[stopped_count++] = all[i].pid;
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
