/* What the engine told pid 1 in its environment: which link, its token, and the limits of children. Read once, then wiped. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "guest.h"

struct limit {
	int resource;
	rlim_t soft, hard;
};

static bool use_socket = true;
static uint8_t token[TOKEN_BYTES];
static struct limit limits[8];
static size_t limit_count;
static struct rlimit files; /* of descriptors, as this was started */
static bool raised;

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

static void read_token(const char *text)
{
	if (strlen(text) != 2 * TOKEN_BYTES)
		die("LASSO_LINK_TOKEN must be %d hex digits", 2 * TOKEN_BYTES);
	for (size_t i = 0; i < TOKEN_BYTES; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
		if (high < 0 || low < 0)
			die("LASSO_LINK_TOKEN must be lower-case hex");
		token[i] = (uint8_t)(high << 4 | low);
	}
}

static int resource_named(const char *name, size_t length)
{
	static const struct {
		const char *name;
		int resource;
	} known[] = {
		{ "nofile", RLIMIT_NOFILE },
		{ "fsize", RLIMIT_FSIZE },
		{ "nproc", RLIMIT_NPROC },
		{ "core", RLIMIT_CORE },
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strlen(known[i].name) == length && memcmp(known[i].name, name, length) == 0)
			return known[i].resource;
	return -1;
}

/* One `name=soft:hard`; returns where the next one starts. */
static const char *read_limit(const char *text)
{
	const char *equals = strchr(text, '=');
	int resource = equals ? resource_named(text, (size_t)(equals - text)) : -1;
	if (resource < 0 || limit_count == sizeof limits / sizeof *limits)
		die("LASSO_LIMITS names an unknown limit: %s", text);
	char *colon, *end;
	rlim_t soft = strtoull(equals + 1, &colon, 10);
	if (colon == equals + 1 || *colon != ':')
		die("LASSO_LIMITS must be name=soft:hard: %s", text);
	rlim_t hard = strtoull(colon + 1, &end, 10);
	if (end == colon + 1 || (*end != ',' && *end != '\0'))
		die("LASSO_LIMITS must be name=soft:hard: %s", text);
	limits[limit_count++] = (struct limit){ resource, soft, hard };
	return *end == ',' ? end + 1 : end;
}

static void wipe(char *text)
{
	volatile char *at = text;
	while (*at)
		*at++ = 0;
}

void settings_read(char **environment)
{
	bool has_token = false;
	for (char **entry = environment; *entry; entry++) {
		if (strncmp(*entry, "LASSO_LINK=", 11) == 0) {
			use_socket = strcmp(*entry + 11, "stdio") != 0;
			if (use_socket && strcmp(*entry + 11, "socket") != 0)
				die("LASSO_LINK must be socket or stdio");
		} else if (strncmp(*entry, "LASSO_LINK_TOKEN=", 17) == 0) {
			read_token(*entry + 17);
			has_token = true;
		} else if (strncmp(*entry, "LASSO_LIMITS=", 13) == 0) {
			for (const char *next = *entry + 13; *next;)
				next = read_limit(next);
		}
		wipe(*entry);
	}
	*environment = NULL;
	if (use_socket && !has_token)
		die("LASSO_LINK_TOKEN is missing");
}

bool settings_use_socket(void)
{
	return use_socket;
}

const uint8_t *settings_token(void)
{
	return token;
}

size_t limits_raise(void)
{
	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return 0;
	raised = setrlimit(RLIMIT_NOFILE, &(struct rlimit){ files.rlim_max, files.rlim_max }) == 0;
	return raised ? files.rlim_max : files.rlim_cur;
}

int limits_apply(void)
{
	/* What pid 1 needs for itself is not for everybody. */
	if (raised && setrlimit(RLIMIT_NOFILE, &files) < 0)
		return errno;
	for (size_t i = 0; i < limit_count; i++) {
		struct rlimit now;
		if (getrlimit(limits[i].resource, &now) < 0)
			return errno;
		rlim_t hard = limits[i].hard < now.rlim_max ? limits[i].hard : now.rlim_max;
		rlim_t soft = limits[i].soft < hard ? limits[i].soft : hard;
		if (setrlimit(limits[i].resource, &(struct rlimit){ soft, hard }) < 0)
			return errno;
	}
	return 0;
}
