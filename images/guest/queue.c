/* The frames on their way to the helper, in one buffer of fixed size: whoever finds it full tries again in a later turn. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guest.h"

enum { OUT_BYTES = 524288, OUT_RESERVE = 65536 };

static uint8_t queued[OUT_BYTES];
static uint32_t queued_start, queued_end;

bool link_is_idle(void)
{
	return queued_start == queued_end;
}

uint32_t link_room(void)
{
	return OUT_BYTES - (queued_end - queued_start);
}

void link_clear(void)
{
	queued_start = queued_end = 0;
}

static void compact(void)
{
	if (queued_start == 0)
		return;
	memmove(queued, queued + queued_start, queued_end - queued_start);
	queued_end -= queued_start;
	queued_start = 0;
}

bool link_send(enum frame_type type, uint32_t id, const void *payload, uint32_t length)
{
	if (queued_end + FRAME_HEADER_BYTES + length > OUT_BYTES)
		compact();
	if (queued_end + FRAME_HEADER_BYTES + length > OUT_BYTES)
		return false;
	uint8_t *at = queued + queued_end;
	at[0] = (uint8_t)type;
	put_u32(at + 1, id);
	put_u32(at + 5, length);
	if (length > 0)
		memcpy(at + FRAME_HEADER_BYTES, payload, length);
	queued_end += FRAME_HEADER_BYTES + length;
	return true;
}

uint8_t *link_reserve(uint32_t *room)
{
	if (queued_end + FRAME_HEADER_BYTES + DATA_LIMIT_BYTES + OUT_RESERVE > OUT_BYTES)
		compact();
	if (queued_end + FRAME_HEADER_BYTES + DATA_LIMIT_BYTES + OUT_RESERVE > OUT_BYTES)
		return NULL;
	*room = DATA_LIMIT_BYTES;
	return queued + queued_end + FRAME_HEADER_BYTES;
}

void link_commit(uint32_t stream, uint32_t length)
{
	uint8_t *at = queued + queued_end;
	at[0] = FRAME_DATA;
	put_u32(at + 1, stream);
	put_u32(at + 5, length);
	queued_end += FRAME_HEADER_BYTES + length;
}

bool link_write(int fd, bool socket)
{
	while (queued_start < queued_end) {
		const uint8_t *from = queued + queued_start;
		uint32_t length = queued_end - queued_start;
		ssize_t count = socket ? send(fd, from, length, MSG_NOSIGNAL) : write(fd, from, length);
		if (count > 0)
			queued_start += (uint32_t)count;
		else if (errno == EAGAIN)
			break;
		else if (errno != EINTR)
			return false;
	}
	if (queued_start == queued_end)
		link_clear();
	return true;
}
