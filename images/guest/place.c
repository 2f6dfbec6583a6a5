/*
 * What a path means to the caller: its own folders, its own descriptors, its own /proc/self. The kernel walks where no magic link lies
 * on the way, which is nearly always; else each step is made here. What pid 1 has open is never among what is found.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "files.h"

enum { LINK_LIMIT = 40, CALL_OPENAT2 = 437, NO_MAGIC = 2 /* RESOLVE_NO_MAGICLINKS */, AGAIN = -1, JUMPED = -2 };

/* as linux/openat2.h has it, which not every build has */
struct how {
	uint64_t flags, mode, resolve;
};
/* a way that is being walked */
struct walk {
	pid_t pid;
	int links;
	int at; /* folder, whose number is this walk's */
	char rest[PATH_MAX];
	char here[PATH_MAX]; /* path of the folder that was looked at last */
};

static int look(int at, const char *name, int how)
{
	return (int)syscall(SYS_openat, at, name, O_PATH | O_CLOEXEC | how, 0);
}

static void go_to(struct walk *walk, int fd)
{
	if (walk->at >= 0)
		(void)close(walk->at);
	walk->at = fd;
}

/* Fills in `here`: 0, or an errno when the kernel cannot tell it or it is pid 1's own. */
static int tell_path(struct walk *walk, int fd)
{
	path_of(fd, walk->here);
	if (walk->here[0] == '\0')
		return ENAMETOOLONG;
	bool own = strncmp(walk->here, "/proc/1", 7) == 0 && (walk->here[7] == '/' || walk->here[7] == '\0');
	return own ? EACCES : 0;
}

static bool in_processes(const char *path)
{
	return strncmp(path, "/proc", 5) == 0 && (path[5] == '/' || path[5] == '\0');
}

/* What a link in the folder `here` says, with what follows it; JUMPED where the kernel alone knows, AGAIN, or an errno. */
static int take_link(struct walk *walk, int link, const char *name, const char *rest)
{
	static char text[PATH_MAX], whole[PATH_MAX * 2];
	ssize_t length;
	if (++walk->links > LINK_LIMIT)
		return ELOOP;
	if (strncmp(walk->here, "/proc/", 6) == 0 && isdigit((unsigned char)walk->here[6]))
		return JUMPED;
	struct caller caller = { 0 };
	if (strcmp(walk->here, "/proc") == 0 && (strcmp(name, "self") == 0 || strcmp(name, "thread-self") == 0)) {
		if (!caller_read(walk->pid, &caller))
			return ESRCH;
		bool thread = name[0] == 't';
		length = thread ? snprintf(text, sizeof text, "%d/task/%d", caller.group, walk->pid) : snprintf(text, sizeof text, "%d", caller.group);
	} else {
		length = readlinkat(link, "", text, sizeof text - 1);
		if (length <= 0)
			return length == 0 ? ENOENT : errno;
		text[length] = '\0';
	}
	int total = snprintf(whole, sizeof whole, "%s%s%s", text, *rest != '\0' && *rest != '/' ? "/" : "", rest);
	if (total >= PATH_MAX)
		return ENAMETOOLONG;
	memcpy(walk->rest, whole, (size_t)total + 1);
	if (text[0] == '/')
		go_to(walk, look(AT_FDCWD, "/", O_DIRECTORY));
	return walk->at < 0 ? errno : AGAIN;
}

/* One step into the first name of what is left; 0 or an errno. */
static int step(struct walk *walk)
{
	char name[NAME_MAX + 1];
	static char rest[PATH_MAX];
	char *start = walk->rest + strspn(walk->rest, "/");
	size_t length = strcspn(start, "/");
	if (length > NAME_MAX)
		return ENAMETOOLONG;
	memcpy(name, start, length);
	name[length] = '\0';
	(void)snprintf(rest, sizeof rest, "%s", start + length);
	memcpy(walk->rest, rest, strlen(rest) + 1);
	if (length == 0 || strcmp(name, ".") == 0)
		return 0;
	int fd = look(walk->at, name, O_NOFOLLOW);
	struct stat about;
	if (fd < 0 || fstat(fd, &about) < 0) {
		int error = errno;
		if (fd >= 0)
			(void)close(fd);
		return error;
	}
	if (!S_ISLNK(about.st_mode)) {
		go_to(walk, fd);
		return 0;
	}
	int error = tell_path(walk, walk->at);
	if (error == 0)
		error = take_link(walk, fd, name, rest);
	(void)close(fd);
	if (error == JUMPED) {
		fd = look(walk->at, name, 0);
		error = fd < 0 ? errno : 0;
		if (fd >= 0)
			go_to(walk, fd);
	}
	return error == AGAIN ? 0 : error;
}

/* The folder that `text` means from where the walk is, step by step; -1 and an errno. */
static int folder_by_steps(struct walk *walk, const char *text)
{
	static struct walk inner;
	struct stat about;
	inner.pid = walk->pid;
	inner.links = walk->links;
	inner.at = text[0] == '/' ? look(AT_FDCWD, "/", O_DIRECTORY) : look(walk->at, ".", O_DIRECTORY);
	(void)snprintf(inner.rest, sizeof inner.rest, "%s", text);
	int error = inner.at < 0 ? errno : 0;
	while (error == 0 && inner.rest[0] != '\0')
		error = step(&inner);
	walk->links = inner.links;
	if (error == 0 && fstat(inner.at, &about) < 0)
		error = errno;
	else if (error == 0 && !S_ISDIR(about.st_mode))
		error = ENOTDIR;
	if (error == 0)
		error = tell_path(walk, inner.at);
	if (error != 0 && inner.at >= 0)
		(void)close(inner.at);
	errno = error;
	return error == 0 ? inner.at : -1;
}

