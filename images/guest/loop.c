/* One epoll set, level-triggered: a descriptor that nobody waits for is taken out, so a hang-up can never make it spin. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "files.h"

static int set = -1;

void loop_open(void)
{
	set = epoll_create1(EPOLL_CLOEXEC);
	if (set < 0)
		die("epoll is not available (errno %d)", errno);
}

void loop_watch(struct endpoint *end, struct tag tag, uint32_t events)
{
	if (end->fd < 0 || events == end->watched)
		return;
	struct epoll_event event = {
		.events = events,
		.data.u64 = (uint64_t)tag.generation << 32 | (uint64_t)tag.slot << 8 | tag.role,
	};
	int operation = events == 0 ? EPOLL_CTL_DEL : end->watched == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
	if (epoll_ctl(set, operation, end->fd, &event) == 0)
		end->watched = events;
	else
		warn("descriptor cannot be waited for (errno %d)", errno);
}

void loop_close(struct endpoint *end)
{
	if (end->fd >= 0) {
		/* A child between fork and execve may still share the file, which would keep it in the set. */
		if (end->watched != 0)
			(void)epoll_ctl(set, EPOLL_CTL_DEL, end->fd, &(struct epoll_event){ 0 });
		(void)close(end->fd);
	}
	end->fd = -1;
	end->watched = 0;
}

static void dispatch(const struct epoll_event *event)
{
	enum role role = (enum role)(event->data.u64 & 0xff);
	if (role == ROLE_SIGNALS) {
		signals_ready();
		return;
	}
	if (role == ROLE_LINK_IN || role == ROLE_LINK_OUT) {
		link_ready(role);
		return;
	}
	if (role == ROLE_GATE) {
		gate_ready((uint16_t)(event->data.u64 >> 8 & 0xffff), (uint32_t)(event->data.u64 >> 32), event->events);
		return;
	}
	if (role == ROLE_SEEN) {
		seen_ready();
		return;
	}
	if (role > ROLE_SEEN) {
		network_ready((struct tag){ (uint8_t)role, (uint16_t)(event->data.u64 >> 8 & 0xffff), (uint32_t)(event->data.u64 >> 32) }, event->events);
		return;
	}
	struct process *process = process_at((uint16_t)(event->data.u64 >> 8 & 0xffff), (uint32_t)(event->data.u64 >> 32));
	if (!process)
		return;
	if (event->events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		relay_ready(process, role);
	relay_pump(process);
}

void loop_turn(int timeout_ms)
{
	struct epoll_event events[64];
	int count = epoll_wait(set, events, 64, timeout_ms);
	for (int i = 0; i < count; i++)
		dispatch(&events[i]);
}

int64_t now_ms(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
