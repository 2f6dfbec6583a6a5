/*
 * What the files about names and connections share. Programs inside see a resolver and a proxy on their own loopback; all else
 * is asked of the helper. Everything said by a program is hostile, and nothing is ever sent anywhere but over the link.
 */
#ifndef LASSO_NETWORK_H
#define LASSO_NETWORK_H

#include <netinet/in.h>

#include "exec.h"

enum { NAME_BYTES = 254, NAME_LIMIT = 1024, NO_NAME = 0xffff };
enum { ADDRESS_FIRST = 0x7f400001, ADDRESS_LAST = 0x7ffffffe }; /* 127.64.0.1 to 127.255.255.254 */

/* ---- network.c ---- */
union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};
/* Loopback of a family, or another address of 127.0.0.0/8 where `host` is not 0. */
union address address_of(int family, uint32_t host, uint16_t port);
socklen_t address_length(const union address *address);
/* A socket bound to it that does not wait and listens where it is a stream; -1 and errno on failure. */
int network_bind(const union address *address, int type);
/* True while questions may be put and connections carried. */
bool network_is_open(void);
/* Room for a question, when there is so much that nobody else's frames have to wait for it. */
bool network_has_room(void);
/* The same, where names and connections are asked about at all. */
bool network_may_ask(void);

/* ---- owner.c: whose socket it is ---- */
struct ends { /* as the socket in question sees itself */
	int protocol;
	union address local, remote;
};
/* The process that has the socket, or 0; what it looked at is taken off the budget. The longer the queue, the less it looks. */
pid_t owner_find(const struct ends *ends, size_t queue, int *budget);
/* Whether no process has the socket any more, as far as the kernel tells. */
bool owner_is_gone(const struct ends *ends);
void owner_open(void);

/* ---- asker.c ---- */
enum { OWNER_BUDGET = 4096 };
/* Payload of a question: `head` bytes are there already, then come name, executable and arguments. Its length. */
uint32_t asker_write(uint8_t *payload, uint32_t head, const char *name, pid_t pid);
/* One line to whoever asked, where it would write its errors; at most one a second. Never waits. */
void asker_tell(pid_t pid, const uint8_t *line, uint32_t length);

/* ---- dns.c: messages of RFC 1035 ---- */
enum { DNS_HEADER_BYTES = 12, DNS_ASKED_BYTES = 260, DNS_MESSAGE_BYTES = 1232 };
enum dns_type { DNS_A = 1, DNS_PTR = 12 };
enum dns_code { DNS_OK = 0, DNS_MALFORMED = 1, DNS_FAILED = 2, DNS_NO_NAME = 3, DNS_UNKNOWN = 4, DNS_REFUSED = 5 };
struct dns_question {
	uint16_t id, type;
	uint8_t flags; /* opcode and wish for recursion, as they came */
	bool extended; /* EDNS0 */
	uint16_t asked_length; /* 0: the question could not be read */
	uint8_t asked[DNS_ASKED_BYTES]; /* as it came: capital letters are kept */
	char name[NAME_BYTES]; /* lower case */
};
enum dns_verdict { DNS_SILENCE, DNS_REPLY, DNS_ASK };
/* Reads a message. DNS_REPLY: answer `code` at once. DNS_SILENCE: it must not be answered at all. */
enum dns_verdict dns_read(struct dns_question *question, enum dns_code *code, const uint8_t *bytes, size_t length);
/* Writes the answer; an address of 0 and a NULL name mean an empty one. Its length, never over 600. */
size_t dns_write(uint8_t *bytes, const struct dns_question *question, enum dns_code code, uint32_t address, const char *name);
/* The address whose name is asked for, 0 when it is none. */
uint32_t dns_reversed(const char *name);

/* ---- resolver.c, questions.c ---- */
/* False when programs cannot reach it. */
bool resolver_open(void);
void resolver_ready(struct tag tag, uint32_t events);
void resolver_tick(int64_t now);
int resolver_wait_ms(int64_t now);
struct channel { /* how a question came, and its answer goes */
	uint8_t role;
	uint16_t slot;
	uint32_t generation;
	union address peer;
};
/* Answers the way the question came; an address of 0 is told as none. */
void resolver_answer(const struct channel *channel, const struct dns_question *question, enum dns_code code, uint32_t address);
/* The socket that asks. */
struct ends resolver_ends(const struct channel *channel);
/* Takes a question over; it is answered sooner or later. */
void questions_take(const struct channel *channel, const struct dns_question *question);
void questions_tick(int64_t now);
int questions_wait_ms(int64_t now);
/* The helper is gone: whoever waits gets no answer. */
void questions_lost(void);
void questions_answer(uint32_t number, const uint8_t *ports, uint16_t count, const uint8_t *line, uint32_t length);

