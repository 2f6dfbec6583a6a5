/*
 * Moves bytes between a process and its streams, both ways, through one fixed buffer each: whoever does not read makes the
 * writer wait, never the guest grow. Also decides when a process that ended has said everything.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guest.h"

enum { QUIET_MS = 200, PATIENCE_MS = 2000 };

static bool starved; /* some process waits for room in the link's queue */

static uint32_t filled(const struct buffer *buffer)
{
	return buffer->end - buffer->start;
}

static void take(struct buffer *buffer, uint32_t count)
{
	buffer->start += count;
	if (buffer->start == buffer->end)
		buffer->start = buffer->end = 0;
}

void relay_ready(struct process *process, enum role role)
{
	process->ready |= (uint8_t)(1u << role);
}

static bool take_ready(struct process *p, enum role role)
{
	bool is = p->ready >> role & 1;
	p->ready &= (uint8_t)~(1u << role);
	return is;
}

/* What the child says before execve, or the silence of a child that executed. */
static void pump_report(struct process *p)
{
	uint32_t words[2];
	if (p->report.fd >= 0 && take_ready(p, ROLE_REPORT)) {
		ssize_t length = read(p->report.fd, words, sizeof words);
		if (length == (ssize_t)sizeof words) {
			p->failed_stage = (uint8_t)words[0];
			p->failed_error = words[1];
		}
		loop_close(&p->report);
	}
	if (p->report.fd >= 0 || p->started || p->failed_stage != 0)
		return;
	uint8_t pid[4];
	put_u32(pid, (uint32_t)p->pid);
	p->started = link_send(FRAME_STARTED, p->id, pid, sizeof pid);
}

