/* The table of processes the helper asked for. It has a fixed size: what does not fit is refused, never remembered. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec.h"

enum { PAGE = 4096 };

static struct process table[PROCESS_LIMIT];
static _Alignas(PAGE) uint8_t typed_bytes[PROCESS_LIMIT][INITIAL_WINDOW_BYTES];
static _Alignas(PAGE) uint8_t pending_bytes[PROCESS_LIMIT][2][DATA_LIMIT_BYTES];
static size_t highest;

static void clear(struct process *p)
{
	size_t slot = (size_t)(p - table);
	uint32_t generation = p->generation + 1;
	*p = (struct process){ .generation = generation };
	p->report.fd = p->input.fd = p->output[0].fd = p->output[1].fd = -1;
	p->typed = (struct buffer){ .bytes = typed_bytes[slot], .size = INITIAL_WINDOW_BYTES };
	for (int i = 0; i < 2; i++) {
		p->stream[i].socket.fd = -1;
		p->stream[i].credit = INITIAL_WINDOW_BYTES;
		p->stream[i].pending = (struct buffer){ .bytes = pending_bytes[slot][i], .size = DATA_LIMIT_BYTES };
	}
}

void process_open(void)
{
	for (size_t i = 0; i < PROCESS_LIMIT; i++)
		clear(&table[i]);
}

/* Gives the pages of a buffer back: the memory limit is the sandbox's. */
static void give_back(struct buffer *buffer)
{
	if (buffer->touched)
		(void)madvise(buffer->bytes, buffer->size, MADV_DONTNEED);
}

static void forget(struct process *p)
{
	loop_close(&p->report);
	loop_close(&p->input);
	give_back(&p->typed);
	for (int i = 0; i < 2; i++) {
		loop_close(&p->output[i]);
		loop_close(&p->stream[i].socket);
		give_back(&p->stream[i].pending);
	}
	clear(p);
}

bool process_executed(struct process *process)
{
	relay_report(process);
	return process->executed;
}

const char *process_candidate(struct process *process)
{
	return process->candidate;
}

void process_release(struct process *process)
{
	if (process->reported || process->failed_stage != 0)
		forget(process);
}

struct process *process_next(struct process *after)
{
	for (size_t i = after ? (size_t)(after - table) + 1 : 0; i < highest; i++)
		if (table[i].id != 0)
			return &table[i];
	return NULL;
}

struct process *process_find(uint32_t id)
{
	for (struct process *p = process_next(NULL); p; p = process_next(p))
		if (p->id == id)
			return p;
	return NULL;
}

struct process *process_at(uint16_t slot, uint32_t generation)
{
	return slot < PROCESS_LIMIT && table[slot].id != 0 && table[slot].generation == generation ? &table[slot] : NULL;
}

struct tag process_tag(const struct process *process, enum role role)
{
	return (struct tag){ .role = (uint8_t)role, .slot = (uint16_t)(process - table), .generation = process->generation };
}

bool process_failed(uint32_t id, enum spawn_stage stage, uint32_t error)
{
	uint8_t payload[5] = { (uint8_t)stage };
	put_u32(payload + 1, error);
	return link_send(FRAME_FAILED, id, payload, sizeof payload);
}

static int make_pipe(int *ours, int *theirs, bool we_read)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return errno;
	*ours = ends[we_read ? 0 : 1];
	*theirs = ends[we_read ? 1 : 0];
	return fcntl(*ours, F_SETFL, O_NONBLOCK | (we_read ? O_RDONLY : O_WRONLY)) < 0 ? errno : 0;
}

static int open_terminal(struct process *p, struct channels *channels, const struct spawn *spawn)
{
	int error = terminal_open(&p->output[0].fd, &channels->input, spawn->rows, spawn->columns);
	if (error != 0)
		return error;
	/* A second descriptor, so that reading and writing are waited for apart. */
	p->input.fd = fcntl(p->output[0].fd, F_DUPFD_CLOEXEC, 3);
	return p->input.fd < 0 ? errno : 0;
}

static int open_pipes(struct process *p, struct channels *channels, uint8_t flags)
{
	int error = 0;
	if (flags & SPAWN_NO_STDIN) {
		channels->input = open("/dev/null", O_RDONLY | O_CLOEXEC);
		error = channels->input < 0 ? errno : 0;
	} else {
		error = make_pipe(&p->input.fd, &channels->input, false);
	}
	if (error == 0)
		error = make_pipe(&p->output[0].fd, &channels->output, true);
	if (error == 0 && flags & SPAWN_STDERR)
		error = make_pipe(&p->output[1].fd, &channels->errors, true);
	return error;
}

static int open_streams(struct process *p, const uint8_t *const token[2])
{
	for (int i = 0; i < 2; i++) {
		struct stream *stream = &p->stream[i];
		if (i == 1 && !(p->flags & SPAWN_STDERR))
			stream->gone = true;
		if (!link_has_socket() || stream->gone)
			continue;
		stream->drained = false;
		stream->socket.fd = link_connect_stream(token[i]);
		if (stream->socket.fd < 0)
			return errno;
		if (stream->ended)
			(void)shutdown(stream->socket.fd, SHUT_WR);
	}
	return 0;
}

