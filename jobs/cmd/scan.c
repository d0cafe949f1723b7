/*
 * scan.c - see scan.h.
 */
#include "scan.h"

#include <string.h>

/* True for what the range leaves out: lines that begin before it, and the
 * further pieces of a long one. */
static bool
scan_is_before(struct scan *scan, const struct line *line)
{
	bool before = line->shown < scan->from || scan->cut[line->stream];

	scan->cut[line->stream] = before && !line->newline;
	return before;
}

static void
scan_line_cb(const struct line *line, void *arg)
{
	struct scan *scan = arg;
	const struct alert *alert = NULL;
	enum selection_answer answer;

	if (scan->costly || scan_is_before(scan, line))
		return;
	answer = selection_line(scan->selection, line, &alert);
	if (answer == SELECTION_COSTLY) {
		scan->costly = true;
		scan->costly_at = line->offset;
		return;
	}
	scan->taker.line(line, alert, answer == SELECTION_YES, scan->taker.arg);
}

int
scan_init(struct scan *scan, const struct logs *logs,
    const struct selection *selection, const struct scan_taker *taker)
{
	*scan = (struct scan){
		.logs = logs,
		.selection = selection,
		.taker = *taker,
	};
	scan->lines = lines_new(!logs->raw, scan_line_cb, scan);
	return scan->lines == NULL ? -1 : 0;
}

void
scan_release(struct scan *scan)
{
	lines_free(scan->lines);
	scan->lines = NULL;
}

void
scan_start(struct scan *scan, const struct logs_range *range)
{
	scan->from = range->from;
	for (int i = 0; i < STREAM_COUNT; i++)
		if (range->torn[i])
			lines_tear(scan->lines, (enum stream)i);
}

/* --- passing over ------------------------------------------------------- */

/* The begin of the line that holds `at`, and of so many lines before it; or
 * `bytes`, where that is too far back. */
static const char *
scan_back(const char *bytes, const char *at, unsigned long lines)
{
	const char *begin = memrchr(bytes, '\n', (size_t)(at - bytes));

	for (; begin != NULL && lines > 0; lines--)
		begin = memrchr(bytes, '\n', (size_t)(begin - bytes));
	return begin == NULL ? bytes : begin + 1;
}

/* How many of n bytes can be passed over; *stop: the place that was found,
 * NULL: none. The bytes begin with a line, and so does what is left. */
static size_t
scan_pass(const struct scan *scan, const struct segment_chunk *at,
    const char *bytes, const char **stop)
{
	size_t n = at->length;

	*stop = selection_next(scan->selection, at, bytes, n);
	return (size_t)(scan_back(bytes, *stop != NULL ? *stop : bytes + n,
			    scan->taker.before) -
	    bytes);
}

static bool
scan_may_pass(const struct scan *scan, enum stream stream)
{
	return !scan->taker.hungry(scan->taker.arg) &&
	    lines_at_begin(scan->lines, stream);
}

/* Bytes up to the end of the line that holds p, of those before stop. */
static size_t
scan_to_end(const char *bytes, const char *p, const char *stop)
{
	const char *end = memchr(p, '\n', (size_t)(stop - p));

	return (size_t)((end == NULL ? stop : end + 1) - bytes);
}

/* Passes over what it can and hands on the lines up to the next one that
 * may be wanted. Bytes used. */
static size_t
scan_step(struct scan *scan, const struct segment_chunk *chunk,
    const char *bytes)
{
	struct segment_chunk at = *chunk;
	const char *found = bytes;
	size_t pass = 0, use;

	if (scan_may_pass(scan, at.stream))
		pass = scan_pass(scan, &at, bytes, &found);
	if (pass > 0)
		scan->taker.gap(scan->taker.arg);
	use = found == NULL ? at.length
			    : scan_to_end(bytes, found, bytes + at.length);
	segment_chunk_skip(&at, pass);
	lines_feed(scan->lines, &at, bytes + pass, use - pass);
	return use;
}

void
scan_feed(struct scan *scan, const struct segment_chunk *chunk,
    const char *bytes, size_t n)
{
	struct segment_chunk at = *chunk;

	/* What is gone may have had the end of one line and a part of the
	 * next: they are not to be taken for one. */
	if (scan->next != 0 && at.offset > scan->next)
		scan_flush(scan);
	scan->next = at.offset + n;
	if (!scan->logs->streams[at.stream])
		return;
	if (!selection_skims(scan->selection, bytes, n)) {
		lines_feed(scan->lines, &at, bytes, n);
		return;
	}
	while (n > 0 && !scan->costly) {
		size_t used;

		at.length = (uint32_t)n;
		used = scan_step(scan, &at, bytes);
		bytes += used;
		segment_chunk_skip(&at, used);
		n -= used;
	}
}

void
scan_flush(struct scan *scan)
{
	lines_flush(scan->lines);
}
