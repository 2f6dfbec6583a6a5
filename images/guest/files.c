/* The rules about closed files, and the stopped calls that are about files: each is done and answered at once, or waits its turn. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "files.h"

enum { WAIT_LIMIT = 256, SOON_MS = 1, LATE_MS = 50, WORKSPACE_BYTES = 1024, LIST_LIMIT = 2048 };

/* a call that cannot be done yet: its pipe has no reader */
struct waiting {
	bool used;
	struct call call;
	int64_t next, pause;
};

static struct waiting waitings[WAIT_LIMIT];
static size_t waitings_end;
static char workspace[WORKSPACE_BYTES];
static size_t workspace_length;

bool files_wanted(void)
{
	return patterns_count() > 0 && notify_supported();
}

const char *files_below(const char *path)
{
	if (workspace_length == 0 || strncmp(path, workspace, workspace_length) != 0)
		return NULL;
	path += workspace_length;
	return *path == '/' ? path + 1 : *path == '\0' ? path : NULL;
}

struct judged files_judge(const char *path)
{
	const char *below = files_below(path);
	return below ? patterns_judge(below) : (struct judged){ -1, -1, -1 };
}

int files_differ(const char *one, const char *other)
{
	const char *first = files_below(one), *second = files_below(other);
	return first && second ? patterns_differ(first, second) : -1;
}

/* Cuts the strings of a payload apart; false when there are more or fewer than `count`. */
static bool cut(const uint8_t *at, uint32_t length, const char **list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const uint8_t *end = memchr(at, 0, length);
		if (!end)
			return false;
		list[i] = (const char *)at;
		length -= (uint32_t)(end - at) + 1;
		at = end + 1;
	}
	return length == 0;
}

/* Who acts for others has no more rights than they have: an engine that left some to pid 1 left them to nobody. */
static void drop_rights(void)
{
	struct {
		uint32_t version;
		int pid;
	} head = { 0x20080522 /* _LINUX_CAPABILITY_VERSION_3 */, 0 };
	uint32_t none[6] = { 0 };
	if (syscall(SYS_capset, &head, none) < 0)
		warn("rights beyond those of programs cannot be given up (errno %d)", errno);
}

bool files_obey(const uint8_t *payload, uint32_t length)
{
	static const char *list[LIST_LIMIT + 1];
	if (length < 5)
		return false;
	size_t closed = get_u16(payload + 1), hidden = get_u16(payload + 3);
	if (closed + hidden > LIST_LIMIT || !cut(payload + 5, length - 5, list, 1 + closed + hidden))
		return false;
	size_t name = strlen(list[0]);
	if (name == 0 || name >= sizeof workspace || !patterns_take(list + 1, closed))
		return false;
	if (closed > 0)
		drop_rights();
	memcpy(workspace, list[0], name + 1);
	while (name > 0 && workspace[name - 1] == '/')
		workspace[--name] = '\0';
	workspace_length = name;
	seen_begin();
	for (size_t i = 0; i < hidden; i++)
		seen_add(list[1 + closed + i], (uint16_t)i);
	return true;
}

/* Reads the paths, and does what is asked; 0, an errno, or one of those beyond. */
static int perform(const struct call *call, int *made)
{
	static char path[PATH_MAX], other[PATH_MAX];
	const struct form *form = call->form;
	int error = 0;
	path[0] = other[0] = '\0';
	memory_begin(call->pid);
	if (form->path >= 0)
		error = memory_path(call->arguments[form->path], path);
	if (error == 0 && form->other >= 0)
		error = memory_path(call->arguments[form->other], other);
	if (error == 0)
		error = form->deed == DEED_OPEN ? open_for(call, path, made) : change_for(call, path, other);
	memory_close();
	return error;
}

