/* What the helper asks for, frame by frame. Lengths are checked all the same: a fault there must not become one in here. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>

#include "files.h"

static char *words[WORD_LIMIT + 2];

/* Cuts `count` strings off the text; NULL-ends the list. False when the text is too short. */
static bool cut(char **list, uint32_t count, char **text, const char *end)
{
	for (uint32_t i = 0; i < count; i++) {
		if (*text >= end)
			return false;
		list[i] = *text;
		*text += strlen(*text) + 1;
	}
	list[count] = NULL;
	return true;
}

static bool spawn(uint32_t id, const uint8_t *at, uint32_t length)
{
	const uint32_t head = 5 + 2 * TOKEN_BYTES + 4;
	/* Its streams are below those of connections. */
	if (id == 0 || id >= CONNECTIONS_OF_GUEST / 2 || length <= head || at[length - 1] != 0)
		return false;
	uint32_t argc = get_u16(at + head - 4), envc = get_u16(at + head - 2);
	if (argc == 0 || argc + envc > WORD_LIMIT)
		return process_failed(id, STAGE_RESOURCES, E2BIG);
	/* The strings stay where they were received: the child has its own copy of that memory. */
	char *text = (char *)(uintptr_t)(at + head);
	const char *end = (const char *)at + length;
	char *front[3];
	if (!cut(front, 2, &text, end) || !cut(words, argc, &text, end) || !cut(words + argc + 1, envc, &text, end))
		return false;
	process_spawn(id, &(struct spawn){
		.flags = at[0],
		.rows = get_u16(at + 1),
		.columns = get_u16(at + 3),
		.token = { at + 5, at + 5 + TOKEN_BYTES },
		.directory = front[0],
		.file = front[1],
		.arguments = words,
		.environment = words + argc + 1,
	});
	return true;
}

static bool reopen(struct process *process, const uint8_t *tokens)
{
	/* A helper that does not take its own stream is treated as gone. */
	if (process && !process_reopen(process, tokens))
		return false;
	link_reopened();
	return true;
}

static bool obey_process(uint8_t type, uint32_t id, const uint8_t *payload, uint32_t length)
{
	/* A process that ended may still be spoken to: the helper did not know yet. */
	struct process *process = process_find(id);
	switch (type) {
	case FRAME_SIGNAL:
		if (process && length == 2 && payload[1] == SIGNAL_TREE)
			tree_signal(process, payload[0]);
		else if (process && length == 2)
			process_signal(process, payload[0], payload[1] == SIGNAL_FOREGROUND);
		return length == 2 && payload[1] <= SIGNAL_TREE;
	case FRAME_RESIZE:
		if (process && length == 4 && process->flags & SPAWN_TERMINAL && process->input.fd >= 0)
			terminal_resize(process->input.fd, get_u16(payload), get_u16(payload + 2));
		return length == 4;
	case FRAME_REOPEN:
		return length == 2 * TOKEN_BYTES && reopen(process, payload);
	case FRAME_RELEASE:
		if (process)
			process_release(process);
		return length == 0;
	default:
		return false;
	}
}

static bool obey_stream(uint8_t type, uint32_t id, const uint8_t *payload, uint32_t length)
{
	struct process *process = process_find(id / 2);
	int which = (int)(id & 1);
	switch (type) {
	case FRAME_DATA:
		return !link_has_socket() && which == 0 && (!process || input_accept(process, payload, length));
	case FRAME_WINDOW:
		if (length != 4)
			return false;
		if (process)
			process->stream[which].credit += get_u32(payload);
		break;
	case FRAME_END:
		if (process)
			process->stream[which].end_asked = true;
		break;
	case FRAME_RESET:
		if (process)
			relay_reset(process, which);
		break;
	default:
		return false;
	}
	if (process)
		relay_pump(process);
	return true;
}

bool control_obey(uint8_t type, uint32_t id, const uint8_t *payload, uint32_t length)
{
	switch (type) {
	case FRAME_WELCOME:
		if (length != 7 || get_u16(payload) != PROTOCOL_VERSION)
			return false;
		/* What an earlier helper said yes to, this one has not been asked about. */
		decisions_forget();
		link_welcome(get_u32(payload + 2), payload[6]);
		return true;
	case FRAME_PING:
		return length == 8 && link_send(FRAME_PONG, 0, payload, length);
	case FRAME_SHUTDOWN:
		if (length != 4)
			return false;
		ending_begin(get_u32(payload));
		return true;
	case FRAME_SPAWN:
		return spawn(id, payload, length);
	case FRAME_EXEC_ANSWER:
		if (length < 1)
			return false;
		gate_answer(id, payload[0], payload + 1, length - 1);
		return true;
	case FRAME_EXEC_FORGET:
		decisions_forget();
		return length == 0;
	case FRAME_FILES:
		return files_obey(payload, length);
	default:
		if (type >= FRAME_NAME_ASK || (type >= FRAME_DATA && id >= CONNECTIONS_OF_GUEST))
			return network_obey(type, id, payload, length);
		return type < FRAME_DATA ? obey_process(type, id, payload, length) : obey_stream(type, id, payload, length);
	}
}
