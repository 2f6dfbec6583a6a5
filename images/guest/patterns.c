/*
 * Patterns as in .gitignore, without its "!", and regardless of ASCII case: the same matcher as helper/policy/files/patterns.ts, held
 * together by test/corpus/files. A pattern is a row of names; how much of it a path has met is a set of bits, moved on folder by
 * folder. Paths are hostile: the time is in proportion to path times patterns.
 */
#define _GNU_SOURCE
#include <string.h>

#include "patterns.h"

enum { PATTERN_LIMIT = 1024, STEP_LIMIT = 8192, STEPS_EACH = 60, TEXT_BYTES = 131072 };

struct step {
	const char *text;
	uint16_t length;
	bool depth; /* any number of folders, but not into what packages bring */
	bool plain; /* in lower case, and nothing stands for anything */
};
struct pattern {
	const struct step *steps;
	uint8_t count;
};

static struct pattern patterns[PATTERN_LIMIT];
static size_t pattern_count;
static struct step steps[STEP_LIMIT];
static size_t step_count;
static char texts[TEXT_BYTES];
static size_t text_length;

/* a bit for each step that may come next; a path that has met all steps is closed */
typedef uint64_t progress;
#define CLOSED (~(progress)0)

static char lower(char sign)
{
	return sign >= 'A' && sign <= 'Z' ? (char)(sign + 32) : sign;
}

static bool in_ranges(const char *set, size_t length, unsigned char sign)
{
	for (size_t i = 0; i < length; i++) {
		bool range = i + 2 < length && set[i + 1] == '-';
		unsigned char first = (unsigned char)set[i], last = (unsigned char)set[range ? i + 2 : i];
		if (sign >= first && sign <= last)
			return true;
		i += range ? 2 : 0;
	}
	return false;
}

/* Holds one sign against what the pattern has at `*at`, and moves on; -1 when a set never closes and "[" is itself. */
static int fits_set(const char *text, size_t length, size_t *at, char sign)
{
	size_t first = *at + 1;
	bool inverted = first < length && (text[first] == '!' || text[first] == '^');
	first += inverted;
	const char *end = first + 1 < length ? memchr(text + first + 1, ']', length - first - 1) : NULL;
	if (!end)
		return -1;
	size_t count = (size_t)(end - text) - first;
	*at = first + count + 1;
	bool upper = sign >= 'a' && sign <= 'z' && in_ranges(text + first, count, (unsigned char)(sign - 32));
	return (upper || in_ranges(text + first, count, (unsigned char)sign)) != inverted;
}

static bool fits_sign(const char *text, size_t length, size_t *at, char sign)
{
	char want = text[*at];
	int set = want == '[' ? fits_set(text, length, at, sign) : -1;
	if (set >= 0)
		return set == 1;
	(*at)++;
	return want == '?' || lower(want) == sign;
}

/* Goes back to the last star only, which is enough. */
static bool fits_name(const struct step *step, const char *name, size_t length)
{
	if (step->plain)
		return step->length == length && memcmp(step->text, name, length) == 0;
	size_t at = 0, want = 0, back_at = 0, back_want = 0;
	bool star = false;
	while (at < length) {
		size_t next = want;
		if (want < step->length && step->text[want] == '*') {
			star = true;
			back_at = at;
			back_want = ++want;
		} else if (want < step->length && fits_sign(step->text, step->length, &next, name[at])) {
			at++;
			want = next;
		} else if (star) {
			at = ++back_at;
			want = back_want;
		} else {
			return false;
		}
	}
	while (want < step->length && step->text[want] == '*')
		want++;
	return want == step->length;
}

/* "**" stands for no folder too. */
static progress settled(const struct pattern *pattern, progress at)
{
	for (int i = 0; i < pattern->count; i++)
		if (at >> i & 1 && pattern->steps[i].depth)
			at |= (progress)2 << i;
	return at;
}

static bool is_packages(const char *name, size_t length)
{
	return (length == 12 && memcmp(name, "node_modules", 12) == 0) || (length == 13 && memcmp(name, "site-packages", 13) == 0);
}

static progress moved(const struct pattern *pattern, progress at, const char *name, size_t length)
{
	bool packages = is_packages(name, length);
	progress next = 0;
	for (int i = 0; i < pattern->count && at >> i != 0; i++) {
		if (!(at >> i & 1))
			continue;
		if (pattern->steps[i].depth)
			next |= packages ? 0 : (progress)1 << i;
		else if (fits_name(&pattern->steps[i], name, length))
			next |= (progress)2 << i;
	}
	if (next >> pattern->count & 1)
		return CLOSED;
	return settled(pattern, next);
}

