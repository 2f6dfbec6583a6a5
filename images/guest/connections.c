/*
 * The connections of programs, from the moment they come in until both sides are through. Each is asked about, and until the
 * answer not a byte of it is read. One that breaks on either side is reset on the other: nothing broken looks complete.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "network.h"

enum { AGAIN_MS = 5, HEAD_BYTES = 7, BUFFER_BYTES = CLIENT_BYTES + STREAM_BYTES };

static struct connection connections[CONNECTION_LIMIT];
static uint32_t ids[CONNECTION_LIMIT]; /* again, so that few pages are looked at */
static uint8_t *buffers; /* pages appear as they are used */
static size_t limit, highest, used, first;
static bool works; /* some connection needs a tick */
static bool hurries; /* and nothing but the time it takes is in its way */

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

struct connection *connection_new(uint32_t id, int client)
{
	size_t slot = 0;
	while (slot < limit && ids[slot] != 0)
		slot++;
	if (slot >= limit)
		return NULL;
	struct connection *c = &connections[slot];
	uint32_t generation = c->generation + 1;
	const uint32_t rounds = (CONNECTIONS_OF_HELPER - CONNECTIONS_OF_GUEST) / CONNECTION_LIMIT;
	*c = (struct connection){ .generation = generation, .name = NO_NAME, .credit = INITIAL_WINDOW_BYTES };
	c->id = id != 0 ? id : CONNECTIONS_OF_GUEST + generation % rounds * CONNECTION_LIMIT + (uint32_t)slot;
	c->client.fd = client;
	c->stream.fd = -1;
	c->to_client = (struct buffer){ .bytes = buffers + slot * BUFFER_BYTES, .size = CLIENT_BYTES };
	c->to_stream = (struct buffer){ .bytes = c->to_client.bytes + CLIENT_BYTES, .size = STREAM_BYTES };
	ids[slot] = c->id;
	used++;
	if (slot >= highest)
		highest = slot + 1;
	return c;
}

static void free_one(struct connection *c)
{
	loop_close(&c->client);
	loop_close(&c->stream);
	carry_give_back(&c->to_client);
	carry_give_back(&c->to_stream);
	names_hold(c->name, -1);
	c->id = 0;
	ids[c - connections] = 0;
	used--;
	while (highest > 0 && ids[highest - 1] == 0)
		highest--;
}

void connection_over(struct connection *connection)
{
	free_one(connection);
}

void connection_reset(struct connection *c, bool tell)
{
	if (c->client.fd >= 0)
		(void)setsockopt(c->client.fd, SOL_SOCKET, SO_LINGER, &(struct linger){ 1, 0 }, sizeof(struct linger));
	loop_close(&c->client);
	loop_close(&c->stream);
	if (!tell || !link_is_open() || link_send(FRAME_RESET, c->id, NULL, 0))
		free_one(c);
	else
		connection_becomes(c, STAGE_OVER);
}

void connection_becomes(struct connection *connection, enum stage stage)
{
	connection->stage = (uint8_t)stage;
	works = true;
}

