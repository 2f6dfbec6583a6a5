/*
 * The link between helper and guest: mirrors helper/protocol/guest.ts, where every frame is described. A house test keeps
 * the two equal. Nothing but numbers and byte order lives here.
 */
#ifndef LASSO_FRAMES_H
#define LASSO_FRAMES_H

#include <stdint.h>

enum {
	PROTOCOL_VERSION = 1,
	FRAME_HEADER_BYTES = 9,
	DATA_LIMIT_BYTES = 65536,
	FRAME_LIMIT_BYTES = 1048576,
	TOKEN_BYTES = 32,
	INITIAL_WINDOW_BYTES = 262144,
	EXEC_HEAD_BYTES = 15,
	EXEC_LIMIT_BYTES = 65536,
	ASKER_LIMIT_BYTES = 8192,
	NAME_PORT_LIMIT = 32,
};

/* Lowest ids of connections, by who chooses them. */
#define CONNECTIONS_OF_GUEST 0x80000000u
#define CONNECTIONS_OF_HELPER 0xc0000000u

enum frame_type {
	FRAME_HELLO = 1,
	FRAME_WELCOME = 2,
	FRAME_PING = 3,
	FRAME_PONG = 4,
	FRAME_SHUTDOWN = 5,
	FRAME_SPAWN = 16,
	FRAME_STARTED = 17,
	FRAME_FAILED = 18,
	FRAME_EXITED = 19,
	FRAME_SIGNAL = 20,
	FRAME_RESIZE = 21,
	FRAME_REOPEN = 22,
	FRAME_RELEASE = 23,
	FRAME_DATA = 32,
	FRAME_WINDOW = 33,
	FRAME_END = 34,
	FRAME_RESET = 35,
	FRAME_EXEC_ASK = 48,
	FRAME_EXEC_ANSWER = 49,
	FRAME_EXEC_AGAIN = 50,
	FRAME_EXEC_CHANGED = 51,
	FRAME_EXEC_OTHER = 52,
	FRAME_EXEC_FORGET = 53,
	FRAME_EXEC_GONE = 54,
	FRAME_FILES = 64,
	FRAME_FILE_REFUSED = 65,
	FRAME_FILE_SEEN = 66,
	FRAME_NAME_ASK = 80,
	FRAME_NAME_ANSWER = 81,
	FRAME_CONNECT_ASK = 82,
	FRAME_CONNECT_OPEN = 83,
	FRAME_CONNECT_REFUSE = 84,
	FRAME_NAMES_FORGET = 85,
	FRAME_FORWARD = 86,
	FRAME_FORWARDED = 87,
	FRAME_NETWORK = 88,
};

enum hello_flag { HELLO_RESUMED = 1, HELLO_UNFILTERED = 2, HELLO_UNGATED = 4 };
enum welcome_flag { WELCOME_GATED = 1, WELCOME_NETWORKED = 2 };
enum connection_kind { CONNECTION_NAME = 0, CONNECTION_PROXY = 1, CONNECTION_GUARD = 2 };
enum file_act {
	FILE_WRITE = 1,
	FILE_CREATE = 2,
	FILE_FOLDER = 3,
	FILE_RENAME = 4,
	FILE_LINK = 5,
	FILE_SYMLINK = 6,
	FILE_NODE = 7,
	FILE_REMOVE = 8,
	FILE_TRUNCATE = 9,
	FILE_MODE = 10,
};
enum network_flag { NETWORK_NAMES = 1, NETWORK_PROXY = 2 };
enum guest_port { PORT_NAMES = 53, PORT_PROXY = 3128 };
enum exec_flag { EXEC_ENTRY = 1, EXEC_SCRIPT = 2, EXEC_DELETED = 4, EXEC_TRUNCATED = 8, EXEC_TRACED = 16, EXEC_LOADED = 32 };
enum exec_answer { ANSWER_ALLOW = 1, ANSWER_KEEP = 2 };
enum spawn_flag { SPAWN_TERMINAL = 1, SPAWN_STDERR = 2, SPAWN_NO_STDIN = 4 };
enum signal_target { SIGNAL_GROUP = 0, SIGNAL_FOREGROUND = 1, SIGNAL_TREE = 2 };
enum spawn_stage { STAGE_RESOURCES = 1, STAGE_DIRECTORY = 2, STAGE_EXECUTE = 3, STAGE_STREAM = 4 };

static inline void put_u16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void put_u32(uint8_t *at, uint32_t value)
{
	put_u16(at, (uint16_t)(value >> 16));
	put_u16(at + 2, (uint16_t)value);
}

static inline uint16_t get_u16(const uint8_t *at)
{
	return (uint16_t)((uint32_t)at[0] << 8 | at[1]);
}

static inline uint32_t get_u32(const uint8_t *at)
{
	return (uint32_t)get_u16(at) << 16 | get_u16(at + 2);
}

#endif