static void send_pending(struct stream *stream)
{
	while (stream->socket.fd >= 0 && filled(&stream->pending) > 0) {
		const uint8_t *from = stream->pending.bytes + stream->pending.start;
		ssize_t count = send(stream->socket.fd, from, filled(&stream->pending), MSG_NOSIGNAL);
		if (count > 0)
			take(&stream->pending, (uint32_t)count);
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
	if (stream->socket.fd < 0 || filled(&stream->pending) > 0 || p->output[which].fd < 0)
		return;
	if (!take_ready(p, which == 0 ? ROLE_OUTPUT : ROLE_ERRORS))
		return;
	stream->pending.touched = true;
	stream->pending.end = read_output(p, which, stream->pending.bytes, stream->pending.size);
	send_pending(stream);
}

static void read_to_frames(struct process *p, int which)
{
	struct stream *stream = &p->stream[which];
	if (p->output[which].fd < 0 || stream->credit == 0 || !take_ready(p, which == 0 ? ROLE_OUTPUT : ROLE_ERRORS))
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

static void pump_output(struct process *p, int which)
{
	struct stream *stream = &p->stream[which];
	if (stream->gone)
		return;
	if (link_has_socket())
		read_to_socket(p, which);
	else
		read_to_frames(p, which);
	if (p->output[which].fd >= 0 || filled(&stream->pending) > 0 || stream->ended || !p->started)
		return;
	if (!link_has_socket())
		stream->ended = link_send(FRAME_END, p->id * 2 + (uint32_t)which, NULL, 0);
	else if (stream->socket.fd >= 0)
		stream->ended = shutdown(stream->socket.fd, SHUT_WR) == 0 || errno != EINTR;
}

static void read_from_socket(struct process *p)
{
	struct stream *stream = &p->stream[0];
	if (stream->socket.fd < 0 || stream->drained || filled(&p->typed) > 0 || !take_ready(p, ROLE_STREAM))
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
	while (filled(&p->typed) > 0) {
		ssize_t count = filled(&p->typed);
		if (p->input.fd >= 0) {
			count = write(p->input.fd, p->typed.bytes + p->typed.start, filled(&p->typed));
			if (count < 0 && errno == EAGAIN)
				return;
			/* Nobody reads any more: the rest is dropped, as a closed pipe would. */
			if (count < 0 && errno != EINTR)
				loop_close(&p->input);
			if (count < 0)
				continue;
		}
		p->stream[0].consumed += (uint32_t)count;
		take(&p->typed, (uint32_t)count);
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

static void pump_input(struct process *p)
{
	if (p->stream[0].gone)
		return;
	if (link_has_socket())
		read_from_socket(p);
	write_typed(p);
	if (!link_has_socket())
		grant_more(p);
	bool all = filled(&p->typed) == 0 && p->stream[0].end_asked && (!link_has_socket() || p->stream[0].drained);
	if (all && !p->input_ended)
		end_input(p);
}

bool relay_accept(struct process *process, const uint8_t *bytes, uint32_t length)
{
	struct buffer *typed = &process->typed;
	if (process->stream[0].gone)
		return true;
	if (length > typed->size - filled(typed))
		return false;
	if (typed->end + length > typed->size) {
		memmove(typed->bytes, typed->bytes + typed->start, filled(typed));
		typed->end -= typed->start;
		typed->start = 0;
	}
	memcpy(typed->bytes + typed->end, bytes, length);
	typed->end += length;
	typed->touched = true;
	relay_pump(process);
	return true;
}

static bool is_blocked(const struct process *p, int which)
{
	const struct stream *stream = &p->stream[which];
	return link_has_socket() ? filled(&stream->pending) > 0 || stream->socket.fd < 0 : stream->credit == 0 || starved;
}

/* A process that ended may have left its output to others: what it said itself is waited for, theirs only a little. */
static void give_up_output(struct process *p)
{
	int64_t now = now_ms();
	if (p->quiet_at == 0) {
		p->quiet_at = now + QUIET_MS;
		p->patience_at = now + PATIENCE_MS;
	}
	for (int i = 0; i < 2; i++) {
		if (p->output[i].fd < 0)
			continue;
		if (is_blocked(p, i) || p->left[i] > 0) {
			p->quiet_at = now + QUIET_MS;
			if (p->patience_at < p->quiet_at)
				p->patience_at = p->quiet_at;
		} else if (now >= p->quiet_at || now >= p->patience_at) {
			loop_close(&p->output[i]);
			pump_output(p, i);
		}
	}
}

static void settle(struct process *p)
{
	if (p->failed_stage != 0) {
		if (process_failed(p->id, (enum spawn_stage)p->failed_stage, p->failed_error))
			process_release(p);
		return;
	}
	if (!p->reaped || !p->started || p->reported)
		return;
	give_up_output(p);
	for (int i = 0; i < 2; i++)
		if (!p->stream[i].gone && !p->stream[i].ended)
			return;
	loop_close(&p->input);
	p->reported = link_send(FRAME_EXITED, p->id, p->exit, sizeof p->exit);
}

static void watch(struct process *p)
{
	bool socket = link_has_socket();
	loop_watch(&p->report, process_tag(p, ROLE_REPORT), EPOLLIN);
	loop_watch(&p->input, process_tag(p, ROLE_INPUT), filled(&p->typed) > 0 ? EPOLLOUT : 0);
	for (int i = 0; i < 2; i++)
		loop_watch(&p->output[i], process_tag(p, i == 0 ? ROLE_OUTPUT : ROLE_ERRORS), is_blocked(p, i) ? 0 : EPOLLIN);
	bool listens = socket && !p->stream[0].drained && filled(&p->typed) == 0;
	for (int i = 0; i < 2; i++) {
		uint32_t events = (i == 0 && listens ? EPOLLIN : 0) | (filled(&p->stream[i].pending) > 0 ? EPOLLOUT : 0);
		loop_watch(&p->stream[i].socket, process_tag(p, i == 0 ? ROLE_STREAM : ROLE_ERROR_STREAM), events);
	}
}

void relay_pump(struct process *process)
{
	if (!link_is_open())
		return;
	pump_report(process);
	pump_output(process, 0);
	pump_output(process, 1);
	pump_input(process);
	settle(process);
	if (process->id != 0)
		watch(process);
}

void relay_reset(struct process *process, int which)
{
	struct stream *stream = &process->stream[which];
	stream->gone = true;
	stream->pending.start = stream->pending.end = 0;
	loop_close(&stream->socket);
	loop_close(&process->output[which]);
	if (which == 0) {
		process->typed.start = process->typed.end = 0;
		loop_close(&process->input);
	}
}

void relay_detach(struct process *process)
{
	process->ready = 0;
	loop_watch(&process->report, process_tag(process, ROLE_REPORT), 0);
	loop_watch(&process->input, process_tag(process, ROLE_INPUT), 0);
	for (int i = 0; i < 2; i++) {
		loop_watch(&process->output[i], process_tag(process, i == 0 ? ROLE_OUTPUT : ROLE_ERRORS), 0);
		loop_close(&process->stream[i].socket);
	}
}

int relay_wait_ms(int64_t now)
{
	int64_t next = -1;
	for (struct process *p = process_next(NULL); p; p = process_next(p)) {
		if (!p->reaped || p->reported || !link_is_open())
			continue;
		int64_t due = p->quiet_at < p->patience_at ? p->quiet_at : p->patience_at;
		if (next < 0 || due < next)
			next = due;
	}
	return next < 0 ? -1 : next <= now ? 0 : (int)(next - now);
}

void relay_tick(int64_t now)
{
	uint32_t room;
	bool roomy = starved && link_reserve(&room) != NULL;
	if (roomy)
		starved = false;
	for (struct process *p = process_next(NULL); p; p = process_next(p)) {
		bool due = p->reaped && !p->reported && (now >= p->quiet_at || now >= p->patience_at);
		if (roomy || due)
			relay_pump(p);
	}
}