/* Gives the caller its descriptor. Ours is closed before it goes on: it may want to run what it wrote, or lock it anew. */
static void give(const struct call *call, int made)
{
	int flags = (int)argument_of(call, call->form->flags, call->form->fixed);
	int number = notify_give(call->listener, call->id, made, (flags & O_CLOEXEC) != 0);
	int error = number < 0 ? errno : 0;
	char link[32];
	(void)snprintf(link, sizeof link, "/proc/self/fd/%d", made);
	/* For looking only, which is in nobody's way. */
	int spare = notify_holds() ? -1 : (int)syscall(SYS_openat, AT_FDCWD, link, O_PATH | O_CLOEXEC, 0);
	(void)close(made);
	bool heard = notify_return(call->listener, call->id, number, error);
	if (!heard && spare >= 0) {
		(void)snprintf(link, sizeof link, "/proc/self/fd/%d", spare);
		int how = flags & (O_ACCMODE | O_APPEND | O_NONBLOCK | O_SYNC | O_DIRECT | O_LARGEFILE);
		undelivered_keep(call, (int)syscall(SYS_openat, AT_FDCWD, link, how | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0));
	}
	if (spare >= 0)
		(void)close(spare);
}

/* True when the call is over. */
static bool attempt(const struct call *call)
{
	int made = -1;
	bool done = !notify_holds() && undelivered_take(call, &made);
	int error = done ? 0 : perform(call, &made);
	if (error == CALL_WAITS)
		return false;
	if (error == 0 && made >= 0)
		give(call, made);
	else if (error == CALL_CONTINUES)
		notify_answer(call->listener, call->id, 0);
	else if (!notify_return(call->listener, call->id, 0, error) && error == 0 && !notify_holds())
		undelivered_keep(call, -1);
	return true;
}

static void keep_waiting(const struct call *call)
{
	for (size_t i = 0; i < WAIT_LIMIT; i++) {
		if (waitings[i].used)
			continue;
		waitings[i] = (struct waiting){ true, *call, now_ms() + SOON_MS, SOON_MS };
		waitings_end = i >= waitings_end ? i + 1 : waitings_end;
		return;
	}
	(void)notify_return(call->listener, call->id, 0, ENFILE);
}

bool files_take(int listener, const struct notice *notice)
{
	struct seccomp_notif asked;
	memcpy(&asked, notice->bytes, sizeof asked);
	struct call call = { listener, asked.id, (pid_t)asked.pid, form_of(asked.data.nr), { 0 } };
	if (!call.form)
		return false;
	for (size_t i = 0; i < 6; i++)
		call.arguments[i] = asked.data.args[i];
	if (!attempt(&call))
		keep_waiting(&call);
	return true;
}

/* Tries again; whoever is gone, or has a signal to see to, waits no more. */
static void again(struct waiting *waiting, int64_t now)
{
	struct caller caller;
	const struct call *call = &waiting->call;
	if (!notify_valid(call->listener, call->id)) {
		waiting->used = false;
		return;
	}
	if (caller_read(call->pid, &caller) && caller.interrupted) {
		(void)notify_return(call->listener, call->id, 0, CALL_RESTARTS);
		waiting->used = false;
		return;
	}
	waiting->used = !attempt(call);
	waiting->pause = waiting->pause * 2 < LATE_MS ? waiting->pause * 2 : LATE_MS;
	waiting->next = now + waiting->pause;
}

void files_tick(int64_t now)
{
	undelivered_tick(now);
	for (size_t i = 0; i < waitings_end; i++)
		if (waitings[i].used && waitings[i].next <= now)
			again(&waitings[i], now);
	while (waitings_end > 0 && !waitings[waitings_end - 1].used)
		waitings_end--;
}

int files_wait_ms(int64_t now)
{
	int wait = -1;
	for (size_t i = 0; i < waitings_end; i++) {
		int left = waitings[i].next > now ? (int)(waitings[i].next - now) : 0;
		if (waitings[i].used && (wait < 0 || left < wait))
			wait = left;
	}
	return wait;
}
