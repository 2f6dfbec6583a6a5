/*
 * Whose socket it is: its inode from the kernel (sock_diag, else /proc/net), then the process that has it open, from /proc.
 * Both may change while they are read, and several may share a socket: what comes out is a claim. The work is bounded.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "network.h"

enum { RECENT = 8, PID_LIMIT = 4096, LINES_BYTES = 262144, BELOW = 4, ABOVE = 16, QUEUE_SHORT = 32 };

static int diag = -1;
static bool diag_knows[2]; /* TCP, UDP: it found one before */
static struct {
	pid_t pid;
	int fd; /* where its socket was found */
} recent[RECENT]; /* last first */

void owner_open(void)
{
	diag = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG);
}

static void put_end(__be32 *to, __be16 *port, const union address *from)
{
	if (from->any.sa_family == AF_INET6)
		memcpy(to, &from->v6.sin6_addr, 16);
	else
		memcpy(to, &from->v4.sin_addr, 4);
	*port = from->any.sa_family == AF_INET6 ? from->v6.sin6_port : from->v4.sin_port;
}

/* Asks the kernel for one socket; 0 when it does not tell. */
static uint32_t ask_kernel(const struct ends *ends)
{
	struct {
		struct nlmsghdr header;
		struct inet_diag_req_v2 body;
	} request = {
		.header = { .nlmsg_len = sizeof request, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST },
		.body = { .sdiag_family = (uint8_t)ends->local.any.sa_family, .sdiag_protocol = (uint8_t)ends->protocol, .idiag_states = ~0u },
	};
	struct inet_diag_sockid *id = &request.body.id;
	/* Of UDP the kernel wants the two ends the other way round. */
	bool swap = ends->protocol == IPPROTO_UDP;
	put_end(id->idiag_src, &id->idiag_sport, swap ? &ends->remote : &ends->local);
	put_end(id->idiag_dst, &id->idiag_dport, swap ? &ends->local : &ends->remote);
	id->idiag_cookie[0] = id->idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	_Alignas(8) uint8_t answer[1024];
	struct nlmsghdr *header = (void *)answer;
	if (diag < 0 || send(diag, &request, sizeof request, 0) < 0)
		return 0;
	ssize_t length = recv(diag, answer, sizeof answer, 0);
	if (length < (ssize_t)(sizeof *header + sizeof(struct inet_diag_msg)) || header->nlmsg_type != SOCK_DIAG_BY_FAMILY)
		return 0;
	const struct inet_diag_msg *told = NLMSG_DATA(header);
	diag_knows[swap] = true;
	return told->idiag_inode;
}

/* The inode in a line of /proc/net/tcp and its like, when its local end is the one looked for; else 0. */
static uint32_t inode_of_line(const char *line, const struct ends *ends)
{
	unsigned local, remote, remote_wanted = ntohs(ends->remote.v4.sin_port);
	unsigned long inode;
	if (sscanf(line, " %*u: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%x %*x %*x:%*x %*x:%*x %*x %*u %*u %lu", &local, &remote, &inode) != 3)
		return 0;
	/* A socket of UDP need not be connected. Both families have the port at the same place. */
	bool fits = remote == remote_wanted || (remote == 0 && ends->protocol == IPPROTO_UDP);
	return fits && local == ntohs(ends->local.v4.sin_port) ? (uint32_t)inode : 0;
}

