/* Who opens what is hidden finds it empty; that it was opened is told, so that a person can see why something does not work. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "files.h"

enum { WATCH_LIMIT = 1024, QUIET_MS = 1000 };

static struct endpoint notes = { -1, 0 };
static struct watch {
	int number;
	uint16_t index;
	int64_t told;
} watches[WATCH_LIMIT];
static size_t watch_count;

void seen_begin(void)
{
	loop_close(&notes);
	watch_count = 0;
}

void seen_add(const char *path, uint16_t index)
{
	if (notes.fd < 0) {
		notes.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
		loop_watch(&notes, (struct tag){ .role = ROLE_SEEN }, 1 /* EPOLLIN */);
	}
	/* Not to be watched is no fault: it is hidden all the same. */
	int number = notes.fd < 0 || watch_count == WATCH_LIMIT ? -1 : inotify_add_watch(notes.fd, path, IN_OPEN);
	if (number >= 0)
		watches[watch_count++] = (struct watch){ number, index, -QUIET_MS };
}

static void seen(int number)
{
	uint8_t index[2];
	int64_t now = now_ms();
	for (size_t i = 0; i < watch_count; i++) {
		if (watches[i].number != number || watches[i].told + QUIET_MS > now)
			continue;
		put_u16(index, watches[i].index);
		if (link_is_open() && link_send(FRAME_FILE_SEEN, 0, index, sizeof index))
			watches[i].told = now;
		return;
	}
}

void seen_ready(void)
{
	_Alignas(struct inotify_event) char bytes[4096];
	ssize_t length = read(notes.fd, bytes, sizeof bytes);
	for (ssize_t at = 0; at + (ssize_t)sizeof(struct inotify_event) <= length;) {
		struct inotify_event event;
		memcpy(&event, bytes + at, sizeof event);
		seen(event.wd);
		at += (ssize_t)(sizeof event + event.len);
	}
}
