/*
 * Where agents' hooks come in: one abstract socket, there in every sandbox, whatever its network. Each hook is carried to the helper
 * like a connection, and leads nowhere else. Few are taken at once, so that programs' own connections always have room.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "network.h"

enum { HOOKS_WAITING = 128, ACCEPTS = 8, PAUSE_MS = 50 };

static struct endpoint door = { -1, 0 };
static bool watching;
static int64_t paused_until;

struct sockaddr_un guard_address(socklen_t *size)
{
	static const char name[] = "lasso-guard";
	struct sockaddr_un address;
	memset(&address, 0, sizeof address);
	address.sun_family = AF_UNIX;
	/* Of an abstract name the first byte is none; it ends with its length. */
	memcpy(address.sun_path + 1, name, sizeof name - 1);
	*size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + sizeof name);
	return address;
}

void hooks_open(void)
{
	socklen_t size;
	struct sockaddr_un address = guard_address(&size);
	door.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (door.fd >= 0 && bind(door.fd, (struct sockaddr *)&address, size) == 0 && listen(door.fd, HOOKS_WAITING) == 0)
		return;
	warn("hooks of agents are not answered (errno %d)", errno);
	loop_close(&door);
}

static bool may_take(void)
{
	return link_is_open() && connections_have_room_for_hook();
}

static pid_t pid_of(int fd)
{
	struct ucred who;
	socklen_t size = sizeof who;
	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 && who.pid > 0 ? who.pid : 0;
}

void hooks_ready(void)
{
	for (int i = 0; i < ACCEPTS && may_take(); i++) {
		int fd = accept4(door.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd >= 0) {
			connections_accept_hook(fd, pid_of(fd));
			continue;
		}
		/* Nothing to open it with: looking again at once would be looking for ever. */
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			paused_until = now_ms() + PAUSE_MS;
		break;
	}
	hooks_tick(now_ms());
}

void hooks_tick(int64_t now)
{
	bool wanted = now >= paused_until && may_take();
	if (wanted == watching)
		return;
	watching = wanted;
	loop_watch(&door, (struct tag){ ROLE_HOOKS, 0, 0 }, watching ? EPOLLIN : 0);
}

int hooks_wait_ms(int64_t now)
{
	return watching || !link_is_open() || paused_until <= now ? -1 : (int)(paused_until - now);
}