/* Where the kernel answers no questions its list is read, as far as it is short. */
static uint32_t read_list(const char *path, const struct ends *ends)
{
	static char text[4096 + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t kept = 0, all = 0;
	uint32_t inode = 0;
	ssize_t count = fd < 0 ? 0 : 1;
	while (inode == 0 && all < LINES_BYTES && count > 0) {
		count = read(fd, text + kept, sizeof text - 1 - kept);
		size_t end = kept + (count > 0 ? (size_t)count : 0);
		text[end] = '\0';
		char *line = text;
		for (char *next; inode == 0 && (next = strchr(line, '\n')); line = next + 1) {
			*next = '\0';
			inode = inode_of_line(line, ends);
		}
		kept = line == text ? 0 : end - (size_t)(line - text);
		memmove(text, line, kept);
		all += end;
	}
	if (fd >= 0)
		(void)close(fd);
	return inode;
}

static uint32_t inode_of(const struct ends *ends)
{
	bool tcp = ends->protocol == IPPROTO_TCP;
	uint32_t inode = ask_kernel(ends);
	if (inode != 0 || diag_knows[!tcp])
		return inode;
	inode = ends->local.any.sa_family == AF_INET ? read_list(tcp ? "/proc/net/tcp" : "/proc/net/udp", ends) : 0;
	return inode != 0 ? inode : read_list(tcp ? "/proc/net/tcp6" : "/proc/net/udp6", ends);
}

static bool leads_to(int folder, const char *name, const char *wanted, int *left)
{
	char target[64];
	ssize_t count = readlinkat(folder, name, target, sizeof target - 1);
	target[count > 0 ? count : 0] = '\0';
	--*left;
	return strcmp(target, wanted) == 0;
}

/* Looks where the process has it if it opens one after the other, or the same again and again; its descriptor or -1. */
static int guess(pid_t pid, int last, const char *wanted, int *left)
{
	int folder = proc_open(pid, "fd", O_RDONLY | O_DIRECTORY);
	int found = -1;
	for (int fd = last < BELOW ? 0 : last - BELOW; folder >= 0 && found < 0 && fd <= last + ABOVE && *left > 0; fd++) {
		char name[16];
		(void)snprintf(name, sizeof name, "%d", fd);
		if (leads_to(folder, name, wanted, left))
			found = fd;
	}
	if (folder >= 0)
		(void)close(folder);
	--*left;
	return found;
}

/* The descriptor with which the process has the socket open, or -1. */
static int look(pid_t pid, const char *wanted, int *left)
{
	_Alignas(8) static char bytes[8192];
	int folder = proc_open(pid, "fd", O_RDONLY | O_DIRECTORY);
	int found = -1;
	long length = folder < 0 ? 0 : 1;
	while (found < 0 && length > 0 && *left > 0) {
		length = syscall(SYS_getdents64, folder, bytes, sizeof bytes);
		for (long at = 0; at < length && found < 0 && *left > 0;) {
			const struct entry *entry = (const void *)(bytes + at);
			at += entry->length;
			if (entry->name[0] != '.' && leads_to(folder, entry->name, wanted, left))
				found = atoi(entry->name);
		}
	}
	if (folder >= 0)
		(void)close(folder);
	--*left;
	return found;
}

/* Everybody but pid 1, by ascending number. */
static size_t all_pids(pid_t *pids)
{
	_Alignas(8) static char bytes[32768];
	size_t count = 0;
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	long length = proc < 0 ? 0 : 1;
	while (length > 0) {
		length = syscall(SYS_getdents64, proc, bytes, sizeof bytes);
		for (long at = 0; at < length && count < PID_LIMIT;) {
			const struct entry *entry = (const void *)(bytes + at);
			at += entry->length;
			int pid = atoi(entry->name);
			if (pid > 1)
				pids[count++] = pid;
		}
	}
	if (proc >= 0)
		(void)close(proc);
	return count;
}

static pid_t remember(pid_t pid, int fd)
{
	size_t at = 0;
	while (at < RECENT - 1 && recent[at].pid != pid)
		at++;
	memmove(recent + 1, recent, at * sizeof *recent);
	recent[0].pid = pid;
	recent[0].fd = fd;
	return pid;
}

static pid_t search(const char *wanted, int *left)
{
	static pid_t pids[PID_LIMIT];
	int fd;
	for (size_t i = 0; i < RECENT && *left > 0; i++)
		if (recent[i].pid != 0 && (fd = guess(recent[i].pid, recent[i].fd, wanted, left)) >= 0)
			return remember(recent[i].pid, fd);
	/* Who asks has often just been started. */
	for (size_t i = all_pids(pids); i > 0 && *left > 0; i--)
		if ((fd = look(pids[i - 1], wanted, left)) >= 0)
			return remember(pids[i - 1], fd);
	return 0;
}

bool owner_is_gone(const struct ends *ends)
{
	return ask_kernel(ends) == 0 && diag_knows[ends->protocol == IPPROTO_UDP];
}

pid_t owner_find(const struct ends *ends, size_t queue, int *budget)
{
	const int most = queue > QUEUE_SHORT ? OWNER_BUDGET / 16 : OWNER_BUDGET;
	int left = most;
	char wanted[64];
	uint32_t inode = inode_of(ends);
	(void)snprintf(wanted, sizeof wanted, "socket:[%u]", inode);
	pid_t pid = inode == 0 ? 0 : search(wanted, &left);
	*budget -= most - left + 64;
	return pid;
}
