/* One process's turn: moves what can be moved, reports what is to be reported, and tells epoll what is awaited. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exec.h"

void relay_ready(struct process *process, enum role role)
{
	process->ready |= (uint8_t)(1u << role);
}

bool relay_take_ready(struct process *p, enum role role)
{
	bool is = p->ready >> role & 1;
	p->ready &= (uint8_t)~(1u << role);
	return is;
}

/* The listener that came with a message, or -1. */
static int taken(struct msghdr *message)
{
	int fd = -1;
	struct cmsghdr *header = CMSG_FIRSTHDR(message);
	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(header), sizeof fd);
	return fd;
}

/* One message of the child; false when there is none now. The silence of an end means that it executed. */
static bool take_report(struct process *p)
{
	uint8_t bytes[1 + sizeof p->candidate];
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec part = { bytes, sizeof bytes };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
	ssize_t length = recvmsg(p->report.fd, &message, MSG_CMSG_CLOEXEC);
	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (length > 0 && bytes[0] == REPORT_LISTENER) {
		int listener = taken(&message);
		return listener >= 0 && gate_add(p, listener);
	}
	if (length > 1 && bytes[0] == REPORT_PATH) {
		/* A path too long to be kept is no path: the question about it will fail. */
		bool whole = bytes[length - 1] == '\0';
		memcpy(p->candidate, bytes + 1, (size_t)length - 1);
		p->candidate[whole ? length - 2 : 0] = '\0';
		return true;
	}
	if (length == 6 && bytes[0] == REPORT_FAILED) {
		p->failed_stage = bytes[1];
		p->failed_error = get_u32(bytes + 2);
	}
	p->executed = length == 0;
	loop_close(&p->report);
	return false;
}

void relay_report(struct process *process)
{
	while (process->report.fd >= 0 && take_report(process))
		continue;
}

static void pump_report(struct process *p)
{
	if (relay_take_ready(p, ROLE_REPORT))
		relay_report(p);
	if (p->report.fd >= 0 || p->started || p->failed_stage != 0)
		return;
	uint8_t pid[4];
	put_u32(pid, (uint32_t)p->pid);
	p->started = link_send(FRAME_STARTED, p->id, pid, sizeof pid);
}

static void settle(struct process *p)
{
	if (p->failed_stage != 0) {
		if (process_failed(p->id, (enum spawn_stage)p->failed_stage, p->failed_error))
			process_release(p);
		return;
	}
	if (!p->reaped || !p->started || p->reported || p->ending_until != 0)
		return;
	output_give_up(p);
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
	loop_watch(&p->input, process_tag(p, ROLE_INPUT), buffer_filled(&p->typed) > 0 ? EPOLLOUT : 0);
	for (int i = 0; i < 2; i++)
		loop_watch(&p->output[i], process_tag(p, i == 0 ? ROLE_OUTPUT : ROLE_ERRORS), output_is_blocked(p, i) ? 0 : EPOLLIN);
	bool listens = socket && !p->stream[0].drained && buffer_filled(&p->typed) == 0;
	for (int i = 0; i < 2; i++) {
		uint32_t events = (i == 0 && listens ? EPOLLIN : 0) | (buffer_filled(&p->stream[i].pending) > 0 ? EPOLLOUT : 0);
		loop_watch(&p->stream[i].socket, process_tag(p, i == 0 ? ROLE_STREAM : ROLE_ERROR_STREAM), events);
	}
}

void relay_pump(struct process *process)
{
	if (!link_is_open())
		return;
	pump_report(process);
	output_pump(process, 0);
	output_pump(process, 1);
	input_pump(process);
	settle(process);
	if (process->id != 0)
		watch(process);
}

void relay_reset(struct process *process, int which)
{
	struct stream *stream = &process->stream[which];
	bool over = process->output[which].fd < 0;
	stream->gone = true;
	stream->pending.start = stream->pending.end = 0;
	loop_close(&stream->socket);
	loop_close(&process->output[which]);
	if (which != 0)
		return;
	process->typed.start = process->typed.end = 0;
	/* Nobody has the terminal open any more: its process is ending by itself, and a hang-up would change how. */
	if (!(over && process->flags & SPAWN_TERMINAL))
		loop_close(&process->input);
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
		if (!p->reaped || p->reported || p->ending_until != 0 || !link_is_open())
			continue;
		int64_t due = p->quiet_at < p->patience_at ? p->quiet_at : p->patience_at;
		if (next < 0 || due < next)
			next = due;
	}
	return next < 0 ? -1 : next <= now ? 0 : (int)(next - now);
}

void relay_tick(int64_t now)
{
	bool roomy = output_has_room_again();
	for (struct process *p = process_next(NULL); p; p = process_next(p)) {
		bool due = p->reaped && !p->reported && p->ending_until == 0 && (now >= p->quiet_at || now >= p->patience_at);
		if (roomy || due)
			relay_pump(p);
	}
}
