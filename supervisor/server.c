/*
 * server.c - who may come in, and how many; see server.h.
 */
#include "server.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>

#include "family.h"
#include "supervisor.h"

#define REQUEST_MAX 4096

/* --- connections -------------------------------------------------------- */

static void
client_read_cb(struct bufferevent *channel, void *arg)
{
	struct server_client *client = arg;
	struct evbuffer *in = bufferevent_get_input(channel);
	char *line;
	size_t n;

	while (client->channel != NULL &&
	    (line = evbuffer_readln(in, &n, EVBUFFER_EOL_LF)) != NULL) {
		server_handle(client, line, n);
		free(line);
	}
	if (client->channel != NULL && evbuffer_get_length(in) >= REQUEST_MAX)
		server_close_client(client);
}

static void
client_event_cb(struct bufferevent *channel, short what, void *arg)
{
	(void)channel;
	(void)what; /* end or error: either way it is gone */
	server_close_client(arg);
}

/* A free place, or the one whose client has waited longest for nothing. */
static struct server_client *
server_place(struct server *server)
{
	struct server_client *oldest = NULL;

	for (int i = 0; i < SERVER_CLIENTS_MAX; i++) {
		struct server_client *client = &server->clients[i];

		if (client->channel == NULL)
			return client;
		if (!client->awaits_rotation && !client->awaits_plan &&
		    (oldest == NULL || client->follows < oldest->follows ||
			(client->follows == oldest->follows &&
			    client->active < oldest->active)))
			oldest = client;
	}
	if (oldest != NULL)
		server_close_client(oldest);
	return oldest;
}

static bool
server_is_own_user(int fd)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 &&
	    peer.uid == geteuid();
}

static void
server_admit(struct server *server, int fd)
{
	struct server_client *client = server_place(server);

	if (client == NULL) {
		close(fd);
		return;
	}
	client->channel = bufferevent_socket_new(server->supervisor->base, fd,
	    BEV_OPT_CLOSE_ON_FREE);
	if (client->channel == NULL) {
		close(fd);
		return;
	}
	client->server = server;
	client->active = ++server->clock;
	bufferevent_setwatermark(client->channel, EV_READ, 0, REQUEST_MAX);
	bufferevent_setcb(client->channel, client_read_cb, NULL,
	    client_event_cb, client);
	bufferevent_enable(client->channel, EV_READ | EV_WRITE);
}

/* A door that was shut, by us or a predecessor, says so for ever: nobody
 * listens to it any more. */
static void
server_leave_door(struct server *server, int fd)
{
	struct pollfd door = { .fd = fd };

	if (poll(&door, 1, 0) != 1 || (door.revents & POLLHUP) == 0)
		return;
	for (size_t i = 0; i < SERVER_DOORS; i++)
		if (event_get_fd(server->doors[i]) == fd)
			event_del(server->doors[i]);
}

static void
server_accept_cb(evutil_socket_t fd, short what, void *arg)
{
	static const char refusal
	    [] = "{\"ok\":false,\"error\":\"the job is another user's\"}\n";
	int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)what;
	if (client == -1) {
		server_leave_door(arg, fd);
		return;
	}
	if (!server_is_own_user(client)) {
		send(client, refusal, sizeof(refusal) - 1, MSG_NOSIGNAL);
		close(client);
		return;
	}
	server_admit(arg, client);
}

/* --- telling all -------------------------------------------------------- */

void
server_changed(struct server *server)
{
	for (int i = 0; i < SERVER_CLIENTS_MAX; i++)
		if (server->clients[i].follows)
			server_tell_state(&server->clients[i], "state");
}

/* The loop turns no more, so what is left to say is written here. Only the
 * bufferevent may take from its output, unless it is told otherwise. */
static void
client_flush(struct server_client *client)
{
	struct evbuffer *out = bufferevent_get_output(client->channel);

	evbuffer_unfreeze(out, 1);
	evbuffer_write(out, bufferevent_getfd(client->channel));
}

void
server_settled(struct server *server)
{
	for (int i = 0; i < SERVER_CLIENTS_MAX; i++) {
		struct server_client *client = &server->clients[i];

		if (!client->follows)
			continue;
		server_tell_state(client, "settled");
		if (client->channel != NULL)
			client_flush(client);
	}
}

void
server_rotated(struct server *server, const struct writer_closed *closed)
{
	const char *name = closed->name[0] == '\0' ? NULL : closed->name;

	for (int i = 0; i < SERVER_CLIENTS_MAX; i++) {
		struct server_client *client = &server->clients[i];

		if (client->channel == NULL || !client->awaits_rotation)
			continue;
		client->awaits_rotation = false;
		server_tell_rotation(client, name, closed->bytes);
	}
}

void
server_not_rotated(struct server *server, int error)
{
	for (int i = 0; i < SERVER_CLIENTS_MAX; i++) {
		struct server_client *client = &server->clients[i];

		if (client->channel == NULL || !client->awaits_rotation)
			continue;
		client->awaits_rotation = false;
		server_tell_no_rotation(client, error);
	}
}

void
server_planned(struct server *server, const struct writer_plan *plan)
{
	for (int i = 0; i < SERVER_CLIENTS_MAX; i++) {
		struct server_client *client = &server->clients[i];

		if (client->channel == NULL || !client->awaits_plan)
			continue;
		client->awaits_plan = false;
		server_tell_plan(client, plan);
	}
}

void
server_close_short(struct server *server)
{
	(void)server;
	/* The keeper holds it, too; this ends it for both. */
	shutdown(FAMILY_FD_CONTROL_SHORT, SHUT_RDWR);
}

int
server_init(struct server *server, struct supervisor *supervisor,
    struct why *why)
{
	static const int fds[] = { FAMILY_FD_CONTROL, FAMILY_FD_CONTROL_SHORT };

	server->supervisor = supervisor;
	for (int i = 0; i < 2; i++) {
		server->doors[i] = event_new(supervisor->base, fds[i],
		    EV_READ | EV_PERSIST, server_accept_cb, server);
		if (server->doors[i] == NULL ||
		    event_add(server->doors[i], NULL) == -1)
			return why_errno(why, "cannot listen");
	}
	return 0;
}

void
server_release(struct server *server)
{
	for (int i = 0; i < 2; i++)
		if (server->doors[i] != NULL)
			event_free(server->doors[i]);
	for (int i = 0; i < SERVER_CLIENTS_MAX; i++)
		server_close_client(&server->clients[i]);
}
