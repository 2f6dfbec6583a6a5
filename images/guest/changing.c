/* Makes, renames, links, removes and changes for the caller, each relative to the folder that was looked at. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "files.h"

enum { MODES = 07777, EXCHANGE = 2 /* RENAME_EXCHANGE */, CALL_RENAMEAT2 = SYS_renameat2 };

static struct place first, second;

/*
 * The pattern that speaks against something of this kind coming to a path, or going from it; -1: none. A folder above something closed
 * may be made, and removed once it is empty. Anything else there could pass for the folder, and a link could do so further below.
 */
static int barred(const char *path, mode_t mode)
{
	struct judged judged = files_judge(path);
	if (judged.closed >= 0 || S_ISDIR(mode))
		return judged.closed;
	return judged.above >= 0 || !S_ISLNK(mode) ? judged.above : judged.region;
}

static bool still_waits(const struct call *call)
{
	return notify_valid(call->listener, call->id);
}

static int result(long outcome)
{
	return outcome < 0 ? errno : 0;
}

static const char *link_to(int fd, char link[32])
{
	(void)snprintf(link, 32, "/proc/self/fd/%d", fd);
	return link;
}

/* A folder, pipe, socket, empty file or symbolic link that is not there yet. */
static int make(const struct call *call, const char *text)
{
	static const enum file_act acts[] = { [DEED_FOLDER] = FILE_FOLDER, [DEED_NODE] = FILE_NODE, [DEED_SYMLINK] = FILE_SYMLINK };
	static const mode_t kinds[] = { [DEED_FOLDER] = S_IFDIR, [DEED_NODE] = S_IFREG, [DEED_SYMLINK] = S_IFLNK };
	enum deed deed = call->form->deed;
	mode_t mode = (mode_t)argument_of(call, call->form->mode, 0);
	struct caller caller = { .mask = 0 };
	if (first.object >= 0)
		return EEXIST;
	int pattern = barred(first.path, kinds[deed]);
	if (pattern >= 0)
		return refuse(call, acts[deed], pattern, first.path, "");
	if ((deed != DEED_SYMLINK && !caller_read(call->pid, &caller)) || !still_waits(call))
		return ESRCH;
	(void)umask(caller.mask);
	if (deed == DEED_SYMLINK)
		return result(symlinkat(text, first.parent, first.name));
	if (deed == DEED_FOLDER)
		return result(mkdirat(first.parent, first.name, mode & MODES));
	return result(mknodat(first.parent, first.name, mode & (S_IFMT | MODES), 0));
}

static int remove_it(const struct call *call)
{
	int how = (int)argument_of(call, call->form->flags, call->form->fixed);
	int pattern = first.object < 0 ? -1 : barred(first.path, first.mode);
	if (pattern >= 0)
		return refuse(call, FILE_REMOVE, pattern, first.path, "");
	if (first.parent < 0)
		return EINVAL;
	return still_waits(call) ? result(unlinkat(first.parent, first.name, how)) : ESRCH;
}

/* What speaks against renaming one to the other by their own names and those above them. */
static int barred_move(const struct place *from, const struct place *to)
{
	struct judged there = files_judge(to->path), here = files_judge(from->path);
	int pattern = here.closed >= 0 ? here.closed : there.closed >= 0 ? there.closed : here.above >= 0 ? here.above : there.above;
	return pattern < 0 && S_ISLNK(from->mode) ? there.region : pattern;
}

/*
 * A folder takes all along that lies in it. Where other rules hold below its new place than did below the old one, something closed
 * could come or go unseen: such places are as two disks, between which things are carried one by one, and each is judged.
 */
static bool apart(const struct place *from, const struct place *to)
{
	return S_ISDIR(from->mode) && files_differ(from->path, to->path) >= 0;
}

static int rename_it(const struct call *call)
{
	unsigned flags = (unsigned)argument_of(call, call->form->flags, 0);
	if (first.object < 0 || (flags & EXCHANGE && second.object < 0))
		return ENOENT;
	/* The workspace is mounted by itself, wherever it lies: nothing is moved into it or out of it. */
	if (!files_below(first.path) != !files_below(second.path))
		return EXDEV;
	int pattern = barred_move(&first, &second);
	if (pattern < 0 && flags & EXCHANGE)
		pattern = barred_move(&second, &first);
	if (pattern >= 0)
		return refuse(call, FILE_RENAME, pattern, first.path, second.path);
	if (apart(&first, &second) || (flags & EXCHANGE && apart(&second, &first)))
		return EXDEV;
	if (!still_waits(call))
		return ESRCH;
	return result(syscall(CALL_RENAMEAT2, first.parent, first.name, second.parent, second.name, flags));
}

