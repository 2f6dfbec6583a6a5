/*
 * Decisions the helper allowed to be used again: the same file, unchanged, with the same arguments in the same folder. Only
 * permissions are kept, and the helper can have them all forgotten. The table has a fixed size; a newer one takes the place
 * of an older one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "exec.h"

enum { SLOTS = 4096, WAYS = 4 };

struct decision {
	struct stamp stamp;
	uint64_t digest[2]; /* 0, 0: free */
	uint32_t ask;
};

static struct decision table[SLOTS];
static uint64_t keys[4];
static uint32_t turn;

static uint64_t rotate(uint64_t word, int by)
{
	return word << by | word >> (64 - by);
}

static void mix(uint64_t v[4])
{
	v[0] += v[1], v[1] = rotate(v[1], 13) ^ v[0], v[0] = rotate(v[0], 32);
	v[2] += v[3], v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3], v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1], v[1] = rotate(v[1], 17) ^ v[2], v[2] = rotate(v[2], 32);
}

/* SipHash-2-4 (Aumasson, Bernstein 2012): whoever does not know the key cannot make two texts meet. */
static uint64_t hash(const uint64_t key[2], const uint8_t *bytes, size_t length)
{
	uint64_t v[4] = { key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du, key[0] ^ 0x6c7967656e657261u,
			  key[1] ^ 0x7465646279746573u };
	size_t at = 0;
	for (; at + 8 <= length; at += 8) {
		uint64_t word;
		memcpy(&word, bytes + at, 8);
		v[3] ^= word;
		mix(v), mix(v);
		v[0] ^= word;
	}
	uint64_t last = (uint64_t)length << 56;
	memcpy(&last, bytes + at, length - at);
	last = (last & 0x00ffffffffffffffu) | (uint64_t)length << 56;
	v[3] ^= last;
	mix(v), mix(v);
	v[0] ^= last;
	v[2] ^= 0xff;
	mix(v), mix(v), mix(v), mix(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void decisions_open(void)
{
	if (getrandom(keys, sizeof keys, 0) != (ssize_t)sizeof keys)
		die("no random numbers (errno %d)", errno);
}

uint64_t digest_one(const uint8_t *bytes, size_t length)
{
	return hash(keys, bytes, length);
}

void digest_both(const uint8_t *bytes, size_t length, uint64_t digest[2])
{
	/* Never 0, which means a free place. */
	digest[0] = hash(keys, bytes, length) | 1;
	digest[1] = hash(keys + 2, bytes, length);
}

bool stamp_same(const struct stamp *a, const struct stamp *b)
{
	return a->file.device == b->file.device && a->file.inode == b->file.inode && a->size == b->size &&
	       memcmp(a->changed, b->changed, sizeof a->changed) == 0 && memcmp(a->modified, b->modified, sizeof a->modified) == 0;
}

uint32_t decisions_find(const struct sight *sight)
{
	const struct decision *set = &table[sight->digest[1] % (SLOTS / WAYS) * WAYS];
	for (size_t i = 0; i < WAYS; i++)
		if (memcmp(set[i].digest, sight->digest, sizeof sight->digest) == 0 && stamp_same(&set[i].stamp, &sight->stamp))
			return set[i].ask;
	return 0;
}

void decisions_keep(const struct sight *sight, uint32_t ask)
{
	if (sight->flags & EXEC_TRUNCATED)
		return;
	struct decision *set = &table[sight->digest[1] % (SLOTS / WAYS) * WAYS];
	size_t way = turn++ % WAYS;
	for (size_t i = 0; i < WAYS; i++)
		if (set[i].digest[0] == 0)
			way = i;
	set[way] = (struct decision){ .stamp = sight->stamp, .digest = { sight->digest[0], sight->digest[1] }, .ask = ask };
}

void decisions_forget(void)
{
	memset(table, 0, sizeof table);
}
