/*
 * server.h - the family's end of the control socket; see control.h for what
 * is spoken there.
 *
 * Clients are of our own uid or refused. There is room for a bounded number;
 * when it is used up, the one that has been idle longest and follows nothing
 * makes room, so that a full house never locks out a `stop`.
 */
#ifndef SUPERVISOR_SERVER_H
#define SUPERVISOR_SERVER_H

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "why.h"
#include "writer.h"

#define SERVER_DOORS 2
#define SERVER_CLIENTS_MAX 64

struct supervisor;
struct server;

struct server_client {
	struct server *server;
	struct bufferevent *channel; /* NULL: a free place */
	uint64_t active;	     /* the higher, the more recently used */
	bool follows;
	bool awaits_rotation;
	bool awaits_plan;
};

struct server {
	struct supervisor *supervisor;
	struct event *doors[SERVER_DOORS];
	uint64_t clock; /* counts requests, for `active` */
	struct server_client clients[SERVER_CLIENTS_MAX];
};

int server_init(struct server *server, struct supervisor *supervisor,
    struct why *why);
void server_release(struct server *server);
/* The job's state has changed: followers hear of it. */
void server_changed(struct server *server);
/* All is done: followers hear {"type":"settled"} and are let go. */
void server_settled(struct server *server);
/* The job directory is gone: the door that does not depend on it is closed,
 * since its address may be a new job's. */
void server_close_short(struct server *server);
/* A rotation was done: those who asked for it hear of it. */
void server_rotated(struct server *server, const struct writer_closed *closed);
/* The disk does not take it, for now: the same. */
void server_not_rotated(struct server *server, int error);
/* What a rotation would do is known: the same. */
void server_planned(struct server *server, const struct writer_plan *plan);

/* server_requests.c, for server.c: one line that a client sent; the state as
 * a line; what came of a rotation (NULL: nothing was there to close), or why
 * nothing did; and the end of a client. */
void server_handle(struct server_client *client, const char *line, size_t n);
void server_tell_state(struct server_client *client, const char *type);
void server_tell_rotation(struct server_client *client, const char *segment,
    uint64_t bytes);
void server_tell_no_rotation(struct server_client *client, int error);
void server_tell_plan(struct server_client *client,
    const struct writer_plan *plan);
void server_close_client(struct server_client *client);

#endif
