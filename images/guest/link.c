/*
 * The link to the helper: over a Unix socket, or over the guest's own stdin and stdout. What queue.c
 * holds is written once a turn. When a socket link is lost, everything stops until the helper is back or its time is over.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "exec.h"

enum { RETRY_MS = 100, READ_BYTES = 131072 };
enum state { OPEN, LOST, REJOINING };

static enum state state = OPEN;
static struct sockaddr_un address = { .sun_family = AF_UNIX };
static struct endpoint in = { -1, 0 }, out = { -1, 0 };
static uint8_t received[FRAME_LIMIT_BYTES + FRAME_HEADER_BYTES + READ_BYTES];
static uint32_t received_start, received_end;
static uint32_t grace_ms;
static int64_t give_up_at, retry_at;
static unsigned reopen_left;
static bool welcomed;

bool link_has_socket(void)
{
	return settings_use_socket();
}

bool link_is_open(void)
{
	return state == OPEN;
}

/* The helper has more waiting than it may; it takes one after the other, so there will be room in a moment. */
static int connect_again(int fd)
{
	const struct timeval most = { .tv_sec = 1 };
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
	(void)fcntl(fd, F_SETFL, 0);
	int result = connect(fd, (const struct sockaddr *)&address, sizeof address);
	int error = errno;
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	errno = error;
	return result;
}

/* Opens a connection and says who it is; -1 and errno on failure. */
static int connect_as(char kind, const uint8_t *token, bool patiently)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	uint8_t opening[1 + TOKEN_BYTES] = { (uint8_t)kind };
	memcpy(opening + 1, token, TOKEN_BYTES);
	int result = connect(fd, (const struct sockaddr *)&address, sizeof address);
	if (result < 0 && errno == EAGAIN && patiently)
		result = connect_again(fd);
	if (result == 0 && send(fd, opening, sizeof opening, MSG_NOSIGNAL) == (ssize_t)sizeof opening)
		return fd;
	int error = errno;
	(void)close(fd);
	errno = error;
	return -1;
}

int link_connect_stream(const uint8_t *token)
{
	return connect_as('S', token, true);
}

int link_try_stream(const uint8_t *token)
{
	return connect_as('S', token, false);
}

/* Moves what is left to the front. */
static void compact(void)
{
	memmove(received, received + received_start, received_end - received_start);
	received_end -= received_start;
	received_start = 0;
}

static void hello(bool resumed)
{
	uint8_t payload[3 + 9 * PROCESS_LIMIT];
	uint32_t length = 3;
	put_u16(payload, PROTOCOL_VERSION);
	payload[2] = (uint8_t)((resumed ? HELLO_RESUMED : 0) | (filter_supported() ? 0 : HELLO_UNFILTERED) | (notify_supported() ? 0 : HELLO_UNGATED));
	reopen_left = 0;
	for (struct process *p = process_next(NULL); resumed && p; p = process_next(p), length += 9, reopen_left++) {
		put_u32(payload + length, p->id);
		put_u32(payload + length + 4, (uint32_t)p->pid);
		payload[length + 8] = p->flags;
	}
	(void)link_send(FRAME_HELLO, 0, payload, length);
}

static void close_connection(void)
{
	loop_close(&in);
	received_start = received_end = 0;
	link_clear();
}

/* The helper is gone: nothing inside may run on ungoverned. */
static void lose(void)
{
	if (!welcomed || !link_has_socket() || ending_begun() || (state == OPEN && grace_ms == 0))
		ending_at_once();
	close_connection();
	if (state == OPEN) {
		suspend_all();
		give_up_at = now_ms() + (int64_t)grace_ms;
	}
	for (struct process *p = process_next(NULL); p; p = process_next(p))
		relay_detach(p);
	network_lost();
	state = LOST;
	retry_at = now_ms();
}

static void rejoin(int64_t now)
{
	in.fd = connect_as('C', settings_token(), false);
	retry_at = now + RETRY_MS;
	if (in.fd < 0)
		return;
	state = REJOINING;
	hello(true);
}

