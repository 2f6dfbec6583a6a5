/* From the helper to a process: one buffer each, filled only when it is empty or as far as credit was given. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guest.h"

static void read_from_socket(struct process *p)
{
	struct stream *stream = &p->stream[0];
	if (stream->socket.fd < 0 || stream->drained || buffer_filled(&p->typed) > 0 || !relay_take_ready(p, ROLE_STREAM))
		return;
	ssize_t count = recv(stream->socket.fd, p->typed.bytes, DATA_LIMIT_BYTES, 0);
	if (count > 0) {
		p->typed.touched = true;
		p->typed.end = (uint32_t)count;
	} else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
		/* Not yet the end of stdin: a helper that died looks the same. One that means it sends END as well. */
		stream->drained = true;
	}
}

static void write_typed(struct process *p)
{
	while (buffer_filled(&p->typed) > 0) {
		ssize_t count = buffer_filled(&p->typed);
		if (p->input.fd >= 0) {
			count = write(p->input.fd, p->typed.bytes + p->typed.start, buffer_filled(&p->typed));
			if (count < 0 && errno == EAGAIN)
				return;
			/* Nobody reads any more: the rest is dropped, as a closed pipe would. */
			if (count < 0 && errno != EINTR)
				loop_close(&p->input);
			if (count < 0)
				continue;
		}
		p->stream[0].consumed += (uint32_t)count;
		buffer_take(&p->typed, (uint32_t)count);
	}
}

static void grant_more(struct process *p)
{
	struct stream *stream = &p->stream[0];
	uint8_t more[4];
	put_u32(more, stream->consumed);
	if (stream->consumed >= INITIAL_WINDOW_BYTES / 4 && link_send(FRAME_WINDOW, p->id * 2, more, sizeof more))
		stream->consumed = 0;
}

static void end_input(struct process *p)
{
	int character = p->input.fd >= 0 && p->flags & SPAWN_TERMINAL ? terminal_end_character(p->input.fd) : -1;
	if (character >= 0 && write(p->input.fd, &(uint8_t){ (uint8_t)character }, 1) < 0 && errno == EAGAIN)
		return;
	p->input_ended = true;
	if (!(p->flags & SPAWN_TERMINAL))
		loop_close(&p->input);
}

void input_pump(struct process *p)
{
	if (p->stream[0].gone)
		return;
	if (link_has_socket())
		read_from_socket(p);
	write_typed(p);
	if (!link_has_socket())
		grant_more(p);
	bool all = buffer_filled(&p->typed) == 0 && p->stream[0].end_asked && (!link_has_socket() || p->stream[0].drained);
	if (all && !p->input_ended)
		end_input(p);
}

bool input_accept(struct process *process, const uint8_t *bytes, uint32_t length)
{
	struct buffer *typed = &process->typed;
	if (process->stream[0].gone)
		return true;
	if (length > typed->size - buffer_filled(typed))
		return false;
	if (typed->end + length > typed->size) {
		memmove(typed->bytes, typed->bytes + typed->start, buffer_filled(typed));
		typed->end -= typed->start;
		typed->start = 0;
	}
	memcpy(typed->bytes + typed->end, bytes, length);
	typed->end += length;
	typed->touched = true;
	relay_pump(process);
	return true;
}
