/*
 * What the files about program starts share: a stopped call, what it wants, what was decided, and the look afterwards.
 * Everything read from a process is a claim.
 */
#ifndef LASSO_EXEC_H
#define LASSO_EXEC_H

#include "guest.h"

/* ---- notify.c: the kernel's word about every program start ---- */
enum { NOTICE_BYTES = 256 };
struct notice {
	_Alignas(8) uint8_t bytes[NOTICE_BYTES];
};
/* what a child says before it executes: first byte of a message */
enum report { REPORT_FAILED = 1, REPORT_LISTENER = 2, REPORT_PATH = 3 };
void notify_open(void);
bool notify_supported(void);
/* For the child, last thing before execve: installs the filter and sends its listener. 0 or an errno. */
int notify_install(int channel);
/* Once for each listener that a child sent. */
void notify_prepare(int listener);
bool notify_receive(int listener, struct notice *notice);
bool notify_valid(int listener, uint64_t id);
/* Lets the call go on (0) or fail. */
void notify_answer(int listener, uint64_t id, int error);
/* Ends the call without the kernel doing it: with a result, or an errno if that is not 0. False when nobody waits for it. */
bool notify_return(int listener, uint64_t id, int64_t result, int error);
/* Whether only death takes a caller out of its wait, and no other signal. */
bool notify_holds(void);
/* Gives the caller a copy of a descriptor; its number there, or -1 and errno. */
int notify_give(int listener, uint64_t id, int fd, bool closes);

/* ---- memory.c, inspect.c: what a stopped call wants ---- */
enum { EXEC_WHO_BYTES = 12 };
struct identity {
	uint64_t device, inode;
};
/* a file that is still the same: nobody inside can set the time of its last change */
struct stamp {
	struct identity file;
	int64_t size, changed[2], modified[2];
};
struct wish {
	bool entry; /* a child of ours, whose arguments the helper knows */
	int folder; /* AT_FDCWD or a descriptor of the asking process */
	bool follow;
	const char *path;
	uint64_t vector, environment; /* addresses of the arguments and of the environment */
	uint32_t process; /* entry it descends from */
};
struct sight {
	pid_t pid, group, parent; /* thread, process, parent */
	pid_t tracer; /* of the thread: 1 is us, 0 nobody */
	uint8_t flags; /* exec_flag */
	struct stamp stamp;
	struct identity expected; /* of /proc/PID/exe afterwards */
	uint64_t digest[2]; /* of all that is asked about */
	uint64_t tail; /* digest of the arguments after the first */
	uint32_t tail_length, arguments_length, length;
};
/* a bounded text that grows; `cut` when something did not fit */
struct text {
	uint8_t *bytes;
	uint32_t size, length;
	bool cut;
};
void text_add(struct text *text, const char *string);
int proc_open(pid_t pid, const char *name, int how);
/* The path by which the kernel knows an open file, or an empty text; `to` has room for PATH_MAX. */
void path_of(int fd, char *to);
/* Copies from a process's memory; the number of bytes up to the first that cannot be read. Not every engine allows it. */
size_t memory_peek(pid_t pid, uint64_t at, void *to, size_t size);
/* The same from the process that was begun with, or whose wish was read last, until memory_close. */
void memory_begin(pid_t pid);
size_t memory_copy(uint64_t address, void *to, size_t size);
void memory_close(void);
/* 0 or the errno of a call whose path cannot be read; `path` has room for PATH_MAX. */
int memory_path(uint64_t address, char *path);
/* Appends the argument vector; the number of arguments. */
uint16_t memory_arguments(uint64_t vector, struct text *text);
/* Fills in process, parent and tracer. */
void family_of(struct sight *sight);
/* Reads what the call was given, for memory_close to end; 0 or the errno it must fail with. `path` has room for PATH_MAX. */
int wish_read(struct wish *wish, const struct notice *notice, char *path);
/* Looks at the file and writes the payload of EXEC_ASK; 0 or the errno the call must fail with. */
int inspect(struct sight *sight, const struct wish *wish);
/* The payload written last, `sight.length` bytes. */
const uint8_t *inspected(void);
/* False and errno when it cannot be told. */
bool identity_of(pid_t pid, struct identity *identity);

/* ---- environment.c: whether other code is put into a program; unreadable means yes ---- */
bool environment_loads(uint64_t vector);
/* One variable, of which `length` bytes are there. */
bool variable_loads(const char *variable, size_t length);
bool environment_of_loads(pid_t pid);

/* ---- given.c: what a program was really given; the length of its arguments, `size` where there are more, 0 where none can be read */
uint32_t given_now(pid_t pid, uint8_t *arguments, size_t size);
/* For one we hold that stopped as its execve was over; also whether its environment loads code. */
uint32_t given_first(pid_t pid, uint8_t *arguments, size_t size, bool *loaded);

/* ---- tell.c ---- */
void tell(pid_t pid, const uint8_t *message, uint32_t length);
/* Where it writes its errors, opened for writing; -1: nothing may be written there. */
int tell_open(pid_t pid);

/* ---- census.c: who lives in the sandbox ---- */
enum { RESIDENT_LIMIT = 16384 };
struct resident {
	pid_t pid, parent, session;
	char state; /* as in /proc/PID/stat */
	uint32_t threads;
	uint64_t start; /* tells a number that was given again */
};
bool census_look(pid_t pid, struct resident *resident);
/* Everybody but pid 1, by ascending number, in a list that the next census takes; the count, at most RESIDENT_LIMIT. */
size_t census_take(struct resident **all);
bool resident_lives(const struct resident *resident);
/* Never reaches another process that got the same number meanwhile. */
void resident_signal(const struct resident *resident, int signal);

/* ---- tree.c: everything that descends from one process ---- */
/* A number no tree had yet, for a child in its own session. */
uint32_t tree_begin(pid_t entry);
/* A process of the tree leads a session of its own; false when there is no room to remember it. */
bool tree_note(uint32_t tree, pid_t session);
/* Nothing of the tree is left. */
void tree_over(uint32_t tree);

/* ---- decisions.c ---- */
void decisions_open(void);
uint64_t digest_one(const uint8_t *bytes, size_t length);
void digest_both(const uint8_t *bytes, size_t length, uint64_t digest[2]);
bool stamp_same(const struct stamp *a, const struct stamp *b);
/* Number of the question that was answered with a lasting yes, or 0. */
uint32_t decisions_find(const struct sight *sight);
void decisions_keep(const struct sight *sight, uint32_t ask);
void decisions_forget(void);

/* ---- aftermath.c ---- */
/* Finds out whether this system lets pid 1 hold a process. */
void aftermath_open(void);
/* Whether another thread of the process is in such a call: holding two would have the kernel wait for us, and us for it. */
bool aftermath_busy(const struct sight *sight);
/* Holds the process and remembers what must be running soon; 0, or the errno the call must fail with. */
int aftermath_expect(const struct sight *sight, uint32_t ask);
/* A process we hold has stopped; `status` as in siginfo. */
void aftermath_stopped(pid_t pid, int status);
/* The helper's word about other arguments than were allowed. */
void aftermath_answer(uint32_t number, bool yes);
/* The thread asks again, so its last call is over. */
void aftermath_check(pid_t thread);
/* A process or thread has ended. */
void aftermath_gone(pid_t pid);
void aftermath_tick(int64_t now);
int aftermath_wait_ms(int64_t now);

#endif
