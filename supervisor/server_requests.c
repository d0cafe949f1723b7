/*
 * server_requests.c - what clients may ask, and how they are answered. One
 * row of server_commands for each request.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include <event2/buffer.h>

#include "control.h"
#include "family.h"
#include "jsonw.h"
#include "supervisor.h"

#define UNREAD_MAX (256 << 10) /* a follower that reads nothing is let go */
#define ANSWER_MAX 4096

/* --- answering ---------------------------------------------------------- */

void
server_close_client(struct server_client *client)
{
	if (client->channel != NULL)
		bufferevent_free(client->channel);
	client->channel = NULL;
	client->follows = client->awaits_rotation = client->awaits_plan = false;
}

static void
client_say(struct server_client *client, const char *text, size_t n)
{
	struct evbuffer *out = bufferevent_get_output(client->channel);

	if (evbuffer_get_length(out) > UNREAD_MAX) {
		server_close_client(client);
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

void
server_tell_state(struct server_client *client, const char *type)
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
		server_close_client(
		    client); /* asks, and never takes an answer */
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
		client_refuse(client,
		    errno == ESRCH ? "the job has ended" : strerror(errno));
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

void
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

void
server_tell_no_rotation(struct server_client *client, int error)
{
	char why[256];

	snprintf(why, sizeof(why),
	    "the disk does not take it: %s; it is done when the disk does",
	    strerror(error));
	client_refuse(client, why);
}

/* Of each kind the names, as many as there is room for, and their number. */
void
server_tell_plan(struct server_client *client, const struct writer_plan *plan)
{
	static const char *const kinds[PLAN_KINDS][2] = {
		[PLAN_REMOVE] = { "removes", "removes_count" },
		[PLAN_COMPRESS] = { "compresses", "compresses_count" },
		[PLAN_ARCHIVE] = { "archives", "archives_count" },
	};
	char text[sizeof(*plan) + 1024];
	struct jsonw w;
	long n;

	jsonw_start(&w, text, sizeof(text));
	jsonw_open(&w, NULL, '{');
	jsonw_bool(&w, "ok", true);
	jsonw_str(&w, "segment", plan->bytes == 0 ? NULL : plan->closes);
	jsonw_int(&w, "bytes", (int64_t)plan->bytes);
	for (int kind = 0; kind < PLAN_KINDS; kind++) {
		const struct writer_plan_row *row = &plan->rows[kind];

		jsonw_int(&w, kinds[kind][1], row->count);
		jsonw_open(&w, kinds[kind][0], '[');
		for (unsigned i = 0; i < row->count && i < PLAN_ROWS; i++)
			jsonw_str(&w, NULL, row->names[i]);
		jsonw_close(&w, ']');
	}
	jsonw_close(&w, '}');
	n = jsonw_end(&w);
	if (n > 0)
		client_say(client, text, (size_t)n);
}

static void
server_on_rotate(struct server_client *client, const json_t *request)
{
	struct supervisor *supervisor = client->server->supervisor;

	if (json_is_true(json_object_get(request, "dry_run"))) {
		client->awaits_plan = true;
		writer_want_plan(supervisor->writer);
		return;
	}
	client->awaits_rotation = true;
	writer_rotate(supervisor->writer, TRIGGER_REQUEST);
	rotation_step(&supervisor->rotation); /* it may be known to fail */
}

/* Who has the master may type, and tell the terminal's size, without us. It
 * goes out beside the channel's own buffer, so that has to be empty. */
static void
server_on_terminal(struct server_client *client, const json_t *request)
{
	struct supervisor *supervisor = client->server->supervisor;
	struct evbuffer *out = bufferevent_get_output(client->channel);
	struct winsize size;

	(void)request;
	if (ioctl(FAMILY_FD_JOB_OUT, TIOCGWINSZ, &size) == -1)
		client_refuse(client, "the job has no terminal of its own");
	else if (life_has_ended(&supervisor->life))
		client_refuse(client, "the job has ended");
	else if (evbuffer_get_length(out) > 0 ||
	    control_answer_fd(bufferevent_getfd(client->channel),
		FAMILY_FD_JOB_OUT) == -1)
		server_close_client(client);
}

static void
server_on_follow(struct server_client *client, const json_t *request)
{
	(void)request;
	client->follows = true;
	server_tell_state(client, "state");
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
	{ "terminal", server_on_terminal },
};

void
server_handle(struct server_client *client, const char *line, size_t n)
{
	json_t *request = json_loadb(line, n, 0, NULL);
	const char *name = json_string_value(json_object_get(request, "cmd"));

	client->active = ++client->server->clock;
	for (size_t i = 0; name != NULL &&
	     i < sizeof(server_commands) / sizeof(server_commands[0]);
	     i++)
		if (strcmp(server_commands[i].name, name) == 0) {
			server_commands[i].handle(client, request);
			json_decref(request);
			return;
		}
	json_decref(request);
	client_refuse(client,
	    name == NULL ? "not a request" : "no such request");
}
