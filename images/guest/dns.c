/*
 * Messages of RFC 1035 as far as a resolver needs them that answers one question of one name. Reading is strict: no pointers,
 * no second question, nothing behind the end. Whatever the bytes, nothing is read or written beside them.
 */
#include <stdio.h>
#include <string.h>

#include "network.h"

enum { LABEL_LIMIT = 63, WIRE_LIMIT = 255, CLASS_IN = 1, TYPE_OPT = 41, TTL_SECONDS = 5, POINTER_TO_NAME = 0xc00c };
enum { FLAG_RESPONSE = 0x80, FLAG_OPCODE = 0x78, FLAG_RECURSE = 0x01, FLAG_RECURSES = 0x80, OPT_BYTES = 11 };

static bool is_name_byte(uint8_t byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' || byte == '_';
}

static uint8_t lower(uint8_t byte)
{
	return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + 'a' - 'A') : byte;
}

/* Reads the name at `at`; where it ends, 0 when it is no name at all. `*plain` tells whether it could be that of a host. */
static size_t read_name(char *name, bool *plain, const uint8_t *bytes, size_t length, size_t at)
{
	size_t start = at, written = 0;
	*plain = true;
	for (;;) {
		if (at >= length || bytes[at] > LABEL_LIMIT)
			return 0;
		size_t label = bytes[at++];
		if (label == 0)
			break;
		if (label >= length - at || at + label + 1 - start > WIRE_LIMIT)
			return 0;
		if (written > 0)
			name[written++] = '.';
		for (size_t i = 0; i < label; i++) {
			uint8_t byte = lower(bytes[at + i]);
			*plain = *plain && is_name_byte(byte);
			name[written++] = (char)byte;
		}
		at += label;
	}
	name[written] = '\0';
	*plain = *plain && written > 0;
	return at;
}

/* What may follow the question: nothing, or one record of EDNS0 that fills the rest. */
static bool read_rest(struct dns_question *question, const uint8_t *bytes, size_t length, size_t at)
{
	uint16_t additional = get_u16(bytes + 10);
	if (get_u16(bytes + 6) != 0 || get_u16(bytes + 8) != 0 || additional > 1)
		return false;
	if (additional == 0)
		return at == length;
	if (length - at < OPT_BYTES || bytes[at] != 0 || get_u16(bytes + at + 1) != TYPE_OPT)
		return false;
	question->extended = true;
	return length - at - OPT_BYTES == get_u16(bytes + at + 9);
}

enum dns_verdict dns_read(struct dns_question *question, enum dns_code *code, const uint8_t *bytes, size_t length)
{
	if (length < DNS_HEADER_BYTES || bytes[2] & FLAG_RESPONSE)
		return DNS_SILENCE;
	question->id = get_u16(bytes);
	question->flags = bytes[2] & (FLAG_OPCODE | FLAG_RECURSE);
	question->extended = false;
	question->asked_length = 0;
	question->name[0] = '\0';
	*code = DNS_UNKNOWN;
	if (bytes[2] & FLAG_OPCODE)
		return DNS_REPLY;
	bool plain = false;
	*code = DNS_MALFORMED;
	size_t at = get_u16(bytes + 4) == 1 ? read_name(question->name, &plain, bytes, length, DNS_HEADER_BYTES) : 0;
	if (at == 0 || length - at < 4)
		return DNS_REPLY;
	question->type = get_u16(bytes + at);
	uint16_t class = get_u16(bytes + at + 2);
	at += 4;
	if (!read_rest(question, bytes, length, at))
		return DNS_REPLY;
	question->asked_length = (uint16_t)(at - DNS_HEADER_BYTES);
	memcpy(question->asked, bytes + DNS_HEADER_BYTES, question->asked_length);
	*code = class == CLASS_IN ? DNS_NO_NAME : DNS_REFUSED;
	return class == CLASS_IN && plain ? DNS_ASK : DNS_REPLY;
}

/* Writes a record that belongs to the name asked for; where it ends. */
static uint8_t *write_record(uint8_t *at, uint16_t type, const uint8_t *data, uint16_t length)
{
	put_u16(at, POINTER_TO_NAME);
	put_u16(at + 2, type);
	put_u16(at + 4, CLASS_IN);
	put_u32(at + 6, TTL_SECONDS);
	put_u16(at + 10, length);
	memcpy(at + 12, data, length);
	return at + 12 + length;
}

/* The name as labels; it came through read_name, so that it fits. */
static uint16_t write_name(uint8_t *bytes, const char *name)
{
	uint16_t at = 0;
	while (*name) {
		size_t label = strcspn(name, ".");
		bytes[at++] = (uint8_t)label;
		memcpy(bytes + at, name, label);
		at = (uint16_t)(at + label);
		name += label + (name[label] == '.');
	}
	bytes[at] = 0;
	return (uint16_t)(at + 1);
}

size_t dns_write(uint8_t *bytes, const struct dns_question *question, enum dns_code code, uint32_t address, const char *name)
{
	bool answered = address != 0 || name;
	put_u16(bytes, question->id);
	bytes[2] = FLAG_RESPONSE | question->flags;
	bytes[3] = (uint8_t)(FLAG_RECURSES | code);
	put_u16(bytes + 4, question->asked_length > 0);
	put_u16(bytes + 6, answered);
	put_u16(bytes + 8, 0);
	put_u16(bytes + 10, question->extended);
	uint8_t *at = bytes + DNS_HEADER_BYTES;
	memcpy(at, question->asked, question->asked_length);
	at += question->asked_length;
	uint8_t data[WIRE_LIMIT + 1];
	if (name)
		at = write_record(at, DNS_PTR, data, write_name(data, name));
	else if (address != 0) {
		put_u32(data, address);
		at = write_record(at, DNS_A, data, 4);
	}
	if (question->extended) {
		memset(at, 0, OPT_BYTES);
		put_u16(at + 1, TYPE_OPT);
		put_u16(at + 3, DNS_MESSAGE_BYTES);
		at += OPT_BYTES;
	}
	return (size_t)(at - bytes);
}

uint32_t dns_reversed(const char *name)
{
	unsigned part[4];
	char again[32];
	if (sscanf(name, "%3u.%3u.%3u.%3u", &part[3], &part[2], &part[1], &part[0]) != 4)
		return 0;
	(void)snprintf(again, sizeof again, "%u.%u.%u.%u.in-addr.arpa", part[3], part[2], part[1], part[0]);
	if (strcmp(again, name) != 0 || part[0] > 255 || part[1] > 255 || part[2] > 255 || part[3] > 255)
		return 0;
	return part[0] << 24 | part[1] << 16 | part[2] << 8 | part[3];
}