static void resume(void)
{
	state = OPEN;
	resume_all();
	gate_resume();
	for (struct process *p = process_next(NULL); p; p = process_next(p))
		relay_pump(p);
}

void link_welcome(uint32_t grace, uint8_t flags)
{
	welcomed = true;
	gate_want(flags & WELCOME_GATED);
	network_want(flags & WELCOME_NETWORKED);
	grace_ms = grace;
	if (state == REJOINING && reopen_left == 0)
		resume();
}

void link_reopened(void)
{
	if (reopen_left > 0 && --reopen_left == 0 && state == REJOINING)
		resume();
}

int link_wait_ms(int64_t now)
{
	if (state == OPEN)
		return -1;
	int64_t next = state == LOST && retry_at < give_up_at ? retry_at : give_up_at;
	return next <= now ? 0 : (int)(next - now);
}

void link_tick(int64_t now)
{
	if (state != OPEN && now >= give_up_at)
		ending_at_once();
	if (state == LOST && now >= retry_at)
		rejoin(now);
}

/* Obeys every whole frame received, as long as there is room for an answer. */
static void obey(void)
{
	while (received_end - received_start >= FRAME_HEADER_BYTES && link_room() > 4096) {
		const uint8_t *at = received + received_start;
		uint32_t length = get_u32(at + 5);
		if (length > FRAME_LIMIT_BYTES) {
			lose();
			return;
		}
		if (received_end - received_start < FRAME_HEADER_BYTES + length)
			break;
		received_start += FRAME_HEADER_BYTES + length;
		if (!control_obey(at[0], get_u32(at + 1), at + FRAME_HEADER_BYTES, length)) {
			warn("helper sent a frame that makes no sense (type %u)", at[0]);
			lose();
			return;
		}
	}
	if (received_start == received_end)
		received_start = received_end = 0;
}

void link_ready(enum role role)
{
	if (role == ROLE_LINK_OUT || in.fd < 0)
		return;
	if (received_end + READ_BYTES > sizeof received)
		compact();
	if (received_end + READ_BYTES <= sizeof received) {
		ssize_t count = read(in.fd, received + received_end, READ_BYTES);
		if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) {
			lose();
			return;
		}
		if (count > 0)
			received_end += (uint32_t)count;
	}
	obey();
}

void link_flush(void)
{
	int fd = link_has_socket() ? in.fd : out.fd;
	if (fd >= 0 && !link_write(fd, link_has_socket())) {
		lose();
		return;
	}
	obey();
	bool full = !link_is_idle();
	bool takes = received_end - received_start < FRAME_HEADER_BYTES + FRAME_LIMIT_BYTES;
	uint32_t reading = takes ? EPOLLIN : 0;
	if (link_has_socket()) {
		loop_watch(&in, (struct tag){ .role = ROLE_LINK_IN }, reading | (full ? EPOLLOUT : 0));
		return;
	}
	loop_watch(&in, (struct tag){ .role = ROLE_LINK_IN }, reading);
	loop_watch(&out, (struct tag){ .role = ROLE_LINK_OUT }, full ? EPOLLOUT : 0);
}

static int take_over(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 10);
	int flags = copy < 0 ? -1 : fcntl(copy, F_GETFL);
	if (flags < 0 || fcntl(copy, F_SETFL, flags | O_NONBLOCK) < 0)
		die("descriptor %d cannot carry the link (errno %d)", fd, errno);
	return copy;
}

void link_open(const char *path)
{
	if (link_has_socket()) {
		if (strlen(path) >= sizeof address.sun_path)
			die("path of the link's socket is too long");
		strcpy(address.sun_path, path);
		in.fd = connect_as('C', settings_token(), false);
		if (in.fd < 0)
			die("helper cannot be reached at %s (errno %d)", path, errno);
	} else {
		in.fd = take_over(0);
		out.fd = take_over(1);
	}
	/* Nobody inside is given anything of pid 1's: its children start from an empty device. */
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0)
		die("/dev/null cannot be opened (errno %d)", errno);
	if (null > 2)
		(void)close(null);
	hello(false);
}
