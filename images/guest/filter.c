/*
 * System calls that no program in a sandbox needs, refused on every backend: defence in depth below whatever filter the
 * engine brings. It is installed in children only, and allows a further filter on top (seccomp itself stays allowed).
 * Arguments behind pointers are never judged: they can change after the look.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#define X32_BIT 0x40000000u
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "this processor has no table of system calls here"
#endif

/* Calls newer than some of the headers this is built with; the numbers are the same on both processors. */
enum {
	CALL_IO_URING_SETUP = 425,
	CALL_IO_URING_REGISTER = 427,
	CALL_OPEN_TREE = 428,
	CALL_FSPICK = 433,
	CALL_CLONE3 = 435,
	CALL_OPENAT2 = 437,
	CALL_MOUNT_SETATTR = 442,
	CALL_QUOTACTL_FD = 443,
	CALL_FCHMODAT2 = 452,
	CALL_OPEN_TREE_ATTR = 467,
};

/* CLONE_NEW* except NEWTIME, whose bit means something else to clone */
#define NAMESPACES 0x7e020000u
#define NAMESPACE_TIME 0x80u
#define SET_ID ((uint32_t)(S_ISUID | S_ISGID))
/* O_TMPFILE without its O_DIRECTORY part */
#define CREATES ((uint32_t)(O_CREAT | 020000000))

enum test {
	ALWAYS,
	ANY_BIT, /* argument & mask */
	EQUAL, /* argument == mask */
	KIND, /* (argument & S_IFMT) == mask */
	CREATES_AND_ANY_BIT, /* argument - 1 creates a file, and argument & mask */
	FAMILY, /* a socket family that is not among the four of everyday use */
	POINTER, /* argument is not NULL */
};

struct rule {
	int call;
	enum test test;
	int argument;
	uint32_t mask;
	int error;
};

#define NEVER(call) { call, ALWAYS, 0, 0, EPERM }

static const struct rule rules[] = {
	/* mounts, roots and namespaces */
	NEVER(SYS_mount), NEVER(SYS_umount2), NEVER(SYS_pivot_root), NEVER(SYS_chroot), NEVER(SYS_setns),
	NEVER(CALL_OPEN_TREE), NEVER(CALL_OPEN_TREE + 1), NEVER(CALL_OPEN_TREE + 2), NEVER(CALL_OPEN_TREE + 3),
	NEVER(CALL_OPEN_TREE + 4), NEVER(CALL_FSPICK), NEVER(CALL_MOUNT_SETATTR), NEVER(CALL_OPEN_TREE_ATTR),
	{ SYS_unshare, ANY_BIT, 0, NAMESPACES | NAMESPACE_TIME, EPERM },
	{ SYS_clone, ANY_BIT, 0, NAMESPACES, EPERM },
	{ CALL_CLONE3, ALWAYS, 0, 0, ENOSYS },
	/* the kernel's own machinery */
	NEVER(SYS_bpf), NEVER(SYS_perf_event_open), NEVER(SYS_userfaultfd), NEVER(SYS_init_module),
	NEVER(SYS_finit_module), NEVER(SYS_delete_module), NEVER(SYS_kexec_load), NEVER(CALL_IO_URING_SETUP),
	NEVER(CALL_IO_URING_SETUP + 1), NEVER(CALL_IO_URING_REGISTER), NEVER(SYS_reboot), NEVER(SYS_swapon),
	NEVER(SYS_swapoff), NEVER(SYS_acct), NEVER(SYS_quotactl), NEVER(CALL_QUOTACTL_FD), NEVER(SYS_syslog),
	NEVER(SYS_fanotify_init), NEVER(SYS_vhangup),
#ifdef SYS_kexec_file_load
	NEVER(SYS_kexec_file_load),
#endif
#ifdef SYS_iopl
	NEVER(SYS_iopl), NEVER(SYS_ioperm),
#endif
	/* keys of the user on the host, files by handle */
	NEVER(SYS_keyctl), NEVER(SYS_add_key), NEVER(SYS_request_key), NEVER(SYS_open_by_handle_at),
	NEVER(SYS_name_to_handle_at),
	/* typing into a terminal that others read */
	{ SYS_ioctl, EQUAL, 1, TIOCSTI, EPERM },
	{ SYS_ioctl, EQUAL, 1, 0x541c /* TIOCLINUX */, EPERM },
	/* a copy of a folder under any name in one call, where the disk is btrfs or bcachefs: nobody could judge what is in it */
	{ SYS_ioctl, EQUAL, 1, 0x50009401 /* BTRFS_IOC_SNAP_CREATE */, EPERM },
	{ SYS_ioctl, EQUAL, 1, 0x5000940e /* BTRFS_IOC_SUBVOL_CREATE */, EPERM },
	{ SYS_ioctl, EQUAL, 1, 0x50009417 /* BTRFS_IOC_SNAP_CREATE_V2 */, EPERM },
	{ SYS_ioctl, EQUAL, 1, 0x50009418 /* BTRFS_IOC_SUBVOL_CREATE_V2 */, EPERM },
	{ SYS_ioctl, EQUAL, 1, 0x4020bc10 /* BCH_IOCTL_SUBVOLUME_CREATE */, EPERM },
	/* signals to pid 1: Linux withholds them, gVisor does not; and none may pretend to come from outside */
	{ SYS_kill, EQUAL, 0, 1, EPERM },
	{ SYS_tkill, EQUAL, 0, 1, EPERM },
	{ SYS_tgkill, EQUAL, 0, 1, EPERM },
	{ SYS_tgkill, EQUAL, 1, 1, EPERM },
	{ 434 /* pidfd_open */, EQUAL, 0, 1, EPERM },
	{ SYS_rt_sigqueueinfo, EQUAL, 0, 1, EPERM },
	{ SYS_rt_tgsigqueueinfo, EQUAL, 0, 1, EPERM },
	{ 424 /* pidfd_send_signal */, POINTER, 2, 0, EPERM },
	/* sockets that leave the network namespace (vsock) or reach rarely used code */
	{ SYS_socket, FAMILY, 0, 0, EAFNOSUPPORT },
	{ SYS_socketpair, FAMILY, 0, 0, EAFNOSUPPORT },
	/* files that would run as somebody else on the host; devices */
	{ SYS_fchmod, ANY_BIT, 1, SET_ID, EPERM },
	{ SYS_fchmodat, ANY_BIT, 2, SET_ID, EPERM },
	{ CALL_FCHMODAT2, ANY_BIT, 2, SET_ID, EPERM },
	{ SYS_mknodat, ANY_BIT, 2, SET_ID, EPERM },
	{ SYS_mknodat, KIND, 2, S_IFCHR, EPERM },
	{ SYS_mknodat, KIND, 2, S_IFBLK, EPERM },
	{ SYS_openat, CREATES_AND_ANY_BIT, 3, SET_ID, EPERM },
	/* its mode lies behind a pointer; callers fall back to openat */
	{ CALL_OPENAT2, ALWAYS, 0, 0, ENOSYS },
#ifdef SYS_open
	{ SYS_chmod, ANY_BIT, 1, SET_ID, EPERM },
	{ SYS_creat, ANY_BIT, 1, SET_ID, EPERM },
	{ SYS_open, CREATES_AND_ANY_BIT, 2, SET_ID, EPERM },
	{ SYS_mknod, ANY_BIT, 1, SET_ID, EPERM },
	{ SYS_mknod, KIND, 1, S_IFCHR, EPERM },
	{ SYS_mknod, KIND, 1, S_IFBLK, EPERM },
#endif
};

