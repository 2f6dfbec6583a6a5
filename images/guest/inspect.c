/*
 * The file a stopped execve means, as the asking process would find it, and what will be in memory when it is a script. All of
 * it is hostile and may change after the look: aftermath.c looks again.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exec.h"

static uint8_t payload[EXEC_LIMIT_BYTES];

enum { INTERPRETER_DEPTH = 5, SHEBANG_BYTES = 256, PROGRAMS = 256 };

/* A path as the asking process means it: its own /proc/self and /dev/fd, not ours. */
static void translate(pid_t pid, const char *path, char to[PATH_MAX])
{
	static const struct {
		const char *prefix, *place;
	} own[] = { { "/proc/self", "" }, { "/proc/thread-self", "" }, { "/dev/fd", "/fd" } };
	for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
		size_t length = strlen(own[i].prefix);
		if (strncmp(path, own[i].prefix, length) == 0 && (path[length] == '/' || path[length] == '\0')) {
			(void)snprintf(to, PATH_MAX, "/proc/%d%s%.*s", pid, own[i].place, PATH_MAX - 64, path + length);
			return;
		}
	}
	(void)snprintf(to, PATH_MAX, "%s", path);
}

/* The file an execve means, opened for looking only; -1 and errno as execve would say. */
static int open_target(pid_t pid, int folder, const char *path, bool follow)
{
	char own[PATH_MAX], name[32];
	int base = AT_FDCWD;
	if (path[0] != '/') {
		(void)snprintf(name, sizeof name, folder == AT_FDCWD ? "cwd" : "fd/%d", folder);
		base = proc_open(pid, name, O_PATH);
		if (base < 0 || path[0] == '\0')
			return base;
	}
	translate(pid, path, own);
	int fd = openat(base, own, O_PATH | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW));
	int error = errno;
	if (base >= 0)
		(void)close(base);
	errno = error;
	return fd;
}

