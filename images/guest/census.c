/* Who lives in the sandbox now, read from /proc. A number may belong to another a moment later: whoever signals compares the start. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exec.h"

enum { CALL_PIDFD_SEND_SIGNAL = 424, CALL_PIDFD_OPEN = 434, STAT_BYTES = 1024 };

static struct resident residents[RESIDENT_LIMIT];

bool census_look(pid_t pid, struct resident *resident)
{
	char text[STAT_BYTES];
	int fd = proc_open(pid, "stat", O_RDONLY);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (fd >= 0)
		(void)close(fd);
	text[length > 0 ? length : 0] = '\0';
	/* A program's name may hold anything, also parentheses: the state follows the last one. */
	char *at = strrchr(text, ')');
	if (!at || strlen(at) < 4)
		return false;
	*resident = (struct resident){ .pid = pid, .state = at[2] };
	at += 3;
	for (int field = 4; field <= 22; field++) {
		unsigned long long value = strtoull(at, &at, 10);
		if (field == 4)
			resident->parent = (pid_t)value;
		else if (field == 6)
			resident->session = (pid_t)value;
		else if (field == 20)
			resident->threads = (uint32_t)value;
		else if (field == 22)
			resident->start = value;
	}
	return true;
}

size_t census_take(struct resident **all)
{
	_Alignas(8) static char bytes[32768];
	size_t count = 0;
	*all = residents;
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0)
		return 0;
	long length;
	while ((length = syscall(SYS_getdents64, proc, bytes, sizeof bytes)) > 0) {
		for (long at = 0; at < length;) {
			const struct entry *entry = (const void *)(bytes + at);
			int pid = atoi(entry->name);
			if (pid > 1 && count < RESIDENT_LIMIT && census_look(pid, &residents[count]))
				count++;
			at += entry->length;
		}
	}
	(void)close(proc);
	return count;
}

bool resident_lives(const struct resident *resident)
{
	/* One whose first thread has ended looks dead, and is not while others run. */
	return (resident->state != 'Z' && resident->state != 'X') || resident->threads > 1;
}

void resident_signal(const struct resident *resident, int signal)
{
	struct resident now;
	int fd = (int)syscall(CALL_PIDFD_OPEN, resident->pid, 0);
	if (census_look(resident->pid, &now) && now.start == resident->start) {
		if (fd >= 0)
			(void)syscall(CALL_PIDFD_SEND_SIGNAL, fd, signal, NULL, 0);
		else
			(void)kill(resident->pid, signal);
	}
	if (fd >= 0)
		(void)close(fd);
}
