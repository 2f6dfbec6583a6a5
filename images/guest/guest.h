/*
 * What the files of the guest share. The guest is pid 1 of a sandbox: it starts what the helper asks for, relays bytes,
 * reaps, and reports. It holds no policy and takes no memory after its start: every table and buffer has a fixed size.
 */
#ifndef LASSO_GUEST_H
#define LASSO_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/socket.h>

#include "frames.h"

enum { PROCESS_LIMIT = 256, WORD_LIMIT = 32768 };
enum { EXIT_SHUTDOWN = 0, EXIT_CANNOT_START = 1, EXIT_LINK_LOST = 2 };

/* What getdents64(2) fills a buffer with: one for each name in a folder. */
struct entry {
	uint64_t inode;
	int64_t offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

/* ---- log.c ---- */
/* Legal only before the first child exists: the last words of a guest that cannot start. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Legal always; silent on a stdio link, whose engine may log what it hears. */
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- loop.c: one epoll set; a tag says whose descriptor is ready ---- */
struct endpoint {
	int fd; /* -1: none */
	uint32_t watched; /* what epoll was told */
};
enum role {
	ROLE_REPORT,
	ROLE_INPUT,
	ROLE_OUTPUT,
	ROLE_ERRORS,
	ROLE_STREAM,
	ROLE_ERROR_STREAM,
	ROLE_SIGNALS,
	ROLE_LINK_IN,
	ROLE_LINK_OUT,
	ROLE_GATE,
	ROLE_SEEN,
	/* of network.c, to the last */
	ROLE_NAMES,
	ROLE_NAMES_LISTENER,
	ROLE_NAMES_CLIENT,
	ROLE_LISTENER,
	ROLE_CLIENT,
	ROLE_CARRIED,
	ROLE_HOOKS,
};
struct tag {
	uint8_t role;
	uint16_t slot;
	uint32_t generation;
};
void loop_open(void);
void loop_watch(struct endpoint *end, struct tag tag, uint32_t events);
void loop_close(struct endpoint *end);
/* Waits at most timeout_ms (-1: for ever) and calls whoever a descriptor is ready for. */
void loop_turn(int timeout_ms);
int64_t now_ms(void);
void signals_ready(void);

/* ---- settings.c: the environment of pid 1, read once and wiped ---- */
void settings_read(char **environment);
bool settings_use_socket(void);
const uint8_t *settings_token(void);
/* For pid 1 itself: as many descriptors as it may have; the number. */
size_t limits_raise(void);
/* For the child: lowers the limits that LASSO_LIMITS named. 0 or an errno. */
int limits_apply(void);

/* ---- filter.c ---- */
/* Builds the filter and finds out, in a child that ends at once, whether this kernel takes it. */
void filter_open(void);
bool filter_supported(void);
/* For the child, last thing before execve. 0 or an errno. */
int filter_install(void);

/* ---- gate.c ---- */
struct process;
void gate_open(void);
void gate_want(bool on);
bool gate_wanted(void);
/* Takes over the listener of a child; false when there is no room, and then nothing under it can start. */
bool gate_add(const struct process *process, int fd);
void gate_ready(uint16_t slot, uint32_t generation, uint32_t events);
void gate_answer(uint32_t number, uint8_t answer, const uint8_t *message, uint32_t length);
/* After a lost link every open question is asked again. */
void gate_resume(void);
/* A number no question had yet. */
uint32_t gate_number(void);
void gate_tick(int64_t now);
int gate_wait_ms(int64_t now);

/* ---- terminal.c ---- */
/* Opens a pair of the given size; 0 or an errno. */
int terminal_open(int *master, int *slave, uint16_t rows, uint16_t columns);
void terminal_resize(int master, uint16_t rows, uint16_t columns);
/* The character that means end of file to its line discipline, or -1 when it means nothing now. */
int terminal_end_character(int master);

/* ---- guard.c ---- */
/* Answers an agent's hook, as a program of its own; the exit status. */
int guard_ask(const char *name);
/* Where pid 1 takes hooks in. */
struct sockaddr_un guard_address(socklen_t *size);

/* ---- network.c: names and connections ---- */
void network_want(bool on);
void network_ready(struct tag tag, uint32_t events);
/* A frame about names or connections; false when it makes no sense. */
bool network_obey(uint8_t type, uint32_t id, const uint8_t *payload, uint32_t length);
/* After a lost link every connection is reset, and nobody's question is answered any more. */
void network_lost(void);
void network_tick(int64_t now);
int network_wait_ms(int64_t now);

/* ---- link.c, queue.c ---- */
void link_open(const char *path);
bool link_has_socket(void);
void link_ready(enum role role);
/* Queues a frame; false when there is no room now (the caller tries again in a later turn). */
bool link_send(enum frame_type type, uint32_t id, const void *payload, uint32_t length);
/* Forgets what is queued. */
void link_clear(void);
/* Bytes that may still be queued. */
uint32_t link_room(void);
/* Writes what is queued as far as it is taken; false when the other side is gone. */
bool link_write(int fd, bool socket);
/* Space where the payload of a DATA frame may be put, NULL when there is too little; link_commit queues it. */
uint8_t *link_reserve(uint32_t *room);
void link_commit(uint32_t stream, uint32_t length);
/* Writes what is queued, obeys what was received, and tells epoll what is awaited; once a turn. */
void link_flush(void);
/* Connects a stream of a socket link; -1 and errno on failure. */
int link_connect_stream(const uint8_t *token);
/* The same, but EAGAIN at once when the helper has too many waiting. */
int link_try_stream(const uint8_t *token);
/* Milliseconds until link_tick wants to be called, -1 for never. */
int link_wait_ms(int64_t now);
void link_tick(int64_t now);
bool link_is_open(void);
/* Everything queued has been written. */
bool link_is_idle(void);
/* Called by control.c as the frames come. */
void link_welcome(uint32_t grace_ms, uint8_t flags);
void link_reopened(void);

/* ---- control.c ---- */
/* Obeys one frame of the helper; false when it makes no sense, which ends the link. */
bool control_obey(uint8_t type, uint32_t id, const uint8_t *payload, uint32_t length);

/* ---- process.c, child.c, relay.c ---- */
struct buffer {
	uint8_t *bytes;
	uint32_t size, start, end;
	bool touched;
};
static inline uint32_t buffer_filled(const struct buffer *buffer)
{
	return buffer->end - buffer->start;
}

static inline void buffer_take(struct buffer *buffer, uint32_t count)
{
	buffer->start += count;
	if (buffer->start == buffer->end)
		buffer->start = buffer->end = 0;
}

struct stream {
	struct endpoint socket; /* socket link only */
	struct buffer pending; /* socket link only: read from the process, not yet taken by the socket */
	uint32_t credit; /* bytes a stdio link may still send */
	uint32_t consumed; /* bytes taken from a stdio link and not yet granted anew */
	bool end_asked; /* helper sent END */
	bool drained; /* nothing more will be read from the socket */
	bool ended; /* END was sent */
	bool gone; /* helper sent RESET */
};
struct process {
	uint32_t id; /* 0: free */
	uint32_t generation;
	pid_t pid;
	uint8_t flags; /* spawn_flag */
	uint8_t ready; /* bits of role: what may be read */
	bool executed; /* the child's own execve is over */
	bool started; /* STARTED is queued */
	uint8_t failed_stage; /* spawn_stage, 0: none */
	uint32_t failed_error;
	bool input_ended;
	bool reaped;
	bool reported; /* EXITED is queued */
	uint8_t exit[3]; /* payload of EXITED */
	int64_t quiet_at, patience_at; /* when output after the end of the process is given up */
	int left[2]; /* bytes that were unread when it ended: these are never given up */
	uint32_t tree; /* everything that descends from it */
	int64_t ending_until; /* its tree is being ended, and EXITED waits for that; 0: no */
	bool killing; /* by force */
	char candidate[1024]; /* path the child tries to execute */
	struct endpoint report; /* reads what the child does before it executes; end of file: it executed */
	struct endpoint input; /* stdin or terminal */
	struct endpoint output[2]; /* stdout or terminal; stderr */
	struct buffer typed; /* on its way to the process */
	struct stream stream[2];
};
struct spawn {
	uint8_t flags;
	uint16_t rows, columns;
	const uint8_t *token[2];
	char *directory, *file;
	char **arguments, **environment;
};
struct channels {
	int input, output, errors; /* the child's ends */
};
void process_open(void);
void process_spawn(uint32_t id, const struct spawn *spawn);
bool process_failed(uint32_t id, enum spawn_stage stage, uint32_t error);
bool process_executed(struct process *process);
/* Path the child tried last. */
const char *process_candidate(struct process *process);
void process_release(struct process *process);
struct process *process_find(uint32_t id);
struct process *process_at(uint16_t slot, uint32_t generation);
struct process *process_next(struct process *after);
void process_free(struct process *process);
void process_signal(const struct process *process, int signal, bool foreground);
/* Connects the streams anew after a lost link; false when the helper does not take them. */
bool process_reopen(struct process *process, const uint8_t *tokens);
/* Reaps everything there is to reap; false when no child is left. */
bool process_reap(void);
struct tag process_tag(const struct process *process, enum role role);

_Noreturn void child_run(const struct spawn *spawn, const struct channels *channels, int report);

/* Takes in what the child reports before it executes. */
void relay_report(struct process *process);
void relay_ready(struct process *process, enum role role);
/* Moves what can be moved, reports what is to be reported, and tells epoll what is awaited. */
void relay_pump(struct process *process);
bool relay_take_ready(struct process *process, enum role role);
void relay_reset(struct process *process, int which);
void relay_detach(struct process *process);
/* Milliseconds until some output is given up, -1 for never. */
int relay_wait_ms(int64_t now);
void relay_tick(int64_t now);

/* ---- output.c ---- */
void output_pump(struct process *process, int which);
bool output_is_blocked(const struct process *process, int which);
/* A process that ended may have left its output to others: what it said itself is waited for, theirs only a little. */
void output_give_up(struct process *process);
/* True once when the link's queue has room again after some output found none. */
bool output_has_room_again(void);

/* ---- input.c ---- */
void input_pump(struct process *process);
/* Helper's bytes for stdin over a stdio link; false when it sent more than it was granted. */
bool input_accept(struct process *process, const uint8_t *bytes, uint32_t length);

/* ---- suspend.c ---- */
/* Stops all processes of the sandbox; those that were stopped before are remembered and stay stopped. */
void suspend_all(void);
void resume_all(void);

/* ---- tree.c ---- */
/* Signals everything that descends from a process. TERM and KILL end it: EXITED is told when nothing of it is left. */
void tree_signal(struct process *process, int signal);
void tree_tick(int64_t now);
int tree_wait_ms(void);

/* ---- readwrite.c: not pid 1, a program of its own ---- */
/* Exit status: 0 or an errno. */
int readwrite(int argc, char **argv);

/* ---- seed.c: as the one before ---- */
int seed(int argc, char **argv);

/* ---- ending.c ---- */
void ending_begin(uint32_t grace_ms);
bool ending_begun(void);
int ending_wait_ms(int64_t now);
/* Leaves when everything has ended, or kills what is left when its time is over. */
void ending_tick(int64_t now);
_Noreturn void ending_at_once(void);

#endif
