/*
 * main.c - jobwatch-classifier: reads a job's output and says what matters.
 *
 * Started by the supervisor without arguments, with its log at 2, the
 * policy and the channel at fixed descriptors (family.h). It builds all it
 * needs, gives up the right to do anything but read, compute and answer,
 * and does so until the supervisor closes the channel.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "channel.h"
#include "confine.h"
#include "family.h"
#include "io.h"
#include "message.h"
#include "policy.h"
#include "version.h"

#define POLICY_MAX (16 * 1024 * 1024)
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

/* Everything that needs memory, files or executable pages. */
static int
classifier_init(struct classifier *classifier, struct why *why)
{
	struct policy *policy = &classifier->policy;
	struct answer *answer = &classifier->answer;

	answer->peer = FAMILY_FD_PEER;
	if (io_nonblock(FAMILY_FD_PEER, false) == -1)
		return why_errno(why, "cannot use the channel");
	if (policy_read(policy, why) == -1 ||
	    judge_init(&classifier->judge, policy, classifier_note_cb, answer,
		why) == -1)
		return -1;
	if (examiner_init(&classifier->examiner, &classifier->judge, answer,
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

/* Until the supervisor closes the channel. 0, or -1 with why. */
static int
classifier_loop(struct classifier *classifier, struct why *why)
{
	struct message *message = &classifier->message;
	struct channel *channel = &classifier->channel;
	int got;

	while ((got = message_recv(FAMILY_FD_PEER, PROC_CLASSIFIER, message)) ==
	    1) {
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

/* The commands that `jobwatch` hands to this program. */
static int
command_refuse(const char *name)
{
	static const char *const later[] = { "compile", "classify",
		"programs" };

	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++)
		if (strcmp(name, later[i]) == 0) {
			fprintf(stderr, "jobwatch: %s: not there yet\n", name);
			return 1;
		}
	fprintf(stderr, "jobwatch: %s: the classifier has no such command\n",
	    name);
	return 2;
}

int
main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--version") == 0)
		return printf("jobwatch-classifier %s\n", JOBWATCH_VERSION) < 0;
	if (argc > 1)
		return command_refuse(argv[1]);
	return classifier_serve();
}
