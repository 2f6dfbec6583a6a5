/*
 * What a stopped process wants to run, read from its memory. The memory is hostile and shared with whoever races it: nothing
 * read here is taken for more than a claim.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exec.h"

enum { PAGE = 4096, ARGUMENT_LIMIT = 2048, ARGUMENT_BYTES = 32768, POINTERS = 64 };

void text_add(struct text *text, const char *string)
{
	size_t length = strlen(string) + 1;
	if (length > text->size - text->length) {
		text->cut = true;
		string = "";
		length = text->length < text->size ? 1 : 0;
	}
	memcpy(text->bytes + text->length, string, length);
	text->length += (uint32_t)length;
}

int proc_open(pid_t pid, const char *name, int how)
{
	char path[64];
	(void)snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	/* Not open(), which some libraries follow with a second call. */
	return (int)syscall(SYS_openat, AT_FDCWD, path, how | O_CLOEXEC, 0);
}

/* Reads a string page by page, since the next page may not be there; false when it has no end within the limit. */
static bool read_string(int memory, uint64_t at, char *to, size_t limit)
{
	for (size_t got = 0; got < limit;) {
		size_t want = PAGE - (at + got) % PAGE;
		if (want > limit - got)
			want = limit - got;
		ssize_t count = pread(memory, to + got, want, (off_t)(at + got));
		if (count <= 0)
			return false;
		if (memchr(to + got, 0, (size_t)count))
			return true;
		got += (size_t)count;
	}
	return false;
}

/* Appends the argument vector; the number of arguments. */
uint16_t memory_arguments(int memory, uint64_t vector, struct text *text)
{
	static char argument[ARGUMENT_BYTES];
	uint64_t pointers[POINTERS];
	size_t known = 0, used = 0;
	uint16_t count = 0;
	for (; vector != 0 && count < ARGUMENT_LIMIT; count++) {
		if (used == known) {
			uint64_t at = vector + count * sizeof *pointers;
			/* Not beyond the page, since the next may not be there; one that lies across two is read by itself. */
			size_t fit = (PAGE - at % PAGE) / sizeof *pointers, want = fit == 0 ? 1 : fit < POINTERS ? fit : POINTERS;
			ssize_t got = pread(memory, pointers, want * sizeof *pointers, (off_t)at);
			known = got < 0 ? 0 : (size_t)got / sizeof *pointers;
			used = 0;
		}
		if (known == 0) {
			text->cut = true;
			break;
		}
		uint64_t pointer = pointers[used++];
		if (pointer == 0)
			return count;
		if (text->cut || !read_string(memory, pointer, argument, sizeof argument)) {
			text->cut = true;
			break;
		}
		text_add(text, argument);
	}
	if (count == ARGUMENT_LIMIT)
		text->cut = true;
	return count;
}

static int number_after(const char *text, const char *label)
{
	const char *at = strstr(text, label);
	return at ? atoi(at + strlen(label)) : 0;
}

void family_of(struct sight *sight)
{
	char text[1024];
	int fd = proc_open(sight->pid, "status", O_RDONLY);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (fd >= 0)
		(void)close(fd);
	text[length > 0 ? length : 0] = '\0';
	/* The name comes first and is escaped, so no line of it can pass for one of these. */
	sight->group = number_after(text, "\nTgid:\t");
	sight->parent = number_after(text, "\nPPid:\t");
	sight->tracer = number_after(text, "\nTracerPid:\t");
}

int wish_read(struct wish *wish, const struct notice *notice, char *path)
{
	struct seccomp_notif asked;
	memcpy(&asked, notice->bytes, sizeof asked);
	bool at = asked.data.nr == SYS_execveat;
	wish->memory = proc_open((pid_t)asked.pid, "mem", O_RDONLY);
	if (wish->memory < 0)
		return EPERM;
	wish->folder = at ? (int)asked.data.args[0] : AT_FDCWD;
	wish->vector = asked.data.args[at ? 2 : 1];
	wish->environment = asked.data.args[at ? 3 : 2];
	int how = at ? (int)asked.data.args[4] : 0;
	wish->follow = (how & AT_SYMLINK_NOFOLLOW) == 0;
	wish->path = path;
	if (!read_string(wish->memory, asked.data.args[at ? 1 : 0], path, PATH_MAX))
		return EFAULT;
	if (path[0] == '\0' && !(how & AT_EMPTY_PATH))
		return ENOENT;
	return 0;
}
