/*
 * probe.c - see probe.h. All channels at once, one attempt each.
 */
#include "probe.h"

#include <errno.h>
#include <event2/event.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "channel.h"
#include "confine.h"
#include "http.h"
#include "io.h"
#include "sample.h"
#include "sign.h"
#include "utf8.h"
#include "verdict.h"

enum { PROBE_OK, PROBE_NO, PROBE_USAGE, PROBE_FAILED = 125 };

#define PROBE_ERROR_MAX 512
#define PROBE_POLICY_MAX (4 * 1024 * 1024)

struct probe_options {
	int policy_fd;
	int secrets_fd;
	enum severity severity;
	const char *channel; /* NULL: all */
	bool json;
};

/* What one channel made of it. */
struct probe_result {
	const struct channel *channel;
	struct request request;
	bool asked;
	bool ok;
	long status;
	int64_t took_us;
	char error[PROBE_ERROR_MAX]; /* "" where there is a status */
};

struct probe {
	struct probe_options options;
	struct policy policy;
	struct credentials credentials;
	struct channels channels;
	struct sample sample;
	struct event_base *base;
	struct http *http;
	struct probe_result *results; /* owned, one for each channel */
	unsigned waiting;
};

static int
probe_fail(int code, const char *text)
{
	fprintf(stderr, "jobwatch: notify test: %s\n", text);
	return code;
}

static void
probe_done_cb(const struct http_answer *answer, void *arg)
{
	struct probe_result *result = arg;

	result->status = answer->status;
	result->took_us = answer->took_us;
	result->ok = verdict_of(answer->status) == VERDICT_SENT;
	snprintf(result->error, sizeof(result->error), "%s",
	    answer->status == 0 ? answer->error : "");
}

static int
probe_compose(struct probe *probe, struct probe_result *result, struct why *why)
{
	const struct notice_frame frame = { &probe->sample.subject,
		&probe->policy };
	const struct channel *channel = result->channel;
	struct notice notice;
	char id[SIGN_ID_MAX];
	int made;

	if (channel->type == NULL)
		return why_set(why, "channel type %s is not there yet",
		    channel->type_name);
	if (sign_id(subject_uid(&probe->sample.subject), 0, channel->name,
		id) == -1 ||
	    notice_init(&notice, &frame, &probe->sample.occurrence) == -1)
		return why_set(why, "out of memory");
	notice.id = id;
	notice.type = "test";
	notice.line = probe->sample.line;
	made = channel_build(channel, &notice, &result->request, why);
	notice_release(&notice);
	return made;
}

static void
probe_ask(struct probe *probe, struct probe_result *result)
{
	struct why why;

	result->asked = true;
	if (probe_compose(probe, result, &why) == -1 ||
	    http_send(probe->http, &result->request, probe_done_cb, result,
		&why) == -1)
		snprintf(result->error, sizeof(result->error), "%s", why.text);
}

/* The loop ends by itself once nothing is under way. */
static int
probe_ask_all(struct probe *probe, struct why *why)
{
	const char *only = probe->options.channel;
	unsigned asked = 0;

	for (uint32_t i = 0; i < probe->channels.count; i++) {
		struct probe_result *result = &probe->results[i];

		result->channel = &probe->channels.at[i];
		request_init(&result->request);
		if (only != NULL && strcmp(only, result->channel->name) != 0)
			continue;
		probe_ask(probe, result);
		asked++;
	}
	if (asked == 0)
		return only == NULL
		    ? why_set(why,
			  "the policy has no [[channel]]; --notify URL "
			  "makes one")
		    : why_set(why, "the policy has no channel \"%s\"", only);
	event_base_dispatch(probe->base);
	return 0;
}

static void
probe_print_line(const struct probe_result *result)
{
	const struct channel *channel = result->channel;

	utf8_print(stdout, channel->name, strlen(channel->name));
	printf(" (%s): %s, ", channel->type_name, result->ok ? "ok" : "failed");
	if (result->error[0] == '\0')
		printf("HTTP %ld in %" PRId64 " ms\n", result->status,
		    (result->took_us + 500) / 1000);
	else {
		utf8_print(stdout, result->error, strlen(result->error));
		putchar('\n');
	}
}

