/*
 * produce.c - a job that prints BYTES bytes as fast as they are taken.
 *
 *   produce block|line|bar|endless BYTES TIMES [MB_PER_S]
 *
 * block: lines of 100 bytes in writes of 64 KiB; line: a write for each
 * line; bar: the same with a carriage return for each newline, as a progress
 * bar does; endless: blocks of one letter. TIMES gets the monotonic time in
 * nanoseconds before the first and after the last write. MB_PER_S: no faster
 * than that.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE 100
#define BLOCK 65536
#define LINES_KEPT 65536 /* 100 blocks hold whole lines */
#define NS_PER_S INT64_C(1000000000)

struct mode {
	const char *name;
	size_t piece; /* bytes of a write */
	char end;     /* of a line; 0: there are no lines */
};

static const struct mode modes[] = {
	{ "block", BLOCK, '\n' },
	{ "line", LINE, '\n' },
	{ "bar", LINE, '\r' },
	{ "endless", BLOCK, 0 },
};

static int64_t
now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * NS_PER_S + time.tv_nsec;
}

/* What a training job says; every line its own numbers, one shape. */
static void
fill_lines(char *text, char end)
{
	char line[2 * LINE];

	for (int i = 0; i < LINES_KEPT; i++) {
		int n = snprintf(line, sizeof(line),
		    "[step %07d] loss=%d.%04d lr=0.0001 tokens/s=%d "
		    "grad_norm=%d.%03d mem=41.2GiB",
		    i, i % 7, i % 9973, 8000 + i % 997, i % 3, i % 991);

		memset(line + n, '.', LINE - 1 - (size_t)n);
		line[LINE - 1] = end;
		memcpy(text + (size_t)i * LINE, line, LINE);
	}
}

static int
put(const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t done = write(STDOUT_FILENO, bytes, n);

		if (done == -1)
			return -1;
		bytes += done;
		n -= (size_t)done;
	}
	return 0;
}

/* Not before done bytes may be out, at `rate` MB/s since start. */
static void
hold(int64_t start, uint64_t done, int64_t rate)
{
	int64_t due = start + (int64_t)done * 1000 / rate;
	struct timespec time = { due / NS_PER_S, due % NS_PER_S };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

static int
produce(const char *text, size_t piece, uint64_t bytes, int64_t rate)
{
	const size_t all = (size_t)LINES_KEPT * LINE;
	const int64_t start = now_ns();
	size_t n;

	for (uint64_t done = 0; done < bytes; done += n) {
		size_t at = done % all;

		n = bytes - done < piece ? (size_t)(bytes - done) : piece;
		if (rate > 0 && done % BLOCK < piece)
			hold(start, done, rate);
		if (put(text + at, n) == -1)
			return -1;
	}
	return 0;
}

static int
report(const char *path, int64_t start, int64_t end)
{
	FILE *times = fopen(path, "w");

	if (times == NULL)
		return -1;
	fprintf(times, "%lld %lld\n", (long long)start, (long long)end);
	return fclose(times);
}

static const struct mode *
mode_find(const char *name)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(name, modes[i].name) == 0)
			return &modes[i];
	return NULL;
}

int
main(int argc, char **argv)
{
	const struct mode *mode = argc > 1 ? mode_find(argv[1]) : NULL;
	char *text = malloc((size_t)LINES_KEPT * LINE);
	int64_t start;

	if (argc < 4 || argc > 5 || mode == NULL || text == NULL)
		return 2;
	if (mode->end == 0)
		memset(text, 'x', (size_t)LINES_KEPT * LINE);
	else
		fill_lines(text, mode->end);
	start = now_ns();
	if (produce(text, mode->piece, strtoull(argv[2], NULL, 10),
		argc == 5 ? atoll(argv[4]) : 0) == -1)
		return 1;
	return report(argv[3], start, now_ns()) == 0 ? 0 : 1;
}
