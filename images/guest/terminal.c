/* Pseudo-terminals: opened by descriptor, never by a name that something inside could have replaced. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "guest.h"

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

static int open_slave(int master)
{
	int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave >= 0)
		return slave;
	/* gVisor does not know the call above; its /dev belongs to root as everywhere. */
	unsigned number;
	char path[32];
	if (ioctl(master, TIOCGPTN, &number) < 0)
		return -1;
	(void)snprintf(path, sizeof path, "/dev/pts/%u", number);
	return open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

int terminal_open(int *master, int *slave, uint16_t rows, uint16_t columns)
{
	*master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (*master < 0)
		return errno;
	int unlocked = 0;
	*slave = ioctl(*master, TIOCSPTLCK, &unlocked) < 0 ? -1 : open_slave(*master);
	if (*slave < 0) {
		int error = errno;
		(void)close(*master);
		return error;
	}
	struct termios mode;
	if (tcgetattr(*slave, &mode) == 0) {
		mode.c_iflag |= IUTF8;
		(void)tcsetattr(*slave, TCSANOW, &mode);
	}
	terminal_resize(*master, rows, columns);
	return 0;
}

void terminal_resize(int master, uint16_t rows, uint16_t columns)
{
	struct winsize size = { .ws_row = rows, .ws_col = columns };
	if (ioctl(master, TIOCSWINSZ, &size) < 0)
		warn("terminal cannot be resized (errno %d)", errno);
}

int terminal_end_character(int master)
{
	struct termios mode;
	if (tcgetattr(master, &mode) < 0 || !(mode.c_lflag & ICANON))
		return -1;
	return mode.c_cc[VEOF];
}
