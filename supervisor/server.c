/*
 * server.c - see server.h. One row of server_commands for each request.
 */
#include "server.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>

#include "family.h"
#include "io.h"
#include "jsonw.h"
#include "log.h"
#include "supervisor.h"

#define REQUEST_MAX 4096
#define UNREAD_MAX (256 << 10) /* a follower that reads nothing is let go */
#define ANSWER_MAX 4096

/* --- answering ---------------------------------------------------------- */

static void
client_close(struct server_client *client)
{
	if (client->channel != NULL)
		bufferevent_free(client->channel);
	client->channel = NULL;
	client->follows = client->awaits_rotation = false;
}

static void
client_say(struct server_client *client, const char *text, size_t n)
{
	struct evbuffer *out = bufferevent_get_output(client->channel);

	if (evbuffer_get_length(out) > UNREAD_MAX) {
		client_close(client);
		return;
	}
	evbuffer_add(out, text, n);
	evbuffer_add(out, "\n", 1);
}

static void
client_ok(struct server_client *client)
{
	client_say(client, "{\"ok\":true}", 11);
}

static void
client_refuse(struct server_client *client, const char *why)
{
	char text[512];
	struct jsonw w;
	long n;

	jsonw_start(&w, text, sizeof(text));
	jsonw_open(&w, NULL, '{');
	jsonw_bool(&w, "ok", false);
	jsonw_str(&w, "error", why);
	jsonw_close(&w, '}');
	n = jsonw_end(&w);
	if (n > 0)
		client_say(client, text, (size_t)n);
}

static void
client_tell_state(struct server_client *client, const char *type)
{
	char text[ANSWER_MAX];
	long n = report_state(client->server->supervisor, type, text,
	    sizeof(text));

	if (n > 0)
		client_say(client, text, (size_t)n);
}

/* --- requests ----------------------------------------------------------- */

/* Value of a key, or fallback where it is not a whole number in range. */
static int64_t
request_int(const json_t *request, const char *key, int64_t fallback)
{
	const json_t *value = json_object_get(request, key);

	return json_is_integer(value) ? json_integer_value(value) : fallback;
}

static void
server_on_status(struct server_client *client, const json_t *request)
{
	struct report *report = &client->server->supervisor->report;
	struct evbuffer *out = bufferevent_get_output(client->channel);
	const char *text;
	long n = report_status(report, &text);

	(void)request;
	if (evbuffer_get_length(out) > UNREAD_MAX) {
		client_close(client); /* asks, and never takes an answer */
		return;
	}
	if (n == -1) {
		client_refuse(client, "the status is too long");
		return;
	}
	evbuffer_add_printf(out, "{\"ok\":true,\"status\":%s}\n", text);
}

static void
server_on_signal(struct server_client *client, const json_t *request)
{
	struct supervisor *supervisor = client->server->supervisor;
	int64_t signal = request_int(request, "signal", 0);

	if (signal <= 0 || signal > 64)
		client_refuse(client, "there is no such signal");
	else if (stop_signal(&supervisor->stop, (int)signal) == -1)
		client_refuse(client, errno == ESRCH ? "the job has ended"
						     : strerror(errno));
	else
		client_ok(client);
}

static void
server_on_stop(struct server_client *client, const json_t *request)
{
	struct supervisor *supervisor = client->server->supervisor;
	int64_t signal = request_int(request, "signal", 0);

	if (signal < 0 || signal > 64) {
		client_refuse(client, "there is no such signal");
		return;
	}
	stop_by_user(&supervisor->stop, (int)signal,
	    request_int(request, "grace_ms", -1));
	client_ok(client);
}

static void
server_on_kill(struct server_client *client, const json_t *request)
{
	(void)request;
	stop_kill_by_user(&client->server->supervisor->stop);
	client_ok(client);
}

static void
server_tell_rotation(struct server_client *client, const char *segment,
    uint64_t bytes)
{
	char text[256];
	struct jsonw w;
	long n;

	jsonw_start(&w, text, sizeof(text));
	jsonw_open(&w, NULL, '{');
	jsonw_bool(&w, "ok", true);
	jsonw_str(&w, "segment", segment);
	jsonw_int(&w, "bytes", (int64_t)bytes);
	jsonw_close(&w, '}');
	n = jsonw_end(&w);
	if (n > 0)
		client_say(client, text, (size_t)n);
}

static void
server_on_rotate(struct server_client *client, const json_t *request)
{
	struct supervisor *supervisor = client->server->supervisor;
	const struct writer_progress *progress = &supervisor->progress;

	writer_progress(supervisor->writer, &supervisor->progress);
	if (json_is_true(json_object_get(request, "dry_run"))) {
		server_tell_rotation(client, NULL,
		    progress->log_end - progress->log_begin);
		return;
	}
	client->awaits_rotation = true;
	writer_rotate(supervisor->writer);
}

static void
server_on_follow(struct server_client *client, const json_t *request)
{
	(void)request;
	client->follows = true;
	client_tell_state(client, "state");
}

static const struct server_command {
	const char *name;
	void (*handle)(struct server_client *client, const json_t *request);
} server_commands[] = {
	{ "status", server_on_status },
	{ "signal", server_on_signal },
	{ "stop", server_on_stop },
	{ "kill", server_on_kill },
	{ "rotate", server_on_rotate },
	{ "follow", server_on_follow },
};

static void
server_handle(struct server_client *client, const char *line, size_t n)
{
	json_t *request = json_loadb(line, n, 0, NULL);
	const char *name = json_string_value(json_object_get(request, "cmd"));

	client->active = ++client->server->clock;
	for (size_t i = 0; name != NULL &&
	    i < sizeof(server_commands) / sizeof(server_commands[0]); i++)
		if (strcmp(server_commands[i].name, name) == 0) {
			server_commands[i].handle(client, request);
			json_decref(request);
			return;
		}
	json_decref(request);
	client_refuse(client, name == NULL ? "not a request"
					   : "no such request");
}

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
		client_close(client);
}

static void
client_event_cb(struct bufferevent *channel, short what, void *arg)
{
	(void)channel;
	(void)what; /* end or error: either way it is gone */
	client_close(arg);
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
		if (!client->awaits_rotation && (oldest == NULL ||
		    client->follows < oldest->follows ||
		    (client->follows == oldest->follows &&
		    client->active < oldest->active)))
			oldest = client;
	}
	if (oldest != NULL)
		client_close(oldest);
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

static void
server_accept_cb(evutil_socket_t fd, short what, void *arg)
{
	static const char refusal[] =
	    "{\"ok\":false,\"error\":\"the job is another user's\"}\n";
	int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)what;
	if (client == -1)
		return;
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
			client_tell_state(&server->clients[i], "state");
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
		client_tell_state(client, "settled");
		if (client->channel != NULL)
			client_flush(client);
	}
}

void
server_rotated(struct server *server, const struct writer_progress *progress)
{
	const char *name = progress->rotated_name[0] == '\0'
	    ? NULL : progress->rotated_name;

	for (int i = 0; i < SERVER_CLIENTS_MAX; i++) {
		struct server_client *client = &server->clients[i];

		if (client->channel == NULL || !client->awaits_rotation)
			continue;
		client->awaits_rotation = false;
		server_tell_rotation(client, name, progress->rotated_bytes);
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
	static const int fds[] = { FAMILY_FD_CONTROL,
		FAMILY_FD_CONTROL_SHORT };

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
		client_close(&server->clients[i]);
}
