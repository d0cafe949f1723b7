/*
 * batch.c - see batch.h.
 */
#include "batch.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "assembly.h"
#include "clock.h"
#include "confine.h"
#include "examiner.h"
#include "reader.h"
#include "sheet.h"

struct batch {
	struct examiner examiner;
	struct assembly assembly;
	struct sheet sheet;
	struct show show;
	char *buffer; /* owned, READER_BUFFER */
	uint64_t offset;
};

/* Findings are the sheet's answers already. */
static int
batch_finding_cb(void *arg, const struct finding *finding)
{
	(void)arg;
	(void)finding;
	return 0;
}

static int
batch_init(struct batch *batch, struct judge *judge,
    const struct show_options *options)
{
	const struct listener listener = { .arg = &batch->sheet,
		.finding = batch_finding_cb,
		.line = sheet_line,
		.settle = sheet_settle };

	memset(batch, 0, sizeof(*batch));
	show_init(&batch->show, STDOUT_FILENO, options);
	/* Zeroed: PCRE2's vector code looks at bytes behind a line's end. */
	batch->buffer = calloc(1, READER_BUFFER);
	if (batch->buffer == NULL ||
	    examiner_init(&batch->examiner, judge, &listener, 0) == -1 ||
	    assembly_init(&batch->assembly) == -1)
		return -1;
	return sheet_init(&batch->sheet, &batch->show);
}

static void
batch_release(struct batch *batch)
{
	free(batch->buffer);
	sheet_release(&batch->sheet);
	assembly_release(&batch->assembly);
	examiner_release(&batch->examiner);
	free(batch);
}

static int
batch_line(struct batch *batch, const struct line *line)
{
	if (sheet_is_full(&batch->sheet) &&
	    examiner_pause(&batch->examiner) == -1)
		return -1;
	return examiner_line(&batch->examiner, line);
}

static int
batch_take(struct batch *batch, size_t n)
{
	struct run run = { .offset = batch->offset,
		.bytes = batch->buffer,
		.length = n,
		.stream = STREAM_STDOUT };
	struct line line;

	batch->offset += n;
	while (assembly_next(&batch->assembly, &run, &line))
		if (batch_line(batch, &line) == -1)
			return -1;
	return 0;
}

/* Who watches a pipe sees what there is, while nothing more comes. */
static int
batch_wait(struct batch *batch)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

	if (poll(&input, 1, 0) != 0)
		return 0;
	if (show_flush(&batch->show) == -1)
		return -1;
	if (!sheet_holds(&batch->sheet) ||
	    poll(&input, 1, EXAMINER_PAUSE_MS) != 0)
		return 0;
	if (examiner_pause(&batch->examiner) == -1)
		return -1;
	return show_flush(&batch->show);
}

static int
batch_end(struct batch *batch)
{
	struct line line;

	while (assembly_flush(&batch->assembly, &line))
		if (batch_line(batch, &line) == -1)
			return -1;
	if (examiner_end(&batch->examiner) == -1)
		return -1;
	return show_flush(&batch->show);
}

/* 0, or -1: why. */
static int
batch_read(struct batch *batch, struct why *why)
{
	ssize_t n;

	for (;;) {
		if (batch_wait(batch) == -1)
			return why_errno(why, "cannot write the answers");
		n = read(STDIN_FILENO, batch->buffer, READER_BUFFER);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return why_errno(why, "cannot read the log");
		if (n == 0)
			break;
		if (batch_take(batch, (size_t)n) == -1)
			return why_errno(why, "cannot write the answers");
	}
	return batch_end(batch) == 0
	    ? 0
	    : why_errno(why, "cannot write the answers");
}

static void
batch_summary(const struct batch *batch, int64_t us)
{
	const struct show *show = &batch->show;
	double seconds = us < 1 ? 1e-6 : (double)us / 1e6;
	const char *between = "";

	fprintf(stderr, "%llu lines, ", (unsigned long long)show->lines);
	for (int i = SEVERITY_CRITICAL; i >= SEVERITY_NONE; i--) {
		if (show->alerts[i] == 0)
			continue;
		fprintf(stderr, "%s%llu %s", between,
		    (unsigned long long)show->alerts[i],
		    severity_name((enum severity)i));
		between = ", ";
	}
	fprintf(stderr, "%s (%.0f lines/s)\n",
	    between[0] == '\0' ? "no alerts" : "",
	    (double)show->lines / seconds);
}

int
batch_run(struct judge *judge, const struct show_options *options,
    struct why *why)
{
	struct batch *batch = malloc(sizeof(*batch));
	int64_t before = clock_mono_us();
	int done;

	if (batch == NULL || batch_init(batch, judge, options) == -1) {
		if (batch != NULL)
			batch_release(batch);
		return why_errno(why, "cannot set up");
	}
	if ((done = confine_enter(CONFINE_CLASSIFIER, why)) == 0)
		done = batch_read(batch, why);
	if (done == 0 && !options->json)
		batch_summary(batch, clock_mono_us() - before);
	batch_release(batch);
	return done;
}
