/* Everything inside stands still while nobody governs it. Needs /proc to tell who was stopped before. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest.h"

enum { PID_LIMIT = 16384 };

struct entry {
	uint64_t inode;
	int64_t offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

static int listed[PID_LIMIT];
static int stopped[PID_LIMIT];
static size_t stopped_count;

/* Every process but pid 1; the count, at most PID_LIMIT. */
static size_t list(void)
{
	_Alignas(8) static char bytes[32768];
	size_t count = 0;
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0)
		return 0;
	long length;
	while ((length = syscall(SYS_getdents64, proc, bytes, sizeof bytes)) > 0) {
		for (long at = 0; at < length;) {
			const struct entry *entry = (const void *)(bytes + at);
			int pid = atoi(entry->name);
			if (pid > 1 && count < PID_LIMIT)
				listed[count++] = pid;
			at += entry->length;
		}
	}
	(void)close(proc);
	return count;
}

static bool is_stopped(int pid)
{
	char path[32], text[512];
	(void)snprintf(path, sizeof path, "/proc/%d/stat", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t length = read(fd, text, sizeof text - 1);
	(void)close(fd);
	if (length <= 0)
		return false;
	text[length] = '\0';
	/* A program's name may hold anything, also parentheses: the state follows the last one. */
	const char *name_end = strrchr(text, ')');
	return name_end && strncmp(name_end, ") T", 3) == 0;
}

static int newest_first(const void *a, const void *b)
{
	const int *left = a, *right = b;
	return (*left < *right) - (*left > *right);
}

void suspend_all(void)
{
	size_t count = list();
	stopped_count = 0;
	for (size_t i = 0; i < count; i++)
		if (is_stopped(listed[i]))
			stopped[stopped_count++] = listed[i];
	(void)kill(-1, SIGSTOP);
}

static bool was_stopped(int pid)
{
	for (size_t i = 0; i < stopped_count; i++)
		if (stopped[i] == pid)
			return true;
	return false;
}

void resume_all(void)
{
	/* Children before their shells, so that no shell takes its job for one that somebody stopped. */
	size_t count = list();
	qsort(listed, count, sizeof *listed, newest_first);
	for (size_t i = 0; i < count; i++)
		if (!was_stopped(listed[i]))
			(void)kill(listed[i], SIGCONT);
	if (count == 0 || count == PID_LIMIT)
		(void)kill(-1, SIGCONT);
}
