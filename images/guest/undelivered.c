/*
 * Before Linux 5.19 any signal takes a caller out of its wait, and then it makes its call anew: what was done for it already must not
 * be done again, or a folder it has just made would be there before it. What could not be told is kept for a moment.
 */
#define _GNU_SOURCE
#include <string.h>
#include <unistd.h>

#include "files.h"

enum { KEPT_LIMIT = 32, KEPT_MS = 1000 };

static struct kept {
	struct call call; /* form NULL: free */
	int made;
	int64_t until;
} all[KEPT_LIMIT];

static void forget(struct kept *kept)
{
	if (kept->made >= 0)
		(void)close(kept->made);
	*kept = (struct kept){ .made = -1 };
}

void undelivered_keep(const struct call *call, int made)
{
	struct kept *oldest = &all[0];
	for (size_t i = 0; i < KEPT_LIMIT; i++)
		oldest = all[i].until < oldest->until ? &all[i] : oldest;
	if (oldest->call.form)
		forget(oldest);
	/* A descriptor that is not to be had again is made anew. */
	if (call->form->deed == DEED_OPEN && made < 0)
		return;
	*oldest = (struct kept){ *call, made, now_ms() + KEPT_MS };
}

bool undelivered_take(const struct call *call, int *made)
{
	for (size_t i = 0; i < KEPT_LIMIT; i++) {
		struct kept *kept = &all[i];
		if (kept->call.form != call->form || kept->call.pid != call->pid || kept->until < now_ms() ||
		    memcmp(kept->call.arguments, call->arguments, sizeof call->arguments) != 0)
			continue;
		*made = kept->made;
		kept->made = -1;
		forget(kept);
		return true;
	}
	return false;
}

void undelivered_tick(int64_t now)
{
	for (size_t i = 0; i < KEPT_LIMIT; i++)
		if (all[i].call.form && all[i].until < now)
			forget(&all[i]);
}
