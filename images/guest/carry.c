/*
 * Bytes between a program and its stream, both ways. Nothing more is read from whoever's other side does not take it: who is
 * slow stops its own sender and nobody else. Only what could not be written at once is kept.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "network.h"

enum { ROUNDS = 4 };

static uint8_t scratch[DATA_LIMIT_BYTES];

void carry_give_back(struct buffer *buffer)
{
	if (buffer->touched)
		(void)madvise(buffer->bytes, buffer->size, MADV_DONTNEED);
	buffer->touched = false;
	buffer->start = buffer->end = 0;
}

static void keep(struct buffer *buffer, const uint8_t *bytes, uint32_t length)
{
	if (buffer->end + length > buffer->size) {
		memmove(buffer->bytes, buffer->bytes + buffer->start, buffer_filled(buffer));
		buffer->end -= buffer->start;
		buffer->start = 0;
	}
	memcpy(buffer->bytes + buffer->end, bytes, length);
	buffer->end += length;
	buffer->touched = true;
}

/* Writes as much as is taken; the number of bytes, -1 when the other side is gone. */
static ssize_t put(int fd, const uint8_t *bytes, uint32_t length)
{
	uint32_t total = 0;
	while (total < length) {
		ssize_t count = send(fd, bytes + total, length - total, MSG_NOSIGNAL);
		if (count > 0)
			total += (uint32_t)count;
		else if (errno == EAGAIN)
			break;
		else if (errno != EINTR)
			return -1;
	}
	return total;
}

/* Writes what was kept; false when the other side is gone. */
static bool flush(int fd, struct buffer *buffer, uint32_t *written)
{
	if (buffer_filled(buffer) == 0)
		return true;
	ssize_t count = put(fd, buffer->bytes + buffer->start, buffer_filled(buffer));
	if (count < 0)
		return false;
	*written += (uint32_t)count;
	buffer_take(buffer, (uint32_t)count);
	if (buffer_filled(buffer) == 0)
		carry_give_back(buffer);
	return true;
}

/* Moves what is there from one socket to the other; false when either is gone. */
static bool move(int from, int to, struct buffer *kept, bool *over)
{
	for (int i = 0; i < ROUNDS && buffer_filled(kept) == 0 && !*over; i++) {
		ssize_t count = recv(from, scratch, sizeof scratch, 0);
		if (count < 0)
			return errno == EAGAIN || errno == EINTR;
		*over = count == 0;
		ssize_t taken = put(to, scratch, (uint32_t)count);
		if (taken < 0)
			return false;
		if (taken < count)
			keep(kept, scratch + taken, (uint32_t)(count - taken));
		if (count < (ssize_t)sizeof scratch / 2)
			break;
	}
	return true;
}

/* From the program into frames, as far as there is credit and room. */
static bool move_to_frames(struct connection *c)
{
	uint32_t room;
	c->starved = false;
	if (c->client_ended || c->credit == 0)
		return true;
	uint8_t *bytes = link_reserve(&room);
	if (!bytes) {
		c->starved = true;
		connections_work();
		return true;
	}
	ssize_t count = recv(c->client.fd, bytes, c->credit < room ? c->credit : room, 0);
	if (count < 0)
		return errno == EAGAIN || errno == EINTR;
	c->client_ended = count == 0;
	if (count > 0)
		link_commit(c->id, (uint32_t)count);
	c->credit -= (uint32_t)count;
	return true;
}

static void grant_more(struct connection *c)
{
	uint8_t more[4];
	put_u32(more, c->consumed);
	if (c->consumed >= INITIAL_WINDOW_BYTES / 4 && link_send(FRAME_WINDOW, c->id, more, sizeof more))
		c->consumed = 0;
}

/* The program says no more: its stream ends, and the helper is told so. */
static void end_stream(struct connection *c)
{
	if (c->end_sent || !c->client_ended || buffer_filled(&c->to_stream) > 0)
		return;
	if (link_has_socket())
		(void)shutdown(c->stream.fd, SHUT_WR);
	c->end_sent = link_send(FRAME_END, c->id, NULL, 0);
	c->starved = !c->end_sent;
	if (c->starved)
		connections_work();
}

/* Ends what the program reads; a stream that broke is not at its end, whatever it looks like. */
static void end_client(struct connection *c)
{
	bool all = c->end_asked && buffer_filled(&c->to_client) == 0 && (!link_has_socket() || c->drained);
	if (all && !c->shut)
		(void)shutdown(c->client.fd, SHUT_WR);
	c->shut = all;
}

static void watch(struct connection *c)
{
	bool socket = link_has_socket();
	bool reads = !c->client_ended && (socket ? buffer_filled(&c->to_stream) == 0 : c->credit > 0 && !c->starved);
	uint32_t client = (reads ? EPOLLIN : 0) | (buffer_filled(&c->to_client) > 0 ? EPOLLOUT : 0);
	/* Of one that neither speaks nor listens now, its reset is still heard; after our own end that would never fall silent. */
	loop_watch(&c->client, connection_tag(c, ROLE_CLIENT), client != 0 ? client : c->shut ? 0 : EPOLLHUP);
	bool listens = !c->drained && buffer_filled(&c->to_client) == 0;
	uint32_t stream = (listens ? EPOLLIN : 0) | (buffer_filled(&c->to_stream) > 0 ? EPOLLOUT : 0);
	loop_watch(&c->stream, connection_tag(c, ROLE_CARRIED), stream);
}

static bool pump_both(struct connection *c, bool client_ready, bool stream_ready)
{
	uint32_t sent = 0;
	bool socket = link_has_socket();
	if (!flush(c->client.fd, &c->to_client, &c->consumed) || !flush(c->stream.fd, &c->to_stream, &sent))
		return false;
	if (socket && stream_ready && !move(c->stream.fd, c->client.fd, &c->to_client, &c->drained))
		return false;
	if (socket && client_ready && !move(c->client.fd, c->stream.fd, &c->to_stream, &c->client_ended))
		return false;
	if (!socket && client_ready && !move_to_frames(c))
		return false;
	if (!socket)
		grant_more(c);
	return true;
}

void carry_pump(struct connection *c, bool client_ready, bool stream_ready)
{
	if (!pump_both(c, client_ready, stream_ready)) {
		connection_reset(c, true);
		return;
	}
	end_stream(c);
	end_client(c);
	if (c->end_sent && c->shut)
		connection_over(c);
	else
		watch(c);
}

void carry_ready(struct connection *c, enum role role, uint32_t events)
{
	if (role == ROLE_CARRIED)
		carry_pump(c, false, events & (EPOLLIN | EPOLLHUP | EPOLLERR));
	else if (!(events & (EPOLLIN | EPOLLOUT)) && events & (EPOLLHUP | EPOLLERR) && !c->shut)
		connection_reset(c, true);
	else
		carry_pump(c, events & EPOLLIN, false);
}

bool carry_accept(struct connection *c, const uint8_t *bytes, uint32_t length)
{
	if (c->end_asked || length > c->to_client.size - buffer_filled(&c->to_client))
		return false;
	uint32_t done = 0;
	if (c->stage == STAGE_OPEN && buffer_filled(&c->to_client) == 0) {
		ssize_t taken = put(c->client.fd, bytes, length);
		if (taken < 0) {
			connection_reset(c, true);
			return true;
		}
		done = (uint32_t)taken;
		c->consumed += done;
	}
	if (done < length)
		keep(&c->to_client, bytes + done, length - done);
	if (c->stage == STAGE_OPEN)
		carry_pump(c, false, false);
	return true;
}
