/*
 * Everything that descends from one process the helper asked for. Each begins in a session of its own, and a session is left
 * only by setsid, which the kernel tells us about where starts are asked about (notify.c): so a session belongs to one tree,
 * whatever became of the parents. Elsewhere parents tell what they can.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>

#include "exec.h"

enum { SESSION_LIMIT = 4096, ROUND_LIMIT = 16, EVERY_MS = 10, PATIENCE_MS = 5000 };

struct session {
	pid_t id;
	uint32_t tree;
};

static struct session sessions[SESSION_LIMIT];
static size_t sessions_count;
static bool mine[RESIDENT_LIMIT];
static uint32_t last_tree;
static bool busy; /* some tree is being ended */

static struct session *session_of(pid_t id)
{
	for (size_t i = 0; i < sessions_count; i++)
		if (sessions[i].id == id)
			return &sessions[i];
	return NULL;
}

/* Forgets the sessions nobody is in any more. */
static void prune(void)
{
	struct resident *all;
	size_t count = census_take(&all);
	for (size_t i = 0; i < sessions_count;) {
		size_t at = 0;
		while (at < count && all[at].session != sessions[i].id)
			at++;
		if (at < count)
			i++;
		else
			sessions[i] = sessions[--sessions_count];
	}
}

bool tree_note(uint32_t tree, pid_t id)
{
	struct session *session = session_of(id);
	if (!session && sessions_count == SESSION_LIMIT)
		prune();
	if (!session && sessions_count == SESSION_LIMIT)
		return false;
	if (!session)
		session = &sessions[sessions_count++];
	*session = (struct session){ id, tree };
	return true;
}

uint32_t tree_begin(pid_t entry)
{
	(void)tree_note(++last_tree, entry);
	return last_tree;
}

void tree_over(uint32_t tree)
{
	for (size_t i = 0; i < sessions_count;)
		if (sessions[i].tree == tree)
			sessions[i] = sessions[--sessions_count];
		else
			i++;
}

/* The place of a process in a list that ascends, or `count`. */
static size_t place_of(const struct resident *all, size_t count, pid_t pid)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (all[middle].pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && all[low].pid == pid ? low : count;
}

/* A child of somebody in the tree, in a session we did not hear of: others in there are of the tree too. */
static bool adopt(const struct resident *all, size_t count, size_t at, uint32_t tree)
{
	size_t parent = place_of(all, count, all[at].parent);
	if (parent == count || !mine[parent] || session_of(all[at].session))
		return false;
	mine[at] = true;
	if (all[at].session > 1)
		(void)tree_note(tree, all[at].session);
	return true;
}

/* Fills in `mine`; how many of the tree live. */
static size_t mark(uint32_t tree, struct resident **all, size_t *count)
{
	*count = census_take(all);
	memset(mine, 0, *count);
	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < *count; i++) {
			const struct session *session = mine[i] ? NULL : session_of((*all)[i].session);
			if (session && session->tree == tree)
				mine[i] = more = true;
			else if (!mine[i] && adopt(*all, *count, i, tree))
				more = true;
		}
	}
	size_t living = 0;
	for (size_t i = 0; i < *count; i++) {
		mine[i] = mine[i] && resident_lives(&(*all)[i]);
		living += mine[i];
	}
	return living;
}

static void each(const struct resident *all, size_t count, int signal)
{
	for (size_t i = 0; i < count; i++)
		if (mine[i])
			resident_signal(&all[i], signal);
}

/* Stops all of them until nobody new appears, so that none forks away; then kills. How many there were. */
static size_t kill_all(uint32_t tree)
{
	struct resident *all;
	uint64_t before = 0;
	size_t count, living = mark(tree, &all, &count);
	for (int round = 0; living > 0 && round < ROUND_LIMIT; round++) {
		uint64_t sum = living;
		for (size_t i = 0; i < count; i++)
			sum += mine[i] ? (uint64_t)all[i].pid * (all[i].start * 2 + 1) : 0;
		if (sum == before)
			break;
		before = sum;
		each(all, count, SIGSTOP);
		living = mark(tree, &all, &count);
	}
	each(all, count, SIGKILL);
	return living;
}

void tree_signal(struct process *process, int signal)
{
	if (process->reported)
		return;
	if (signal == SIGTERM || signal == SIGKILL) {
		process->ending_until = now_ms() + PATIENCE_MS;
		process->killing = process->killing || signal == SIGKILL;
		busy = true;
	}
	if (signal == SIGKILL)
		return;
	struct resident *all;
	size_t count;
	if (mark(process->tree, &all, &count) == 0)
		return;
	each(all, count, signal);
	if (signal == SIGTERM)
		each(all, count, SIGCONT);
}

/* True when nothing more is to be waited for. */
static bool ended(struct process *process, int64_t now)
{
	struct resident *all;
	size_t count;
	if (process->killing && kill_all(process->tree) > 0)
		return now >= process->ending_until;
	if (!process->reaped)
		return false;
	return process->killing || mark(process->tree, &all, &count) == 0 || now >= process->ending_until;
}

void tree_tick(int64_t now)
{
	/* While nobody governs, everything stands still and stays as it is. */
	if (!busy || !link_is_open())
		return;
	busy = false;
	for (struct process *p = process_next(NULL); p; p = process_next(p)) {
		if (p->ending_until == 0)
			continue;
		if (ended(p, now)) {
			p->ending_until = 0;
			p->killing = false;
			relay_pump(p);
		} else {
			busy = true;
		}
	}
}

int tree_wait_ms(void)
{
	return busy && link_is_open() ? EVERY_MS : -1;
}
