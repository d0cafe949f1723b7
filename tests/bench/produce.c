/*
 * produce.c - a job that prints BYTES bytes as fast as they are taken.
 *
 *   produce block|line|endless BYTES TIMES
 *
 * block: lines of 100 bytes in writes of 64 KiB; line: a write for each
 * line; endless: blocks without a newline. TIMES gets the monotonic time in
 * nanoseconds before the first and after the last write.
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

static int64_t
now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

/* What a training job says; every line its own numbers, one shape. */
static void
fill_lines(char *text)
{
	char line[2 * LINE];

	for (int i = 0; i < LINES_KEPT; i++) {
		int n = snprintf(line, sizeof(line),
		    "[step %07d] loss=%d.%04d lr=0.0001 tokens/s=%d "
		    "grad_norm=%d.%03d mem=41.2GiB",
		    i, i % 7, i % 9973, 8000 + i % 997, i % 3, i % 991);

		memset(line + n, '.', LINE - 1 - (size_t)n);
		line[LINE - 1] = '\n';
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

static int
produce(const char *text, size_t piece, uint64_t left)
{
	const size_t all = (size_t)LINES_KEPT * LINE;
	size_t at = 0;

	for (; left > 0; at = (at + piece) % all) {
		size_t n = left < piece ? (size_t)left : piece;

		if (put(text + at, n) == -1)
			return -1;
		left -= n;
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

int
main(int argc, char **argv)
{
	char *text = malloc((size_t)LINES_KEPT * LINE);
	int64_t start;

	if (argc != 4 || text == NULL)
		return 2;
	if (strcmp(argv[1], "endless") == 0)
		memset(text, 'x', (size_t)LINES_KEPT * LINE);
	else
		fill_lines(text);
	start = now_ns();
	if (produce(text, strcmp(argv[1], "line") == 0 ? LINE : BLOCK,
		strtoull(argv[2], NULL, 10)) == -1)
		return 1;
	return report(argv[3], start, now_ns()) == 0 ? 0 : 1;
}