static void
probe_print_json(const struct probe *probe)
{
	json_t *list = json_array();
	char *text;

	for (uint32_t i = 0; i < probe->channels.count; i++) {
		const struct probe_result *result = &probe->results[i];

		if (result->asked)
			json_array_append_new(list,
			    json_pack("{s:s, s:s, s:b, s:I, s:f, s:s?}",
				"channel", result->channel->name, "type",
				result->channel->type_name, "ok", result->ok,
				"http", (json_int_t)result->status, "ms",
				(double)result->took_us / 1000, "error",
				result->error[0] == '\0' ? NULL
							 : result->error));
	}
	text = json_dumps(list, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	puts(text == NULL ? "[]" : text);
	free(text);
	json_decref(list);
}

static int
probe_print(const struct probe *probe)
{
	bool ok = true;

	for (uint32_t i = 0; i < probe->channels.count; i++) {
		if (!probe->results[i].asked)
			continue;
		ok = ok && probe->results[i].ok;
		if (!probe->options.json)
			probe_print_line(&probe->results[i]);
	}
	if (probe->options.json)
		probe_print_json(probe);
	if (fflush(stdout) != 0)
		return probe_fail(PROBE_FAILED, strerror(errno));
	return ok ? PROBE_OK : PROBE_NO;
}

/* The whole of a descriptor, whoever wrote it and wherever it stands. */
static int
probe_read_policy(struct probe *probe, struct why *why)
{
	int fd = probe->options.policy_fd;
	char *text = malloc(PROBE_POLICY_MAX);
	ssize_t n;
	int result = -1;

	if (text == NULL)
		return why_set(why, "out of memory");
	n = io_pread_full(fd, text, PROBE_POLICY_MAX, 0);
	if (n == -1)
		why_errno(why, "cannot read the policy");
	else
		result = policy_from_json(&probe->policy, text, (size_t)n, why);
	free(text);
	return result;
}

static int
probe_start(struct probe *probe, struct why *why)
{
	if (probe_read_policy(probe, why) == -1)
		return -1;
	if (credentials_init(&probe->credentials, probe->options.secrets_fd) ==
		-1 ||
	    channels_init(&probe->channels, &probe->policy,
		&probe->credentials) == -1 ||
	    (probe->results = calloc(probe->channels.count + 1,
		 sizeof(*probe->results))) == NULL ||
	    (probe->base = event_base_new()) == NULL)
		return why_set(why, "out of memory");
	if (sample_init(&probe->sample, &probe->policy, probe->options.severity,
		why) == -1)
		return -1;
	probe->http = http_new(probe->base, why);
	return probe->http == NULL ? -1 : confine_enter(CONFINE_NOTIFIER, why);
}

static void
probe_release(struct probe *probe)
{
	http_free(probe->http);
	for (uint32_t i = 0;
	     probe->results != NULL && i < probe->channels.count; i++)
		request_release(&probe->results[i].request);
	free(probe->results);
	if (probe->base != NULL)
		event_base_free(probe->base);
	sample_release(&probe->sample);
	channels_release(&probe->channels);
	credentials_release(&probe->credentials);
	policy_release(&probe->policy);
}

/* 0, or -1: wrong usage. */
static int
probe_options(struct probe_options *options, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "policy-fd", required_argument, NULL, 'p' },
		{ "secrets-fd", required_argument, NULL, 's' },
		{ "severity", required_argument, NULL, 'S' },
		{ "channel", required_argument, NULL, 'c' },
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	int option, severity = SEVERITY_HIGH;

	*options = (struct probe_options){ .policy_fd = -1, .secrets_fd = -1 };
	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (option == 'p')
			options->policy_fd = atoi(optarg);
		else if (option == 's')
			options->secrets_fd = atoi(optarg);
		else if (option == 'S')
			severity = severity_parse(optarg);
		else if (option == 'c')
			options->channel = optarg;
		else if (option == 'j')
			options->json = true;
		else
			return -1;
	}
	options->severity = severity == -1 ? SEVERITY_NONE
					   : (enum severity)severity;
	return severity == -1 || options->policy_fd == -1 || optind != argc ? -1
									    : 0;
}

int
probe_run(int argc, char **argv)
{
	struct probe probe = { 0 };
	struct why why;
	int code;

	if (probe_options(&probe.options, argc, argv) == -1)
		return probe_fail(PROBE_USAGE, "wrong usage");
	if (probe_start(&probe, &why) == -1)
		code = probe_fail(PROBE_FAILED, why.text);
	else if (probe_ask_all(&probe, &why) == -1)
		code = probe_fail(PROBE_NO, why.text);
	else
		code = probe_print(&probe);
	probe_release(&probe);
	return code;
}
