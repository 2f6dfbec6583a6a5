/*
 * Reads or writes one file for somebody outside, as a program like any other in here: it can what the agent can, and no more. The
 * helper starts it; its exit status is 0 or an errno.
 *
 *     guest read PATH OFFSET LIMIT    stdout: the size of the file in decimal, a newline, then at most LIMIT bytes from OFFSET on
 *     guest write PATH SIZE           stdin: exactly SIZE bytes, which become the whole file or change nothing
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest.h"

enum { CHUNK_BYTES = 65536, NAME_TRIES = 16, PERMISSIONS = 0777, USUAL_PERMISSIONS = 0666 };

static char beside[PATH_MAX];
static char chunk[CHUNK_BYTES];

/* Asked to end: nothing half written may stay. */
static void clear_away(int signal)
{
	(void)signal;
	if (beside[0] != '\0')
		(void)unlink(beside);
	_exit(EINTR);
}

static int write_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t done = write(fd, bytes, length);
		if (done < 0 && errno != EINTR)
			return errno;
		if (done > 0) {
			bytes += done;
			length -= (size_t)done;
		}
	}
	return 0;
}

static bool number(const char *text, long long *value)
{
	char *end;
	errno = 0;
	*value = strtoll(text, &end, 10);
	return errno == 0 && end != text && *end == '\0' && *value >= 0;
}

static int not_a_file(mode_t mode)
{
	return S_ISDIR(mode) ? EISDIR : ENODEV;
}

static int read_file(const char *path, long long offset, long long limit)
{
	struct stat found;
	if (stat(path, &found) < 0)
		return errno;
	if (!S_ISREG(found.st_mode))
		return not_a_file(found.st_mode);
	/* Should it have become something else meanwhile, opening it must neither wait nor take a terminal. */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &found) < 0)
		return errno;
	if (!S_ISREG(found.st_mode))
		return not_a_file(found.st_mode);
	int length = snprintf(chunk, sizeof chunk, "%lld\n", (long long)found.st_size);
	int error = write_all(STDOUT_FILENO, chunk, (size_t)length);
	while (error == 0 && limit > 0) {
		size_t wanted = limit < CHUNK_BYTES ? (size_t)limit : CHUNK_BYTES;
		ssize_t got = pread(fd, chunk, wanted, (off_t)offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? errno : 0;
		error = write_all(STDOUT_FILENO, chunk, (size_t)got);
		offset += got;
		limit -= got;
	}
	return error;
}

/* Where a path leads, so that what a link names is written and the link stays; a file that is not there yet has a folder. */
static int resolve(const char *path, char *whole)
{
	struct stat found;
	if (realpath(path, whole))
		return 0;
	if (errno != ENOENT)
		return errno;
	if (lstat(path, &found) == 0)
		return ELOOP;
	const char *name = strrchr(path, '/');
	if (!name || name[1] == '\0' || strcmp(name, "/.") == 0 || strcmp(name, "/..") == 0)
		return ENOENT;
	size_t length = name == path ? 1 : (size_t)(name - path);
	if (length >= PATH_MAX)
		return ENAMETOOLONG;
	static char folder[PATH_MAX];
	memcpy(folder, path, length);
	folder[length] = '\0';
	if (!realpath(folder, whole))
		return errno;
	size_t end = strlen(whole);
	if (end + strlen(name) >= PATH_MAX)
		return ENAMETOOLONG;
	(void)strcpy(whole + (end == 1 ? 0 : end), name);
	return 0;
}

/* What is there may be replaced only where it could have been written. */
static int look(const char *path, mode_t *mode)
{
	struct stat found;
	if (lstat(path, &found) < 0) {
		mode_t mask = umask(0);
		(void)umask(mask);
		*mode = USUAL_PERMISSIONS & ~mask;
		return errno == ENOENT ? 0 : errno;
	}
	if (!S_ISREG(found.st_mode))
		return not_a_file(found.st_mode);
	*mode = found.st_mode & PERMISSIONS;
	return access(path, W_OK) < 0 ? errno : 0;
}

/* A new file in the same folder; -1 and errno where there can be none. */
static int open_beside(const char *path)
{
	int folder = (int)(strrchr(path, '/') - path);
	for (int attempt = 0; attempt < NAME_TRIES; attempt++) {
		int length = snprintf(beside, sizeof beside, "%.*s/.lasso-%ld-%d", folder, path, (long)getpid(), attempt);
		if (length >= (int)sizeof beside) {
			errno = ENAMETOOLONG;
			break;
		}
		int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	beside[0] = '\0';
	return -1;
}

static int fill(int fd, long long size)
{
	while (size > 0) {
		ssize_t got = read(STDIN_FILENO, chunk, size < CHUNK_BYTES ? (size_t)size : CHUNK_BYTES);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? errno : ECANCELED;
		int error = write_all(fd, chunk, (size_t)got);
		if (error != 0)
			return error;
		size -= got;
	}
	return 0;
}

static int write_file(const char *path, long long size)
{
	static char whole[PATH_MAX];
	mode_t mode;
	int error = resolve(path, whole);
	if (error == 0)
		error = look(whole, &mode);
	if (error != 0)
		return error;
	struct sigaction cleaning = { .sa_handler = clear_away };
	(void)sigaction(SIGTERM, &cleaning, NULL);
	int fd = open_beside(whole);
	if (fd < 0) {
		beside[0] = '\0';
		return errno;
	}
	error = fill(fd, size);
	if (error == 0 && (fchmod(fd, mode) < 0 || fsync(fd) < 0))
		error = errno;
	if (close(fd) < 0 && error == 0)
		error = errno;
	if (error == 0 && rename(beside, whole) < 0)
		error = errno;
	if (error != 0)
		(void)unlink(beside);
	return error;
}

int readwrite(int argc, char **argv)
{
	long long first, second;
	if (argc == 4 && strcmp(argv[0], "read") == 0 && number(argv[2], &first) && number(argv[3], &second))
		return read_file(argv[1], first, second);
	if (argc == 3 && strcmp(argv[0], "write") == 0 && number(argv[2], &first))
		return write_file(argv[1], first);
	return EINVAL;
}
