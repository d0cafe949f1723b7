/*
 * http.c - see http.h. How libcurl tells us what to wait for, and hears of
 * it, is here; a single transfer is in transfer.c.
 *
 * Rules that libcurl sets: its timer callback must not call it back, not
 * even for 0 ms; a descriptor it takes leave of may be closed already, so
 * the event goes then and there; after an error of socket_action no handle
 * is of use; descriptors that are no transfers (the resolver's) come by,
 * too.
 */
#include "http.h"

#include <curl/curl.h>
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "transfer.h"

#define HTTP_CONNECTIONS_KEPT 16L

struct http {
	struct event_base *base; /* borrowed */
	struct event *timer;	 /* the one that libcurl asked for */
	CURLM *multi;
	struct transfer *first; /* under way, newest first */
	bool broken;
	bool ending; /* libcurl's farewells need no answer */
};

/* One descriptor that libcurl wants watched; made and freed in
 * http_socket_cb. */
struct http_socket {
	struct http *http;
	struct event *event;
};

static void
http_forget(struct http *http, struct transfer *transfer)
{
	if (transfer->previous != NULL)
		transfer->previous->next = transfer->next;
	else
		http->first = transfer->next;
	if (transfer->next != NULL)
		transfer->next->previous = transfer->previous;
	curl_multi_remove_handle(http->multi, transfer->easy);
}

/* Whoever is done calls back last: it may well send the next request. */
static void
http_finish(struct http *http, struct transfer *transfer, CURLcode result)
{
	struct http_answer answer;

	transfer_answer(transfer, result, &answer);
	http_forget(http, transfer);
	transfer->done(&answer, transfer->arg);
	transfer_free(transfer);
}

static void
http_collect(struct http *http)
{
	struct CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
		struct transfer *transfer = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
		    &transfer);
		http_finish(http, transfer, message->data.result);
	}
}

static void
http_act(struct http *http, curl_socket_t fd, int what)
{
	CURLMcode code;
	int running;

	if (http->broken)
		return;
	code = curl_multi_socket_action(http->multi, fd, what, &running);
	if (code != CURLM_OK) {
		log_warn("cannot go on sending: %s", curl_multi_strerror(code));
		http->broken = true;
		event_base_loopbreak(http->base);
		return;
	}
	http_collect(http);
}

static void
http_ready_cb(evutil_socket_t fd, short what, void *arg)
{
	struct http_socket *socket = arg;

	http_act(socket->http, fd,
	    ((what & EV_READ) != 0 ? CURL_CSELECT_IN : 0) |
		((what & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0));
}

static void
http_timeout_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	http_act(arg, CURL_SOCKET_TIMEOUT, 0);
}

/* libcurl's timer: one, not repeating; -1 takes it away. */
static int
http_timer_cb(CURLM *multi, long ms, void *arg)
{
	struct http *http = arg;
	struct timeval wait = { ms / 1000, ms % 1000 * 1000 };

	(void)multi;
	if (http->ending)
		return 0;
	if (ms < 0)
		event_del(http->timer);
	else
		event_add(http->timer, &wait);
	return 0;
}

static void
http_unwatch(struct http *http, curl_socket_t fd, struct http_socket *socket)
{
	if (socket == NULL)
		return;
	curl_multi_assign(http->multi, fd, NULL);
	event_free(socket->event); /* deletes it first */
	free(socket);
}

static struct http_socket *
http_socket_new(struct http *http, curl_socket_t fd, short wanted)
{
	struct http_socket *socket = malloc(sizeof(*socket));

	if (socket == NULL)
		return NULL;
	socket->http = http;
	socket->event = event_new(http->base, fd, wanted | EV_PERSIST,
	    http_ready_cb, socket);
	if (socket->event == NULL || event_add(socket->event, NULL) == -1) {
		if (socket->event != NULL)
			event_free(socket->event);
		free(socket);
		return NULL;
	}
	return socket;
}

/* A change makes the event anew: a number may stand for another descriptor
 * than when it was added. */
static int
http_socket_cb(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
	struct http *http = arg;
	struct http_socket *socket;

	(void)easy;
	http_unwatch(http, fd, known);
	if (what == CURL_POLL_REMOVE || http->ending)
		return 0;
	socket = http_socket_new(http, fd,
	    (short)(((what & CURL_POLL_IN) != 0 ? EV_READ : 0) |
		((what & CURL_POLL_OUT) != 0 ? EV_WRITE : 0)));
	if (socket == NULL)
		return -1;
	curl_multi_assign(http->multi, fd, socket);
	return 0;
}

static int
http_set_up(struct http *http)
{
	http->multi = curl_multi_init();
	http->timer = event_new(http->base, -1, 0, http_timeout_cb, http);
	if (http->multi == NULL || http->timer == NULL)
		return -1;
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, http_socket_cb);
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, http_timer_cb);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS,
	    HTTP_CONNECTIONS_KEPT);
	return 0;
}

struct http *
http_new(struct event_base *base, struct why *why)
{
	struct http *http = calloc(1, sizeof(*http));

	signal(SIGPIPE, SIG_IGN); /* NOSIGNAL leaves it to us */
	if (http == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != 0) {
		why_set(why, "cannot start libcurl");
		free(http);
		return NULL;
	}
	http->base = base;
	if (http_set_up(http) == -1) {
		why_set(why, "cannot start libcurl: out of memory");
		http_free(http);
		return NULL;
	}
	return http;
}

void
http_free(struct http *http)
{
	if (http == NULL)
		return;
	http->ending = true;
	while (http->first != NULL) {
		struct transfer *transfer = http->first;

		http_forget(http, transfer);
		transfer_free(transfer);
	}
	curl_multi_cleanup(http->multi); /* calls http_socket_cb */
	if (http->timer != NULL)
		event_free(http->timer);
	free(http);
	curl_global_cleanup();
}

int
http_send(struct http *http, const struct request *request, http_done_cb *done,
    void *arg, struct why *why)
{
	struct transfer *transfer = transfer_new(request, done, arg);
	CURLMcode code;

	if (transfer == NULL)
		return why_set(why, "out of memory");
	code = curl_multi_add_handle(http->multi, transfer->easy);
	if (code != CURLM_OK) {
		transfer_free(transfer);
		return why_set(why, "%s", curl_multi_strerror(code));
	}
	transfer->next = http->first;
	if (transfer->next != NULL)
		transfer->next->previous = transfer;
	http->first = transfer;
	return 0;
}

bool
http_is_broken(const struct http *http)
{
	return http->broken;
}
