/*
 * report.c - see report.h. The keys are those of the contract, section 4.
 */
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "jsonw.h"
#include "log.h"
#include "supervisor.h"
#include "utf8.h"

#define COPY_MAX 8192	  /* bytes of JSON that one key of job.json gets */
#define ARGUMENT_MAX 2048 /* bytes of one argument, at the most */
#define ELLIPSIS "\u2026" /* stands for what was cut */

static void
report_exit(const struct life *life, struct jsonw *w)
{
	bool known = life->status_known && life_has_ended(life);

	if (known && WIFEXITED(life->wait_status))
		jsonw_int(w, "exit_code", WEXITSTATUS(life->wait_status));
	else
		jsonw_null(w, "exit_code");
	if (known && WIFSIGNALED(life->wait_status))
		jsonw_int(w, "signal", WTERMSIG(life->wait_status));
	else
		jsonw_null(w, "signal");
	jsonw_str(w, "reason",
	    life_has_ended(life) ? job_reason_name(life->reason) : NULL);
	jsonw_str(w, "detail", life->detail[0] == '\0' ? NULL : life->detail);
	jsonw_bool(w, "policy_ended",
	    life_has_ended(life) && life_by_policy(life));
	jsonw_int(w, "spawn_errno",
	    life->job.phase == JOB_PHASE_FAILED ? life->job.error : 0);
}

static void
report_pid(struct jsonw *w, const char *key, pid_t pid)
{
	if (pid > 0)
		jsonw_int(w, key, pid);
	else
		jsonw_null(w, key);
}

static void
report_times(const struct supervisor *supervisor, struct jsonw *w)
{
	const struct life *life = &supervisor->life;
	const struct message_job *job = &life->job;
	int64_t until = life_has_ended(life) ? life->ended_mono_us
					     : clock_mono_us();

	jsonw_time(w, "started_at", job->started_real_us);
	jsonw_time(w, "ended_at", life->ended_real_us);
	jsonw_time(w, "last_output_at",
	    supervisor->stall.last_real_us != 0
		? supervisor->stall.last_real_us
		: supervisor->progress.last_time_us);
	if (job->started_mono_us != 0)
		jsonw_real(w, "runtime_s",
		    (double)(until - job->started_mono_us) / 1e6);
	else
		jsonw_null(w, "runtime_s");
}

/* The text, or at most max bytes of its beginning. */
static void
report_cut(struct jsonw *w, const char *key, const char *text, size_t max)
{
	size_t n = strlen(text);
	char cut[ARGUMENT_MAX + sizeof(ELLIPSIS)];

	if (n <= max) {
		jsonw_text(w, key, text, n);
		return;
	}
	n = utf8_cut(text, n, max);
	memcpy(cut, text, n);
	strcpy(cut + n, ELLIPSIS);
	jsonw_str(w, key, cut);
}

/* A text that may be long, or hardly anything but escapes. */
static void
report_text(struct jsonw *w, const char *key, const char *text)
{
	char room[COPY_MAX];
	struct jsonw try;

	jsonw_start(&try, room, sizeof(room));
	jsonw_str(&try, NULL, text);
	if (text == NULL || jsonw_end(&try) != -1)
		jsonw_str(w, key, text);
	else
		report_cut(w, key, text, COPY_MAX / 8);
}

/* A text of job.json as it stands there. */
static void
report_copy(const struct supervisor *supervisor, struct jsonw *w,
    const char *key)
{
	report_text(w, key,
	    json_string_value(json_object_get(supervisor->job, key)));
}

/* The first `count` arguments, of max bytes each; -1: they do not fit. */
static long
report_arguments(const json_t *argv, size_t count, size_t max,
    char out[COPY_MAX])
{
	struct jsonw w;

	jsonw_start(&w, out, COPY_MAX);
	jsonw_open(&w, NULL, '[');
	for (size_t i = 0; i < count; i++) {
		const char *text = json_string_value(json_array_get(argv, i));

		report_cut(&w, NULL, text == NULL ? "" : text, max);
	}
	if (count < json_array_size(argv))
		jsonw_str(&w, NULL, ELLIPSIS);
	jsonw_close(&w, ']');
	return jsonw_end(&w);
}

/* A command line may have megabytes, which job.json keeps: here long
 * arguments are cut, so that the short ones can stay; then the last ones go. */
