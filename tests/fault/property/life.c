/*
 * life.c - see life.h. The writer's thread is not started: its work is done
 * act by act, in any order, so that a history is the same each time.
 */
#include "life.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "archive.h"
#include "codec.h"
#include "compressor_frames.h"
#include "look.h"
#include "writer_queue.h"

#define ACTS_MAX 40
#define STEPS_MAX 20000 /* of the end: far more than it takes */

struct life {
	struct world *world;
	struct writer *writer;
	struct logread *reader; /* open since some act; NULL: none */
	uint64_t lost;		/* bytes that the writer has dropped so far */
};

static void
life_shim(struct world *world, bool on)
{
	shim_use(on ? &world->board : NULL);
}

/* --- moving output ------------------------------------------------------ */

static bool
life_has_noted(const struct life *life)
{
	const struct writer *writer = life->writer;
	const struct lossbook *book = &writer->lossbook;
	struct lossbook_run run;

	return book->fd != -1 &&
	    pread(book->fd, &run, sizeof(run),
		(off_t)(book->slot * sizeof(run))) == (ssize_t)sizeof(run) &&
	    run.end == writer->loss.end;
}

/* Notes what was dropped: from which stream, and where it would have been. */
static void
life_account(struct life *life, const size_t before[STREAM_COUNT])
{
	struct world *world = life->world;
	uint64_t lost = life->writer->loss.total - life->lost;
	struct drop drop = { .at = life->writer->loss.end - lost,
		.count = lost };

	if (lost == 0)
		return;
	drop.stream = before[STREAM_STDERR] ==
		world_staged(world, STREAM_STDERR)
	    ? STREAM_STDOUT
	    : STREAM_STDERR;
	if (before[drop.stream] - world_staged(world, drop.stream) != lost)
		world_fail(world,
		    "%" PRIu64 " bytes are said to be dropped, "
		    "%zu are gone",
		    lost,
		    before[drop.stream] - world_staged(world, drop.stream));
	if (world->drop_count == DROPS_MAX)
		world_fail(world, "more drops than the test has room for");
	world->drops[world->drop_count++] = drop;
	life->lost += lost;
	world->unnoted = world->unnoted || !life_has_noted(life);
	world->vague = world->vague || life->writer->log.owed > 0;
	world_note(world, "drop%" PRIu64 "+%" PRIu64 " ", drop.at, lost);
}

/* One piece of work. 1, 0: there is none, -1. */
static int
life_step(struct life *life)
{
	size_t before[STREAM_COUNT] = {
		world_staged(life->world, STREAM_STDOUT),
		world_staged(life->world, STREAM_STDERR),
	};
	int result = writer_do_output(life->writer);

	life_account(life, before);
	return result;
}

/* As time goes by: a disk that was full is tried again, patience with one that
 * fails ends, and closed segments may be looked at. */
static void
life_wait(struct life *life)
{
	life->writer->loss.again_us = 0;
	life->writer->upkeep_us = 0;
	if (life->writer->refused_us != 0)
		life->writer->refused_us = 1;
}

static void
life_move(struct life *life)
{
	unsigned steps = 1 + (unsigned)world_roll(life->world, 30);
	int result = 1;

	world_note(life->world, "move%u ", steps);
	while (steps-- > 0 && result == 1)
		result = life_step(life);
	if (result == -1)
		world_note(life->world, "(%s) ", strerrorname_np(errno));
	if (world_chance(life->world, 30))
		life_wait(life);
}

/* --- acts --------------------------------------------------------------- */

/* From one byte to 300 KB, but not to hundreds of segments at once. */
static size_t
life_length(struct world *world)
{
	uint64_t sort = world_roll(world, 100);
	uint64_t most = world->rules.max_size > 0
	    ? (uint64_t)world->rules.max_size * 6
	    : 300000;

	if (sort < 15)
		return 1;
	if (sort < 70)
		return 1 + world_roll(world, 120);
	if (sort < 95 && most > 4000)
		return 1 + world_roll(world, 4000);
	return 1 + world_roll(world, most < 300000 ? most : 300000);
}

static void
life_say(struct life *life)
{
	struct world *world = life->world;
	enum stream stream = world_chance(world, 50) ? STREAM_STDOUT
						     : STREAM_STDERR;
	size_t n;

	if (writer_is_full(life->writer))
		return;
	world->now_us += (int64_t)world_roll(world, 4000);
	n = world_say(world, stream, life_length(world));
	world_note(world, "say%d:%zu ", stream, n);
	if (n > 0)
		writer_chunk(life->writer, stream, (uint32_t)n, world->now_us);
}