/* `last`: what was met by a name at the path's very end. */
static progress progress_of(const struct pattern *pattern, const char *path, progress *last)
{
	progress at = settled(pattern, 1);
	*last = 0;
	if (pattern->count == 0)
		return 0;
	while (*path != '\0' && at != CLOSED) {
		size_t length = strcspn(path, "/");
		if (length > 0) {
			progress before = at;
			at = moved(pattern, at, path, length);
			*last = 0;
			for (int i = 0; at != CLOSED && i < pattern->count - 1; i++)
				if (before >> i & 1 && !pattern->steps[i].depth && at >> (i + 1) & 1 && fits_name(&pattern->steps[i], path, length))
					*last |= (progress)2 << i;
		}
		path += length + (path[length] == '/');
	}
	return at;
}

/* A copy in lower case that stays until the next. */
static const char *folded(const char *path, int which)
{
	static char copies[2][8192];
	size_t length = strnlen(path, sizeof copies[0] - 1);
	for (size_t i = 0; i < length; i++)
		copies[which][i] = lower(path[i]);
	copies[which][length] = '\0';
	return copies[which];
}

struct judged patterns_judge(const char *path)
{
	struct judged judged = { -1, -1, -1 };
	path = folded(path, 0);
	for (size_t i = 0; i < pattern_count && judged.closed < 0; i++) {
		progress last, at = progress_of(&patterns[i], path, &last);
		/* What may lie anywhere begins everywhere. */
		progress begin = patterns[i].count > 0 ? settled(&patterns[i], 1) : 0;
		if (at == CLOSED)
			judged.closed = (int)i;
		else if (judged.above < 0 && last != 0)
			judged.above = (int)i;
		if (at != CLOSED && judged.region < 0 && (at & ~begin) != 0)
			judged.region = (int)i;
	}
	return judged;
}

int patterns_differ(const char *one, const char *other)
{
	one = folded(one, 0);
	other = folded(other, 1);
	for (size_t i = 0; i < pattern_count; i++) {
		progress last;
		if (progress_of(&patterns[i], one, &last) != progress_of(&patterns[i], other, &last))
			return (int)i;
	}
	return -1;
}

size_t patterns_count(void)
{
	return pattern_count;
}

/* Adds one name, or the start of a pattern that may lie anywhere (NULL). */
static bool add_step(const char *name, size_t length, bool last)
{
	struct step *step = &steps[step_count];
	if (step_count == STEP_LIMIT || length > UINT16_MAX || length > TEXT_BYTES - text_length)
		return false;
	/* "x/" followed by two stars is what lies in x, and not x. */
	bool depth = !name || (length == 2 && memcmp(name, "**", 2) == 0 && !last);
	*step = (struct step){ .text = texts + text_length, .length = (uint16_t)length, .depth = depth, .plain = true };
	for (size_t i = 0; i < length; i++)
		step->plain = step->plain && name[i] != '*' && name[i] != '?' && name[i] != '[';
	for (size_t i = 0; i < length; i++)
		texts[text_length + i] = step->plain ? lower(name[i]) : name[i];
	text_length += length;
	step_count++;
	return true;
}

static bool is_name(const char *text, size_t length)
{
	return length > 0 && !(length == 1 && *text == '.');
}

static bool add_pattern(const char *text)
{
	size_t end = strlen(text), names = 0, begin = step_count;
	while (end > 0 && text[end - 1] == '/')
		end--;
	for (size_t at = 0, length; at < end; at += length + 1) {
		length = strcspn(text + at, "/");
		names += is_name(text + at, length);
	}
	bool fits = names == 0 || memchr(text, '/', end) != NULL || add_step(NULL, 0, false);
	for (size_t at = 0, length, seen = 0; fits && at < end; at += length + 1) {
		length = strcspn(text + at, "/");
		if (is_name(text + at, length))
			fits = add_step(text + at, length, ++seen == names);
	}
	if (!fits || step_count - begin > STEPS_EACH || pattern_count == PATTERN_LIMIT)
		return false;
	patterns[pattern_count++] = (struct pattern){ steps + begin, (uint8_t)(step_count - begin) };
	return true;
}

bool patterns_take(const char *const *all, size_t count)
{
	pattern_count = step_count = text_length = 0;
	for (size_t i = 0; i < count; i++)
		if (!add_pattern(all[i])) {
			pattern_count = 0;
			return false;
		}
	return true;
}
