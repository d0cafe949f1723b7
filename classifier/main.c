/*
 * main.c - jobwatch-classifier: reads a job's output and says what matters.
 *
 * Started by the supervisor without arguments, with its log at 2, the
 * policy and the channel at fixed descriptors (family.h). It builds all it
 * needs, gives up the right to do anything but read, compute and answer,
 * and does so until the supervisor closes the channel. With arguments it is
 * a command of `jobwatch` (batch.h).
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch.h"
#include "channel.h"
#include "confine.h"
#include "family.h"
#include "io.h"
#include "message.h"
#include "policy.h"
#include "version.h"

#define POLICY_MAX (16 * 1024 * 1024)
/* Exit codes of its commands (CONTRACT, section 1). */
#define COMMAND_NO 1
#define COMMAND_USAGE 2
#define COMMAND_FAILED 125
#define NICE 5 /* capture and the job itself go first */

struct classifier {
	struct policy policy;
	struct answer answer;
	struct judge judge;
	struct examiner examiner;
	struct channel channel;
	struct message message;
};

/* A note for the family's log; if it cannot be sent, the channel's next use
 * says so too. */
static void
classifier_note_cb(void *arg, const char *words)
{
	(void)answer_note(arg, words);
}

static char *
policy_text(size_t *length, struct why *why)
{
	struct stat st;
	char *text;
	ssize_t n;

	if (fstat(CLASSIFIER_FD_POLICY, &st) == -1) {
		why_errno(why, "cannot read the policy");
		return NULL;
	}
	if (st.st_size > POLICY_MAX) {
		why_set(why, "cannot read the policy: it is too large");
		return NULL;
	}
	text = malloc((size_t)st.st_size + 1);
	n = text == NULL
	    ? -1
	    : io_pread_full(CLASSIFIER_FD_POLICY, text, (size_t)st.st_size, 0);
	if (n == -1) {
		why_errno(why, "cannot read the policy");
		free(text);
		return NULL;
	}
	*length = (size_t)n;
	return text;
}

static int
policy_read(struct policy *policy, struct why *why)
{
	size_t length;
	char *text = policy_text(&length, why);
	int done;

	if (text == NULL)
		return -1;
	done = policy_from_json(policy, text, length, why);
	free(text);
	return done;
}

static int
classifier_finding_cb(void *arg, const struct finding *finding)
{
	return answer_finding(arg, finding);
}

/* Everything that needs memory, files or executable pages. */
static int
classifier_init(struct classifier *classifier, struct why *why)
{
	struct policy *policy = &classifier->policy;
	struct answer *answer = &classifier->answer;
	const struct listener listener = { .arg = answer,
		.finding = classifier_finding_cb };

	answer->peer = FAMILY_FD_PEER;
	if (io_nonblock(FAMILY_FD_PEER, false) == -1)
		return why_errno(why, "cannot use the channel");
	if (policy_read(policy, why) == -1 ||
	    judge_init(&classifier->judge, policy, classifier_note_cb, answer,
		why) == -1)
		return -1;
	if (examiner_init(&classifier->examiner, &classifier->judge, &listener,
		policy_int(policy, "notify.context_lines")) == -1 ||
	    examiner_want_novelty(&classifier->examiner,
		policy_str(policy, "classify.novelty")) == -1 ||
	    channel_init(&classifier->channel, &classifier->examiner, answer) ==
		-1)
		return why_errno(why, "cannot set up");
	policy_release(policy);
	errno = 0;
	if (nice(NICE) == -1 && errno != 0)
		return why_errno(why, "cannot lower the priority");
	return 0;
}

static void
classifier_release(struct classifier *classifier)
{
	channel_release(&classifier->channel);
	examiner_release(&classifier->examiner);
	judge_release(&classifier->judge);
	free(classifier);
}

/* The supervisor has gone, or was replaced: an end like any other. */
static bool
channel_is_gone(int error)
{
	return error == EPIPE || error == ECONNRESET;
}