/* ---- names.c: names that are allowed, each with an address of its own ---- */
/* The address of a name that was allowed a moment ago, else 0. */
uint32_t names_fresh(const char *name);
/* Gives an address to a name and listens on its ports; 0 when there is no room. */
uint32_t names_allow(const char *name, const uint8_t *ports, uint16_t count);
void names_refuse(const char *name);
/* NULL when nobody has that address. */
const char *names_of_address(uint32_t address);
const char *names_text(uint16_t name);
/* A connection to it begins or is over: as long as one is there its address stays. */
void names_hold(uint16_t name, int change);
void names_forget(void);

/* ---- listeners.c ---- */
void listeners_open(size_t limit);
/* 0 or an errno; ENFILE: the table is full. */
int listeners_add(const union address *address, uint16_t name);
/* Ends those of a name whose port is not among the given ones, and takes the rest off the list; what is left of it. */
uint16_t listeners_keep(uint16_t name, uint16_t *ports, uint16_t count);
void listeners_ready(struct tag tag);
void listeners_tick(int64_t now);
int listeners_wait_ms(int64_t now);

/* ---- hooks.c ---- */
void hooks_open(void);
void hooks_ready(void);
void hooks_tick(int64_t now);
int hooks_wait_ms(int64_t now);

/* ---- connections.c, table.c ---- */
enum { CONNECTION_LIMIT = 2048, HOOK_LIMIT = 64, CLIENT_BYTES = INITIAL_WINDOW_BYTES, STREAM_BYTES = DATA_LIMIT_BYTES };
enum stage {
	STAGE_UNASKED, /* accepted */
	STAGE_ASKED,
	STAGE_DIALLING, /* on its way to a port inside */
	STAGE_DIALLED, /* FORWARDED is to be sent */
	STAGE_JOINING, /* its stream is to be opened */
	STAGE_OPEN,
	STAGE_OVER, /* RESET is to be sent */
};
struct connection {
	uint32_t id; /* 0: free */
	uint32_t generation;
	uint8_t stage;
	bool hook; /* of an agent: it leads to whoever answers it, and nowhere else */
	uint16_t name, port;
	pid_t asker;
	union address peer, own; /* of the program inside, and what it connected to */
	uint8_t token[TOKEN_BYTES];
	struct endpoint client; /* the program inside */
	struct endpoint stream; /* socket link only */
	struct buffer to_client, to_stream; /* what could not be written at once */
	uint32_t credit, consumed; /* stdio link only */
	bool client_ended; /* nothing more comes from the program */
	bool end_sent; /* and the helper was told */
	bool end_asked; /* helper sent END */
	bool drained; /* nothing more comes from the stream */
	bool shut; /* and the program was told */
	bool starved; /* waits for room in the link's queue */
	int error; /* why a port inside cannot be reached */
	int64_t owed_until; /* its program is gone, and what it left is let go of then; 0: it is there */
};
bool connections_open(size_t limit);
bool connections_have_room(void);
/* Few of all connections are hooks. */
bool connections_have_room_for_hook(void);
void connections_accept_hook(int fd, pid_t pid);
void connections_accept(int fd, const union address *peer, const union address *own, uint16_t name, uint16_t port);
struct connection *connection_find(uint32_t id);
struct connection *connection_next(struct connection *after);
/* The same while it is this one that the tag was made for, else NULL. */
struct connection *connection_at(uint16_t slot, uint32_t generation);
struct connection *connection_in(size_t slot);
/* Behind the last in use. */
size_t connections_end(void);
/* Notes who asks; false when that one has as many as one may have. */
bool connection_asked_by(struct connection *connection, pid_t asker);
struct tag connection_tag(const struct connection *connection, enum role role);
/* NULL when there is no room. */
struct connection *connection_new(uint32_t id, int client, bool hook);
/* Resets it inside and, where `tell`, tells the helper. */
void connection_reset(struct connection *connection, bool tell);
/* It is over, and whoever needs to know does. */
void connection_over(struct connection *connection);
/* A stage that is worked on in the next tick. */
void connection_becomes(struct connection *connection, enum stage stage);
void connections_ready(struct tag tag, uint32_t events);
/* Some connection has something to do as soon as there is room for it. */
void connections_work(void);
void connections_tick(int64_t now);
int connections_wait_ms(int64_t now);
void connections_lost(void);
/* Frames of the helper; false when one makes no sense. */
bool connections_obey(uint8_t type, uint32_t id, const uint8_t *payload, uint32_t length);

/* ---- carry.c: bytes between a program and its stream ---- */
/* Empties a buffer and gives its pages back: the memory limit is the sandbox's. */
void carry_give_back(struct buffer *buffer);
void carry_ready(struct connection *connection, enum role role, uint32_t events);
void carry_pump(struct connection *connection, bool client_ready, bool stream_ready);
/* The helper's bytes over a stdio link; false when it sent more than it was granted. */
bool carry_accept(struct connection *connection, const uint8_t *bytes, uint32_t length);

/* ---- forward.c ---- */
void forward_begin(uint32_t id, uint16_t port, const uint8_t *token);
void forward_ready(struct connection *connection);
/* Tells that it stands, or why it does not. */
void forward_report(struct connection *connection);

#endif