static void
report_argv(const struct supervisor *supervisor, struct jsonw *w)
{
	const json_t *argv = json_object_get(supervisor->job, "argv");
	size_t count = json_array_size(argv), max = ARGUMENT_MAX;
	char text[COPY_MAX];

	if (count > COPY_MAX / 3) /* none takes less than two quotes and ',' */
		count = COPY_MAX / 3;
	while (report_arguments(argv, count, max, text) == -1)
		if (max > 32)
			max /= 4;
		else
			count -= count / 8 + 1;
	jsonw_raw(w, "argv", text);
}

static void
report_output(const struct supervisor *supervisor, struct jsonw *w)
{
	const struct writer_progress *progress = &supervisor->progress;
	const struct classify *classify = &supervisor->classify;
	uint64_t errors = supervisor->bytes_before[STREAM_STDERR];
	uint64_t lag = progress->log_end > classify->end
	    ? progress->log_end - classify->end
	    : 0;

	if (supervisor->capture != NULL)
		errors += capture_bytes(supervisor->capture, STREAM_STDERR);
	jsonw_open(w, "bytes", '{');
	jsonw_int(w, "stdout",
	    (int64_t)(progress->log_end > errors ? progress->log_end - errors
						 : 0));
	jsonw_int(w, "stderr", (int64_t)errors);
	jsonw_close(w, '}');
	jsonw_int(w, "lines", (int64_t)classify->lines);
	jsonw_int(w, "lag_bytes", (int64_t)lag);
}

/* What the lines were, the ten most frequent shapes. */
static void
report_templates(const struct classify *classify, struct jsonw *w)
{
	const struct message_templates *templates = &classify->templates;

	jsonw_open(w, "templates", '{');
	jsonw_int(w, "known", (int64_t)templates->known);
	jsonw_int(w, "other_lines", (int64_t)templates->gone);
	jsonw_open(w, "top", '[');
	for (uint32_t i = 0; i < templates->count; i++) {
		const struct message_template *row = &templates->top[i];
		char hash[17];

		snprintf(hash, sizeof(hash), "%016" PRIx64, row->fingerprint);
		jsonw_open(w, NULL, '{');
		jsonw_text(w, "template", row->text, row->length);
		jsonw_str(w, "fingerprint", hash);
		jsonw_int(w, "count", (int64_t)row->count);
		jsonw_int(w, "first_offset", (int64_t)row->first);
		jsonw_int(w, "last_offset", (int64_t)row->last);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
	jsonw_close(w, '}');
}

static void
report_alerts(const struct supervisor *supervisor, struct jsonw *w)
{
	const struct journal_past *past = journal_past(supervisor->journal);

	jsonw_open(w, "alerts", '{');
	for (int i = SEVERITY_CRITICAL; i >= SEVERITY_LOW; i--)
		jsonw_int(w, severity_name(i), (int64_t)past->alerts[i]);
	jsonw_close(w, '}');
}

static void
report_family(const struct supervisor *supervisor, struct jsonw *w)
{
	const struct life *life = &supervisor->life;
	bool stays = life->stage != LIFE_SETTLED; /* else all leave now */
	bool parent = !supervisor->recover && !life->keeper_gone;

	jsonw_open(w, "processes", '{');
	report_pid(w, "keeper", stays && parent ? getppid() : 0);
	report_pid(w, "supervisor", stays ? getpid() : 0);
	report_pid(w, "classifier", stays ? supervisor->classify.child.pid : 0);
	report_pid(w, "notifier", stays ? supervisor->notice.child.pid : 0);
	jsonw_close(w, '}');
	jsonw_int(w, "recoveries", supervisor->recoveries);
	jsonw_bool(w, "capture_only", supervisor->capture_only);
	jsonw_int(w, "outbox", supervisor->notice.pending);
}

static void
report_log(const struct supervisor *supervisor, struct jsonw *w)
{
	const struct writer_progress *progress = &supervisor->progress;

	jsonw_open(w, "log", '{');
	report_text(w, "dir", supervisor->dir_path);
	jsonw_int(w, "segments", (int64_t)progress->closed_segments + 1);
	jsonw_int(w, "bytes", (int64_t)progress->log_end);
	jsonw_int(w, "lost_bytes", (int64_t)loss_total(&supervisor->loss));
	if (progress->error != 0)
		jsonw_str(w, "error", strerror(progress->error));
	jsonw_close(w, '}');
}

static void
report_resources(const struct life *life, struct jsonw *w)
{
	jsonw_open(w, "resources", '{');
	if (life->job.phase == JOB_PHASE_ENDED) {
		jsonw_real(w, "cpu_s", (double)life->job.cpu_us / 1e6);
		jsonw_int(w, "rss_bytes", life->job.rss_bytes);
	} else {
		jsonw_null(w, "cpu_s");
		jsonw_null(w, "rss_bytes");
	}
	jsonw_open(w, "gpu", '[');
	jsonw_close(w, ']');
	jsonw_close(w, '}');
}

static void
report_identity(const struct supervisor *supervisor, struct jsonw *w)
{
	static const char *const keys[] = { "cwd", "host", "user",
		"correlation_id", "trace_id" };

	report_argv(supervisor, w);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		report_copy(supervisor, w, keys[i]);
}

long
report_status(struct report *report, const char **text)
{
	const struct supervisor *supervisor = report->supervisor;
	const struct life *life = &supervisor->life;
	struct jsonw w;

	jsonw_start(&w, report->text, sizeof(report->text));
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "job", supervisor->identity.id);
	report_copy(supervisor, &w, "name");
	report_copy(supervisor, &w, "kind");
	jsonw_str(&w, "state", job_state_name(life->state));
	report_pid(&w, "pid", supervisor->watching ? 0 : life->job.pid);
	report_exit(life, &w);
	report_times(supervisor, &w);
	jsonw_int(&w, "restarts",
	    life->job.attempt > 1 ? life->job.attempt - 1 : 0);
	report_identity(supervisor, &w);
	report_output(supervisor, &w);
	report_alerts(supervisor, &w);
	report_templates(&supervisor->classify, &w);
	jsonw_null(&w, "progress");
	jsonw_int(&w, "attempt", life->job.attempt);
	jsonw_int(&w, "dropped_keys", 0);
	jsonw_bool(&w, "stalled", supervisor->stall.stalled);
	jsonw_int(&w, "actions_open", 0);
	jsonw_null(&w, "muted_until");
	report_family(supervisor, &w);
	report_log(supervisor, &w);
	report_resources(life, &w);
	jsonw_close(&w, '}');
	*text = report->text;
	return jsonw_end(&w);
}

