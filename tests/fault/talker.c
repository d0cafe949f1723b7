/*
 * talker.c - the job of the kill campaign: says a sequence known beforehand.
 *
 *   talker run SEED RECORDS PLANTED SECONDS END SIDE
 *   talker say SEED RECORDS PLANTED stdout|stderr
 *
 * `run` writes RECORDS records to both streams within about SECONDS, in
 * bursts, and ends by exit code ("7") or signal ("-9"). In the file SIDE it
 * leaves a line for its start and one for its end, appended, so that a
 * second copy would be seen. `say` prints what one stream must hold.
 *
 * A record is "o 00000042 " or "e 00000042 ", padding, and mostly a newline.
 * PLANTED of them are alerts on a line of their own instead.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define RECORD_MAX 65536
#define BATCH_MAX (192 << 10)
#define WORDS 64

struct talk {
	uint64_t dice;
	uint64_t records;
	uint64_t planted;
	uint64_t number[2]; /* of the stream's next record */
	bool within_line[2];
	char batch[2][BATCH_MAX];
	size_t have[2];
	int only; /* `say`: the stream that goes to stdout; else -1 */
};

static const char *const words[WORDS] = { "amber", "anchor", "autumn", "barley",
	"beacon", "birch", "bramble", "canyon", "cedar", "cinder", "clover",
	"cobalt", "copper", "coral", "cotton", "crimson", "dahlia", "delta",
	"ember", "fallow", "fennel", "garnet", "ginger", "granite", "harbor",
	"hazel", "heron", "indigo", "ivory", "jasper", "juniper", "kestrel",
	"lagoon", "lantern", "laurel", "lichen", "linen", "maple", "marble",
	"meadow", "nectar", "olive", "onyx", "orchid", "otter", "pebble",
	"pepper", "pewter", "plover", "quartz", "raven", "ripple", "saffron",
	"sienna", "spruce", "sorrel", "tansy", "thistle", "timber", "topaz",
	"umber", "velvet", "walnut", "willow" };

static void
die(const char *what)
{
	perror(what);
	exit(99);
}

static uint64_t
talk_roll(struct talk *talk, uint64_t sides)
{
	talk->dice ^= talk->dice >> 12;
	talk->dice ^= talk->dice << 25;
	talk->dice ^= talk->dice >> 27;
	return (talk->dice * UINT64_C(0x2545f4914f6cdd1d) >> 16) % sides;
}

static void
write_all(int fd, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, bytes, n);

		if (done == -1 && errno != EINTR)
			die("talker: write");
		if (done > 0) {
			bytes += done;
			n -= (size_t)done;
		}
	}
}

static void
talk_flush(struct talk *talk, int stream)
{
	if (talk->only == -1)
		write_all(stream + 1, talk->batch[stream], talk->have[stream]);
	else if (talk->only == stream)
		write_all(1, talk->batch[stream], talk->have[stream]);
	talk->have[stream] = 0;
}

static void
talk_put(struct talk *talk, int stream, const char *bytes, size_t n)
{
	if (talk->have[stream] + n > BATCH_MAX)
		talk_flush(talk, stream);
	memcpy(talk->batch[stream] + talk->have[stream], bytes, n);
	talk->have[stream] += n;
	talk->within_line[stream] = bytes[n - 1] != '\n';
}

static void
talk_plant(struct talk *talk, int stream, uint64_t serial)
{
	char line[128];
	int n = snprintf(line, sizeof(line), "%sPLANTED alert %s %s %s %llu\n",
	    talk->within_line[stream] ? "\n" : "", words[talk_roll(talk, 64)],
	    words[talk_roll(talk, 64)], words[talk_roll(talk, 64)],
	    (unsigned long long)serial);

	talk_put(talk, stream, line, (size_t)n);
}

