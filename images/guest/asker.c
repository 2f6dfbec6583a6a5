/* Who asks for a name or a connection, in words for the helper, and the line it gets back when the answer is no. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "network.h"

enum { TOLD_LIMIT = 64, TOLD_MS = 1000 };

static struct {
	pid_t pid;
	int64_t at;
} told[TOLD_LIMIT];

/* Appends the arguments, as many whole ones as fit. */
static uint32_t add_arguments(uint8_t *payload, uint32_t length, pid_t pid)
{
	int fd = proc_open(pid, "cmdline", O_RDONLY);
	ssize_t count = fd < 0 ? -1 : read(fd, payload + length, ASKER_LIMIT_BYTES - length);
	if (fd >= 0)
		(void)close(fd);
	while (count > 0 && payload[length + (uint32_t)count - 1] != '\0')
		count--;
	return count > 0 ? length + (uint32_t)count : length;
}

uint32_t asker_write(uint8_t *payload, uint32_t head, const char *name, pid_t pid)
{
	uint32_t length = head + (uint32_t)strlen(name) + 1;
	memcpy(payload + head, name, length - head);
	if (pid == 0)
		return length;
	char path[32];
	(void)snprintf(path, sizeof path, "/proc/%d/exe", pid);
	ssize_t count = readlink(path, (char *)payload + length, PATH_MAX);
	length += count > 0 && count < PATH_MAX ? (uint32_t)count : 0;
	payload[length++] = '\0';
	return add_arguments(payload, length, pid);
}

/* Whether it was told something in this second. */
static bool told_already(pid_t pid)
{
	int64_t now = now_ms();
	size_t oldest = 0;
	for (size_t i = 0; i < TOLD_LIMIT; i++) {
		if (told[i].pid == pid && told[i].at + TOLD_MS > now)
			return true;
		if (told[i].at < told[oldest].at)
			oldest = i;
	}
	/* Many at once: the rest goes without, for pid 1 has other things to do than to talk. */
	if (told[oldest].pid != 0 && told[oldest].at + TOLD_MS > now)
		return true;
	told[oldest].pid = pid;
	told[oldest].at = now;
	return false;
}

void asker_tell(pid_t pid, const uint8_t *line, uint32_t length)
{
	if (pid <= 1 || length == 0 || told_already(pid))
		return;
	int fd = tell_open(pid);
	if (fd < 0)
		return;
	if (write(fd, line, length) < 0)
		warn("a refusal could not be told (errno %d)", errno);
	(void)close(fd);
}
