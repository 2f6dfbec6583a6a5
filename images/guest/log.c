/* Words for a person reading the engine's log. Never what a command said, never a token. */
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "guest.h"

static void say(const char *format, va_list arguments)
{
	char line[512] = "lasso guest: ";
	const int start = 13;
	int length = vsnprintf(line + start, sizeof line - start - 1, format, arguments);
	if (length < 0)
		return;
	size_t end = start + (size_t)length;
	if (end > sizeof line - 2)
		end = sizeof line - 2;
	line[end] = '\n';
	if (write(STDERR_FILENO, line, end + 1) < 0)
		return;
}

_Noreturn void die(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	say(format, arguments);
	va_end(arguments);
	_exit(EXIT_CANNOT_START);
}

void warn(const char *format, ...)
{
	if (!settings_use_socket())
		return;
	va_list arguments;
	va_start(arguments, format);
	say(format, arguments);
	va_end(arguments);
}
