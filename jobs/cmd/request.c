/*
 * request.c - see request.h.
 */
#include "request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "control.h"

#define REQUESTS_MAX 4 /* a user who presses Ctrl-C more often means it */

struct request {
	int dir;
	const char *home;
	const char *id;
	struct control *open[REQUESTS_MAX]; /* owned, oldest first */
	size_t count;
};

struct request *
request_new(int dir, const char *home, const char *id, struct why *why)
{
	struct request *request = calloc(1, sizeof(*request));

	if (request == NULL) {
		why_errno(why, "cannot follow job %s", id);
		return NULL;
	}
	request->dir = dir;
	request->home = home;
	request->id = id;
	return request;
}

static void
request_drop_oldest(struct request *request)
{
	control_close(request->open[0]);
	free(request->open[0]);
	request->count--;
	memmove(request->open, request->open + 1,
	    request->count * sizeof(request->open[0]));
}

void
request_free(struct request *request)
{
	if (request == NULL)
		return;
	while (request->count > 0)
		request_drop_oldest(request);
	free(request);
}

/* Takes `object`. */
static void
request_send(struct request *request, json_t *object)
{
	struct control *control = malloc(sizeof(*control));
	struct why why;

	if (object == NULL || control == NULL) {
		cmd_error(0, "cannot ask %s: out of memory", request->id);
		goto fail;
	}
	if (control_connect(control, request->dir, request->home, request->id,
		&why) == -1) {
		cmd_error(0, "%s", why.text);
		goto fail;
	}
	if (control_send(control, object) == -1) {
		cmd_error(0, "cannot ask %s: %s", request->id, strerror(errno));
		control_close(control);
		goto fail;
	}
	if (request->count == REQUESTS_MAX)
		request_drop_oldest(request);
	request->open[request->count++] = control;
	json_decref(object);
	return;
fail:
	free(control);
	json_decref(object);
}

void
request_signal(struct request *request, int signo)
{
	request_send(request,
	    json_pack("{s:s, s:i}", "cmd", "signal", "signal", signo));
}

void
request_stop(struct request *request)
{
	request_send(request, json_pack("{s:s}", "cmd", "stop"));
}

int
request_fd(const struct request *request)
{
	return request->count == 0 ? -1 : request->open[0]->fd;
}

void
request_step(struct request *request)
{
	json_t *answer;
	const char *error;

	if (request->count == 0)
		return;
	answer = control_recv(request->open[0], 0);
	if (answer == NULL && errno == ETIMEDOUT)
		return;
	error = json_string_value(json_object_get(answer, "error"));
	if (error != NULL)
		cmd_error(0, "%s: %s", request->id, error);
	json_decref(answer);
	request_drop_oldest(request);
}
