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
#include <sys/uio.h>
#include <unistd.h>

#include "exec.h"

enum { PAGE = 4096, PAGES = 8, ARGUMENT_LIMIT = 2048, ARGUMENT_BYTES = 32768 };

/* Path, arguments and environment mostly lie in a few pages of which each is read once. */
struct page {
	uint64_t at; /* its address, if length > 0 */
	size_t length;
	uint8_t bytes[PAGE];
};

static struct {
	pid_t pid;
	int file; /* /proc/PID/mem, where the quicker way is closed; -1: none */
	bool refused; /* this process's memory may not be read */
	size_t turn;
	struct page pages[PAGES];
} memory = { .file = -1 };
static bool indirect; /* the engine's own filter forbids the quicker way */

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

size_t memory_peek(pid_t pid, uint64_t at, void *to, size_t size)
{
	struct iovec here = { to, size }, there = { (void *)(uintptr_t)at, size };
	ssize_t got = process_vm_readv(pid, &here, 1, &there, 1, 0);
	return got > 0 ? (size_t)got : 0;
}

static size_t read_page(uint64_t at, uint8_t *to)
{
	errno = 0;
	size_t got = indirect ? 0 : memory_peek(memory.pid, at, to, PAGE);
	if (got > 0 || (!indirect && errno != EPERM && errno != ENOSYS))
		return got;
	if (memory.file < 0 && !memory.refused)
		memory.file = proc_open(memory.pid, "mem", O_RDONLY);
	memory.refused = memory.file < 0;
	ssize_t count = memory.refused ? -1 : pread(memory.file, to, PAGE, (off_t)at);
	indirect = indirect || count > 0;
	return count > 0 ? (size_t)count : 0;
}

void memory_begin(pid_t pid)
{
	memory.pid = pid;
	memory.refused = false;
	for (size_t i = 0; i < PAGES; i++)
		memory.pages[i].length = 0;
}

void memory_close(void)
{
	if (memory.file >= 0)
		(void)close(memory.file);
	memory.file = -1;
}

/* What lies at an address, up to the end of its page, since the next may not be there; the number of bytes, 0 for none. */
static size_t look_up(uint64_t address, const uint8_t **bytes)
{
	uint64_t at = address - address % PAGE;
	struct page *page = NULL;
	for (size_t i = 0; i < PAGES && !page; i++)
		if (memory.pages[i].length > 0 && memory.pages[i].at == at)
			page = &memory.pages[i];
	if (!page) {
		page = &memory.pages[memory.turn++ % PAGES];
		page->at = at;
		page->length = read_page(at, page->bytes);
	}
	size_t before = address - at;
	*bytes = page->bytes + before;
	return page->length > before ? page->length - before : 0;
}

size_t memory_copy(uint64_t address, void *to, size_t size)
{
	size_t got = 0;
	while (got < size) {
		const uint8_t *bytes;
		size_t count = look_up(address + got, &bytes);
		if (count == 0)
			break;
		count = count < size - got ? count : size - got;
		memcpy((uint8_t *)to + got, bytes, count);
		got += count;
	}
	return got;
}

/* False when it has no end within the limit. */
static bool read_string(uint64_t address, char *to, size_t limit)
{
	for (size_t got = 0; got < limit;) {
		const uint8_t *bytes;
		size_t count = look_up(address + got, &bytes);
		if (count == 0)
			return false;
		count = count < limit - got ? count : limit - got;
		const uint8_t *end = memchr(bytes, 0, count);
		count = end ? (size_t)(end - bytes) + 1 : count;
		memcpy(to + got, bytes, count);
		if (end)
			return true;
		got += count;
	}
	return false;
}

int memory_path(uint64_t address, char *path)
{
	uint8_t last;
	if (read_string(address, path, PATH_MAX))
		return 0;
	path[0] = '\0';
	if (memory.refused)
		return EACCES;
	return memory_copy(address + PATH_MAX - 1, &last, 1) == 1 ? ENAMETOOLONG : EFAULT;
}

uint16_t memory_arguments(uint64_t vector, struct text *text)
{
	static char argument[ARGUMENT_BYTES];
	uint16_t count = 0;
	for (; vector != 0 && count < ARGUMENT_LIMIT; count++) {
		uint64_t pointer;
		if (memory_copy(vector + count * sizeof pointer, &pointer, sizeof pointer) < sizeof pointer) {
			text->cut = true;
			break;
		}
		if (pointer == 0)
			return count;
		if (text->cut || !read_string(pointer, argument, sizeof argument)) {
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
	memory_begin((pid_t)asked.pid);
	wish->folder = at ? (int)asked.data.args[0] : AT_FDCWD;
	wish->vector = asked.data.args[at ? 2 : 1];
	wish->environment = asked.data.args[at ? 3 : 2];
	int how = at ? (int)asked.data.args[4] : 0;
	wish->follow = (how & AT_SYMLINK_NOFOLLOW) == 0;
	wish->path = path;
	if (!read_string(asked.data.args[at ? 1 : 0], path, PATH_MAX))
		return memory.refused ? EPERM : EFAULT;
	if (path[0] == '\0' && !(how & AT_EMPTY_PATH))
		return ENOENT;
	return 0;
}
