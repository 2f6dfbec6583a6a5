/*
 * The sockets of the resolver, UDP and TCP. They take questions in and bring answers back; what is answered is decided in
 * questions.c. Nothing is ever forwarded, and who is slow makes nobody else wait.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "network.h"

enum { FAMILIES = 2, CLIENT_LIMIT = 64, DATAGRAMS = 128, ACCEPTS = 16, IDLE_MS = 10000, LENGTH_BYTES = 2 };

/* a program that asks over TCP: one question at a time */
struct client {
	bool used, waits;
	struct endpoint end;
	uint32_t generation;
	union address peer;
	int64_t since;
	uint16_t got;
	uint8_t bytes[LENGTH_BYTES + DNS_MESSAGE_BYTES];
};

static const int family[FAMILIES] = { AF_INET, AF_INET6 };
static struct endpoint datagrams[FAMILIES] = { { -1, 0 }, { -1, 0 } };
static struct endpoint streams[FAMILIES] = { { -1, 0 }, { -1, 0 } };
static struct client clients[CLIENT_LIMIT];
static uint16_t clients_used;

static bool open_socket(struct endpoint *end, int at, int type, enum role role)
{
	union address address = address_of(family[at], 0, PORT_NAMES);
	end->fd = network_bind(&address, type);
	if (end->fd < 0 && family[at] == AF_INET)
		warn("names cannot be answered on port %d (errno %d)", PORT_NAMES, errno);
	loop_watch(end, (struct tag){ .role = (uint8_t)role, .slot = (uint16_t)at }, EPOLLIN);
	return end->fd >= 0;
}

bool resolver_open(void)
{
	bool open = false;
	for (int i = 0; i < FAMILIES; i++) {
		bool opened = open_socket(&datagrams[i], i, SOCK_DGRAM, ROLE_NAMES);
		open = open || (opened && family[i] == AF_INET);
		(void)open_socket(&streams[i], i, SOCK_STREAM, ROLE_NAMES_LISTENER);
	}
	return open;
}

static void drop(struct client *client)
{
	loop_close(&client->end);
	client->used = false;
	client->generation++;
	clients_used--;
}

static void watch(struct client *client)
{
	struct tag tag = { ROLE_NAMES_CLIENT, (uint16_t)(client - clients), client->generation };
	loop_watch(&client->end, tag, client->waits ? EPOLLHUP : EPOLLIN);
}

static void reply(const struct channel *channel, uint8_t *bytes, size_t length)
{
	if (channel->role == ROLE_NAMES) {
		/* One that cannot be delivered now is lost, as on any network. */
		if (sendto(datagrams[channel->slot].fd, bytes + LENGTH_BYTES, length, 0, &channel->peer.any, address_length(&channel->peer)) < 0)
			return;
		return;
	}
	struct client *client = &clients[channel->slot];
	if (!client->used || client->generation != channel->generation)
		return;
	put_u16(bytes, (uint16_t)length);
	if (send(client->end.fd, bytes, LENGTH_BYTES + length, MSG_NOSIGNAL) != (ssize_t)(LENGTH_BYTES + length)) {
		drop(client);
		return;
	}
	client->waits = false;
	client->got = 0;
	client->since = now_ms();
	watch(client);
}

struct ends resolver_ends(const struct channel *channel)
{
	return (struct ends){
		.protocol = channel->role == ROLE_NAMES ? IPPROTO_UDP : IPPROTO_TCP,
		.local = channel->peer,
		.remote = address_of(channel->peer.any.sa_family, 0, PORT_NAMES),
	};
}

static void say(const struct channel *channel, const struct dns_question *question, enum dns_code code, uint32_t address, const char *name)
{
	uint8_t bytes[LENGTH_BYTES + DNS_MESSAGE_BYTES];
	reply(channel, bytes, dns_write(bytes + LENGTH_BYTES, question, code, address, name));
}

void resolver_answer(const struct channel *channel, const struct dns_question *question, enum dns_code code, uint32_t address)
{
	say(channel, question, code, question->type == DNS_A ? address : 0, NULL);
}

