/*
 * What programs can connect to: the proxy, and the ports of each allowed name on its own address. While no connection can be
 * taken, those that come wait in the kernel.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "network.h"

enum { LISTENER_LIMIT = 2048, ACCEPTS = 8, PAUSE_MS = 50 };

struct listener {
	bool used;
	uint16_t name; /* NO_NAME: the proxy */
	uint32_t generation;
	struct endpoint end;
	union address address;
};

static struct listener listeners[LISTENER_LIMIT];
static size_t limit, highest;
static bool watching = true;
static int64_t paused_until;

void listeners_open(size_t most)
{
	limit = most < LISTENER_LIMIT ? most : LISTENER_LIMIT;
}

static uint16_t port_of(const union address *address)
{
	/* At the same place in both families. */
	return ntohs(address->v4.sin_port);
}

static void watch(size_t slot)
{
	struct listener *listener = &listeners[slot];
	loop_watch(&listener->end, (struct tag){ ROLE_LISTENER, (uint16_t)slot, listener->generation }, watching ? EPOLLIN : 0);
}

int listeners_add(const union address *address, uint16_t name)
{
	size_t slot = 0;
	while (slot < limit && listeners[slot].used)
		slot++;
	if (slot == limit)
		return ENFILE;
	int fd = network_bind(address, SOCK_STREAM);
	if (fd < 0)
		return errno;
	struct listener *listener = &listeners[slot];
	uint32_t generation = listener->generation + 1;
	*listener = (struct listener){ .used = true, .name = name, .generation = generation, .end = { fd, 0 }, .address = *address };
	if (slot >= highest)
		highest = slot + 1;
	watch(slot);
	return 0;
}

uint16_t listeners_keep(uint16_t name, uint16_t *ports, uint16_t count)
{
	for (size_t i = 0; i < highest; i++) {
		struct listener *listener = &listeners[i];
		if (!listener->used || listener->name != name)
			continue;
		uint16_t at = 0;
		while (at < count && ports[at] != port_of(&listener->address))
			at++;
		if (at < count) {
			ports[at] = ports[--count];
		} else {
			loop_close(&listener->end);
			listener->used = false;
		}
	}
	return count;
}

void listeners_ready(struct tag tag)
{
	struct listener *listener = tag.slot < LISTENER_LIMIT ? &listeners[tag.slot] : NULL;
	if (!listener || !listener->used || listener->generation != tag.generation)
		return;
	for (int i = 0; i < ACCEPTS && network_is_open() && connections_have_room(); i++) {
		union address peer;
		socklen_t size = sizeof peer;
		int fd = accept4(listener->end.fd, &peer.any, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0) {
			/* Nothing to open it with: looking again at once would be looking for ever. */
			if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
				paused_until = now_ms() + PAUSE_MS;
			return;
		}
		connections_accept(fd, &peer, &listener->address, listener->name, port_of(&listener->address));
	}
	/* A full table is looked at again a little later, not for each place that gets free. */
	if (!connections_have_room())
		paused_until = now_ms() + PAUSE_MS;
}

void listeners_tick(int64_t now)
{
	bool wanted = network_is_open() && now >= paused_until && connections_have_room();
	if (wanted == watching)
		return;
	watching = wanted;
	for (size_t i = 0; i < highest; i++)
		if (listeners[i].used)
			watch(i);
}

int listeners_wait_ms(int64_t now)
{
	return watching || !network_is_open() || paused_until <= now ? -1 : (int)(paused_until - now);
}
