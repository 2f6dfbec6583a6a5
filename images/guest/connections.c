/*
 * The connections of programs, from the moment they come in until both sides are through. Each is asked about, and until the
 * answer not a byte of it is read.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/tcp.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "network.h"

enum { OWED_MS = 1000, AGAIN_MS = 1, HEAD_BYTES = 7, UNHEARD_LIMIT = 128, UNHEARD_MS = 100 };

static size_t first;
static struct {
	uint32_t id;
	int64_t at;
} joined[UNHEARD_LIMIT]; /* the last streams, in turn */
static size_t joins;
static size_t unasked; /* in the last tick */
static bool works; /* some connection needs a tick */
static bool hurries; /* and nothing but the time it takes is in its way */
static int64_t owed_until; /* when the first that was left behind is let go of; 0: none was */

void connection_becomes(struct connection *connection, enum stage stage)
{
	connection->stage = (uint8_t)stage;
	works = true;
}

void connections_accept(int fd, const union address *peer, const union address *own, uint16_t name, uint16_t port)
{
	struct connection *c = connection_new(0, fd, false);
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

void connections_accept_hook(int fd, pid_t pid)
{
	struct connection *c = connection_new(0, fd, true);
	if (!c) {
		(void)close(fd);
		return;
	}
	c->asker = pid;
	connection_becomes(c, STAGE_UNASKED);
	loop_watch(&c->client, connection_tag(c, ROLE_CLIENT), EPOLLHUP);
}

/* Of a hook the kernel told when it came; who else asks is looked for. */
static pid_t asker_of(const struct connection *c, int *budget)
{
	struct ends ends = { IPPROTO_TCP, c->peer, c->own };
	return c->hook ? c->asker : owner_find(&ends, unasked, budget);
}

static void ask(struct connection *c, int *budget)
{
	static const uint8_t too_many[] = "LASSO: too many connections at once\r\n";
	static uint8_t payload[ASKER_LIMIT_BYTES];
	if (!connection_asked_by(c, asker_of(c, budget))) {
		asker_tell(c->asker, too_many, sizeof too_many - 1);
		connection_reset(c, false);
		return;
	}
	payload[0] = c->hook ? CONNECTION_GUARD : c->name == NO_NAME ? CONNECTION_PROXY : CONNECTION_NAME;
	put_u16(payload + 1, c->port);
	put_u32(payload + 3, (uint32_t)c->asker);
	if (!link_send(FRAME_CONNECT_ASK, c->id, payload, asker_write(payload, HEAD_BYTES, names_text(c->name), c->asker)))
		return;
	c->stage = STAGE_ASKED;
	/* A hook has said all it has to say at once, and waits. */
	loop_watch(&c->client, connection_tag(c, ROLE_CLIENT), c->hook ? EPOLLHUP : EPOLLHUP | EPOLLRDHUP);
}

/*
 * The helper takes streams in the order they come, and only so many may wait: no more of ours than leaves room for those of
 * processes. So the one that many before must have been heard of, unless it is long ago.
 */
static bool may_join(int64_t now)
{
	const struct connection *before = connection_find(joined[joins % UNHEARD_LIMIT].id);
	int unheard = 0;
	if (!before || before->stream.fd < 0 || now >= joined[joins % UNHEARD_LIMIT].at + UNHEARD_MS)
		return true;
	return ioctl(before->stream.fd, SIOCOUTQ, &unheard) < 0 || unheard == 0;
}

/* Opens its stream; the helper may have too many waiting to take it now. */
static void join(struct connection *c)
{
	if (link_has_socket()) {
		int64_t now = now_ms();
		if (!may_join(now))
			return;
		c->stream.fd = link_try_stream(c->token);
		if (c->stream.fd < 0 && errno == EAGAIN)
			return;
		if (c->stream.fd < 0) {
			connection_reset(c, true);
			return;
		}
		joined[joins % UNHEARD_LIMIT].id = c->id;
		joined[joins++ % UNHEARD_LIMIT].at = now;
	}
	c->stage = STAGE_OPEN;
	carry_pump(c, true, true);
}

/* What could not be done when it was due; true when it still cannot. */
static bool work(struct connection *c, int *budget)
{
	switch ((enum stage)c->stage) {
	case STAGE_UNASKED:
		if (*budget > 0 && network_has_room())
			ask(c, budget);
		return c->id != 0 && c->stage == STAGE_UNASKED;
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
			connection_over(c);
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

/* Nobody has waited for these for so long that a person must be deciding. */
static void let_go(int64_t now)
{
	owed_until = 0;
	for (struct connection *c = connection_next(NULL); c; c = connection_next(c)) {
		if (c->owed_until == 0 || c->stage != STAGE_ASKED)
			continue;
		if (now >= c->owed_until)
			connection_reset(c, true);
		else if (owed_until == 0 || c->owed_until < owed_until)
			owed_until = c->owed_until;
	}
}

void connections_tick(int64_t now)
{
	if (owed_until != 0 && now >= owed_until)
		let_go(now);
	if (!works || !link_is_open())
		return;
	int budget = OWNER_BUDGET;
	bool again = false;
	size_t end = connections_end(), queue = 0;
	/* Not always the same first: there may not be room for all. */
	first = first + 1 < end ? first + 1 : 0;
	for (size_t i = 0; i < end; i++) {
		size_t slot = first + i < end ? first + i : first + i - end;
		struct connection *c = connection_in(slot);
		queue += c && c->stage == STAGE_UNASKED;
		if (c && work(c, &budget))
			again = true;
	}
	works = again;
	unasked = queue;
	hurries = budget <= 0;
}

int connections_wait_ms(int64_t now)
{
	int work_ms = !works || !link_is_open() ? -1 : hurries && network_has_room() ? 0 : AGAIN_MS;
	int owed_ms = owed_until == 0 ? -1 : owed_until > now ? (int)(owed_until - now) : 0;
	return work_ms < 0 || (owed_ms >= 0 && owed_ms < work_ms) ? owed_ms : work_ms;
}

/* It says no more while it is asked about. Who is gone waits for no answer; what it left behind is owed while rules decide. */
static void has_said_all(struct connection *c)
{
	struct ends ends = { IPPROTO_TCP, c->peer, c->own };
	char byte;
	loop_watch(&c->client, connection_tag(c, ROLE_CLIENT), EPOLLHUP);
	if (c->stage != STAGE_ASKED || !owner_is_gone(&ends))
		return;
	if (recv(c->client.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0) {
		connection_reset(c, true);
		return;
	}
	c->owed_until = now_ms() + OWED_MS;
	if (owed_until == 0)
		owed_until = c->owed_until;
}

void connections_ready(struct tag tag, uint32_t events)
{
	struct connection *c = connection_at(tag.slot, tag.generation);
	if (!c)
		return;
	if (c->stage == STAGE_DIALLING)
		forward_ready(c);
	else if (c->stage == STAGE_OPEN)
		carry_ready(c, (enum role)tag.role, events);
	else if (events & (EPOLLHUP | EPOLLERR))
		connection_reset(c, c->stage != STAGE_UNASKED);
	else if (events & EPOLLRDHUP)
		has_said_all(c);
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
