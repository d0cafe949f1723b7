/*
 * world.c - see world.h.
 */
#include "world.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "codec.h"
#include "family.h"

#define PIPE_SIZE (1 << 20)
#define BEGIN_US INT64_C(1800000000000000) /* later than all that is real */

/* --- dice --------------------------------------------------------------- */

uint64_t
world_roll(struct world *world, uint64_t sides)
{
	world->dice ^= world->dice >> 12;
	world->dice ^= world->dice << 25;
	world->dice ^= world->dice >> 27;
	return (world->dice * UINT64_C(0x2545f4914f6cdd1d) >> 16) % sides;
}

bool
world_chance(struct world *world, unsigned percent)
{
	return world_roll(world, 100) < percent;
}

static int64_t
world_pick(struct world *world, const int64_t *values, size_t count)
{
	return values[world_roll(world, count)];
}

#define PICK(world, ...)                                    \
	world_pick(world, (const int64_t[]){ __VA_ARGS__ }, \
	    sizeof((const int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t))

/* --- words -------------------------------------------------------------- */

void
world_note(struct world *world, const char *format, ...)
{
	size_t room = WORDS_MAX - world->word_count;
	va_list list;
	int n;

	va_start(list, format);
	n = vsnprintf(world->words + world->word_count, room, format, list);
	va_end(list);
	if (n > 0 && (size_t)n < room)
		world->word_count += (size_t)n;
}

void
world_fail(struct world *world, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(world->wrong, sizeof(world->wrong), format, list);
	va_end(list);
	_exit(1);
}

/* --- life --------------------------------------------------------------- */

static const char *
world_suffix(struct world *world)
{
	enum codec codec = (enum codec)world_roll(world, CODEC_COUNT);

	if (!codec_is_built(codec))
		codec = CODEC_GZIP;
	return codec == CODEC_NONE ? NULL : codec_suffix(codec);
}

static void
world_choose_rules(struct world *world)
{
	bool retains = world_chance(world, 40);

	world->rules = (struct writer_rules){
		.max_size = PICK(world, 0, 200, 900, 5000, 30000, 200000),
		.keep = (unsigned)PICK(world, 1, 2, 5),
		.total_size = PICK(world, 0, 0, 60000),
		.max_retention_us = -1,
		.disk_free = 0,
		.drops = world_chance(world, 60),
		.delay = world_chance(world, 50),
		.hook = world_chance(world, 30),
		.archive = world_chance(world, 40),
		.suffix = world_suffix(world),
	};
	if (!retains)
		world->rules.keep = 0;
	if (!retains)
		world->rules.total_size = 0;
}

/* Out of the way of the family's numbers, and of what a life opens. */
static int
world_high(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, FAMILY_FD_COUNT + 64);

	if (high == -1)
		abort();
	close(fd);
	return high;
}

static void
world_open(struct world *world, const char *place)
{
	snprintf(world->path, sizeof(world->path), "%s/property-XXXXXX", place);
	if (mkdtemp(world->path) == NULL)
		abort();
	snprintf(world->archive, sizeof(world->archive), "%s.archive",
	    world->path);
	if (mkdir(world->archive, 0700) == -1)
		abort();
	world->dir = world_high(
	    open(world->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	for (int i = 0; i < STREAM_COUNT; i++) {
		int ends[2];

		if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) == -1)
			abort();
		world->reads[i] = world_high(ends[0]);
		world->writes[i] = world_high(ends[1]);
		fcntl(world->writes[i], F_SETPIPE_SZ, PIPE_SIZE);
	}
}

struct world *
world_new(const char *place, uint64_t seed, uint64_t number)
{
	struct world *world = mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (world == MAP_FAILED)
		abort();
	world->dice = (seed * UINT64_C(0x9e3779b97f4a7c15)) ^
	    (number + 1) * UINT64_C(0xd1342543de82ef95);
	world->dice |= 1;
	for (int i = 0; i < 8; i++)
		world_roll(world, 2);
	world->now_us = BEGIN_US;
	world_choose_rules(world);
	world_open(world, place);
	return world;
}

void
world_free(struct world *world, bool keep)
{
	char command[256];

	snprintf(command, sizeof(command), "rm -rf '%s' '%s'", world->path,
	    world->archive);
	if (!keep && system(command) != 0)
		abort();
	close(world->dir);
	for (int i = 0; i < STREAM_COUNT; i++) {
		close(world->reads[i]);
		close(world->writes[i]);
	}
	munmap(world, sizeof(*world));
}

/* --- what the job says -------------------------------------------------- */

size_t
world_staged(const struct world *world, enum stream stream)
{
	int staged = 0;

	if (ioctl(world->reads[stream], FIONREAD, &staged) == -1)
		abort();
	return (size_t)staged;
}

/* Text that says where in its stream it stands; with newlines, or not. */
static void
world_compose(struct world *world, char *bytes, enum stream stream, size_t n)
{
	size_t begin = world->said_count[stream], every;
	char mark[16];

	every = world_chance(world, 15) ? 0 : 1 + world_roll(world, 400);
	for (size_t i = 0; i < n; i++) {
		size_t at = begin + i;

		if (i == 0 || at % 10 == 0)
			snprintf(mark, sizeof(mark), "%c%08zu ", "oe"[stream],
			    at / 10 % 100000000);
		bytes[i] = mark[at % 10];
		if (every > 0 && world_roll(world, every) == 0)
			bytes[i] = '\n';
	}
	if (every > 0 && world_chance(world, 80))
		bytes[n - 1] = '\n';
}

size_t
world_say(struct world *world, enum stream stream, size_t n)
{
	size_t begin = world->said_count[stream];
	char *bytes = world->said[stream] + begin;
	struct stamp *stamp;
	ssize_t done;

	if (n > SAID_MAX - begin)
		n = SAID_MAX - begin;
	if (n == 0 || world->stamp_count[stream] == STAMPS_MAX)
		return 0;
	world_compose(world, bytes, stream, n);
	done = write(world->writes[stream], bytes, n);
	if (done <= 0)
		return 0; /* the pipe is full: the job waits */
	world->said_count[stream] += (size_t)done;
	stamp = &world->stamps[stream][world->stamp_count[stream]++];
	*stamp = (struct stamp){ world->said_count[stream], world->now_us };
	return (size_t)done;
}
