/* From a process to its streams: nothing is read that cannot be handed on, so a reader that stalls stops the writer. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guest.h"

enum { QUIET_MS = 200, PATIENCE_MS = 2000 };

static bool starved; /* some process waits for room in the link's queue */

static void send_pending(struct stream *stream)
{
	while (stream->socket.fd >= 0 && buffer_filled(&stream->pending) > 0) {
		const uint8_t *from = stream->pending.bytes + stream->pending.start;
		ssize_t count = send(stream->socket.fd, from, buffer_filled(&stream->pending), MSG_NOSIGNAL);
		if (count > 0)
			buffer_take(&stream->pending, (uint32_t)count);
		else if (errno == EAGAIN)
			return;
		else if (errno != EINTR)
			loop_close(&stream->socket);
	}
}

/* Reads what is there; a terminal gives it in small portions. Closes the end at its end of file. */
static uint32_t read_output(struct process *p, int which, uint8_t *bytes, uint32_t size)
{
	uint32_t total = 0;
	ssize_t count;
	do {
		count = read(p->output[which].fd, bytes + total, size - total);
		if (count > 0)
			total += (uint32_t)count;
		else if (count == 0 || (errno != EAGAIN && errno != EINTR))
			loop_close(&p->output[which]);
	} while (count >= 1024 && size - total >= 4096);
	if (total > 0 && p->reaped) {
		p->left[which] -= (int)total;
		p->quiet_at = now_ms() + QUIET_MS;
	}
	return total;
}

static void read_to_socket(struct process *p, int which)
{
	struct stream *stream = &p->stream[which];
	send_pending(stream);
	if (stream->socket.fd < 0 || buffer_filled(&stream->pending) > 0 || p->output[which].fd < 0)
		return;
	if (!relay_take_ready(p, which == 0 ? ROLE_OUTPUT : ROLE_ERRORS))
		return;
	stream->pending.touched = true;
	stream->pending.end = read_output(p, which, stream->pending.bytes, stream->pending.size);
	send_pending(stream);
}

static void read_to_frames(struct process *p, int which)
{
	struct stream *stream = &p->stream[which];
	if (p->output[which].fd < 0 || stream->credit == 0 || !relay_take_ready(p, which == 0 ? ROLE_OUTPUT : ROLE_ERRORS))
		return;
	uint32_t room;
	uint8_t *bytes = link_reserve(&room);
	if (!bytes) {
		relay_ready(p, which == 0 ? ROLE_OUTPUT : ROLE_ERRORS);
		starved = true;
		return;
	}
	uint32_t count = read_output(p, which, bytes, stream->credit < room ? stream->credit : room);
	if (count == 0)
		return;
	stream->credit -= count;
	link_commit(p->id * 2 + (uint32_t)which, count);
}

void output_pump(struct process *p, int which)
{
	struct stream *stream = &p->stream[which];
	if (stream->gone)
		return;
	if (link_has_socket())
		read_to_socket(p, which);
	else
		read_to_frames(p, which);
	if (p->output[which].fd >= 0 || buffer_filled(&stream->pending) > 0 || stream->ended || !p->started)
		return;
	if (!link_has_socket())
		stream->ended = link_send(FRAME_END, p->id * 2 + (uint32_t)which, NULL, 0);
	else if (stream->socket.fd >= 0)
		stream->ended = shutdown(stream->socket.fd, SHUT_WR) == 0 || errno != EINTR;
}

bool output_is_blocked(const struct process *p, int which)
{
	const struct stream *stream = &p->stream[which];
	return link_has_socket() ? buffer_filled(&stream->pending) > 0 || stream->socket.fd < 0 : stream->credit == 0 || starved;
}

void output_give_up(struct process *p)
{
	int64_t now = now_ms();
	if (p->quiet_at == 0) {
		p->quiet_at = now + QUIET_MS;
		p->patience_at = now + PATIENCE_MS;
	}
	for (int i = 0; i < 2; i++) {
		if (p->output[i].fd < 0)
			continue;
		if (output_is_blocked(p, i) || p->left[i] > 0) {
			p->quiet_at = now + QUIET_MS;
			if (p->patience_at < p->quiet_at)
				p->patience_at = p->quiet_at;
		} else if (now >= p->quiet_at || now >= p->patience_at) {
			loop_close(&p->output[i]);
			output_pump(p, i);
		}
	}
}

bool output_has_room_again(void)
{
	uint32_t room;
	if (!starved || !link_reserve(&room))
		return false;
	starved = false;
	return true;
}