void connections_accept(int fd, const union address *peer, const union address *own, uint16_t name, uint16_t port)
{
	struct connection *c = connection_new(0, fd);
	if (!c) {
		(void)close(fd);
		return;
	}
	c->peer = *peer;
	c->own = *own;
	c->name = name;
	c->port = port;
	names_hold(name, 1);
	/* What is relayed was put together by the sender; waiting for more of it would only be slow. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	connection_becomes(c, STAGE_UNASKED);
	loop_watch(&c->client, connection_tag(c, ROLE_CLIENT), EPOLLHUP);
}

static void ask(struct connection *c, int *budget)
{
	static uint8_t payload[ASKER_LIMIT_BYTES];
	struct ends ends = { IPPROTO_TCP, c->peer, c->own };
	c->asker = owner_find(&ends, budget);
	payload[0] = c->name == NO_NAME ? CONNECTION_PROXY : CONNECTION_NAME;
	put_u16(payload + 1, c->port);
	put_u32(payload + 3, (uint32_t)c->asker);
	if (link_send(FRAME_CONNECT_ASK, c->id, payload, asker_write(payload, HEAD_BYTES, names_text(c->name), c->asker)))
		c->stage = STAGE_ASKED;
}

/* Opens its stream; the helper may have too many waiting to take it now. */
static void join(struct connection *c)
{
	if (link_has_socket()) {
		c->stream.fd = link_connect_stream(c->token);
		if (c->stream.fd < 0 && errno == EAGAIN)
			return;
		if (c->stream.fd < 0) {
			connection_reset(c, true);
			return;
		}
	}
	c->stage = STAGE_OPEN;
	carry_pump(c, true, true);
}

/* What could not be done when it was due; true when it still cannot. */
static bool work(struct connection *c, int *budget)
{
	switch ((enum stage)c->stage) {
	case STAGE_UNASKED:
		if (*budget > 0 && network_may_ask())
			ask(c, budget);
		return c->stage == STAGE_UNASKED;
	case STAGE_DIALLED:
		forward_report(c);
		if (c->id != 0 && c->stage == STAGE_JOINING)
			join(c);
		return c->id != 0 && c->stage != STAGE_OPEN;
	case STAGE_JOINING:
		join(c);
		return c->id != 0 && c->stage != STAGE_OPEN;
	case STAGE_OVER:
		if (link_send(FRAME_RESET, c->id, NULL, 0))
			free_one(c);
		return c->id != 0;
	case STAGE_OPEN:
		if (c->starved)
			carry_pump(c, true, false);
		return c->id != 0 && c->starved;
	default:
		return false;
	}
}

void connections_work(void)
{
	works = true;
}

void connections_tick(void)
{
	if (!works || !network_is_open())
		return;
	int budget = OWNER_BUDGET;
	bool again = false;
	size_t end = highest;
	/* Not always the same first: there may not be room for all. */
	first = first + 1 < end ? first + 1 : 0;
	for (size_t i = 0; i < end; i++) {
		size_t slot = first + i < end ? first + i : first + i - end;
		if (ids[slot] != 0 && work(&connections[slot], &budget))
			again = true;
	}
	works = again;
	hurries = budget <= 0;
}

int connections_wait_ms(void)
{
	return !works || !network_is_open() ? -1 : hurries && network_may_ask() ? 0 : AGAIN_MS;
}

void connections_ready(struct tag tag, uint32_t events)
{
	struct connection *c = tag.slot < CONNECTION_LIMIT ? &connections[tag.slot] : NULL;
	if (!c || c->id == 0 || c->generation != tag.generation)
		return;
	if (c->stage == STAGE_DIALLING)
		forward_ready(c);
	else if (c->stage == STAGE_OPEN)
		carry_ready(c, (enum role)tag.role, events);
	else if (events & (EPOLLHUP | EPOLLERR))
		connection_reset(c, c->stage != STAGE_UNASKED);
}

void connections_lost(void)
{
	for (struct connection *c = connection_next(NULL); c; c = connection_next(c))
		connection_reset(c, false);
}

static bool answered(struct connection *c, uint8_t type, const uint8_t *payload, uint32_t length)
{
	if (type == FRAME_CONNECT_REFUSE) {
		asker_tell(c->asker, payload, length);
		connection_reset(c, false);
		return true;
	}
	memcpy(c->token, payload, TOKEN_BYTES);
	connection_becomes(c, STAGE_JOINING);
	join(c);
	return true;
}

bool connections_obey(uint8_t type, uint32_t id, const uint8_t *payload, uint32_t length)
{
	/* One that was reset in here may still be spoken to: the helper did not know yet. */
	struct connection *c = connection_find(id);
	bool over = !c || c->stage == STAGE_OVER;
	switch (type) {
	case FRAME_CONNECT_OPEN:
	case FRAME_CONNECT_REFUSE:
		if (type == FRAME_CONNECT_OPEN && length != TOKEN_BYTES)
			return false;
		return over || (c->stage == STAGE_ASKED && answered(c, type, payload, length));
	case FRAME_FORWARD:
		if (length != 2 + TOKEN_BYTES || id < CONNECTIONS_OF_HELPER || c)
			return false;
		forward_begin(id, get_u16(payload), payload + 2);
		return true;
	case FRAME_DATA:
		return !link_has_socket() && (over || carry_accept(c, payload, length));
	case FRAME_WINDOW:
		if (length == 4 && !over)
			c->credit += get_u32(payload);
		break;
	case FRAME_END:
		if (!over)
			c->end_asked = true;
		break;
	case FRAME_RESET:
		if (c)
			connection_reset(c, false);
		return length == 0;
	default:
		return false;
	}
	if (!over && c->stage == STAGE_OPEN)
		carry_pump(c, false, false);
	return length == (type == FRAME_WINDOW ? 4 : 0);
}
