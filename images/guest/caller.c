/* What belongs to whoever made a call and pid 1 has to heed in its place: its umask, its terminal, its limits, its signals. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "files.h"

enum { TERMINALS_FIRST = 136, TERMINALS_LAST = 143, MINORS = 256 };

static size_t read_whole(pid_t pid, const char *name, char *text, size_t size)
{
	int fd = proc_open(pid, name, O_RDONLY);
	ssize_t length = fd < 0 ? -1 : read(fd, text, size - 1);
	if (fd >= 0)
		(void)close(fd);
	text[length > 0 ? length : 0] = '\0';
	return length > 0 ? (size_t)length : 0;
}

/* The name of a process comes first and is escaped, so no line of it can pass for one of these. */
static uint64_t after(const char *text, const char *label, int base)
{
	const char *at = strstr(text, label);
	return at ? strtoull(at + strlen(label), NULL, base) : 0;
}

bool caller_read(pid_t pid, struct caller *caller)
{
	char text[4096];
	if (read_whole(pid, "status", text, sizeof text) == 0 || !strstr(text, "\nUmask:\t"))
		return false;
	caller->group = (pid_t)after(text, "\nTgid:\t", 10);
	caller->mask = (mode_t)after(text, "\nUmask:\t", 8) & 0777;
	/* One that waits for the whole process may be another thread's to take. */
	uint64_t pending = after(text, "\nSigPnd:\t", 16);
	if (after(text, "\nThreads:\t", 10) == 1)
		pending |= after(text, "\nShdPnd:\t", 16);
	caller->interrupted = (pending & ~after(text, "\nSigBlk:\t", 16)) != 0;
	return true;
}

int caller_terminal(pid_t pid)
{
	char text[1024];
	(void)read_whole(pid, "stat", text, sizeof text);
	/* The name may hold anything, but behind its last bracket only numbers come. */
	const char *at = strrchr(text, ')');
	int number = 0;
	if (!at || sscanf(at + 1, " %*c %*d %*d %*d %d", &number) != 1 || number == 0)
		return -1;
	int major = number >> 8 & 0xfff, minor = (number & 0xff) | (number >> 12 & 0xfff00);
	return major < TERMINALS_FIRST || major > TERMINALS_LAST ? -1 : (major - TERMINALS_FIRST) * MINORS + minor;
}

uint64_t caller_file_limit(pid_t pid)
{
	struct rlimit limit;
	return prlimit(pid, RLIMIT_FSIZE, NULL, &limit) == 0 ? limit.rlim_cur : 0;
}