bool process_reopen(struct process *process, const uint8_t *tokens)
{
	/* What the lost helper was told last may never have arrived. */
	process->started = process->reported = false;
	/* A stream the lost helper had closed is opened all the same, to tell the next one that it is over. */
	process->stream[0].gone = process->stream[1].gone = false;
	return open_streams(process, (const uint8_t *[]){ tokens, tokens + TOKEN_BYTES }) == 0;
}

static void close_theirs(const struct channels *channels)
{
	if (channels->input >= 0)
		(void)close(channels->input);
	if (channels->output >= 0)
		(void)close(channels->output);
	if (channels->errors >= 0)
		(void)close(channels->errors);
}

/* Everything up to the fork; on an error the caller undoes all of it. */
static int prepare(struct process *p, const struct spawn *spawn, struct channels *channels, enum spawn_stage *stage)
{
	*stage = STAGE_RESOURCES;
	int error = spawn->flags & SPAWN_TERMINAL ? open_terminal(p, channels, spawn) : open_pipes(p, channels, spawn->flags);
	if (error != 0)
		return error;
	*stage = STAGE_STREAM;
	return open_streams(p, spawn->token);
}

static int start(struct process *p, const struct spawn *spawn, const struct channels *channels)
{
	int report[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, report) < 0)
		return errno;
	p->report.fd = report[0];
	p->pid = fork();
	if (p->pid == 0)
		child_run(spawn, channels, report[1]);
	int error = p->pid < 0 ? errno : 0;
	p->tree = p->pid < 0 ? 0 : tree_begin(p->pid);
	(void)close(report[1]);
	return error;
}

static struct process *take_slot(uint32_t id)
{
	size_t slot = 0;
	while (slot < PROCESS_LIMIT && table[slot].id != 0)
		slot++;
	if (slot == PROCESS_LIMIT)
		return NULL;
	if (slot >= highest)
		highest = slot + 1;
	table[slot].id = id;
	return &table[slot];
}

void process_spawn(uint32_t id, const struct spawn *spawn)
{
	if (ending_begun() || process_find(id)) {
		(void)process_failed(id, STAGE_RESOURCES, ending_begun() ? ECANCELED : EEXIST);
		return;
	}
	struct process *p = take_slot(id);
	if (!p) {
		(void)process_failed(id, STAGE_RESOURCES, EAGAIN);
		return;
	}
	p->flags = spawn->flags & SPAWN_TERMINAL ? spawn->flags & ~(uint32_t)(SPAWN_STDERR | SPAWN_NO_STDIN) : spawn->flags;
	struct channels channels = { -1, -1, -1 };
	enum spawn_stage stage;
	int error = prepare(p, spawn, &channels, &stage);
	if (error == 0) {
		stage = STAGE_RESOURCES;
		error = start(p, spawn, &channels);
	}
	close_theirs(&channels);
	if (error != 0) {
		forget(p);
		(void)process_failed(id, stage, (uint32_t)error);
		return;
	}
	relay_pump(p);
}

void process_signal(const struct process *process, int signal, bool foreground)
{
	if (process->reaped)
		return;
	pid_t group = 0;
	if (foreground && process->flags & SPAWN_TERMINAL && ioctl(process->input.fd, TIOCGPGRP, &group) < 0)
		group = 0;
	/* A child that has not yet made its own group is meant alone. */
	if (group > 1 && kill(-group, signal) == 0)
		return;
	if (kill(-process->pid, signal) < 0)
		(void)kill(process->pid, signal);
}

static void reaped(struct process *p, const siginfo_t *info)
{
	bool exited = info->si_code == CLD_EXITED;
	p->reaped = true;
	p->exit[0] = exited ? 0 : 1;
	p->exit[1] = (uint8_t)info->si_status;
	p->exit[2] = info->si_code == CLD_DUMPED ? 1 : 0;
	for (int i = 0; i < 2 && !(p->flags & SPAWN_TERMINAL); i++)
		if (p->output[i].fd < 0 || ioctl(p->output[i].fd, FIONREAD, &p->left[i]) < 0)
			p->left[i] = 0;
	relay_ready(p, ROLE_REPORT);
	relay_ready(p, ROLE_OUTPUT);
	relay_ready(p, ROLE_ERRORS);
	relay_pump(p);
}

bool process_reap(void)
{
	for (;;) {
		siginfo_t info = { 0 };
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | __WALL) < 0)
			return errno != ECHILD;
		if (info.si_pid == 0)
			return true;
		if (info.si_code == CLD_TRAPPED) {
			aftermath_stopped(info.si_pid, info.si_status);
			continue;
		}
		aftermath_gone(info.si_pid);
		for (struct process *p = process_next(NULL); p; p = process_next(p))
			if (p->pid == info.si_pid && !p->reaped) {
				reaped(p, &info);
				break;
			}
	}
}
