/* What was refused, told to the helper and, in one line, to whoever tried; the same again only after a while. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "files.h"
#include "network.h"

enum { TOLD_LIMIT = 1024, QUIET_MS = 2000, SHOWN_BYTES = 1500, HEAD_BYTES = 7, LINE_BYTES = 400, BURST = 2048, EACH_SECOND = 256 };

/* Whether the same was told a moment ago, or very much was; what was told is remembered. */
static bool told_enough(pid_t pid, enum file_act act, const char *path)
{
	static struct {
		uint64_t what;
		int64_t until;
	} told[TOLD_LIMIT];
	static int64_t left = BURST, refilled;
	uint64_t what = digest_one((const uint8_t *)path, strlen(path)) * 31 + (uint64_t)pid * 16 + act;
	int64_t now = now_ms(), more = (now - refilled) * EACH_SECOND / 1000;
	/* Another with the same place takes it, and is only told once more. */
	if (told[what % TOLD_LIMIT].what == what && told[what % TOLD_LIMIT].until > now)
		return true;
	if (more > 0) {
		left = left + more < BURST ? left + more : BURST;
		refilled = now;
	}
	if (left == 0)
		return true;
	left--;
	told[what % TOLD_LIMIT].what = what;
	told[what % TOLD_LIMIT].until = now + QUIET_MS;
	return false;
}

static void tell_helper(pid_t pid, enum file_act act, int pattern, const char *path, const char *other)
{
	static uint8_t payload[ASKER_LIMIT_BYTES];
	char cut[SHOWN_BYTES + 1];
	put_u32(payload, (uint32_t)pid);
	payload[4] = act;
	put_u16(payload + 5, (uint16_t)pattern);
	int length = snprintf((char *)payload + HEAD_BYTES, SHOWN_BYTES + 1, "%s", path);
	length = length < SHOWN_BYTES ? length : SHOWN_BYTES;
	(void)snprintf(cut, sizeof cut, "%s", other);
	uint32_t whole = asker_write(payload, (uint32_t)(HEAD_BYTES + length + 1), cut, pid);
	/* With no room on the link the refusal stands all the same. */
	(void)link_send(FRAME_FILE_REFUSED, 0, payload, whole);
}

static void tell_caller(pid_t pid, const char *path)
{
	char line[LINE_BYTES];
	int length = snprintf(line, sizeof line, "LASSO: %.*s is guarded by the profile: only a person changes or makes it.\n", LINE_BYTES / 2, path);
	for (int i = 0; i < length - 1; i++)
		line[i] = (unsigned char)line[i] < ' ' || line[i] == 127 ? '?' : line[i];
	tell(pid, (const uint8_t *)line, (uint32_t)length);
}

/*
 * EPERM, and neither EACCES nor EROFS: it is what this sandbox says to everything it refuses, programs do not take it for a fault of
 * permissions that they could mend first, and the folder around it is indeed no read-only file system.
 */
int refuse(const struct call *call, enum file_act act, int pattern, const char *path, const char *other)
{
	struct caller caller;
	if (!notify_valid(call->listener, call->id) || !caller_read(call->pid, &caller))
		return EPERM;
	if (told_enough(caller.group, act, path))
		return EPERM;
	tell_helper(caller.group, act, pattern, path, other);
	/* The closed one of two may be either. */
	struct judged judged = files_judge(path);
	const char *below = files_below(judged.closed < 0 && judged.above < 0 && other[0] != '\0' ? other : path);
	tell_caller(caller.group, below ? below : path);
	return EPERM;
}