void path_of(int fd, char *to)
{
	char link[32];
	(void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t length = readlink(link, to, PATH_MAX - 1);
	to[length > 0 ? length : 0] = '\0';
}

static struct stamp stamp_of(const struct stat *about)
{
	return (struct stamp){
		.file = { about->st_dev, about->st_ino },
		.size = about->st_size,
		.changed = { about->st_ctim.tv_sec, about->st_ctim.tv_nsec },
		.modified = { about->st_mtim.tv_sec, about->st_mtim.tv_nsec },
	};
}

/*
 * The first line of a script without its "#!", or an empty text. A program that may be run but not read could not be looked at
 * afterwards either, so it is refused: 0 or an errno. One that was no script and has not changed is not read again; were that
 * wrong, another program would be in memory than is expected, and not live.
 */
static int read_shebang(int fd, const struct stat *about, char line[SHEBANG_BYTES])
{
	static struct stamp programs[PROGRAMS];
	struct stamp stamp = stamp_of(about), *known = &programs[about->st_ino % PROGRAMS];
	line[0] = '\0';
	if (!S_ISREG(about->st_mode))
		return EACCES;
	if (stamp_same(known, &stamp))
		return 0;
	char link[32];
	(void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	int reading = (int)syscall(SYS_openat, AT_FDCWD, link, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
	if (reading < 0)
		return errno;
	ssize_t length = pread(reading, line, SHEBANG_BYTES - 1, 0);
	int error = length < 0 ? errno : 0;
	(void)close(reading);
	line[length > 0 ? length : 0] = '\0';
	if (length < 2 || memcmp(line, "#!", 2) != 0) {
		line[0] = '\0';
		if (error == 0)
			*known = stamp;
		return error;
	}
	memmove(line, line + 2, (size_t)length - 1);
	line[strcspn(line, "\n")] = '\0';
	return 0;
}

/*
 * Follows "#!" to the program that will be in memory, as the kernel does. 0 and its descriptor, maybe `file` itself, or an
 * errno; `about` becomes the program's.
 */
static int follow_scripts(pid_t pid, int file, struct stat *about, char line[SHEBANG_BYTES], int *program)
{
	char next[SHEBANG_BYTES];
	int error = read_shebang(file, about, line);
	*program = file;
	memcpy(next, line, sizeof next);
	for (int depth = 0; error == 0 && next[0] != '\0'; depth++) {
		char *name = next + strspn(next, " \t");
		name[strcspn(name, " \t")] = '\0';
		if (depth == INTERPRETER_DEPTH)
			return ELOOP;
		if (*program != file)
			(void)close(*program);
		*program = open_target(pid, AT_FDCWD, name, true);
		error = *program < 0 || fstat(*program, about) < 0 ? errno : read_shebang(*program, about, next);
	}
	return error;
}

bool identity_of(pid_t pid, struct identity *identity)
{
	char path[32];
	struct stat about;
	(void)snprintf(path, sizeof path, "/proc/%d/exe", pid);
	if (stat(path, &about) < 0)
		return false;
	*identity = (struct identity){ .device = about.st_dev, .inode = about.st_ino };
	return true;
}

static void folder_of(pid_t pid, char to[PATH_MAX])
{
	char link[32];
	(void)snprintf(link, sizeof link, "/proc/%d/cwd", pid);
	ssize_t length = readlink(link, to, PATH_MAX - 1);
	to[length > 0 ? length : 0] = '\0';
}

/* Opens the file, follows scripts, and writes the four texts about it. 0, or the errno with which the call must fail. */
static int look_at_file(struct sight *sight, const struct wish *wish, struct text *text)
{
	static char resolved[PATH_MAX], interpreter[PATH_MAX], folder[PATH_MAX];
	char line[SHEBANG_BYTES];
	int file = open_target(sight->pid, wish->folder, wish->path, wish->follow);
	if (file < 0)
		return errno;
	struct stat about, runs;
	int program = -1;
	int error = fstat(file, &about) < 0 ? errno : 0;
	runs = about;
	if (error == 0)
		error = follow_scripts(sight->pid, file, &runs, line, &program);
	if (error == 0) {
		sight->stamp = stamp_of(&about);
		sight->expected = (struct identity){ .device = runs.st_dev, .inode = runs.st_ino };
		sight->flags |= (uint8_t)((about.st_nlink == 0 ? EXEC_DELETED : 0) | (line[0] != '\0' ? EXEC_SCRIPT : 0));
		path_of(file, resolved);
		if (line[0] != '\0')
			path_of(program, interpreter);
		folder_of(sight->pid, folder);
		text_add(text, resolved);
		text_add(text, line);
		text_add(text, line[0] == '\0' ? "" : interpreter);
		text_add(text, folder);
	}
	if (program >= 0 && program != file)
		(void)close(program);
	(void)close(file);
	return error;
}

static void take_digests(struct sight *sight, const struct text *text, uint32_t arguments_at)
{
	const uint8_t *arguments = payload + arguments_at;
	uint32_t length = text->length - arguments_at;
	size_t first = strnlen((const char *)arguments, length);
	uint32_t head = first < length ? (uint32_t)first + 1 : length;
	sight->arguments_length = length;
	sight->tail_length = length - head;
	sight->tail = digest_one(arguments + head, sight->tail_length);
	/* Everything the helper is shown, except who asks. */
	digest_both(payload + EXEC_WHO_BYTES, text->length - EXEC_WHO_BYTES, sight->digest);
}

int inspect(struct sight *sight, const struct wish *wish)
{
	struct text text = { payload, sizeof payload, EXEC_HEAD_BYTES, false };
	text_add(&text, wish->path);
	/* First, since most of what a PATH is searched for is not there. */
	int error = look_at_file(sight, wish, &text);
	if (error != 0)
		return error;
	family_of(sight);
	uint32_t arguments_at = text.length;
	uint16_t count = wish->entry ? 0 : memory_arguments(wish->vector, &text);
	sight->flags |= (uint8_t)((text.cut ? EXEC_TRUNCATED : 0) | (wish->entry ? EXEC_ENTRY : 0) | (sight->tracer > 1 ? EXEC_TRACED : 0));
	if (!wish->entry && environment_loads(wish->environment))
		sight->flags |= EXEC_LOADED;
	put_u32(payload, (uint32_t)sight->group);
	put_u32(payload + 4, (uint32_t)sight->parent);
	put_u32(payload + 8, wish->process);
	payload[12] = sight->flags;
	put_u16(payload + 13, count);
	sight->length = text.length;
	take_digests(sight, &text, arguments_at);
	return 0;
}

const uint8_t *inspected(void)
{
	return payload;
}
