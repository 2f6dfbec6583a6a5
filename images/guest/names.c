/*
 * The names that were allowed, each with an address of this sandbox's own loopback that stays its own as long as it is known.
 * The table has a fixed size: who was not used longest goes, and is asked about again.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>

#include "network.h"

enum { FRESH_MS = 5000 };

struct name {
	char text[NAME_BYTES];
	uint16_t live; /* connections */
	bool fresh; /* answered yes, and nothing was forgotten since */
	int64_t allowed_at, used_at;
};

static struct name names[NAME_LIMIT];
static uint32_t digests[NAME_LIMIT]; /* of the name; 0: free */
static uint32_t addresses[NAME_LIMIT];
static uint16_t highest;
static uint32_t next_address = ADDRESS_FIRST;

static uint32_t digest_of(const char *text)
{
	uint32_t digest = (uint32_t)digest_one((const uint8_t *)text, strlen(text));
	return digest == 0 ? 1 : digest;
}

static uint16_t find(const char *text)
{
	uint32_t digest = digest_of(text);
	for (uint16_t i = 0; i < highest; i++)
		if (digests[i] == digest && strcmp(names[i].text, text) == 0)
			return i;
	return NO_NAME;
}

static uint16_t find_address(uint32_t address)
{
	for (uint16_t i = 0; i < highest; i++)
		if (digests[i] != 0 && addresses[i] == address)
			return i;
	return NO_NAME;
}

/* Not soon given to another: a program may remember it. Some take .0 and .255 for those of a network. */
static uint32_t new_address(void)
{
	uint32_t address;
	do {
		address = next_address;
		next_address = next_address >= ADDRESS_LAST ? ADDRESS_FIRST : next_address + 1;
	} while ((address & 0xff) == 0 || (address & 0xff) == 0xff || find_address(address) != NO_NAME);
	return address;
}

static void close_ports(uint16_t slot)
{
	(void)listeners_keep(slot, NULL, 0);
}

/* Gives up the name nobody has used longest, if there is one. */
static bool drop_oldest(uint16_t but)
{
	uint16_t oldest = NO_NAME;
	for (uint16_t i = 0; i < highest; i++)
		if (i != but && digests[i] != 0 && names[i].live == 0 && (oldest == NO_NAME || names[i].used_at < names[oldest].used_at))
			oldest = i;
	if (oldest == NO_NAME)
		return false;
	close_ports(oldest);
	digests[oldest] = 0;
	return true;
}

static uint16_t take_slot(const char *text)
{
	uint16_t slot = 0;
	while (slot < NAME_LIMIT && digests[slot] != 0)
		slot++;
	if (slot == NAME_LIMIT)
		return drop_oldest(NO_NAME) ? take_slot(text) : NO_NAME;
	if (slot >= highest)
		highest = (uint16_t)(slot + 1);
	names[slot] = (struct name){ .live = 0 };
	memcpy(names[slot].text, text, strlen(text) + 1);
	addresses[slot] = new_address();
	digests[slot] = digest_of(text);
	return slot;
}

uint32_t names_fresh(const char *text)
{
	uint16_t slot = find(text);
	int64_t now = now_ms();
	if (slot == NO_NAME || !names[slot].fresh || now >= names[slot].allowed_at + FRESH_MS)
		return 0;
	names[slot].used_at = now;
	return addresses[slot];
}

/* Listens on one port; makes room for it where others have taken all. */
static int listen_on(uint16_t slot, uint16_t port)
{
	union address address = address_of(AF_INET, addresses[slot], port);
	int error;
	do
		error = listeners_add(&address, slot);
	while ((error == ENFILE || error == EMFILE) && drop_oldest(slot));
	return error;
}

uint32_t names_allow(const char *text, const uint8_t *ports, uint16_t count)
{
	static bool warned;
	uint16_t wanted[NAME_PORT_LIMIT];
	uint16_t slot = find(text);
	if (slot == NO_NAME)
		slot = take_slot(text);
	if (slot == NO_NAME)
		return 0;
	for (uint16_t i = 0; i < count; i++)
		wanted[i] = get_u16(ports + 2 * i);
	uint16_t missing = listeners_keep(slot, wanted, count);
	bool open = missing < count;
	for (uint16_t i = 0; i < missing; i++) {
		int error = listen_on(slot, wanted[i]);
		open = open || error == 0;
		if (error != 0 && !warned)
			warn("port %u of a name cannot be listened on (errno %d)", wanted[i], error);
		warned = warned || error != 0;
	}
	names[slot].fresh = true;
	names[slot].allowed_at = names[slot].used_at = now_ms();
	return open ? addresses[slot] : 0;
}

void names_refuse(const char *text)
{
	uint16_t slot = find(text);
	if (slot == NO_NAME)
		return;
	close_ports(slot);
	names[slot].fresh = false;
	if (names[slot].live == 0)
		digests[slot] = 0;
}

const char *names_of_address(uint32_t address)
{
	uint16_t slot = find_address(address);
	return slot == NO_NAME ? NULL : names[slot].text;
}

const char *names_text(uint16_t name)
{
	return name == NO_NAME ? "" : names[name].text;
}

void names_hold(uint16_t name, int change)
{
	if (name == NO_NAME)
		return;
	names[name].live = (uint16_t)(names[name].live + change);
	names[name].used_at = now_ms();
}

void names_forget(void)
{
	for (uint16_t i = 0; i < highest; i++)
		names[i].fresh = false;
}