long
report_state(const struct supervisor *supervisor, const char *type, char *text,
    size_t cap)
{
	const struct life *life = &supervisor->life;
	struct jsonw w;

	jsonw_start(&w, text, cap);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "type", type);
	jsonw_str(&w, "state", job_state_name(life->state));
	jsonw_bool(&w, "ended", life_has_ended(life));
	report_exit(life, &w);
	jsonw_int(&w, "end", (int64_t)life->end);
	jsonw_bool(&w, "drained", life->stage >= LIFE_ANSWERING);
	jsonw_bool(&w, "recorded", life->recorded);
	jsonw_close(&w, '}');
	return jsonw_end(&w);
}

void
report_write(struct report *report, bool sync)
{
	const char *text;
	long n = report_status(report, &text);

	evtimer_del(report->timer);
	if (n == -1 ||
	    writer_replace(report->supervisor->writer, WRITER_STATUS, text,
		(size_t)n, sync) == -1)
		log_warn("cannot write status.json: too long");
}

static void
report_timer_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	report_write(arg, false);
}

void
report_soon(struct report *report, int delay_ms)
{
	const struct timeval delay = { delay_ms / 1000,
		delay_ms % 1000 * 1000 };
	int64_t due = clock_mono_us() + delay_ms * INT64_C(1000);

	if (evtimer_pending(report->timer, NULL) && report->due_us <= due)
		return;
	report->due_us = due;
	evtimer_add(report->timer, &delay);
}

int
report_init(struct report *report, struct supervisor *supervisor,
    struct why *why)
{
	report->supervisor = supervisor;
	report->timer = evtimer_new(supervisor->base, report_timer_cb, report);
	return report->timer == NULL ? why_errno(why, "cannot report") : 0;
}

void
report_release(struct report *report)
{
	if (report->timer != NULL)
		event_free(report->timer);
}
