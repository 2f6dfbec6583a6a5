/*
 * Whether a program's environment puts other code into it: then neither its file nor its arguments say what it does. Looked at
 * before the call, in the memory of whoever asks, and afterwards in what the program really got.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "exec.h"

enum { NAME_BYTES = 20, VARIABLE_LIMIT = 65536, CHUNK_BYTES = 32768 };

/*
 * What the dynamic loader of glibc and musl obeys (ld.so(8)), where glibc finds converters, and what turns a program that Bun is packed
 * with, as some agents are, into a Bun that runs whatever it is given; and the file bash obeys before its text (bash(1)).
 */
static const char *const names[] = { "LD_PRELOAD=", "LD_AUDIT=", "LD_LIBRARY_PATH=", "GCONV_PATH=", "BUN_BE_BUN=", "BASH_ENV=" };

bool variable_loads(const char *variable, size_t length)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		size_t name = strlen(names[i]);
		if (length > name && memcmp(variable, names[i], name) == 0 && variable[name] != '\0')
			return true;
	}
	return false;
}

bool environment_loads(uint64_t vector)
{
	if (vector == 0)
		return false;
	for (uint32_t seen = 0; seen < VARIABLE_LIMIT; seen++) {
		uint64_t pointer;
		char variable[NAME_BYTES];
		if (memory_copy(vector + seen * sizeof pointer, &pointer, sizeof pointer) < sizeof pointer)
			return true;
		if (pointer == 0)
			return false;
		/* It may end at the last page there is. */
		size_t length = memory_copy(pointer, variable, sizeof variable);
		if (length == 0 || variable_loads(variable, length))
			return true;
	}
	return true;
}

bool environment_of_loads(pid_t pid)
{
	static char bytes[NAME_BYTES + CHUNK_BYTES];
	int fd = proc_open(pid, "environ", O_RDONLY);
	if (fd < 0)
		return true;
	/* A variable begins after a NUL; the end of one chunk is looked at again with the next. */
	size_t kept = 1;
	bool found = false;
	bytes[0] = '\0';
	for (ssize_t got; !found && (got = read(fd, bytes + kept, CHUNK_BYTES)) > 0;) {
		size_t filled = kept + (size_t)got;
		for (const char *at = bytes; !found && (at = memchr(at, 0, filled - (size_t)(at - bytes))); at++)
			found = variable_loads(at + 1, filled - (size_t)(at + 1 - bytes));
		kept = filled < NAME_BYTES ? filled : NAME_BYTES;
		memmove(bytes, bytes + filled - kept, kept);
	}
	(void)close(fd);
	return found;
}
