/*
 * Names and connections of a sandbox without a network: opened once, when the helper first says that it answers for them; agents'
 * hooks always are. While no helper is there nothing is asked, answered or carried.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "network.h"

enum { BACKLOG = 1024, ASK_ROOM = 262144 };

static bool hooked, opened, wanted;
static size_t places; /* of names' listeners */
static uint8_t flags; /* network_flag */

union address address_of(int family, uint32_t host, uint16_t port)
{
	union address address;
	memset(&address, 0, sizeof address);
	if (family == AF_INET6) {
		address.v6.sin6_family = AF_INET6;
		address.v6.sin6_addr = in6addr_loopback;
		address.v6.sin6_port = htons(port);
	} else {
		address.v4.sin_family = AF_INET;
		address.v4.sin_addr.s_addr = htonl(host != 0 ? host : INADDR_LOOPBACK);
		address.v4.sin_port = htons(port);
	}
	return address;
}

socklen_t address_length(const union address *address)
{
	return address->any.sa_family == AF_INET6 ? sizeof address->v6 : sizeof address->v4;
}

int network_bind(const union address *address, int type)
{
	int fd = socket(address->any.sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int on = 1;
	if (fd < 0)
		return -1;
	if (address->any.sa_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	/* Connections of an earlier listener may still be fading away. */
	if (type == SOCK_STREAM)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, &address->any, address_length(address)) == 0 && (type != SOCK_STREAM || listen(fd, BACKLOG) == 0))
		return fd;
	int error = errno;
	(void)close(fd);
	errno = error;
	return -1;
}

bool network_is_open(void)
{
	return wanted && link_is_open();
}

bool network_has_room(void)
{
	return link_is_open() && link_room() >= ASK_ROOM;
}

bool network_may_ask(void)
{
	return network_is_open() && network_has_room();
}

static bool open_proxy(void)
{
	union address address = address_of(AF_INET, 0, PORT_PROXY);
	int error = listeners_add(&address, NO_NAME);
	if (error != 0)
		warn("the proxy cannot listen on port %d (errno %d)", PORT_PROXY, error);
	/* A system without IPv6 has no such address, and nobody will look for it there. */
	address = address_of(AF_INET6, 0, PORT_PROXY);
	(void)listeners_add(&address, NO_NAME);
	return error == 0;
}

/* The table of connections, and the hooks' door; names get what is left of the descriptors. */
static size_t open_hooks(void)
{
	/* What programs are started with comes first; a connection takes two descriptors. */
	size_t files = limits_raise();
	size_t reserve = files / 4 < 2048 ? files / 4 : 2048;
	size_t names = (files - reserve) / 4, both = (files - reserve - names) / 2;
	if (connections_open(both < CONNECTION_LIMIT ? both : CONNECTION_LIMIT))
		hooks_open();
	else
		warn("there is no memory for connections (errno %d)", errno);
	return names;
}

static void open_all(size_t names)
{
	listeners_open(names);
	owner_open();
	flags = (uint8_t)((resolver_open() ? NETWORK_NAMES : 0) | (open_proxy() ? NETWORK_PROXY : 0));
}

void network_want(bool on)
{
	if (!hooked)
		places = open_hooks();
	hooked = true;
	wanted = on;
	if (!on)
		return;
	/* Without a table nothing could be carried. */
	if (!opened && connections_have_room())
		open_all(places);
	opened = true;
	/* What an earlier helper said yes to, this one has not been asked about. */
	names_forget();
	(void)link_send(FRAME_NETWORK, 0, &flags, sizeof flags);
}

void network_lost(void)
{
	if (hooked)
		connections_lost();
	if (opened)
		questions_lost();
}

void network_ready(struct tag tag, uint32_t events)
{
	switch ((enum role)tag.role) {
	case ROLE_NAMES:
	case ROLE_NAMES_LISTENER:
	case ROLE_NAMES_CLIENT:
		resolver_ready(tag, events);
		break;
	case ROLE_LISTENER:
		listeners_ready(tag);
		break;
	case ROLE_HOOKS:
		hooks_ready();
		break;
	default:
		connections_ready(tag, events);
		break;
	}
}

bool network_obey(uint8_t type, uint32_t id, const uint8_t *payload, uint32_t length)
{
	switch (type) {
	case FRAME_NAME_ANSWER: {
		uint16_t count = length < 2 ? 0 : get_u16(payload);
		if (length < 2 || count > NAME_PORT_LIMIT || length - 2 < 2u * count)
			return false;
		questions_answer(id, payload + 2, count, payload + 2 + 2 * count, length - 2 - 2u * count);
		return true;
	}
	case FRAME_NAMES_FORGET:
		names_forget();
		return length == 0;
	default:
		return hooked && connections_obey(type, id, payload, length);
	}
}

int network_wait_ms(int64_t now)
{
	if (!hooked)
		return -1;
	int waits[] = { hooks_wait_ms(now), connections_wait_ms(now), opened ? resolver_wait_ms(now) : -1, opened ? listeners_wait_ms(now) : -1 };
	int least = -1;
	for (size_t i = 0; i < sizeof waits / sizeof *waits; i++)
		if (waits[i] >= 0 && (least < 0 || waits[i] < least))
			least = waits[i];
	return least;
}

void network_tick(int64_t now)
{
	if (!hooked)
		return;
	if (opened)
		resolver_tick(now);
	connections_tick(now);
	hooks_tick(now);
	if (opened)
		listeners_tick(now);
}
