/*
 * The kernel's word about every program start, and about every change of a file by its path: a filter that stops such calls, and
 * setsid, until pid 1 answers. It is installed in children only, whose own first execve is thereby stopped too. There can be one
 * such filter over a process, so it is one for both. See seccomp_unotify(2).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.h"

/* newer than some of the headers this is built with: a signal does not undo a question (Linux 5.19) */
#define WAIT_KILLABLE 0x20u

/* newer than the headers, Linux 6.6: who is answered goes on where we are, which spares waking another processor */
#define SET_FLAGS _IOW(SECCOMP_IOC_MAGIC, 4, uint64_t)
#define SYNC_WAKE_UP 1ull

static bool supported;
static unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | WAIT_KILLABLE;

/* Programs that lock themselves in by Landlock would be let out by pid 1, which acts for them: they are told there is none. */
#define CALL_LANDLOCK 444 /* landlock_create_ruleset */

static struct sock_filter program[160];
static uint16_t length;

static void emit(uint16_t code, uint32_t k, uint8_t yes, uint8_t no)
{
	program[length++] = (struct sock_filter){ code, yes, no, k };
}

static void answer_call(int call, uint32_t answer)
{
	emit(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 1);
	emit(BPF_RET | BPF_K, answer, 0, 0);
}

/* Most files are opened for reading, and nothing of that is waited for. */
static void answer_open(const struct form *form)
{
	emit(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)form->call, 0, 5);
	emit(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(offsetof(struct seccomp_data, args) + 8 * (size_t)form->flags), 0, 0);
	emit(BPF_JMP | BPF_JSET | BPF_K, FLAGS_LOOK, 2, 0);
	emit(BPF_JMP | BPF_JSET | BPF_K, FLAGS_CHANGE, 0, 1);
	emit(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF, 0, 0);
	emit(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
}

/* Other processors' calls are refused by filter.c, which is always installed below this one. */
static void build(bool starts, bool changes)
{
	length = 0;
	emit(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, nr), 0, 0);
	if (starts) {
		answer_call(SYS_execve, SECCOMP_RET_USER_NOTIF);
		answer_call(SYS_execveat, SECCOMP_RET_USER_NOTIF);
		/* who leaves its session is remembered (tree.c) */
		answer_call(SYS_setsid, SECCOMP_RET_USER_NOTIF);
	}
	for (size_t i = 0; changes && form_at(i); i++) {
		if (form_at(i)->deed == DEED_OPEN && form_at(i)->flags >= 0)
			answer_open(form_at(i));
		else
			answer_call(form_at(i)->call, SECCOMP_RET_USER_NOTIF);
	}
	if (changes)
		answer_call(CALL_LANDLOCK, SECCOMP_RET_ERRNO | EOPNOTSUPP);
	emit(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
}

static int install(bool starts, bool changes)
{
	build(starts, changes);
	struct sock_fprog filter = { .len = length, .filter = program };
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter);
}

static bool works(void)
{
	pid_t child = fork();
	if (child < 0)
		return false;
	if (child == 0)
		_exit(install(true, false) >= 0 ? 0 : 1);
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
	int listener = install(gate_wanted(), files_wanted());
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

bool notify_holds(void)
{
	return (flags & WAIT_KILLABLE) != 0;
}

bool notify_return(int listener, uint64_t id, int64_t result, int error)
{
	_Alignas(8) uint8_t bytes[NOTICE_BYTES] = { 0 };
	struct seccomp_notif_resp answer = { .id = id, .val = error == 0 ? result : 0, .error = -error };
	memcpy(bytes, &answer, sizeof answer);
	return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, bytes) == 0;
}

int notify_give(int listener, uint64_t id, int fd, bool closes)
{
	struct seccomp_notif_addfd given = { .id = id, .srcfd = (uint32_t)fd, .newfd_flags = closes ? O_CLOEXEC : 0 };
	return ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &given);
}
