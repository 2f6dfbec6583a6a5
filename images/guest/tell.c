/* One line to the agent, where its program would write its errors, so that it stops trying. Never waits. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "files.h"

/* Its errors may go to a closed file that it could open for reading only: nothing of ours is written there. */
int tell_open(pid_t pid)
{
	static char path[PATH_MAX];
	char link[32];
	int seen = proc_open(pid, "fd/2", O_PATH);
	if (seen < 0)
		return -1;
	path_of(seen, path);
	struct judged judged = files_judge(path);
	(void)snprintf(link, sizeof link, "fd/%d", seen);
	bool closed = path[0] == '\0' || judged.closed >= 0 || judged.above >= 0;
	int fd = closed ? -1 : proc_open(getpid(), link, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY);
	(void)close(seen);
	return fd;
}

void tell(pid_t pid, const uint8_t *message, uint32_t length)
{
	int fd = length == 0 ? -1 : tell_open(pid);
	if (fd < 0)
		return;
	if (write(fd, message, length) < 0)
		warn("a refusal could not be told (errno %d)", errno);
	(void)close(fd);
}