static struct sock_filter program[16 + sizeof rules / sizeof *rules * 12];
static uint16_t length;
static bool supported;

static void emit(uint16_t code, uint32_t k, uint8_t yes, uint8_t no)
{
	program[length++] = (struct sock_filter){ code, yes, no, k };
}

static void load(size_t offset)
{
	emit(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

/* Low half of an argument: both processors are little-endian, and each judged argument is 32 bits to the kernel. */
static void load_argument(int index)
{
	load(offsetof(struct seccomp_data, args) + 8 * (size_t)index);
}

/* Emits a test that goes on to the next instruction when the rule bites and skips it otherwise. */
static void emit_test(const struct rule *rule)
{
	load_argument(rule->argument);
	switch (rule->test) {
	case ALWAYS:
		break;
	case ANY_BIT:
		emit(BPF_JMP | BPF_JSET | BPF_K, rule->mask, 0, 1);
		break;
	case KIND:
		emit(BPF_ALU | BPF_AND | BPF_K, S_IFMT, 0, 0);
		emit(BPF_JMP | BPF_JEQ | BPF_K, rule->mask, 0, 1);
		break;
	case EQUAL:
		emit(BPF_JMP | BPF_JEQ | BPF_K, rule->mask, 0, 1);
		break;
	case CREATES_AND_ANY_BIT:
		length--;
		load_argument(rule->argument - 1);
		emit(BPF_JMP | BPF_JSET | BPF_K, CREATES, 0, 3);
		load_argument(rule->argument);
		emit(BPF_JMP | BPF_JSET | BPF_K, rule->mask, 0, 1);
		break;
	case FAMILY:
		emit(BPF_JMP | BPF_JEQ | BPF_K, AF_UNIX, 4, 0);
		emit(BPF_JMP | BPF_JEQ | BPF_K, AF_INET, 3, 0);
		emit(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 2, 0);
		emit(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 1, 0);
		break;
	case POINTER:
		emit(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2);
		load(offsetof(struct seccomp_data, args) + 8 * (size_t)rule->argument + 4);
		emit(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
		break;
	}
}

static void emit_rule(const struct rule *rule)
{
	uint16_t head = length;
	emit(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)rule->call, 0, 0);
	if (rule->test != ALWAYS)
		emit_test(rule);
	emit(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)rule->error, 0, 0);
	if (rule->test != ALWAYS)
		load(offsetof(struct seccomp_data, nr));
	program[head].jf = (uint8_t)(length - head - 1);
}

static void build(void)
{
	load(offsetof(struct seccomp_data, arch));
	emit(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
	emit(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS, 0, 0);
	load(offsetof(struct seccomp_data, nr));
#ifdef X32_BIT
	emit(BPF_JMP | BPF_JSET | BPF_K, X32_BIT, 0, 1);
	emit(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM, 0, 0);
#endif
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		emit_rule(&rules[i]);
	emit(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
}

static int install(void)
{
	struct sock_fprog filter = { .len = length, .filter = program };
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) < 0 ? errno : 0;
}

void filter_open(void)
{
	build();
	pid_t child = fork();
	if (child < 0)
		die("no process can be started (errno %d)", errno);
	if (child == 0)
		_exit(install() == 0 ? 0 : 1);
	int status = 1;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	supported = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	if (!supported)
		warn("this kernel takes no filter of system calls");
}

bool filter_supported(void)
{
	return supported;
}

int filter_install(void)
{
	return supported ? install() : 0;
}