static void
life_rotate(struct life *life)
{
	world_note(life->world, "rotate ");
	writer_rotate(life->writer, TRIGGER_REQUEST);
	writer_do_rotation(life->writer);
}

static void
life_rotation(struct life *life)
{
	writer_do_rotation(life->writer);
}

static void
life_upkeep(struct life *life)
{
	world_note(life->world, "upkeep ");
	life->writer->upkeep_us = 0;
	writer_want_upkeep(life->writer);
	writer_do_upkeep(life->writer);
}

/* What loss.c does: each range once, and in order. */
static void
life_tell_range(struct world *world, uint64_t begin, uint64_t end)
{
	if (begin < world->lost_until)
		begin = world->lost_until;
	if (end <= begin)
		return;
	if (world->told_count == TOLD_MAX)
		world_fail(world, "more losses than the test has room for");
	world->told[world->told_count++] = (struct range){ begin, end };
	world->lost_until = end;
	world_note(world, "told%" PRIu64 "-%" PRIu64 " ", begin, end);
}

static void
life_tell(struct life *life)
{
	struct writer_progress progress;
	struct writer_loss loss;

	while (writer_take_loss(life->writer, &loss) == 1)
		life_tell_range(life->world, loss.begin, loss.end);
	writer_progress(life->writer, &progress);
	if (progress.loss.dropping)
		life_tell_range(life->world, progress.loss.begin,
		    progress.loss.end);
}

/* The classifier has come so far. */
static void
life_unpin(struct life *life)
{
	struct writer_progress progress;

	writer_progress(life->writer, &progress);
	writer_unpin(life->writer,
	    progress.log_end -
		world_roll(life->world, 2) *
		    world_roll(life->world, progress.log_end + 1));
}

static void
life_look(struct life *life)
{
	struct world *world = life->world;
	struct why why;

	world_note(world, "look ");
	life_tell(life);
	life_shim(world, false);
	look_at_log(world);
	if (life->reader != NULL)
		look_again(world, life->reader);
	else
		life->reader = logread_open(world->dir, &why);
	life_shim(world, true);
}

/* --- tasks -------------------------------------------------------------- */

/* What jobwatch-compressor does. */
static int
task_compress(struct world *world, const struct writer_task *task)
{
	static struct frames frames;
	struct segment segment;
	struct why why;
	int done = -1;

	frames = (struct frames){ .log_fd = task->fds[2],
		.index_fd = task->fds[3],
		.codec = strcmp(world->rules.suffix, ".gz") == 0 ? CODEC_GZIP
								 : CODEC_ZSTD };
	if (segment_attach(&segment, task->fds[0], task->fds[1]) == -1)
		return -1;
	frames.from = &segment;
	if (frames_init(&frames, &why) == 0 && frames_write(&frames, &why) == 0)
		done = frames_compare(&frames, &why);
	return done;
}

