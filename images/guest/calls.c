/* The calls that change, make or remove files by their path, and where their arguments stand. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/syscall.h>

#include "files.h"

/* newer than some of the headers this is built with */
enum { CALL_FCHMODAT2 = 452 };

static const struct form forms[] = {
	/* call, deed, folder, path, other folder, other, flags, mode, fixed flags */
	{ SYS_openat, DEED_OPEN, 0, 1, -1, -1, 2, 3, 0 },
	{ SYS_mkdirat, DEED_FOLDER, 0, 1, -1, -1, -1, 2, 0 },
	{ SYS_mknodat, DEED_NODE, 0, 1, -1, -1, -1, 2, 0 },
	{ SYS_renameat2, DEED_RENAME, 0, 1, 2, 3, 4, -1, 0 },
	{ SYS_renameat, DEED_RENAME, 0, 1, 2, 3, -1, -1, 0 },
	{ SYS_linkat, DEED_LINK, 0, 1, 2, 3, 4, -1, 0 },
	{ SYS_symlinkat, DEED_SYMLINK, 1, 2, -1, 0, -1, -1, 0 },
	{ SYS_unlinkat, DEED_REMOVE, 0, 1, -1, -1, 2, -1, 0 },
	{ SYS_truncate, DEED_TRUNCATE, -1, 0, -1, -1, -1, -1, 0 },
	{ SYS_fchmod, DEED_MODE, 0, -1, -1, -1, -1, 1, AT_EMPTY_PATH },
	{ SYS_fchmodat, DEED_MODE, 0, 1, -1, -1, -1, 2, 0 },
	{ CALL_FCHMODAT2, DEED_MODE, 0, 1, -1, -1, 3, 2, 0 },
	{ SYS_bind, DEED_BIND, -1, -1, -1, -1, -1, -1, 0 },
#ifdef SYS_open
	{ SYS_open, DEED_OPEN, -1, 0, -1, -1, 1, 2, 0 },
	{ SYS_creat, DEED_OPEN, -1, 0, -1, -1, -1, 1, O_CREAT | O_WRONLY | O_TRUNC },
	{ SYS_mkdir, DEED_FOLDER, -1, 0, -1, -1, -1, 1, 0 },
	{ SYS_mknod, DEED_NODE, -1, 0, -1, -1, -1, 1, 0 },
	{ SYS_rename, DEED_RENAME, -1, 0, -1, 1, -1, -1, 0 },
	{ SYS_link, DEED_LINK, -1, 0, -1, 1, -1, -1, 0 },
	{ SYS_symlink, DEED_SYMLINK, -1, 1, -1, 0, -1, -1, 0 },
	{ SYS_unlink, DEED_REMOVE, -1, 0, -1, -1, -1, -1, 0 },
	{ SYS_rmdir, DEED_REMOVE, -1, 0, -1, -1, -1, -1, AT_REMOVEDIR },
	{ SYS_chmod, DEED_MODE, -1, 0, -1, -1, -1, 1, 0 },
#endif
};

const struct form *form_at(size_t index)
{
	return index < sizeof forms / sizeof *forms ? &forms[index] : NULL;
}

const struct form *form_of(int call)
{
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		if (forms[i].call == call)
			return &forms[i];
	return NULL;
}

uint64_t argument_of(const struct call *call, int8_t index, uint64_t none)
{
	return index < 0 ? none : call->arguments[index];
}
