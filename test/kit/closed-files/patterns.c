/* Reads lines of pattern, tab, path, and says for each what the guest's matcher says: closed, above or neither. */
#include <stdio.h>
#include <string.h>

#include "../../../images/guest/patterns.h"

int main(void)
{
	static char line[65536];
	while (fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\n")] = '\0';
		char *path = strchr(line, '\t');
		if (!path)
			return 1;
		*path++ = '\0';
		const char *pattern = line;
		struct judged judged = { -1, -1, -1 };
		if (patterns_take(&pattern, 1))
			judged = patterns_judge(path);
		(void)puts(judged.closed >= 0 ? "closed" : judged.above >= 0 || judged.region >= 0 ? "above" : "neither");
	}
	return 0;
}
