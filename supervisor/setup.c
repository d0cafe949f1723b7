/*
 * setup.c - puts a supervisor together from the job directory and the
 * descriptors that its predecessor, if any, has left.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "family.h"
#include "io.h"
#include "jobdir.h"
#include "logread.h"
#include "supervisor.h"

#define POLICY_MAX (8 << 20)

static int
supervisor_load(struct supervisor *supervisor, struct why *why)
{
	size_t length;
	char *text = io_load(FAMILY_FD_DIR, "policy.json", POLICY_MAX, &length);
	int result;

	if (text == NULL)
		return why_errno(why, "cannot read policy.json");
	result = policy_from_json(&supervisor->policy, text, length, why);
	free(text);
	if (result == -1)
		return -1;
	supervisor->job = jobdir_identity(FAMILY_FD_DIR, why);
	if (supervisor->job == NULL)
		return -1;
	supervisor->identity = (struct event_job){
		.id = json_string_value(json_object_get(supervisor->job, "id")),
		.correlation_id = json_string_value(
		    json_object_get(supervisor->job, "correlation_id")),
		.trace_id = json_string_value(
		    json_object_get(supervisor->job, "trace_id")),
	};
	supervisor->watching = json_is_string(
	    json_object_get(supervisor->job, "watch"));
	supervisor->dir_path = json_string_value(
	    json_object_get(supervisor->job, "dir"));
	return supervisor->identity.id == NULL
	    ? why_set(why, "job.json has no id")
	    : 0;
}

/* What predecessors have captured of stderr, from all indexes. */
static int
supervisor_count_before(struct supervisor *supervisor, struct why *why)
{
	struct logread *reader = logread_open(FAMILY_FD_DIR, why);
	uint64_t base = 0, bytes;
	struct segment segment;

	if (reader == NULL)
		return -1;
	while (logread_segment(reader, base, &segment) == 1) {
		if (segment_count(&segment, STREAM_STDERR, &bytes) == 0)
			supervisor->bytes_before[STREAM_STDERR] += bytes;
		base = segment.base + 1;
		segment_release(&segment);
	}
	logread_close(reader);
	return 0;
}

/* [log], for the writer. */
static void
supervisor_instruct_writer(struct supervisor *supervisor, uint64_t lost_until)
{
	const struct policy *policy = &supervisor->policy;
	enum codec codec = (enum codec)codec_parse(
	    policy_str(policy, "log.compress"));
	int64_t retention = policy_ms(policy, "log.max_retention");
	struct writer_rules rules = {
		.max_size = policy_bytes(policy, "log.max_size"),
		.keep = (unsigned)policy_int(policy, "log.keep"),
		.total_size = policy_bytes(policy, "log.total_size"),
		.max_retention_us = retention < 0 ? -1 : retention * 1000,
		.disk_free = policy_bytes(policy, "limits.disk_free"),
		.drops = strcmp(policy_str(policy, "log.on_full"),
			     "drop-oldest") == 0,
		.delay = policy_bool(policy, "log.delay_compress"),
		.hook = policy_str(policy, "log.on_rotate") != NULL,
		.archive = policy_str(policy, "log.archive") != NULL,
		.suffix = codec == CODEC_NONE ? NULL : codec_suffix(codec),
	};

	writer_obey(supervisor->writer, &rules);
	writer_recall_losses(supervisor->writer, lost_until);
}

