/*
 * Who waits for the address of a name, and what the helper has been asked. Several who want the same name wait for one answer.
 * An answer that comes too late for them is kept for their next attempt.
 */
#define _GNU_SOURCE
#include <string.h>

#include "network.h"

enum { QUERY_LIMIT = 256, QUERIES_OF_ONE = 192, PATIENCE_MS = 10000, AGAIN_MS = 5, NO_QUESTION = 0xffff };

struct query {
	bool used;
	uint16_t question; /* NO_QUESTION: the helper has not been asked yet */
	pid_t pid; /* 0: unknown, or not looked for */
	int64_t until;
	struct channel channel;
	struct dns_question dns;
};
struct question {
	uint32_t number; /* 0: free */
	uint16_t waiting;
	char name[NAME_BYTES];
};

static struct query queries[QUERY_LIMIT];
static struct question questions[QUERY_LIMIT];
static uint16_t queries_used, unasked;
static uint32_t last_number;

static void answer(struct query *query, enum dns_code code, uint32_t address)
{
	resolver_answer(&query->channel, &query->dns, code, address);
	if (query->question == NO_QUESTION)
		unasked--;
	else
		questions[query->question].waiting--;
	query->used = false;
	queries_used--;
}

/* The same program asks the same once more, since it has heard nothing. */
static bool asks_again(const struct channel *channel, const struct dns_question *dns)
{
	for (size_t i = 0; queries_used > 0 && i < QUERY_LIMIT; i++) {
		struct query *query = &queries[i];
		bool same = query->used && channel->role == ROLE_NAMES && query->dns.id == dns->id && query->dns.type == dns->type &&
			    query->channel.role == ROLE_NAMES && memcmp(&query->channel.peer, &channel->peer, sizeof channel->peer) == 0 &&
			    strcmp(query->dns.name, dns->name) == 0;
		if (same) {
			query->until = now_ms() + PATIENCE_MS;
			return true;
		}
	}
	return false;
}

void questions_take(const struct channel *channel, const struct dns_question *dns)
{
	uint32_t address = names_fresh(dns->name);
	if (address == 0 && network_is_open() && asks_again(channel, dns))
		return;
	size_t slot = 0;
	while (slot < QUERY_LIMIT && queries[slot].used)
		slot++;
	if (address != 0 || !network_is_open() || slot == QUERY_LIMIT) {
		resolver_answer(channel, dns, address != 0 ? DNS_OK : DNS_FAILED, address);
		return;
	}
	queries[slot] = (struct query){ .used = true, .question = NO_QUESTION, .until = now_ms() + PATIENCE_MS };
	queries[slot].channel = *channel;
	queries[slot].dns = *dns;
	queries_used++;
	unasked++;
}

/* The question about a name that is open already, or a free place; the place of one nobody waits for is free too. */
static struct question *question_for(const char *name)
{
	struct question *free = NULL, *idle = NULL;
	for (size_t i = 0; i < QUERY_LIMIT; i++) {
		struct question *question = &questions[i];
		if (question->number != 0 && strcmp(question->name, name) == 0)
			return question;
		if (question->number == 0 && !free)
			free = question;
		else if (question->number != 0 && question->waiting == 0 && (!idle || question->number < idle->number))
			idle = question;
	}
	struct question *found = free ? free : idle;
	if (found)
		found->number = 0;
	return found;
}

static bool has_too_many(pid_t pid)
{
	size_t count = 0;
	for (size_t i = 0; pid != 0 && i < QUERY_LIMIT; i++)
		count += queries[i].used && queries[i].pid == pid;
	return count > QUERIES_OF_ONE;
}

/* Puts the question, or waits with those who asked it before. */
static void ask(struct query *query, int *budget)
{
	static uint8_t payload[ASKER_LIMIT_BYTES];
	uint32_t address = names_fresh(query->dns.name);
	struct question *question = address == 0 ? question_for(query->dns.name) : NULL;
	if (!question) {
		answer(query, address != 0 ? DNS_OK : DNS_FAILED, address);
		return;
	}
	struct ends ends = resolver_ends(&query->channel);
	query->pid = owner_find(&ends, unasked, budget);
	if (question->number == 0) {
		if (has_too_many(query->pid)) {
			answer(query, DNS_FAILED, 0);
			return;
		}
		put_u32(payload, (uint32_t)query->pid);
		uint32_t length = asker_write(payload, 4, query->dns.name, query->pid);
		last_number += last_number == UINT32_MAX ? 2 : 1;
		if (!link_send(FRAME_NAME_ASK, last_number, payload, length))
			return;
		*question = (struct question){ .number = last_number };
		memcpy(question->name, query->dns.name, sizeof question->name);
	}
	query->question = (uint16_t)(question - questions);
	question->waiting++;
	unasked--;
}

void questions_answer(uint32_t number, const uint8_t *ports, uint16_t count, const uint8_t *line, uint32_t length)
{
	for (size_t i = 0; number != 0 && i < QUERY_LIMIT; i++) {
		struct question *question = &questions[i];
		if (question->number != number)
			continue;
		uint32_t address = count > 0 ? names_allow(question->name, ports, count) : 0;
		if (count == 0)
			names_refuse(question->name);
		for (size_t at = 0; question->waiting > 0 && at < QUERY_LIMIT; at++) {
			struct query *query = &queries[at];
			if (!query->used || query->question != i)
				continue;
			if (count == 0)
				asker_tell(query->pid, line, length);
			answer(query, count == 0 ? DNS_NO_NAME : address != 0 ? DNS_OK : DNS_FAILED, address);
		}
		question->number = 0;
		return;
	}
}

void questions_tick(int64_t now)
{
	int budget = OWNER_BUDGET;
	for (size_t i = 0; queries_used > 0 && i < QUERY_LIMIT; i++) {
		struct query *query = &queries[i];
		if (!query->used)
			continue;
		if (now >= query->until)
			answer(query, DNS_FAILED, 0);
		else if (query->question == NO_QUESTION && budget > 0 && network_may_ask())
			ask(query, &budget);
	}
}

int questions_wait_ms(int64_t now)
{
	if (queries_used == 0)
		return -1;
	if (unasked > 0)
		return network_may_ask() ? 0 : AGAIN_MS;
	int64_t next = now + PATIENCE_MS;
	for (size_t i = 0; i < QUERY_LIMIT; i++)
		if (queries[i].used && queries[i].until < next)
			next = queries[i].until;
	return next <= now ? 0 : (int)(next - now);
}

void questions_lost(void)
{
	for (size_t i = 0; i < QUERY_LIMIT; i++) {
		if (queries[i].used)
			answer(&queries[i], DNS_FAILED, 0);
		if (questions[i].number != 0)
			questions[i].number = 0;
	}
}
