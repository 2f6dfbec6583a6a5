/* Between fork and execve: from here on the program is the agent's, so everything it may not have ends here. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "files.h"

enum { CALL_CLOSE_RANGE = 436 };

static _Noreturn void fail(int report, enum spawn_stage stage, int error)
{
	uint8_t message[6] = { REPORT_FAILED, (uint8_t)stage };
	put_u32(message + 2, (uint32_t)error);
	if (send(report, message, sizeof message, MSG_NOSIGNAL) < 0)
		_exit(126);
	_exit(127);
}

static int take_channels(const struct spawn *spawn, const struct channels *channels)
{
	int output = channels->output < 0 ? channels->input : channels->output;
	int errors = channels->errors < 0 ? output : channels->errors;
	if (setsid() < 0)
		return errno;
	if (spawn->flags & SPAWN_TERMINAL && ioctl(channels->input, TIOCSCTTY, 0) < 0)
		return errno;
	if (dup2(channels->input, 0) < 0 || dup2(output, 1) < 0 || dup2(errors, 2) < 0)
		return errno;
	sigset_t none;
	(void)sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL) < 0 ? errno : 0;
}

static const char *search_path(char **environment)
{
	for (char **entry = environment; *entry; entry++)
		if (strncmp(*entry, "PATH=", 5) == 0)
			return *entry + 5;
	return "/usr/local/bin:/usr/bin:/bin";
}

/* Says which file it means, since a gated pid 1 cannot read it from this memory, and executes it; an errno. */
static int execute(const struct spawn *spawn, const char *path, int report)
{
	char message[1 + PATH_MAX] = { REPORT_PATH };
	bool whole = path[0] == '/';
	int length = snprintf(message + 1, PATH_MAX, "%s%s%s", whole ? "" : spawn->directory, whole ? "" : "/", path);
	if (length >= PATH_MAX)
		return ENAMETOOLONG;
	if (gate_wanted() && send(report, message, (size_t)length + 2, MSG_NOSIGNAL) < 0)
		return errno;
	(void)execve(path, spawn->arguments, spawn->environment);
	return errno;
}

/* Tries each folder of PATH; empty ones are passed over, since the current folder is the agent's. */
static int search(const struct spawn *spawn, int report)
{
	char path[PATH_MAX];
	size_t name = strlen(spawn->file);
	int error = ENOENT;
	const char *next = search_path(spawn->environment);
	while (*next) {
		size_t folder = strcspn(next, ":");
		if (folder > 0 && folder + name + 2 <= sizeof path) {
			memcpy(path, next, folder);
			path[folder] = '/';
			memcpy(path + folder + 1, spawn->file, name + 1);
			int failed = execute(spawn, path, report);
			if (failed != ENOENT && failed != ENOTDIR)
				error = failed;
			if (error != ENOENT && error != EACCES)
				return error;
		}
		next += folder + (next[folder] == ':');
	}
	return error;
}

_Noreturn void child_run(const struct spawn *spawn, const struct channels *channels, int report)
{
	int error = take_channels(spawn, channels);
	/* Pid 1's open files may be more than this child's limit, which would leave no number for the listener. */
	(void)syscall(CALL_CLOSE_RANGE, 3, (unsigned)report - 1, 0);
	(void)syscall(CALL_CLOSE_RANGE, (unsigned)report + 1, ~0u, 0);
	if (error == 0)
		error = limits_apply();
	if (error != 0)
		fail(report, STAGE_RESOURCES, error);
	(void)umask(022);
	if (chdir(spawn->directory) < 0)
		fail(report, STAGE_DIRECTORY, errno);
	error = filter_install();
	if (error == 0 && (gate_wanted() || files_wanted()))
		error = notify_install(report);
	if (error != 0)
		fail(report, STAGE_RESOURCES, error);
	if (*spawn->file == '\0')
		fail(report, STAGE_EXECUTE, ENOENT);
	if (strchr(spawn->file, '/') == NULL)
		fail(report, STAGE_EXECUTE, search(spawn, report));
	fail(report, STAGE_EXECUTE, execute(spawn, spawn->file, report));
}
