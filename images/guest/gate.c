/*
 * Every program start in the sandbox waits here until the helper has said yes. The guest decides nothing by itself: it looks,
 * asks, and carries the answer out. Whatever cannot be asked about is refused.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "files.h"

enum { LISTENER_LIMIT = 512, ASK_LIMIT = 512, DEFER_MS = 2, GONE_MS = 250 };

/* one for each process the helper asked for, as long as any descendant of it lives */
struct listener {
	struct endpoint end;
	uint32_t generation;
	uint32_t process, tree;
};
struct ask {
	uint32_t number; /* 0: free */
	struct listener *listener;
	struct notice notice;
	uint64_t id; /* the kernel's */
	struct sight sight;
	bool sent;
	bool settled; /* it is to be answered with `error` */
	int error;
	uint32_t allowed; /* decision that allows it, once another thread's call is over; 0: none */
};

static struct listener listeners[LISTENER_LIMIT];
static struct ask asks[ASK_LIMIT];
static uint32_t last_number;
static uint16_t listeners_end; /* behind the last in use */
static size_t asks_end;
static bool settles; /* some question is settled and not yet answered */
static bool waits; /* some question has not been sent */
static bool defers; /* some yes waits for another thread */
static bool wanted;
static int64_t look_at; /* when to look next whether those who wait for an answer still live */

void gate_open(void)
{
	for (size_t i = 0; i < LISTENER_LIMIT; i++)
		listeners[i].end.fd = -1;
	decisions_open();
	aftermath_open();
	notify_open();
}

void gate_want(bool on)
{
	wanted = on && notify_supported();
}

bool gate_wanted(void)
{
	return wanted;
}

bool gate_add(const struct process *process, int fd)
{
	for (size_t i = 0; i < LISTENER_LIMIT; i++) {
		struct listener *listener = &listeners[i];
		if (listener->end.fd >= 0)
			continue;
		notify_prepare(fd);
		listener->end.fd = fd;
		listener->generation++;
		listener->process = process->id;
		listener->tree = process->tree;
		if (i >= listeners_end)
			listeners_end = (uint16_t)(i + 1);
		loop_watch(&listener->end, (struct tag){ ROLE_GATE, (uint16_t)i, listener->generation }, EPOLLIN);
		return true;
	}
	/* Without a listener every execve under that filter fails in the kernel. */
	(void)close(fd);
	return false;
}

uint32_t gate_number(void)
{
	last_number += last_number == UINT32_MAX ? 2 : 1;
	return last_number;
}

/* Whoever asked goes on at the end of the turn, when what was told of it has gone to the helper and we are about to sleep. */
static void settle(struct ask *ask, int error)
{
	ask->settled = settles = true;
	ask->error = error;
}

static void answer_settled(void)
{
	settles = false;
	for (size_t i = 0; i < asks_end; i++) {
		struct ask *ask = &asks[i];
		if (ask->number == 0 || !ask->settled)
			continue;
		notify_answer(ask->listener->end.fd, ask->id, ask->error);
		ask->number = 0;
	}
}

static void allow(struct ask *ask, uint32_t decided)
{
	ask->allowed = aftermath_busy(&ask->sight) ? decided : 0;
	defers = defers || ask->allowed != 0;
	if (ask->allowed == 0)
		settle(ask, aftermath_expect(&ask->sight, decided));
}

/* Fills in what the process wants; 0 or the errno to refuse with. */
static int look(struct ask *ask)
{
	static char path[PATH_MAX];
	struct wish wish = { .folder = AT_FDCWD, .follow = true, .path = path, .process = ask->listener->process };
	struct process *entry = process_find(ask->listener->process);
	int error = 0;
	wish.entry = entry && entry->pid == ask->sight.pid && !process_executed(entry);
	if (wish.entry)
		(void)snprintf(path, sizeof path, "%s", process_candidate(entry));
	else
		error = wish_read(&wish, &ask->notice, path);
	if (error == 0)
		error = inspect(&ask->sight, &wish);
	memory_close();
	return error;
}

/* Answers from what is known, or asks the helper; nothing happens when the link has no room now. */
static void pursue(struct ask *ask)
{
	ask->sight = (struct sight){ .pid = ask->sight.pid };
	int error = look(ask);
	aftermath_check(ask->sight.pid);
	/* What was read is this process's only if it still waits: its number may belong to another by now. */
	if (!notify_valid(ask->listener->end.fd, ask->id)) {
		ask->number = 0;
		return;
	}
	if (error != 0) {
		settle(ask, error);
		return;
	}
	uint32_t before = decisions_find(&ask->sight);
	if (before != 0 && link_send(FRAME_EXEC_AGAIN, before, inspected(), EXEC_WHO_BYTES))
		allow(ask, before);
	else if (before == 0)
		ask->sent = link_send(FRAME_EXEC_ASK, ask->number, inspected(), ask->sight.length);
	waits = waits || (!ask->settled && !ask->sent && ask->allowed == 0);
}