/* Mostly short lines, some long pieces without a newline, some raw bytes. */
static void
talk_record(struct talk *talk, int stream)
{
	static char text[RECORD_MAX];
	uint64_t sort = talk_roll(talk, 100);
	size_t n = (size_t)sprintf(text, "%c %08llu ", "oe"[stream],
	    (unsigned long long)talk -> number[stream]++);
	size_t padding = sort < 60 ? talk_roll(talk, 60)
	    : sort < 95		   ? talk_roll(talk, 300)
	    : sort < 99		   ? talk_roll(talk, 6000)
				   : talk_roll(talk, RECORD_MAX - 64);

	for (size_t i = 0; i < padding; i++) {
		char c = (char)('a' + talk_roll(talk, 26));

		if (sort == 94)
			c = (char)talk_roll(talk, 256);
		text[n++] = c == '\n' ? ' ' : c;
	}
	if (sort != 98 && sort != 99)
		text[n++] = '\n';
	talk_put(talk, stream, text, n);
}

/* Where the planted ones are: spread evenly, the first and the last record
 * of the job among them for every other seed. */
static bool
talk_is_planted(const struct talk *talk, uint64_t i, bool edges)
{
	uint64_t every = talk->records / (talk->planted + 1);

	if (edges && (i == 0 || i + 1 == talk->records))
		return true;
	return every > 0 && i % every == every - 1 && i / every < talk->planted;
}

static int64_t
now_us(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static void
sleep_until(int64_t us)
{
	const struct timespec until = { us / 1000000, us % 1000000 * 1000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) ==
	    EINTR)
		;
}

/* Says it all. What is said depends on the seed alone; when it is written
 * and in which pieces, on the clock, too. */
static void
talk(struct talk *talk, double seconds)
{
	int64_t begin = now_us(CLOCK_MONOTONIC);
	bool edges = talk_roll(talk, 2) == 0;
	uint64_t burst_left = 0, piece = 1;
	unsigned jitter = (unsigned)begin;

	for (uint64_t i = 0; i < talk->records; i++) {
		int stream = talk_roll(talk, 3) == 0;

		if (talk_is_planted(talk, i, edges))
			talk_plant(talk, stream, i);
		else
			talk_record(talk, stream);
		if (talk->only != -1)
			continue;
		if (i % piece == 0) {
			talk_flush(talk, 0);
			talk_flush(talk, 1);
		}
		if (burst_left-- > 0)
			continue;
		talk_flush(talk, 0);
		talk_flush(talk, 1);
		sleep_until(begin +
		    (int64_t)(seconds * 1e6 * (double)i /
			(double)talk->records));
		jitter = jitter * 1103515245 + 12345;
		burst_left = 1 + (jitter >> 16) % (talk->records / 16 + 1);
		piece = (jitter & 0x3000000) == 0 ? 64 : 1 + (jitter >> 28) % 3;
	}
	talk_flush(talk, 0);
	talk_flush(talk, 1);
}

/* One write, so that lines of two writers cannot mix. */
static void
leave_mark(const char *side, const char *what)
{
	char line[128];
	int fd = open(side, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	int n = snprintf(line, sizeof(line), "%s %d %lld\n", what,
	    (int)getpid(), (long long)now_us(CLOCK_REALTIME));

	if (fd == -1 || write(fd, line, (size_t)n) != n)
		die("talker: side file");
	close(fd);
}

static int
end_by(const char *how)
{
	const struct rlimit none = { 0, 0 };
	int number = atoi(how);

	if (number >= 0)
		return number;
	setrlimit(RLIMIT_CORE, &none);
	signal(-number, SIG_DFL);
	kill(getpid(), -number);
	return 98;
}

int
main(int argc, char **argv)
{
	static struct talk state = { .only = -1 };

	if (argc < 6)
		return 2;
	state.dice = strtoull(argv[2], NULL, 10) | 1;
	state.records = strtoull(argv[3], NULL, 10);
	state.planted = strtoull(argv[4], NULL, 10);
	if (strcmp(argv[1], "say") == 0) {
		state.only = strcmp(argv[5], "stderr") == 0;
		talk(&state, 0);
		return 0;
	}
	if (argc != 8)
		return 2;
	leave_mark(argv[7], "start");
	talk(&state, atof(argv[5]));
	leave_mark(argv[7], "end");
	return end_by(argv[6]);
}
