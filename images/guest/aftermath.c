/*
 * The second look: what an execve was given lies in memory that others may change until the kernel reads it itself, so what
 * really runs is compared with what was allowed, before its first instruction. Another program is killed; other arguments are
 * judged again while it stands still. Where the kernel lets pid 1 hold nobody, it is looked at as soon as possible.
 *
 * The stop comes when the kernel has copied the arguments and the old memory is gone: whoever shared that (threads, vfork) can
 * change nothing any more. Who may write into the new program's memory (process_vm_writev, /proc/PID/mem) could do so with any
 * program that runs, and starts none by it. Nobody is spared it for having one thread only: its arguments may lie in memory shared
 * with another process, which may also write there by /proc/PID/mem or exchange the file.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec.h"

enum { LOOK_LIMIT = 1024, YOUNG_MS = 20, YOUNG_EVERY_MS = 1, OLD_EVERY_MS = 25, PATIENCE_MS = 2000, LINE_BYTES = EXEC_LIMIT_BYTES + 8192, HEAD = 8 };

struct look {
	pid_t pid; /* 0: free */
	pid_t thread; /* that called, and takes its process's number by it */
	uint32_t ask, number; /* question that allowed it; its own, once other arguments were found */
	uint8_t flags;
	bool held; /* traced by us: it stops when the call is over */
	bool hurried; /* asked to stop soon, since its call must have failed */
	bool stands; /* stopped, until its arguments are judged */
	struct identity expected, before;
	uint64_t tail; /* digest of the arguments after the first, which is only a name */
	uint32_t tail_length, length;
	uint64_t earlier; /* digest of the arguments it ran with before */
	int64_t since;
};

static struct look table[LOOK_LIMIT];
static size_t highest;
static bool holds; /* this system lets us hold processes */
static uint8_t line[HEAD + LINE_BYTES];

static bool equal(const struct identity *a, const struct identity *b)
{
	return a->device == b->device && a->inode == b->inode;
}

void aftermath_open(void)
{
	pid_t child = fork();
	if (child == 0) {
		/* As any program of the sandbox, and unlike us, it may be traced. */
		(void)prctl(PR_SET_DUMPABLE, 1);
		(void)raise(SIGSTOP);
		_exit(0);
	}
	int status;
	if (child < 0 || waitpid(child, &status, WUNTRACED) != child)
		return;
	holds = WIFSTOPPED(status) && ptrace(PTRACE_SEIZE, child, 0, 0) == 0;
	(void)kill(child, SIGKILL);
	while (waitpid(child, &status, __WALL) == child && !WIFEXITED(status) && !WIFSIGNALED(status))
		continue;
}

/* One that is still ours since a call of its failed need not be taken again. */
static bool hold(const struct sight *sight)
{
	return sight->tracer == 1 || ptrace(PTRACE_SEIZE, sight->pid, 0, PTRACE_O_TRACEEXEC) == 0;
}

/* Has one we hold stop, so that it can be let go: after its call, if that goes on. */
static void hurry(struct look *look)
{
	if (!look->held || look->hurried)
		return;
	look->hurried = true;
	(void)ptrace(PTRACE_INTERRUPT, look->thread, 0, 0);
}

bool aftermath_busy(const struct sight *sight)
{
	bool busy = false;
	for (size_t i = 0; i < highest; i++)
		if (table[i].pid == sight->group && table[i].thread != sight->pid) {
			hurry(&table[i]);
			busy = true;
		}
	return busy;
}

int aftermath_expect(const struct sight *sight, uint32_t ask)
{
	size_t slot = 0;
	while (slot < LOOK_LIMIT && table[slot].pid != 0)
		slot++;
	if (slot == LOOK_LIMIT)
		return EAGAIN;
	bool held = hold(sight);
	/* A debugger was quicker. Our own child cannot be held before it runs, and cannot be reached by others either. */
	if (!held && holds && !(sight->flags & (EXEC_ENTRY | EXEC_TRACED)))
		return EPERM;
	if (slot >= highest)
		highest = slot + 1;
	struct look *look = &table[slot];
	*look = (struct look){
		.pid = sight->group,
		.thread = sight->pid,
		.held = held,
		.ask = ask,
		.flags = sight->flags,
		.expected = sight->expected,
		.tail = sight->tail,
		.tail_length = sight->tail_length,
		.length = sight->arguments_length,
		.since = now_ms(),
	};
	if (held)
		return 0;
	if (!identity_of(sight->pid, &look->before))
		look->before = (struct identity){ 0 };
	if (equal(&look->expected, &look->before))
		/* The same program again: only its arguments tell whether the call is over. */
		look->earlier = digest_one(line + HEAD, given_now(sight->group, line + HEAD, LINE_BYTES));
	return 0;
}

static bool let_go(pid_t pid, int signal)
{
	return ptrace(PTRACE_DETACH, pid, 0, signal) == 0;
}

static void punish(const struct look *look)
{
	(void)kill(look->pid, SIGKILL);
	uint8_t payload[4];
	put_u32(payload, (uint32_t)look->pid);
	(void)link_send(FRAME_EXEC_OTHER, look->ask, payload, sizeof payload);
}