/* The next message, after a pause in which what waits for more lines is told
 * as it is. As message_recv. */
static int
classifier_recv(struct classifier *classifier)
{
	struct pollfd peer = { .fd = FAMILY_FD_PEER, .events = POLLIN };

	if (examiner_open(&classifier->examiner) &&
	    poll(&peer, 1, EXAMINER_PAUSE_MS) == 0 &&
	    examiner_pause(&classifier->examiner) == -1)
		return -1;
	return message_recv(FAMILY_FD_PEER, PROC_CLASSIFIER,
	    &classifier->message);
}

/* Until the supervisor closes the channel. 0, or -1 with why. */
static int
classifier_loop(struct classifier *classifier, struct why *why)
{
	struct message *message = &classifier->message;
	struct channel *channel = &classifier->channel;
	int got;

	while ((got = classifier_recv(classifier)) == 1) {
		if (channel_on_message(channel, message) == 0)
			continue;
		if (channel_is_gone(errno))
			return 0;
		return why_errno(why, "cannot go on at offset %llu",
		    (unsigned long long)channel->reader.position);
	}
	if (got == -1 && !channel_is_gone(errno))
		return why_errno(why, "cannot read from the supervisor");
	return 0;
}

static int
classifier_serve(void)
{
	struct classifier *classifier = calloc(1, sizeof(*classifier));
	struct why why;
	int done = -1;

	if (classifier == NULL)
		why_errno(&why, "cannot set up");
	else if (classifier_init(classifier, &why) == 0 &&
	    confine_enter(CONFINE_CLASSIFIER, &why) == 0)
		done = classifier_loop(classifier, &why);
	if (done == -1)
		fprintf(stderr, "classifier: %s\n", why.text);
	if (classifier != NULL)
		classifier_release(classifier);
	return done == 0 ? 0 : 1;
}

/* --- the commands that `jobwatch` hands to this program ----------------- */

/* Rules that are off, in the words of a command. */
static void
command_note_cb(void *arg, const char *words)
{
	(void)arg;
	fprintf(stderr, "jobwatch: %s\n", words);
}

/* The front has read the command line: what comes here is its own. */
static bool
classify_option(struct show_options *options, const char *argument)
{
	const struct {
		const char *name;
		bool *value;
	} rows[] = {
		{ "--json", &options->json },
		{ "--only-alerts", &options->only_alerts },
		{ "--explain", &options->explain },
		{ "--colour", &options->colour },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, argument) == 0)
			return *rows[i].value = true;
	return false;
}

/* The policy is at CLASSIFIER_FD_POLICY, the log at 0. */
static int
command_classify(char **argv)
{
	struct show_options options = { .json = false };
	struct policy policy = { .root = NULL };
	struct judge judge;
	struct why why;
	int done = -1;

	for (; *argv != NULL; argv++)
		if (!classify_option(&options, *argv))
			return COMMAND_USAGE;
	if (policy_read(&policy, &why) == 0 &&
	    judge_init(&judge, &policy, command_note_cb, NULL, &why) == 0) {
		done = batch_run(&judge, &options, &why);
		judge_release(&judge);
	}
	policy_release(&policy);
	if (done == -1)
		fprintf(stderr, "jobwatch: %s\n", why.text);
	return done == 0 ? 0 : COMMAND_FAILED;
}

static int
command_run(char **argv)
{
	static const char *const later[] = { "compile", "programs" };

	if (strcmp(argv[0], "classify") == 0)
		return command_classify(argv + 1);
	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++)
		if (strcmp(argv[0], later[i]) == 0) {
			fprintf(stderr, "jobwatch: %s: not there yet\n",
			    argv[0]);
			return COMMAND_NO;
		}
	fprintf(stderr, "jobwatch: %s: the classifier has no such command\n",
	    argv[0]);
	return COMMAND_USAGE;
}

int
main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--version") == 0)
		return printf("jobwatch-classifier %s\n", JOBWATCH_VERSION) < 0;
	if (argc > 1)
		return command_run(argv + 1);
	return classifier_serve();
}