/* In a child, which may be killed alone. True when it did it well. */
static bool
task_do(struct world *world, const struct writer_task *task)
{
	int status, result = 0;
	pid_t pid = fork();

	if (pid == 0) {
		if (task->kind == TASK_COMPRESS)
			result = task_compress(world, task);
		else if (task->kind == TASK_ARCHIVE)
			result = archive_copy(world->dir, task->name,
			    world->archive, "job");
		_exit(result == 0 ? 0 : 9);
	}
	if (pid == -1 || waitpid(pid, &status, 0) == -1)
		world_fail(world, "cannot fork");
	if (WIFEXITED(status) && WEXITSTATUS(status) != 0 &&
	    WEXITSTATUS(status) != 9)
		world_fail(world, "a task gave %d", WEXITSTATUS(status));
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* 1 when there was one. */
static int
life_do_task(struct life *life)
{
	struct world *world = life->world;
	struct writer_task task;
	bool ok;

	if (writer_take_task(life->writer, &task) == 0)
		return 0;
	ok = task.kind == TASK_HOOK || task_do(world, &task);
	for (int i = 0; i < TASK_FDS; i++)
		if (task.fds[i] != -1)
			close(task.fds[i]);
	world_note(world, "task%d:%" PRIu64 "%s ", task.kind, task.sequence,
	    ok ? "" : "!");
	writer_end_task(life->writer, ok);
	return 1;
}

/* With a pause, in which all else may happen. */
static void
life_task(struct life *life)
{
	life_do_task(life);
}

/* --- life --------------------------------------------------------------- */

static const struct {
	void (*act)(struct life *life);
	unsigned weight;
} life_acts[] = {
	{ life_say, 40 },
	{ life_move, 30 },
	{ life_rotate, 4 },
	{ life_rotation, 4 },
	{ life_upkeep, 12 },
	{ life_task, 12 },
	{ life_tell, 8 },
	{ life_unpin, 4 },
	{ life_look, 4 },
};
#define ACTS (sizeof(life_acts) / sizeof(life_acts[0]))

static void
life_act(struct life *life)
{
	unsigned total = 0;
	uint64_t roll;

	for (size_t i = 0; i < ACTS; i++)
		total += life_acts[i].weight;
	roll = world_roll(life->world, total);
	for (size_t i = 0; i < ACTS; i++) {
		if (roll < life_acts[i].weight) {
			life_acts[i].act(life);
			return;
		}
		roll -= life_acts[i].weight;
	}
}

/* What lies in staging and is not promised is queued, as capture.c does. */
static void
life_adopt(struct life *life)
{
	for (int s = 0; s < STREAM_COUNT; s++) {
		size_t staged = world_staged(life->world, (enum stream)s);
		uint64_t owed = writer_owed(life->writer, (enum stream)s);

		if (staged > owed)
			writer_chunk(life->writer, (enum stream)s,
			    (uint32_t)(staged - owed), life->world->now_us);
	}
}

/* Bytes whose loss nobody could note are missed before the next ones. */
static void
life_place_drops(struct life *life)
{
	const struct writer *writer = life->writer;
	struct world *world = life->world;
	uint64_t next = writer->loss.dropping ? writer->loss.end
					      : writer->log.end;

	for (unsigned i = 0; i < world->drop_count; i++)
		if (world->drops[i].at > next)
			world->drops[i].at = next;
}

static bool
life_start(struct life *life)
{
	struct world *world = life->world;
	struct why why;

	life->writer = writer_new(world->dir, world->reads, 0,
	    world->rules.max_size, &why);
	if (life->writer == NULL)
		return false;
	writer_obey(life->writer, &world->rules);
	writer_recall_losses(life->writer, world->lost_until);
	life->lost = life->writer->loss.total; /* of lives before */
	life_place_drops(life);
	life_adopt(life);
	return true;
}

/* All that is owed: output, rotations, tasks, and what people are told. */
static void
life_finish(struct life *life)
{
	struct writer_progress progress;
	unsigned steps = 0;
	int did = 1;

	while (did == 1 || progress.loss.dropping) {
		if (++steps > STEPS_MAX)
			world_fail(life->world, "it does not come to an end");
		life_wait(life);
		did = life_step(life);
		if (did == -1)
			world_fail(life->world, "cannot write: %s",
			    strerror(errno));
		did |= writer_do_rotation(life->writer) == 1;
		life_tell(life);
		writer_unpin(life->writer, UINT64_MAX);
		did |= writer_do_upkeep(life->writer) == 1;
		did |= life_do_task(life);
		writer_progress(life->writer, &progress);
	}
}

static void
life_judge(struct life *life)
{
	struct world *world = life->world;
	const struct writer_rules *rules = &world->rules;

	for (int s = 0; s < STREAM_COUNT; s++)
		if (world_staged(world, (enum stream)s) > 0)
			world_fail(world, "%zu bytes of stream %d are left",
			    world_staged(world, (enum stream)s), s);
	if (rules->keep > 0 && life->writer->shelf.count > rules->keep)
		world_fail(world, "%u segments are kept",
		    life->writer->shelf.count);
	for (unsigned i = 0; i < life->writer->shelf.count; i++)
		if (rules->suffix != NULL &&
		    !life->writer->shelf.segments[i].compressed &&
		    i + 1 < life->writer->shelf.count)
			world_fail(world, "%s is not compressed",
			    life->writer->shelf.segments[i].name);
}

void
life_live(struct world *world, bool last)
{
	struct life life = { .world = world };
	unsigned acts = 1 + (unsigned)world_roll(world, ACTS_MAX);

	if (!last)
		life_shim(world, true);
	if (!life_start(&life))
		_exit(LIFE_UNBORN);
	for (unsigned i = 0; i < acts; i++)
		life_act(&life);
	if (!last)
		_exit(LIFE_OVER);
	life_shim(world, false);
	life_finish(&life);
	life_judge(&life);
	writer_drop_task(life.writer);
	look_at_log(world);
	look_at_archive(world);
	look_at_names(world);
	_exit(LIFE_OVER);
}
