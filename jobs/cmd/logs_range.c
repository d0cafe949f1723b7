/*
 * logs_range.c - from "the last 20 lines of stderr since 10m" to offsets.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "logread.h"
#include "logs.h"
#include "scan.h"
#include "trouble.h"

#define RANGE_BLOCK (64u << 10) /* and the first look back from the end */

/* --since finds a chunk, whose first byte may be in the middle of a line. Its
 * begin is looked for this far back, for the sake of a folded one, of which a
 * later state may be shown. */
#define RANGE_WARM (64u << 10)

struct finder {
	const struct logs *logs;
	const struct selection *selection;
	struct logread *reader;
	uint64_t low; /* by offset and time, it is in [low, high) */
	uint64_t high;
	bool by_time; /* low was found by --since */
	uint64_t at;  /* where it reads; UINT64_MAX: it does not yet */
	char block[RANGE_BLOCK];
};

struct extent {
	uint64_t from;
	uint64_t to;
};

/* Takes bytes of one stream; false: no more are wanted. */
typedef bool finder_bytes_cb(const struct segment_chunk *chunk,
    const char *bytes, size_t n, void *arg);

/* Hands on what is there. 0, or -1 with errno. */
static int
finder_read(struct finder *finder, struct extent extent, finder_bytes_cb *cb,
    void *arg)
{
	uint64_t from = extent.from;
	struct logread_trouble trouble;

	while (from < extent.to) {
		uint64_t room = extent.to - from;
		struct segment_chunk chunk;
		ssize_t n = logread_get(finder->reader, from, finder->block,
		    room < RANGE_BLOCK ? room : RANGE_BLOCK, &chunk);

		if (n == -1 &&
		    trouble_measure(finder->reader, from, extent.to,
			&trouble)) {
			from = trouble.end; /* who shows it will say so */
			continue;
		}
		finder->at = from;
		if (n <= 0)
			return (int)n;
		from = chunk.offset + (uint64_t)n;
		if (chunk.offset >= extent.to ||
		    !cb(&chunk, finder->block, (size_t)n, arg))
			break;
	}
	return 0;
}

/* --- lines by their newlines -------------------------------------------- */

struct newlines {
	const bool *streams;
	unsigned long count;
	unsigned long limit;
	bool open;    /* there are bytes behind the last one */
	uint64_t end; /* behind the newline that is the limit's */
};

static bool
newlines_cb(const struct segment_chunk *chunk, const char *bytes, size_t n,
    void *arg)
{
	struct newlines *lines = arg;
	const char *p = bytes, *stop = bytes + n;

	if (!lines->streams[chunk->stream])
		return true;
	lines->open = stop[-1] != '\n';
	while ((p = memchr(p, '\n', (size_t)(stop - p))) != NULL) {
		p++;
		if (++lines->count < lines->limit)
			continue;
		lines->end = chunk->offset + (uint64_t)(p - bytes);
		return false;
	}
	return true;
}

static int
finder_count_newlines(struct finder *finder, struct extent extent,
    unsigned long *count)
{
	struct newlines lines = { .streams = finder->logs->streams,
		.limit = ULONG_MAX };

	if (finder_read(finder, extent, newlines_cb, &lines) == -1)
		return -1;
	*count = lines.count + lines.open;
	return 0;
}

/* Where the first lines of the range end. */
static int
finder_head(struct finder *finder, struct logs_range *range)
{
	struct newlines lines = { .streams = finder->logs->streams,
		.limit = finder->logs->lines };
	const struct extent whole = { finder->low, finder->high };

	range->limit = finder->logs->lines;
	if (range->limit == 0)
		range->end = finder->low;
	if (range->limit == 0 || logs_as_lines(finder->logs))
		return 0;
	if (finder_read(finder, whole, newlines_cb, &lines) == -1)
		return -1;
	if (lines.count == lines.limit)
		range->end = lines.end;
	return 0;
}

/* --- lines that are asked for ------------------------------------------- */

static void
wanted_line_cb(const struct line *line, const struct alert *alert,
    bool selected, void *arg)
{
	unsigned long *count = arg;

	(void)line;
	(void)alert;
	*count += selected;
}

static void
wanted_gap_cb(void *arg)
{
	(void)arg;
}

static bool
wanted_hungry_cb(void *arg)
{
	(void)arg;
	return false;
}

static bool
wanted_bytes_cb(const struct segment_chunk *chunk, const char *bytes, size_t n,
    void *arg)
{
	struct scan *scan = arg;

	scan_feed(scan, chunk, bytes, n);
	return !scan->costly;
}

static int
finder_count_wanted(struct finder *finder, const struct logs_range *range,
    unsigned long *count)
{
	const struct scan_taker taker = { wanted_line_cb, wanted_gap_cb,
		wanted_hungry_cb, 0, count };
	struct scan scan;
	int result;

	*count = 0;
	if (scan_init(&scan, finder->logs, finder->selection, &taker) == -1)
		return -1;
	scan_start(&scan, range);
	result = finder_read(finder,
	    (struct extent){ range->read, finder->high }, wanted_bytes_cb,
	    &scan);
	if (finder->logs->lines > 0) /* else the unfinished one is to come */
		scan_flush(&scan);
	if (scan.costly) /* so is looking back: who shows it will say so */
		*count = ULONG_MAX;
	scan_release(&scan);
	return result;
}

/* --- the range ---------------------------------------------------------- */

/* The range begins at `at`: with --since, at the first line that begins
 * there, which may be further on. 0, or -1 with errno. */
