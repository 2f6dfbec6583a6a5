/* Between fork and execve: from here on the program is the agent's, so everything it may not have ends here. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest.h"

static _Noreturn void fail(int report, enum spawn_stage stage, int error)
{
	uint32_t words[2] = { stage, (uint32_t)error };
	if (write(report, words, sizeof words) < 0)
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

/* Tries each folder of PATH; empty ones are passed over, since the current folder is the agent's. */
static int search(const struct spawn *spawn)
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
			(void)execve(path, spawn->arguments, spawn->environment);
			if (errno != ENOENT && errno != ENOTDIR)
				error = errno;
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
	if (error == 0)
		error = limits_apply();
	if (error != 0)
		fail(report, STAGE_RESOURCES, error);
	(void)umask(022);
	if (chdir(spawn->directory) < 0)
		fail(report, STAGE_DIRECTORY, errno);
	error = filter_install();
	if (error != 0)
		fail(report, STAGE_RESOURCES, error);
	if (*spawn->file == '\0')
		fail(report, STAGE_EXECUTE, ENOENT);
	if (strchr(spawn->file, '/') == NULL)
		fail(report, STAGE_EXECUTE, search(spawn));
	(void)execve(spawn->file, spawn->arguments, spawn->environment);
	fail(report, STAGE_EXECUTE, errno);
}
