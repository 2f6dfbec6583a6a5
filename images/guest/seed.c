/*
 * Makes a file that a program needs before its first start, as a program like any other in here, and only where nothing is: a file of
 * that name, whatever it is, stays. The helper starts it; its exit status is 0 or an errno.
 *
 *     guest seed PATH SIZE    stdin: exactly SIZE bytes; PATH is absolute, and folders on the way to it are made
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest.h"

enum { OWN_FOLDER = 0700, OWN_FILE = 0600, PIECE_BYTES = 65536 };

static int make_parents(const char *path)
{
	static char folder[PATH_MAX];
	if (path[0] != '/' || strlen(path) >= sizeof folder)
		return ENAMETOOLONG;
	(void)strcpy(folder, path);
	for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(folder, OWN_FOLDER) < 0 && errno != EEXIST)
			return errno;
		*slash = '/';
	}
	return 0;
}

static int fill(int fd, long long size)
{
	static char piece[PIECE_BYTES];
	while (size > 0) {
		ssize_t got = read(STDIN_FILENO, piece, size < PIECE_BYTES ? (size_t)size : PIECE_BYTES);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? errno : ECANCELED;
		for (ssize_t written = 0; written < got;) {
			ssize_t done = write(fd, piece + written, (size_t)(got - written));
			if (done < 0 && errno != EINTR)
				return errno;
			written += done > 0 ? done : 0;
		}
		size -= got;
	}
	return 0;
}

int seed(int argc, char **argv)
{
	char *end;
	if (argc != 2)
		return EINVAL;
	long long size = strtoll(argv[1], &end, 10);
	struct stat found;
	if (*end != '\0' || size < 0)
		return EINVAL;
	if (lstat(argv[0], &found) == 0)
		return 0;
	int error = make_parents(argv[0]);
	if (error != 0)
		return error;
	int fd = open(argv[0], O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, OWN_FILE);
	if (fd < 0)
		return errno == EEXIST ? 0 : errno;
	error = fill(fd, size);
	if (close(fd) < 0 && error == 0)
		error = errno;
	/* Half a file would be one that is there. */
	if (error != 0)
		(void)unlink(argv[0]);
	return error;
}
