/*
 * What agents' hooks run inside: `guest guard NAME`, a program of its own and never pid 1. It hands what the hook was given to pid 1
 * and gives back the answer: exit 0 is a yes, 2 a no with the reason on stderr. Hooks take most other ends for a yes, and also
 * taking too long: so whatever fails is a no, and in good time.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guest.h"

enum { GUARD_YES = 0, GUARD_NO = 2 };
enum { PAYLOAD_LIMIT_BYTES = 8 * 1024 * 1024, NAME_LIMIT_BYTES = 32, ANSWER_LIMIT_BYTES = 8192 };
/* Hooks are given a minute. Whoever answers says an empty line now and then while a person is asked. */
enum { READING_MS = 10000, SILENCE_MS = 10000, WHOLE_MS = 55000, AGAIN_MS = 20 };

/* Name and payload; pages appear as they are used, and pid 1 uses none. */
static char question[NAME_LIMIT_BYTES + 1 + PAYLOAD_LIMIT_BYTES + 1];
static int64_t over_at;

static _Noreturn void no(const char *why)
{
	(void)dprintf(STDERR_FILENO, "LASSO: this is refused, because nobody could say whether it is allowed: %s.\n", why);
	_exit(GUARD_NO);
}

/* Waits for one descriptor until then, or until all is over. */
static void await(int fd, short events, int64_t until, const char *late)
{
	struct pollfd waited = { .fd = fd, .events = events };
	int64_t end = until < over_at ? until : over_at;
	for (;;) {
		int64_t left = end - now_ms();
		int count = left > 0 ? poll(&waited, 1, (int)left) : 0;
		if (count > 0 && waited.revents & POLLNVAL)
			no("the hook was given nothing to read");
		if (count > 0)
			return;
		if (count == 0)
			no(late);
		if (errno != EINTR)
			no("waiting is not possible here");
	}
}

/* Puts the name in front and what the hook was given behind it; the length of both. */
static size_t read_question(const char *name)
{
	size_t length = strlen(name);
	int64_t until = now_ms() + READING_MS;
	memcpy(question, name, length);
	question[length++] = '\n';
	const size_t most = length + PAYLOAD_LIMIT_BYTES;
	for (;;) {
		await(STDIN_FILENO, POLLIN, until, "the agent did not say in time what it is about");
		ssize_t count = read(STDIN_FILENO, question + length, most + 1 - length);
		if (count == 0)
			return length;
		if (count < 0 && errno != EINTR && errno != EAGAIN)
			no("what the agent said cannot be read");
		length += count > 0 ? (size_t)count : 0;
		if (length > most)
			no("what the agent said is too large");
	}
}

static int connect_guard(void)
{
	socklen_t size;
	struct sockaddr_un address = guard_address(&size);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int64_t until = now_ms() + SILENCE_MS;
	if (fd < 0)
		no("no socket can be had");
	while (connect(fd, (struct sockaddr *)&address, size) < 0) {
		/* As many wait there already as may. */
		if (errno != EAGAIN && errno != EINTR)
			no("nobody answers in this sandbox");
		if (now_ms() >= until)
			no("too many ask at once");
		(void)poll(NULL, 0, AGAIN_MS);
	}
	return fd;
}

static void send_question(int fd, size_t length)
{
	for (size_t sent = 0; sent < length;) {
		ssize_t count = send(fd, question + sent, length - sent, MSG_NOSIGNAL);
		if (count > 0)
			sent += (size_t)count;
		else if (errno == EAGAIN)
			await(fd, POLLOUT, now_ms() + SILENCE_MS, "the helper did not listen in time");
		else if (errno != EINTR)
			no("the helper did not listen");
	}
	if (shutdown(fd, SHUT_WR) < 0)
		no("the helper did not listen");
}

/* What was answered to its end, without the empty lines before it; its length. */
static size_t read_answer(int fd, char *answer)
{
	size_t length = 0;
	for (;;) {
		await(fd, POLLIN, now_ms() + SILENCE_MS, "there was no answer in time");
		ssize_t count = recv(fd, answer + length, ANSWER_LIMIT_BYTES - length, 0);
		if (count == 0)
			return length;
		if (count < 0 && errno != EINTR && errno != EAGAIN)
			no("the answer was cut off");
		length += count > 0 ? (size_t)count : 0;
		size_t empty = 0;
		while (empty < length && answer[empty] == '\n')
			empty++;
		length -= empty;
		memmove(answer, answer + empty, length);
		if (length == ANSWER_LIMIT_BYTES)
			no("the answer was too long");
	}
}

/* Copilot tells its model no other reason than one in JSON. Changes the text: quotes become such as need no escape. */
static void tell_as_json(char *reason)
{
	for (char *at = reason; *at != '\0'; at++)
		if (*at == '"' || *at == '\\')
			*at = '\'';
	(void)dprintf(STDOUT_FILENO, "{\"permissionDecision\":\"deny\",\"permissionDecisionReason\":\"%s\"}\n", reason);
}

int guard_ask(const char *name)
{
	char answer[ANSWER_LIMIT_BYTES + 1];
	(void)signal(SIGPIPE, SIG_IGN);
	over_at = now_ms() + WHOLE_MS;
	if (!name || *name == '\0' || strlen(name) > NAME_LIMIT_BYTES || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(name))
		no("the hook does not name its agent");
	size_t asked = read_question(name);
	int fd = connect_guard();
	send_question(fd, asked);
	size_t length = read_answer(fd, answer);
	answer[length] = '\0';
	if (length == 2 && memcmp(answer, "0\n", 2) == 0)
		return GUARD_YES;
	if (length < 3 || memcmp(answer, "2\n", 2) != 0)
		no(length == 0 ? "there was no answer" : "the answer makes no sense");
	/* It goes to a model or a terminal, as one line. */
	for (size_t i = 2; i < length; i++)
		if ((unsigned char)answer[i] < ' ' || answer[i] == 0x7f)
			answer[i] = ' ';
	(void)dprintf(STDERR_FILENO, "%s\n", answer + 2);
	if (strcmp(name, "copilot") == 0)
		tell_as_json(answer + 2);
	return GUARD_NO;
}