/* True when it was answered, or thrown away. */
static bool take(const struct channel *channel, const uint8_t *bytes, size_t length)
{
	struct dns_question question;
	enum dns_code code;
	enum dns_verdict verdict = dns_read(&question, &code, bytes, length);
	if (verdict == DNS_SILENCE)
		return false;
	size_t end = strlen(question.name);
	bool reversed = question.type == DNS_PTR && end > 5 && strcmp(question.name + end - 5, ".arpa") == 0;
	if (verdict == DNS_REPLY) {
		say(channel, &question, code, 0, NULL);
	} else if (reversed) {
		const char *name = names_of_address(dns_reversed(question.name));
		say(channel, &question, name ? DNS_OK : DNS_NO_NAME, 0, name);
	} else {
		questions_take(channel, &question);
	}
	return true;
}

static void receive(uint16_t slot)
{
	static uint8_t bytes[DNS_MESSAGE_BYTES + 1];
	for (int i = 0; i < DATAGRAMS; i++) {
		struct channel channel = { .role = ROLE_NAMES, .slot = slot };
		socklen_t size = sizeof channel.peer;
		ssize_t length = recvfrom(datagrams[slot].fd, bytes, sizeof bytes, 0, &channel.peer.any, &size);
		if (length < 0)
			return;
		(void)take(&channel, bytes, (size_t)length);
	}
}

/* A place for one more; who has been silent longest goes. */
static struct client *place(void)
{
	struct client *oldest = NULL;
	for (size_t i = 0; i < CLIENT_LIMIT; i++) {
		if (!clients[i].used)
			return &clients[i];
		if (!clients[i].waits && (!oldest || clients[i].since < oldest->since))
			oldest = &clients[i];
	}
	if (oldest)
		drop(oldest);
	return oldest;
}

static void accept_some(uint16_t slot)
{
	for (int i = 0; i < ACCEPTS; i++) {
		union address peer;
		socklen_t size = sizeof peer;
		int fd = accept4(streams[slot].fd, &peer.any, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0)
			return;
		struct client *client = place();
		if (!client) {
			(void)close(fd);
			continue;
		}
		uint32_t generation = client->generation;
		*client = (struct client){ .used = true, .end = { fd, 0 }, .generation = generation, .peer = peer, .since = now_ms() };
		clients_used++;
		watch(client);
	}
}

/* Reads exactly one question; what follows it waits in the socket. */
static void read_client(struct client *client)
{
	size_t wanted = client->got < LENGTH_BYTES ? LENGTH_BYTES : LENGTH_BYTES + (size_t)get_u16(client->bytes);
	ssize_t count = recv(client->end.fd, client->bytes + client->got, wanted - client->got, 0);
	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (count > 0)
		client->got = (uint16_t)(client->got + count);
	size_t length = client->got < LENGTH_BYTES ? DNS_HEADER_BYTES : get_u16(client->bytes);
	if (count <= 0 || length < DNS_HEADER_BYTES || length > DNS_MESSAGE_BYTES) {
		drop(client);
		return;
	}
	if (client->got < LENGTH_BYTES || client->got < LENGTH_BYTES + length)
		return;
	struct channel channel = { ROLE_NAMES_CLIENT, (uint16_t)(client - clients), client->generation, client->peer };
	client->waits = true;
	watch(client);
	if (!take(&channel, client->bytes + LENGTH_BYTES, length))
		drop(client);
}

void resolver_ready(struct tag tag, uint32_t events)
{
	if (tag.role == ROLE_NAMES) {
		receive(tag.slot);
	} else if (tag.role == ROLE_NAMES_LISTENER) {
		accept_some(tag.slot);
	} else {
		struct client *client = &clients[tag.slot % CLIENT_LIMIT];
		if (!client->used || client->generation != tag.generation)
			return;
		if (client->waits && events & (EPOLLHUP | EPOLLERR))
			drop(client);
		else if (!client->waits)
			read_client(client);
	}
}

void resolver_tick(int64_t now)
{
	questions_tick(now);
	for (size_t i = 0; clients_used > 0 && i < CLIENT_LIMIT; i++)
		if (clients[i].used && !clients[i].waits && now >= clients[i].since + IDLE_MS)
			drop(&clients[i]);
}

int resolver_wait_ms(int64_t now)
{
	int wait = questions_wait_ms(now);
	return clients_used > 0 && (wait < 0 || wait > 1000) ? 1000 : wait;
}
