/*
 * Closed files: what may be neither changed nor made, whether it is there or not. Every call that could do so stops (notify.c), and
 * pid 1 does it itself, on what it has looked at: the caller's own call never runs, so nothing it changes meanwhile counts.
 */
#ifndef LASSO_FILES_H
#define LASSO_FILES_H

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "exec.h"
#include "patterns.h"

/* ---- calls.c: which calls those are, and where their arguments stand ---- */
enum deed {
	DEED_OPEN,
	DEED_FOLDER,
	DEED_NODE,
	DEED_RENAME,
	DEED_LINK,
	DEED_SYMLINK,
	DEED_REMOVE,
	DEED_TRUNCATE,
	DEED_MODE,
	DEED_BIND,
};
struct form {
	int call;
	enum deed deed;
	/* numbers of arguments, -1: none. Of a symbolic link `other` is the text; of an open file `path` is none. */
	int8_t folder, path, other_folder, other, flags, mode;
	uint32_t fixed; /* flags of a call that has none */
};
/* One after the other, NULL at the end. */
const struct form *form_at(size_t index);
const struct form *form_of(int call);
/* Of open and openat: flags with which neither file nor folder can be changed or made. */
#define FLAGS_LOOK ((uint32_t)010000000) /* O_PATH */
#define FLAGS_CHANGE ((uint32_t)(03 | O_CREAT | O_TRUNC | 020000000 /* O_TMPFILE without its O_DIRECTORY part */))

/* one stopped call */
struct call {
	int listener;
	uint64_t id;
	pid_t pid; /* of the thread */
	const struct form *form;
	uint64_t arguments[6];
};
/* beyond errno: the call waits and is tried again; the kernel does it after all; a signal comes first, and then it is made again */
enum { CALL_WAITS = -1, CALL_CONTINUES = -2, CALL_RESTARTS = 512 };
/* An argument as a number; `none` where the call has no such. */
uint64_t argument_of(const struct call *call, int8_t index, uint64_t none);
static inline int folder_of_call(const struct call *call, int8_t index)
{
	return (int)argument_of(call, index, (uint64_t)(int64_t)AT_FDCWD);
}

/* ---- files.c: the rules, and who waits ---- */
/* What FILES says; false when it makes no sense. */
bool files_obey(const uint8_t *payload, uint32_t length);
bool files_wanted(void);
/* Takes over a stopped call that is about files; false when it is none. */
bool files_take(int listener, const struct notice *notice);
void files_tick(int64_t now);
int files_wait_ms(int64_t now);
/* What the rules say to an absolute path. */
struct judged files_judge(const char *path);
/* As patterns_differ, for absolute paths in the workspace. */
int files_differ(const char *one, const char *other);
/* The part of a path that is below the workspace, NULL: it is not. */
const char *files_below(const char *path);

/* ---- place.c: what a path means to the caller ---- */
enum {
	PLACE_OBJECT = 1, /* what is there is meant, not its name */
	PLACE_FOLLOW = 2, /* and where a link leads */
	PLACE_EMPTY = 4, /* an empty path is the folder's descriptor itself */
};
struct place {
	int parent; /* folder, for looking only; -1: only the object is known */
	int object; /* what is there, for looking only; -1: nothing */
	mode_t mode;
	dev_t device; /* of a device file */
	char name[NAME_MAX + 2]; /* in the folder, with its slash at the end if it was given one */
	char path[PATH_MAX + NAME_MAX + 2]; /* as the kernel tells it */
};
/* 0 or an errno; what it opened is for place_close in both cases. */
int place_find(struct place *place, pid_t pid, int folder, const char *path, unsigned how);
void place_close(struct place *place);

/* ---- opening.c, changing.c: what is done for the caller. 0, an errno, or one of those beyond ---- */
/* The descriptor that the caller is to have. */
int open_for(const struct call *call, const char *path, int *made);
int change_for(const struct call *call, const char *path, const char *other);

/* ---- caller.c ---- */
struct caller {
	pid_t group;
	mode_t mask;
	bool interrupted; /* a signal waits for the thread alone */
};
bool caller_read(pid_t pid, struct caller *caller);
/* Number of its terminal among /dev/pts, -1: it has none there. */
int caller_terminal(pid_t pid);
uint64_t caller_file_limit(pid_t pid);

/* ---- refusing.c ---- */
/* Tells helper and caller, the same at most once in a while, and returns the errno. */
int refuse(const struct call *call, enum file_act act, int pattern, const char *path, const char *other);

/* ---- undelivered.c: what was done for a caller that a signal took away before it heard of it ---- */
/* Takes the descriptor over, -1: none. */
void undelivered_keep(const struct call *call, int made);
/* True when this call was done already; then its descriptor is the caller's. */
bool undelivered_take(const struct call *call, int *made);
void undelivered_tick(int64_t now);

/* ---- seen.c: who opens what is hidden ---- */
void seen_begin(void);
void seen_add(const char *path, uint16_t index);
void seen_ready(void);

#endif
