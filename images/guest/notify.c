/*
 * The kernel's word about every program start: a filter that stops execve, execveat and setsid until pid 1 answers. It is installed
 * in children only, whose own first execve is thereby stopped too. See seccomp_unotify(2).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec.h"

/* newer than some of the headers this is built with: a signal does not undo a question (Linux 5.19) */
#define WAIT_KILLABLE 0x20u

/* newer than the headers, Linux 6.6: who is answered goes on where we are, which spares waking another processor */
#define SET_FLAGS _IOW(SECCOMP_IOC_MAGIC, 4, uint64_t)
#define SYNC_WAKE_UP 1ull

static bool supported;
static unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | WAIT_KILLABLE;

/* Other processors' calls are refused by filter.c, which is always installed below this one. */
static int install(void)
{
	static struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execve, 2, 0),
		/* who leaves its session is remembered (tree.c) */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_setsid, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execveat, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { .len = sizeof program / sizeof *program, .filter = program };
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter);
}

static bool works(void)
{
	pid_t child = fork();
	if (child < 0)
		return false;
	if (child == 0)
		_exit(install() >= 0 ? 0 : 1);
	int status = 1;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void notify_open(void)
{
	struct seccomp_notif_sizes sizes;
	bool fits = syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) == 0 && sizes.seccomp_notif <= NOTICE_BYTES &&
		    sizes.seccomp_notif_resp <= NOTICE_BYTES;
	supported = fits && filter_supported() && works();
	if (fits && filter_supported() && !supported) {
		flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
		supported = works();
	}
}

bool notify_supported(void)
{
	return supported;
}

int notify_install(int channel)
{
	int listener = install();
	if (listener < 0)
		return errno;
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	char kind = REPORT_LISTENER;
	struct iovec part = { &kind, 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
	control.header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(&control.header), &listener, sizeof listener);
	int error = sendmsg(channel, &message, MSG_NOSIGNAL) == 1 ? 0 : errno;
	(void)close(listener);
	return error;
}

void notify_prepare(int listener)
{
	/* An older kernel says no, and is only slower. */
	(void)ioctl(listener, SET_FLAGS, SYNC_WAKE_UP);
}

bool notify_receive(int listener, struct notice *notice)
{
	memset(notice, 0, sizeof *notice);
	return ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, notice->bytes) == 0;
}

bool notify_valid(int listener, uint64_t id)
{
	return ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

void notify_answer(int listener, uint64_t id, int error)
{
	_Alignas(8) uint8_t bytes[NOTICE_BYTES] = { 0 };
	struct seccomp_notif_resp answer = { .id = id };
	if (error == 0)
		answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	else
		answer.error = -error;
	memcpy(bytes, &answer, sizeof answer);
	/* Whoever asked may be gone meanwhile, which is an answer too. */
	(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, bytes);
}