static int link_it(const struct call *call)
{
	char link[32];
	if (first.object < 0)
		return ENOENT;
	if (second.object >= 0)
		return EEXIST;
	int here = barred(first.path, first.mode), there = barred(second.path, first.mode);
	if (here >= 0 || there >= 0)
		return refuse(call, FILE_LINK, here >= 0 ? here : there, first.path, second.path);
	if (!still_waits(call))
		return ESRCH;
	return result(linkat(AT_FDCWD, link_to(first.object, link), second.parent, second.name, AT_SYMLINK_FOLLOW));
}

static int truncate_it(const struct call *call)
{
	char link[32];
	int64_t size = (int64_t)call->arguments[1];
	if (first.object < 0)
		return ENOENT;
	if (size < 0 || !S_ISREG(first.mode))
		return S_ISDIR(first.mode) && size >= 0 ? EISDIR : EINVAL;
	int pattern = barred(first.path, first.mode);
	if (pattern >= 0)
		return refuse(call, FILE_TRUNCATE, pattern, first.path, "");
	if ((uint64_t)size > caller_file_limit(call->pid))
		return EFBIG;
	int fd = (int)syscall(SYS_openat, AT_FDCWD, link_to(first.object, link), O_WRONLY | O_NONBLOCK | O_CLOEXEC, 0);
	if (fd < 0)
		return errno == EWOULDBLOCK ? CALL_WAITS : errno;
	int error = still_waits(call) ? result(ftruncate(fd, size)) : ESRCH;
	(void)close(fd);
	return error;
}

static int change_mode(const struct call *call)
{
	char link[32];
	mode_t mode = (mode_t)argument_of(call, call->form->mode, 0);
	if (first.object < 0)
		return ENOENT;
	if (S_ISLNK(first.mode))
		return EOPNOTSUPP;
	int pattern = barred(first.path, first.mode);
	if (pattern >= 0)
		return refuse(call, FILE_MODE, pattern, first.path, "");
	return still_waits(call) ? result(chmod(link_to(first.object, link), mode & MODES)) : ESRCH;
}

/*
 * A socket's name. The call itself is the kernel's after this look, since a socket remembers the path it was bound by: who is quick may
 * still leave a socket under a closed name. It has no content that anybody could run or obey, and can be neither read nor opened.
 */
static int bind_it(const struct call *call)
{
	struct sockaddr_un address = { 0 };
	size_t length = (size_t)(uint32_t)call->arguments[2];
	char path[sizeof address.sun_path + 1];
	length = length < sizeof address ? length : sizeof address;
	if (memory_copy(call->arguments[1], &address, length) < length || address.sun_family != AF_UNIX || address.sun_path[0] == '\0')
		return CALL_CONTINUES;
	memcpy(path, address.sun_path, sizeof address.sun_path);
	path[sizeof address.sun_path] = '\0';
	if (place_find(&first, call->pid, AT_FDCWD, path, 0) != 0 || first.object >= 0)
		return CALL_CONTINUES;
	int pattern = barred(first.path, S_IFSOCK);
	return pattern >= 0 ? refuse(call, FILE_NODE, pattern, first.path, "") : CALL_CONTINUES;
}

/* How the paths of a call are meant. */
static void manner(const struct call *call, unsigned *how, bool *two)
{
	unsigned flags = (unsigned)argument_of(call, call->form->flags, call->form->fixed);
	enum deed deed = call->form->deed;
	*two = deed == DEED_RENAME || deed == DEED_LINK;
	*how = 0;
	if (deed == DEED_LINK)
		*how = PLACE_OBJECT | (flags & AT_SYMLINK_FOLLOW ? PLACE_FOLLOW : 0);
	if (deed == DEED_TRUNCATE || deed == DEED_MODE)
		*how = PLACE_OBJECT | (flags & AT_SYMLINK_NOFOLLOW ? 0 : PLACE_FOLLOW);
	if ((deed == DEED_LINK || deed == DEED_MODE) && flags & AT_EMPTY_PATH)
		*how |= PLACE_EMPTY;
}

static int change(const struct call *call, const char *text)
{
	switch (call->form->deed) {
	case DEED_FOLDER:
	case DEED_NODE:
	case DEED_SYMLINK:
		return make(call, text);
	case DEED_REMOVE:
		return remove_it(call);
	case DEED_RENAME:
		return rename_it(call);
	case DEED_LINK:
		return link_it(call);
	case DEED_TRUNCATE:
		return truncate_it(call);
	case DEED_MODE:
		return change_mode(call);
	case DEED_BIND:
		return bind_it(call);
	default:
		return ENOSYS;
	}
}

int change_for(const struct call *call, const char *path, const char *other)
{
	unsigned how;
	bool two;
	const struct form *form = call->form;
	manner(call, &how, &two);
	first.parent = first.object = second.parent = second.object = -1;
	int error = form->deed == DEED_BIND ? 0 : place_find(&first, call->pid, folder_of_call(call, form->folder), path, how);
	if (error == 0 && two)
		error = place_find(&second, call->pid, folder_of_call(call, form->other_folder), other, 0);
	if (error == 0)
		error = change(call, other);
	place_close(&first);
	place_close(&second);
	return error;
}