/* Whether there are more arguments than can be told, though all that were allowed could be. */
static bool endless(const struct look *look, uint32_t length)
{
	return length == LINE_BYTES && !(look->flags & (EXEC_TRUNCATED | EXEC_ENTRY));
}

/* Whether the arguments are those that were allowed. A script's own follow those of its interpreter. */
static bool same_arguments(const struct look *look, uint32_t length)
{
	if (look->flags & (EXEC_TRUNCATED | EXEC_ENTRY) || length == 0)
		return true;
	bool fits = look->flags & EXEC_SCRIPT ? length >= look->tail_length : length == look->length;
	return fits && digest_one(line + HEAD + length - look->tail_length, look->tail_length) == look->tail;
}

/* Has the arguments in `line` judged; a process that cannot be asked about is killed. */
static void ask_again(struct look *look, uint32_t length)
{
	look->number = gate_number();
	put_u32(line, (uint32_t)look->pid);
	put_u32(line + 4, look->ask);
	if (length > EXEC_LIMIT_BYTES || !link_send(FRAME_EXEC_CHANGED, look->number, line, HEAD + length))
		punish(look);
}

/* The call is over and nothing of the new program has run yet. */
static void judge_stopped(struct look *look)
{
	struct identity found;
	bool loads = (look->flags & (EXEC_LOADED | EXEC_ENTRY)) != 0, loaded = false;
	uint32_t length = given_first(look->pid, line + HEAD, LINE_BYTES, &loaded);
	if ((loaded && !loads) || endless(look, length) || !identity_of(look->pid, &found) || !equal(&found, &look->expected)) {
		punish(look);
	} else if (same_arguments(look, length)) {
		(void)let_go(look->pid, 0);
	} else {
		look->stands = true;
		ask_again(look, length);
		return;
	}
	look->pid = 0;
}

void aftermath_stopped(pid_t pid, int status)
{
	bool executed = status >> 8 == PTRACE_EVENT_EXEC;
	struct look *found = NULL;
	for (size_t i = 0; i < highest; i++) {
		struct look *look = &table[i];
		if (!look->held || look->stands || (executed ? look->pid : look->thread) != pid)
			continue;
		/* There is one for a process (aftermath_busy); and whoever stops for another reason is past a call that failed. */
		if (executed && !found)
			found = look;
		else
			look->pid = look->thread = 0;
	}
	if (found) {
		judge_stopped(found);
		return;
	}
	/* A call that failed left it held: at the first occasion it goes its way, with the signal it was to get. */
	bool signal = status >> 8 == 0;
	(void)let_go(pid, signal ? status : 0);
	if (executed)
		(void)kill(pid, SIGKILL);
}

void aftermath_answer(uint32_t number, bool yes)
{
	for (size_t i = 0; i < highest; i++) {
		struct look *look = &table[i];
		if (look->pid == 0 || look->number != number)
			continue;
		if (!yes)
			(void)kill(look->pid, SIGKILL);
		else if (look->stands)
			(void)let_go(look->pid, 0);
		look->pid = 0;
	}
}

/* For those that are not held: true when there is nothing more to wait for. */
static bool settled(struct look *look, bool late)
{
	struct identity found;
	if (!identity_of(look->pid, &found))
		return late || errno == ENOENT || errno == ESRCH;
	if (equal(&found, &look->expected)) {
		uint32_t length = given_now(look->pid, line + HEAD, LINE_BYTES);
		if (endless(look, length)) {
			punish(look);
			return true;
		}
		if (same_arguments(look, length))
			return true;
		if (equal(&look->expected, &look->before) && digest_one(line + HEAD, length) == look->earlier)
			return late;
		ask_again(look, length);
		return false;
	}
	/* The call may not be over yet, or may have failed in the kernel. */
	if (equal(&found, &look->before))
		return late;
	punish(look);
	return true;
}

void aftermath_gone(pid_t pid)
{
	for (size_t i = 0; i < highest; i++)
		if (table[i].held && (table[i].thread == pid || table[i].pid == pid))
			table[i] = (struct look){ 0 };
}

void aftermath_check(pid_t thread)
{
	for (size_t i = 0; i < highest; i++) {
		struct look *look = &table[i];
		if (look->pid == 0 || look->stands || (look->thread != thread && (look->held || look->pid != thread)))
			continue;
		/* Asking again, it is past its last call: one that we still hold has failed. */
		if (look->held || settled(look, true))
			look->pid = 0;
	}
}

void aftermath_tick(int64_t now)
{
	for (size_t i = 0; i < highest; i++) {
		struct look *look = &table[i];
		bool late = now - look->since > PATIENCE_MS;
		if (look->pid == 0 || look->number != 0)
			continue;
		if (look->held && late)
			hurry(look);
		else if (!look->held && settled(look, late))
			look->pid = 0;
	}
	while (highest > 0 && table[highest - 1].pid == 0)
		highest--;
}

int aftermath_wait_ms(int64_t now)
{
	int wait = -1;
	for (size_t i = 0; i < highest; i++) {
		if (table[i].pid == 0 || table[i].number != 0 || table[i].hurried)
			continue;
		if (!table[i].held && now - table[i].since < YOUNG_MS)
			return YOUNG_EVERY_MS;
		wait = table[i].held && wait < 0 ? PATIENCE_MS : OLD_EVERY_MS;
	}
	return wait;
}
