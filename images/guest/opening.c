/*
 * Opens a file for the caller as the kernel would have, and only what was looked at: what is there is opened by its own descriptor,
 * what is not is made where its folder was seen. Nothing here waits, whatever the file: a pipe without a reader is tried again later.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "files.h"

enum { TRIES = 8, UNNAMED = 020000000 /* O_TMPFILE without its O_DIRECTORY part */, MODES = 07777 };
#define KEPT (O_ACCMODE | O_TRUNC | O_APPEND | O_NONBLOCK | O_SYNC | O_DSYNC | O_DIRECT | O_LARGEFILE | O_NOATIME | O_DIRECTORY)

/* Not open(), which some libraries follow with a second call. */
static int open_here(int at, const char *name, int flags, mode_t mode)
{
	return (int)syscall(SYS_openat, at, name, flags | O_CLOEXEC | O_NOCTTY, mode);
}

/*
 * Whether a file that speaks of a process may be opened for writing. Pid 1 could open more of them than the caller: it is above all
 * processes, and some systems let only those above look into one. So of others only what their owner may always set.
 */
static bool may_open_of_process(const struct call *call, const char *path)
{
	static const char *const harmless[] = { "oom_score_adj", "oom_adj", "coredump_filter", "clear_refs", "autogroup", "sched" };
	struct caller caller;
	if (strncmp(path, "/proc/", 6) != 0 || path[6] < '0' || path[6] > '9')
		return true;
	if (!caller_read(call->pid, &caller))
		return false;
	if (atoi(path + 6) == caller.group || atoi(path + 6) == call->pid)
		return true;
	const char *name = strrchr(path, '/') + 1;
	for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
		if (strcmp(name, harmless[i]) == 0)
			return true;
	return false;
}

/* The terminal that /dev/tty is for the caller; pid 1 has none of its own. */
static int open_terminal(const struct call *call, int flags)
{
	char path[32];
	int number = caller_terminal(call->pid);
	if (number < 0) {
		errno = ENXIO;
		return -1;
	}
	(void)snprintf(path, sizeof path, "/dev/pts/%d", number);
	return open_here(AT_FDCWD, path, flags | O_NONBLOCK, 0);
}

/* Opens what is there; 0 or an errno or CALL_WAITS. */
static int open_object(const struct call *call, const struct place *place, int flags, int *made)
{
	char link[32];
	bool terminal = S_ISCHR(place->mode) && place->device == makedev(5, 0);
	(void)snprintf(link, sizeof link, "/proc/self/fd/%d", place->object);
	*made = terminal ? open_terminal(call, flags & KEPT) : open_here(AT_FDCWD, link, (flags & KEPT) | O_NONBLOCK, 0);
	if (*made < 0) {
		/* A pipe that nobody reads yet; a file that somebody holds a lease on. */
		bool later = (errno == ENXIO && S_ISFIFO(place->mode)) || (errno == EWOULDBLOCK && S_ISREG(place->mode));
		return later && !(flags & O_NONBLOCK) ? CALL_WAITS : errno;
	}
	if (!(flags & O_NONBLOCK) && fcntl(*made, F_SETFL, fcntl(*made, F_GETFL) & ~O_NONBLOCK) < 0) {
		int error = errno;
		(void)close(*made);
		return error;
	}
	return 0;
}

static int open_there(const struct call *call, const struct place *place, int flags, int *made)
{
	bool changes = (flags & O_ACCMODE) != O_RDONLY || flags & O_TRUNC;
	if (flags & O_CREAT && flags & O_EXCL)
		return EEXIST;
	if (S_ISLNK(place->mode))
		return ELOOP;
	if (S_ISDIR(place->mode) && (changes || flags & O_CREAT))
		return EISDIR;
	struct judged judged = files_judge(place->path);
	int pattern = judged.closed >= 0 ? judged.closed : judged.above;
	if (changes && pattern >= 0)
		return refuse(call, flags & O_TRUNC ? FILE_TRUNCATE : FILE_WRITE, pattern, place->path, "");
	if (!may_open_of_process(call, place->path))
		return EACCES;
	return notify_valid(call->listener, call->id) ? open_object(call, place, flags, made) : ESRCH;
}

/* With the umask that the caller has. */
static int make(const struct call *call, int at, const char *name, int flags, int *made)
{
	struct caller caller;
	mode_t mode = (mode_t)argument_of(call, call->form->mode, 0) & MODES;
	if (!caller_read(call->pid, &caller) || !notify_valid(call->listener, call->id))
		return ESRCH;
	(void)umask(caller.mask);
	*made = open_here(at, name, flags, mode);
	return *made < 0 ? errno : 0;
}

static int open_new(const struct call *call, const struct place *place, int flags, int *made)
{
	if (!(flags & O_CREAT))
		return ENOENT;
	struct judged judged = files_judge(place->path);
	/* A file where a folder is above something closed could stand for that folder: git takes a file for a way to another. */
	int pattern = judged.closed >= 0 ? judged.closed : judged.above;
	if (pattern >= 0)
		return refuse(call, FILE_CREATE, pattern, place->path, "");
	return make(call, place->parent, place->name, (flags & KEPT) | O_CREAT | O_EXCL | O_NOFOLLOW, made);
}

/* A file without a name in a folder; where it gets one later, it is judged then. */
static int open_unnamed(const struct call *call, const struct place *place, int flags, int *made)
{
	if (place->object < 0)
		return ENOENT;
	if (!S_ISDIR(place->mode))
		return ENOTDIR;
	struct judged judged = files_judge(place->path);
	if (judged.closed >= 0)
		return refuse(call, FILE_CREATE, judged.closed, place->path, "");
	return make(call, place->object, ".", (flags & (KEPT | O_EXCL)) | UNNAMED, made);
}

int open_for(const struct call *call, const char *path, int *made)
{
	static struct place place;
	int flags = (int)argument_of(call, call->form->flags, call->form->fixed), error = EAGAIN;
	size_t length = strlen(path);
	if (flags & O_CREAT && !(flags & UNNAMED) && (flags & O_DIRECTORY || (length > 1 && path[length - 1] == '/')))
		return flags & O_DIRECTORY ? EINVAL : EISDIR;
	unsigned how = PLACE_OBJECT;
	if (!(flags & O_NOFOLLOW) && !(flags & O_CREAT && flags & O_EXCL))
		how |= PLACE_FOLLOW;
	/* Only somebody outside can come in between. */
	for (int i = 0; i < TRIES; i++) {
		error = place_find(&place, call->pid, folder_of_call(call, call->form->folder), path, how);
		bool there = error == 0 && place.object >= 0;
		if (error == 0 && flags & UNNAMED)
			error = open_unnamed(call, &place, flags, made);
		else if (error == 0)
			error = there ? open_there(call, &place, flags, made) : open_new(call, &place, flags, made);
		place_close(&place);
		if (there || error != EEXIST)
			break;
	}
	return error;
}