static int
finder_begin(const struct finder *finder, uint64_t at, struct logs_range *range)
{
	uint64_t begin = logread_begin(finder->reader);

	range->read = range->from = at;
	memset(range->torn, 0, sizeof(range->torn));
	if (at > finder->low || !finder->by_time ||
	    !logs_as_lines(finder->logs))
		return 0;
	range->read = at > begin + RANGE_WARM ? at - RANGE_WARM : begin;
	for (int i = 0; i < STREAM_COUNT && range->read > begin; i++) {
		int torn = logread_in_line(finder->reader, range->read,
		    (enum stream)i);

		if (torn == -1)
			return -1;
		range->torn[i] = torn == 1;
	}
	return 0;
}

/* True where lines are newlines of the whole output, up to its end. */
static bool
finder_is_plain(const struct finder *finder)
{
	const struct logs *logs = finder->logs;

	return !logs_as_lines(logs) && logs->until_us == INT64_MAX &&
	    logs->streams[STREAM_STDOUT] && logs->streams[STREAM_STDERR];
}

static int
finder_tail_plain(struct finder *finder, struct logs_range *range)
{
	uint64_t at;

	if (logread_find_tail(finder->reader, finder->logs->lines, &at) == -1)
		return -1;
	return finder_begin(finder, at > finder->low ? at : finder->low, range);
}

/* Lines that are shown from `at` on. 0, or -1 with errno. */
static int
finder_count(struct finder *finder, uint64_t at, struct logs_range *range,
    unsigned long *have)
{
	if (finder_begin(finder, at, range) == -1)
		return -1;
	if (logs_as_lines(finder->logs))
		return finder_count_wanted(finder, range, have);
	return finder_count_newlines(finder,
	    (struct extent){ at, finder->high }, have);
}

/* True when there is one more of both than is needed, for the first line
 * may be a part: lines to show behind `at`, and lines before `enough` (0:
 * not known yet) to show with the first of them. -1: errno. */
static int
finder_is_enough(struct finder *finder, uint64_t at, unsigned long have,
    uint64_t *enough)
{
	const struct logs *logs = finder->logs;
	unsigned long before;

	if (have <= logs->lines && logs->lines > 0)
		return 0;
	if (logs->before == 0)
		return 1;
	if (*enough == 0)
		*enough = at;
	if (finder_count_newlines(finder, (struct extent){ at, *enough },
		&before) == -1)
		return -1;
	return before > logs->before;
}

/* The last lines: looks back ever further, until there are enough. */
static int
finder_tail(struct finder *finder, struct logs_range *range)
{
	uint64_t low = finder->low, size = finder->high - low, enough = 0;

	for (uint64_t back = RANGE_BLOCK;; back *= 4) {
		uint64_t at = size > back ? finder->high - back : low;
		unsigned long have, lines = finder->logs->lines;
		int done;

		if (finder_count(finder, at, range, &have) == -1 ||
		    (done = finder_is_enough(finder, at, have, &enough)) == -1)
			return -1;
		if (done || at == low) {
			range->skip = have > lines ? have - lines : 0;
			return 0;
		}
	}
}

/* From where to where, by offsets and times. */
static int
finder_bound(struct finder *finder)
{
	const struct logs *logs = finder->logs;
	uint64_t at;

	finder->high = logread_end(finder->reader);
	if (logs->until_us != INT64_MAX) {
		if (logread_find_time(finder->reader, logs->until_us + 1,
			&at) == -1)
			return -1;
		if (at < finder->high)
			finder->high = at;
	}
	if (logs->since_us != 0) {
		if (logread_find_time(finder->reader, logs->since_us,
			&finder->low) == -1)
			return -1;
		finder->by_time = finder->low > logread_begin(finder->reader);
	}
	if (logs->from_given && logs->from >= finder->low) {
		finder->low = logs->from;
		finder->by_time = false;
	}
	return 0;
}

static int
finder_find(struct finder *finder, struct logs_range *range)
{
	const struct logs *logs = finder->logs;
	uint64_t begin = logread_begin(finder->reader);

	if (finder_bound(finder) == -1)
		return -1;
	*range = (struct logs_range){ .limit = ULONG_MAX };
	range->end = logs->follow ? UINT64_MAX : finder->high;
	if (logs->counted && !logs->follow && logs->lines == 0)
		range->limit = 0;
	if (logs->counted && !logs->from_given) {
		if (finder->low < begin) /* what is gone is not missed */
			finder->low = begin;
		if (finder->low > finder->high)
			finder->low = finder->high;
		return finder_is_plain(finder)
		    ? finder_tail_plain(finder, range)
		    : finder_tail(finder, range);
	}
	if (finder_begin(finder, finder->low, range) == -1)
		return -1;
	return logs->counted ? finder_head(finder, range) : 0;
}

/* The place is the reader's, where that is known. */
static void
finder_why(const struct finder *finder, struct why *why)
{
	struct why reason;

	trouble_why(&reason, finder->logs->ref.dir, finder->reader, finder->at);
	why_set(why, "cannot read the log: %s", reason.text);
}

int
logs_range(const struct logs *logs, const struct selection *selection,
    struct logs_range *range, struct why *why)
{
	struct finder *finder = calloc(1, sizeof(*finder));
	int result = -1;

	if (finder == NULL)
		return why_errno(why, "cannot read the log");
	finder->at = UINT64_MAX;
	finder->logs = logs;
	finder->selection = selection;
	finder->reader = logread_open(logs->ref.dir, why);
	if (finder->reader != NULL) {
		logread_merge(finder->reader, SEGMENT_MERGE_STREAM);
		result = finder_find(finder, range);
		if (result == -1)
			finder_why(finder, why);
	}
	logread_close(finder->reader);
	free(finder);
	return result;
}