static int folder_find(struct walk *walk, const char *text)
{
	struct how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = NO_MAGIC };
	int fd = (int)syscall(CALL_OPENAT2, walk->at, text[0] == '\0' ? "." : text, &how, sizeof how);
	if (fd >= 0 && tell_path(walk, fd) == 0 && !in_processes(walk->here))
		return fd;
	/* A way through /proc/self was pid 1's, and a fault may have been, too. */
	if (fd >= 0)
		(void)close(fd);
	return folder_by_steps(walk, text);
}

/* The whole of what is left is a folder: "/", or it ends in dots. */
static int take_folder(struct walk *walk, struct place *place)
{
	place->parent = folder_find(walk, walk->rest);
	place->object = place->parent < 0 ? -1 : look(place->parent, ".", O_DIRECTORY);
	if (place->object < 0)
		return errno;
	(void)snprintf(place->path, sizeof place->path, "%s", walk->here);
	(void)snprintf(place->name, sizeof place->name, ".");
	place->mode = S_IFDIR;
	return 0;
}

static int take_object(struct place *place)
{
	struct stat about;
	if (fstat(place->object, &about) < 0)
		return errno;
	place->mode = about.st_mode;
	place->device = about.st_rdev;
	return 0;
}

/* What the kernel found in the caller's place: an open file, its program. It has no folder here. */
static int take_jump(struct walk *walk, struct place *place, bool folder)
{
	char plain[NAME_MAX + 2];
	(void)snprintf(plain, sizeof plain, "%.*s", (int)strcspn(place->name, "/"), place->name);
	(void)close(place->object);
	place->object = look(walk->at, plain, 0);
	if (place->object < 0)
		return errno;
	int error = take_object(place);
	if (error == 0)
		error = tell_path(walk, place->object);
	(void)snprintf(place->path, sizeof place->path, "%s", walk->here);
	return error == 0 && folder && !S_ISDIR(place->mode) ? ENOTDIR : error;
}

/* Goes to the last name of what is left; 0, an errno, or AGAIN when a link says more. */
static int arrive(struct walk *walk, struct place *place, unsigned how)
{
	size_t end = strlen(walk->rest), start;
	bool slash = false;
	for (; end > 0 && walk->rest[end - 1] == '/'; end--)
		slash = true;
	for (start = end; start > 0 && walk->rest[start - 1] != '/'; start--)
		continue;
	const char *name = walk->rest + start;
	size_t length = end - start;
	if (length == 0 || (name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.'))))
		return take_folder(walk, place);
	if (length > NAME_MAX)
		return ENAMETOOLONG;
	(void)snprintf(place->name, sizeof place->name, "%.*s", (int)length, name);
	walk->rest[start] = '\0';
	place->parent = folder_find(walk, walk->rest);
	if (place->parent < 0)
		return errno;
	(void)snprintf(place->path, sizeof place->path, "%s/%s", strcmp(walk->here, "/") == 0 ? "" : walk->here, place->name);
	place->object = look(place->parent, place->name, O_NOFOLLOW);
	int error = place->object < 0 ? errno : take_object(place);
	bool through = place->object >= 0 && S_ISLNK(place->mode) && (how & PLACE_FOLLOW || (how & PLACE_OBJECT && slash));
	if (error == 0 && through) {
		go_to(walk, place->parent);
		place->parent = -1;
		error = take_link(walk, place->object, place->name, slash ? "/" : "");
	} else if (error == 0 && slash && how & PLACE_OBJECT && !S_ISDIR(place->mode)) {
		error = ENOTDIR;
	}
	if (error == JUMPED)
		return take_jump(walk, place, slash);
	if (slash)
		memcpy(place->name + length, "/", 2);
	return error == ENOENT && place->object < 0 ? 0 : error;
}

/* Where a relative path begins: a folder or open file of the caller's; -1 and an errno. */
static int begin_at(pid_t pid, int folder)
{
	char name[32];
	(void)snprintf(name, sizeof name, folder == AT_FDCWD ? "cwd" : "fd/%d", folder);
	int fd = proc_open(pid, name, O_PATH);
	if (fd < 0 && errno == ENOENT)
		errno = folder == AT_FDCWD ? ESRCH : EBADF;
	return fd;
}

int place_find(struct place *place, pid_t pid, int folder, const char *path, unsigned how)
{
	static struct walk walk;
	place->parent = place->object = -1;
	place->name[0] = place->path[0] = '\0';
	if (path[0] == '\0' && !(how & PLACE_EMPTY))
		return ENOENT;
	walk = (struct walk){ .pid = pid, .at = path[0] == '/' ? look(AT_FDCWD, "/", O_DIRECTORY) : begin_at(pid, folder) };
	if (walk.at < 0)
		return errno;
	int error;
	if (path[0] == '\0') {
		place->object = walk.at;
		walk.at = -1;
		error = take_object(place);
		if (error == 0)
			error = tell_path(&walk, place->object);
		(void)snprintf(place->path, sizeof place->path, "%s", walk.here);
		return error;
	}
	(void)snprintf(walk.rest, sizeof walk.rest, "%s", path);
	for (error = AGAIN; error == AGAIN;) {
		place_close(place);
		error = arrive(&walk, place, how);
	}
	go_to(&walk, -1);
	return error;
}

void place_close(struct place *place)
{
	if (place->parent >= 0)
		(void)close(place->parent);
	if (place->object >= 0)
		(void)close(place->object);
	place->parent = place->object = -1;
}