static struct ask *free_ask(void)
{
	for (size_t i = 0; i < ASK_LIMIT; i++)
		if (asks[i].number == 0) {
			asks_end = i >= asks_end ? i + 1 : asks_end;
			return &asks[i];
		}
	return NULL;
}

/* Whoever leaves its session stays of its tree. */
static void set_apart(const struct listener *listener, const struct seccomp_notif *asked)
{
	struct sight sight = { .pid = (pid_t)asked->pid };
	family_of(&sight);
	if (notify_valid(listener->end.fd, asked->id))
		notify_answer(listener->end.fd, asked->id, tree_note(listener->tree, sight.group) ? 0 : EPERM);
}

void gate_ready(uint16_t slot, uint32_t generation, uint32_t events)
{
	struct listener *listener = slot < LISTENER_LIMIT ? &listeners[slot] : NULL;
	if (!listener || listener->end.fd < 0 || listener->generation != generation)
		return;
	struct ask *ask = free_ask();
	if (events & EPOLLIN && ask) {
		struct seccomp_notif asked;
		if (!notify_receive(listener->end.fd, &ask->notice) || files_take(listener->end.fd, &ask->notice))
			return;
		memcpy(&asked, ask->notice.bytes, sizeof asked);
		if (asked.data.nr == SYS_setsid) {
			set_apart(listener, &asked);
			return;
		}
		ask->number = gate_number();
		ask->listener = listener;
		ask->id = asked.id;
		ask->sent = ask->settled = false;
		ask->allowed = 0;
		ask->sight.pid = (pid_t)asked.pid;
		/* With nobody to ask it waits; files need nobody. */
		if (link_is_open())
			pursue(ask);
		else
			waits = true;
	} else if (!(events & EPOLLIN) && events & (EPOLLHUP | EPOLLERR)) {
		loop_close(&listener->end);
		tree_over(listener->tree);
	}
}

void gate_answer(uint32_t number, uint8_t answer, const uint8_t *message, uint32_t length)
{
	for (size_t i = 0; i < asks_end; i++) {
		struct ask *ask = &asks[i];
		if (ask->number != number || number == 0 || ask->settled)
			continue;
		if (answer & ANSWER_ALLOW && answer & ANSWER_KEEP)
			decisions_keep(&ask->sight, number);
		if (!notify_valid(ask->listener->end.fd, ask->id)) {
			ask->number = 0;
		} else if (answer & ANSWER_ALLOW) {
			allow(ask, number);
		} else {
			tell(ask->sight.pid, message, length);
			settle(ask, EPERM);
		}
		return;
	}
	aftermath_answer(number, answer & ANSWER_ALLOW);
}

void gate_resume(void)
{
	for (size_t i = 0; i < asks_end; i++)
		asks[i].sent = false;
	waits = true;
}

/* The kernel does not say that a waiting process was killed: it is looked for, and its question withdrawn. */
static void withdraw_gone(int64_t now)
{
	if (now < look_at)
		return;
	look_at = now + GONE_MS;
	for (size_t i = 0; i < asks_end; i++) {
		struct ask *ask = &asks[i];
		if (ask->number != 0 && ask->sent && !ask->settled && ask->allowed == 0 && !notify_valid(ask->listener->end.fd, ask->id) &&
		    link_send(FRAME_EXEC_GONE, ask->number, NULL, 0))
			ask->number = 0;
	}
}

void gate_tick(int64_t now)
{
	aftermath_tick(now);
	bool open = link_is_open();
	if (open)
		withdraw_gone(now);
	bool again = waits && open;
	waits = waits && !open;
	bool deferred = defers && open;
	defers = defers && !open;
	for (size_t i = 0; (again || deferred) && i < asks_end; i++) {
		struct ask *ask = &asks[i];
		if (ask->number == 0 || ask->settled)
			continue;
		if (ask->allowed != 0 && !notify_valid(ask->listener->end.fd, ask->id))
			ask->number = 0;
		else if (ask->allowed != 0)
			allow(ask, ask->allowed);
		else if (!ask->sent)
			pursue(ask);
	}
	if (settles) {
		link_flush();
		answer_settled();
	}
	while (asks_end > 0 && asks[asks_end - 1].number == 0)
		asks_end--;
	bool room = asks_end < ASK_LIMIT || free_ask();
	for (uint16_t i = 0; i < listeners_end; i++)
		loop_watch(&listeners[i].end, (struct tag){ ROLE_GATE, i, listeners[i].generation }, room ? EPOLLIN : EPOLLHUP);
}

int gate_wait_ms(int64_t now)
{
	int wait = aftermath_wait_ms(now);
	int look = look_at > now ? (int)(look_at - now) : 0;
	if (asks_end > 0 && link_is_open() && (wait < 0 || wait > look))
		wait = look;
	return defers && (wait < 0 || wait > DEFER_MS) ? DEFER_MS : wait;
}
