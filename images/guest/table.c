/*
 * The table of connections and their buffers. It has a fixed size; one that breaks on either side is reset on the other, so that
 * nothing broken looks complete.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "network.h"

enum { BUFFER_BYTES = CLIENT_BYTES + STREAM_BYTES };

static struct connection connections[CONNECTION_LIMIT];
static uint32_t ids[CONNECTION_LIMIT]; /* again, so that few pages are looked at */
static pid_t askers[CONNECTION_LIMIT]; /* -1: not looked for yet */
static uint8_t *buffers; /* pages appear as they are used */
static size_t limit, highest, used, hooks;

bool connections_open(size_t most)
{
	limit = most;
	void *at = mmap(NULL, limit * BUFFER_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	buffers = at == MAP_FAILED ? NULL : at;
	limit = buffers ? limit : 0;
	return buffers != NULL;
}

bool connections_have_room(void)
{
	return used < limit;
}

bool connections_have_room_for_hook(void)
{
	return used < limit && hooks < HOOK_LIMIT && hooks < limit / 4;
}

struct connection *connection_next(struct connection *after)
{
	for (size_t i = after ? (size_t)(after - connections) + 1 : 0; i < highest; i++)
		if (ids[i] != 0)
			return &connections[i];
	return NULL;
}

struct connection *connection_find(uint32_t id)
{
	if (id < CONNECTIONS_OF_HELPER)
		return id != 0 && ids[id % CONNECTION_LIMIT] == id ? &connections[id % CONNECTION_LIMIT] : NULL;
	for (size_t i = 0; i < highest; i++)
		if (ids[i] == id)
			return &connections[i];
	return NULL;
}

struct tag connection_tag(const struct connection *connection, enum role role)
{
	return (struct tag){ (uint8_t)role, (uint16_t)(connection - connections), connection->generation };
}

struct connection *connection_new(uint32_t id, int client, bool hook)
{
	size_t slot = 0;
	while (slot < limit && ids[slot] != 0)
		slot++;
	if (slot >= limit)
		return NULL;
	struct connection *c = &connections[slot];
	uint32_t generation = c->generation + 1;
	const uint32_t rounds = (CONNECTIONS_OF_HELPER - CONNECTIONS_OF_GUEST) / CONNECTION_LIMIT;
	*c = (struct connection){ .generation = generation, .hook = hook, .name = NO_NAME, .credit = INITIAL_WINDOW_BYTES };
	c->id = id != 0 ? id : CONNECTIONS_OF_GUEST + generation % rounds * CONNECTION_LIMIT + (uint32_t)slot;
	c->client.fd = client;
	c->stream.fd = -1;
	c->to_client = (struct buffer){ .bytes = buffers + slot * BUFFER_BYTES, .size = CLIENT_BYTES };
	c->to_stream = (struct buffer){ .bytes = c->to_client.bytes + CLIENT_BYTES, .size = STREAM_BYTES };
	ids[slot] = c->id;
	askers[slot] = -1;
	used++;
	hooks += hook;
	if (slot >= highest)
		highest = slot + 1;
	return c;
}

void connection_over(struct connection *c)
{
	loop_close(&c->client);
	loop_close(&c->stream);
	carry_give_back(&c->to_client);
	carry_give_back(&c->to_stream);
	names_hold(c->name, -1);
	c->id = 0;
	ids[c - connections] = 0;
	used--;
	hooks -= c->hook;
	while (highest > 0 && ids[highest - 1] == 0)
		highest--;
}

void connection_reset(struct connection *c, bool tell)
{
	if (c->client.fd >= 0)
		(void)setsockopt(c->client.fd, SOL_SOCKET, SO_LINGER, &(struct linger){ 1, 0 }, sizeof(struct linger));
	loop_close(&c->client);
	loop_close(&c->stream);
	if (!tell || !link_is_open() || link_send(FRAME_RESET, c->id, NULL, 0))
		connection_over(c);
	else
		connection_becomes(c, STAGE_OVER);
}

bool connection_asked_by(struct connection *c, pid_t asker)
{
	size_t count = 0, most = asker != 0 ? limit / 2 : limit / 4;
	for (size_t i = 0; i < highest; i++)
		count += ids[i] != 0 && askers[i] == asker;
	c->asker = askers[c - connections] = asker;
	return count < most;
}

struct connection *connection_at(uint16_t slot, uint32_t generation)
{
	return slot < CONNECTION_LIMIT && ids[slot] != 0 && connections[slot].generation == generation ? &connections[slot] : NULL;
}

struct connection *connection_in(size_t slot)
{
	return ids[slot] != 0 ? &connections[slot] : NULL;
}

size_t connections_end(void)
{
	return highest;
}