static int
supervisor_open(struct supervisor *supervisor, struct why *why)
{
	static const int stages[] = { FAMILY_FD_STAGE_OUT_READ,
		FAMILY_FD_STAGE_ERR_READ };
	struct capture_callbacks callbacks = { supervisor_output_cb,
		supervisor_ended_cb, supervisor };
	struct journal_past past;

	if (journal_read(FAMILY_FD_DIR, &past, why) == -1)
		return -1;
	supervisor->writer = writer_new(FAMILY_FD_DIR, stages, past.end,
	    policy_bytes(&supervisor->policy, "log.max_size"), why);
	/* Not before: a rotation that was cut short hides a segment. */
	if (supervisor->writer == NULL ||
	    supervisor_count_before(supervisor, why) == -1)
		return -1;
	supervisor_instruct_writer(supervisor, past.lost_until);
	writer_progress(supervisor->writer, &supervisor->progress);
	supervisor->journal = journal_new(supervisor->writer,
	    &supervisor->identity, &past);
	supervisor->gate = gate_new(&supervisor->policy);
	if (supervisor->journal == NULL || supervisor->gate == NULL)
		return why_errno(why, "cannot start");
	if (supervisor->recover)
		return 0;
	supervisor->capture = capture_new(supervisor->base, supervisor->writer,
	    &callbacks, why);
	if (supervisor->capture == NULL)
		return -1;
	return actions_init(&supervisor->actions, supervisor->base,
	    supervisor->writer, why);
}

static int
supervisor_open_parts(struct supervisor *supervisor, struct why *why)
{
	if (stop_init(&supervisor->stop, supervisor, why) == -1 ||
	    stall_init(&supervisor->stall, supervisor, why) == -1 ||
	    strays_init(&supervisor->strays, supervisor, why) == -1 ||
	    rotation_init(&supervisor->rotation, supervisor, why) == -1 ||
	    loss_init(&supervisor->loss, supervisor, why) == -1 ||
	    diskspace_init(&supervisor->diskspace, supervisor, why) == -1 ||
	    upkeep_init(&supervisor->upkeep, supervisor, why) == -1 ||
	    report_init(&supervisor->report, supervisor, why) == -1 ||
	    life_init(&supervisor->life, supervisor, why) == -1 ||
	    classify_init(&supervisor->classify, supervisor, why) == -1 ||
	    notice_init(&supervisor->notice, supervisor, why) == -1)
		return -1;
	if (supervisor->recover)
		return 0;
	return server_init(&supervisor->server, supervisor, why);
}

static struct event *
supervisor_watch(struct supervisor *supervisor, int fd, short what,
    event_callback_fn callback)
{
	struct event *event = event_new(supervisor->base, fd,
	    (short)(what | EV_PERSIST), callback, supervisor);

	if (event != NULL && event_add(event, NULL) == -1) {
		event_free(event);
		return NULL;
	}
	return event;
}

static int
supervisor_open_events(struct supervisor *supervisor, struct why *why)
{
	supervisor->wake = supervisor_watch(supervisor,
	    writer_wake_fd(supervisor->writer), EV_READ, supervisor_wake_cb);
	supervisor->children = supervisor_watch(supervisor, SIGCHLD, EV_SIGNAL,
	    supervisor_children_cb);
	supervisor->terminate = supervisor_watch(supervisor, SIGTERM, EV_SIGNAL,
	    supervisor_terminate_cb);
	supervisor->flood = evtimer_new(supervisor->base, supervisor_flood_cb,
	    supervisor);
	if (!supervisor->recover) {
		io_nonblock(FAMILY_FD_PEER, true);
		supervisor->peer = supervisor_watch(supervisor, FAMILY_FD_PEER,
		    EV_READ, supervisor_peer_cb);
	}
	if (supervisor->wake == NULL || supervisor->children == NULL ||
	    supervisor->terminate == NULL || supervisor->flood == NULL ||
	    (supervisor->peer == NULL && !supervisor->recover))
		return why_errno(why, "cannot watch");
	return 0;
}

int
supervisor_init(struct supervisor *supervisor, struct why *why)
{
	supervisor->exit_code = FAMILY_EXIT_FAILED;
	supervisor->base = event_base_new();
	if (supervisor->base == NULL)
		return why_errno(why, "cannot make a loop");
	if (supervisor_load(supervisor, why) == -1 ||
	    supervisor_open(supervisor, why) == -1 ||
	    supervisor_open_parts(supervisor, why) == -1 ||
	    supervisor_open_events(supervisor, why) == -1)
		return -1;
	return writer_start(supervisor->writer) == -1
	    ? why_errno(why, "cannot start the writer")
	    : 0;
}
