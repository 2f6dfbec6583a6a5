/* Connections of the helper to a port inside: to the sandbox's own loopback and nowhere else. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "network.h"

static bool told(uint32_t id, int error)
{
	uint8_t payload[4];
	put_u32(payload, (uint32_t)error);
	return link_send(FRAME_FORWARDED, id, payload, sizeof payload);
}

static void fail(struct connection *c, int error)
{
	loop_close(&c->client);
	c->error = error;
	connection_becomes(c, STAGE_DIALLED);
}

/* TCP can meet itself where nobody listens. */
static bool is_itself(const struct connection *c)
{
	union address own;
	socklen_t size = sizeof own;
	return getsockname(c->client.fd, &own.any, &size) == 0 && own.v4.sin_port == c->peer.v4.sin_port;
}

static void stands(struct connection *c)
{
	if (is_itself(c)) {
		fail(c, ECONNREFUSED);
		return;
	}
	(void)setsockopt(c->client.fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	loop_watch(&c->client, connection_tag(c, ROLE_CLIENT), 0);
	c->error = 0;
	connection_becomes(c, STAGE_DIALLED);
}

/* Begins to connect; 0 or an errno. */
static int dial(struct connection *c, int family)
{
	loop_close(&c->client);
	c->peer = address_of(family, 0, c->port);
	c->client.fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->client.fd < 0)
		return errno;
	if (connect(c->client.fd, &c->peer.any, address_length(&c->peer)) < 0 && errno != EINPROGRESS)
		return errno;
	c->stage = STAGE_DIALLING;
	loop_watch(&c->client, connection_tag(c, ROLE_CLIENT), EPOLLOUT);
	return 0;
}

/* Nobody there: perhaps on the other loopback. */
static void try_other(struct connection *c, int error)
{
	bool was_first = c->peer.any.sa_family == AF_INET;
	if (!was_first || dial(c, AF_INET6) != 0)
		fail(c, c->error != 0 ? c->error : error);
	else
		c->error = error;
}

void forward_begin(uint32_t id, uint16_t port, const uint8_t *token)
{
	struct connection *c = network_is_open() ? connection_new(id, -1, false) : NULL;
	if (!c) {
		(void)told(id, EAGAIN);
		return;
	}
	c->port = port;
	memcpy(c->token, token, TOKEN_BYTES);
	int error = dial(c, AF_INET);
	if (error != 0)
		try_other(c, error);
}

void forward_ready(struct connection *c)
{
	int error = 0;
	socklen_t size = sizeof error;
	if (getsockopt(c->client.fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		error = errno;
	if (error != 0)
		try_other(c, error);
	else
		stands(c);
}

void forward_report(struct connection *c)
{
	if (!told(c->id, c->error))
		return;
	if (c->error != 0)
		connection_over(c);
	else
		connection_becomes(c, STAGE_JOINING);
}
