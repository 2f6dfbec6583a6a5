/* Patterns of closed files: which path is closed, and what lies above a closed one. Needs nothing else of the guest. */
#ifndef LASSO_PATTERNS_H
#define LASSO_PATTERNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Numbers of patterns, -1: none. */
struct judged {
	int closed; /* the path is closed, or lies in something closed */
	int above; /* closed paths go on with a name below this one, which the pattern names too */
	int region; /* closed paths may lie anywhere below this one, but not everywhere */
};
/* Takes `count` patterns; false when there is no room for them, and then none holds. */
bool patterns_take(const char *const *texts, size_t count);
size_t patterns_count(void);
/* `path` is below the workspace, without a leading slash. */
struct judged patterns_judge(const char *path);
/* A pattern that holds for something below one of two folders and not for the same below the other; -1: none. */
int patterns_differ(const char *one, const char *other);

#endif
