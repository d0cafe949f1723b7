/*
 * sample.c - see sample.h.
 */
#include "sample.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "clock.h"
#include "event.h"

#define SAMPLE_UID_BYTES 16
#define SAMPLE_HOST_MAX 256

/* Unlike a job's, so that each test has its own message id. */
static int
sample_uid(char uid[2 * SAMPLE_UID_BYTES + 1])
{
	unsigned char bytes[SAMPLE_UID_BYTES];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return -1;
	for (size_t i = 0; i < sizeof(bytes); i++)
		sprintf(uid + 2 * i, "%02x", bytes[i]);
	return 0;
}

static int
sample_subject(struct subject *subject, const struct policy *policy,
    const char *host)
{
	const char *name = policy_str(policy, "job.name");
	const char *kind = policy_str(policy, "job.kind");
	const struct passwd *user = getpwuid(getuid());
	char uid[2 * SAMPLE_UID_BYTES + 1];

	if (sample_uid(uid) == -1)
		return -1;
	subject->status = NULL;
	subject->identity = json_pack("{s:s, s:s, s:s, s:s?, s:s, s:s?, s:[], "
				      "s:n}",
	    "uid", uid, "id", name == NULL ? "test" : name, "name",
	    name == NULL ? "test" : name, "kind", kind, "host", host, "user",
	    user == NULL ? NULL : user->pw_name, "argv", "correlation_id");
	return subject->identity == NULL ? -1 : 0;
}

static int
sample_event(struct sample *sample, enum severity severity, const char *host)
{
	const struct event_job job = {
		.id = subject_text(&sample->subject, "id"),
	};
	char message[SAMPLE_HOST_MAX + 64];
	struct event event = {
		.time_us = clock_real_us(),
		.name = EVENT_OUTPUT_ALERT,
		.severity = severity,
		.kind = KIND_NOISE,
		.message = message,
		.source = "test",
		.source_length = 4,
		.score = -1,
		.fingerprint = event_fingerprint(EVENT_OUTPUT_ALERT, "test"),
		.count = 1,
	};
	long length;

	event.message_length = (size_t)snprintf(message, sizeof(message),
	    "a test notification of jobwatch on %s: nothing is wrong", host);
	length = event_format(&event, &job, sample->line, SAMPLE_LINE_MAX);
	if (length == -1)
		return -1;
	sample->line[length - 1] = '\0'; /* its newline */
	return occurrence_init(&sample->occurrence, sample->line,
	    (size_t)length - 1);
}

int
sample_init(struct sample *sample, const struct policy *policy,
    enum severity severity, struct why *why)
{
	char host[SAMPLE_HOST_MAX];

	if (gethostname(host, sizeof(host)) == -1)
		strcpy(host, "this host");
	host[sizeof(host) - 1] = '\0';
	if (sample_subject(&sample->subject, policy, host) == -1)
		return why_set(why, "cannot make a test: out of memory");
	if (sample_event(sample, severity, host) == 0)
		return 0;
	subject_release(&sample->subject);
	return why_set(why, "cannot make a test event");
}

void
sample_release(struct sample *sample)
{
	occurrence_release(&sample->occurrence);
	subject_release(&sample->subject);
}
