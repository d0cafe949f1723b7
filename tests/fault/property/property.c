/*
 * property.c - whatever is written, rotated, compressed, copied, removed and
 * read, in whatever order, and wherever the writer fails or dies: what is
 * read back is what was written.
 *
 *	property [--histories N] [--seed N] [--only N] [--jobs N] [--place DIR]
 *
 * Random histories of the supervisor's own modules; the first one that goes
 * wrong is shown, with the seed and the number that make it again. A history
 * is some lives of a writer in processes of their own (life.c), the last of
 * which brings all to an end, and what it is compared with (world.c, look.c).
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "life.h"

#define LIVES_MAX 8
#define WORKERS_MAX 64

struct figures {
	uint64_t histories, lives, kills, errors, bytes, lost, looks, wrong;
};

struct options {
	uint64_t seed, histories, only;
	unsigned jobs;
	const char *place;
};

/* --- a history ---------------------------------------------------------- */

static const int32_t errors_of_room[] = { ENOSPC, EDQUOT };
static const int32_t errors_else[] = { EIO, EMFILE, ENOMEM };

/* A call fails, or all from it on. */
static void
choose_error(struct world *world, struct board_rule *rule)
{
	rule->kind = (uint32_t)world_roll(world, CALL_COUNT);
	if (rule->kind == CALL_MOVE || rule->kind == CALL_READ)
		rule->kind = CALL_STEP; /* that moves, or may be a look's */
	rule->action = world_chance(world, 20) ? ACTION_TEAR : ACTION_FAIL;
	rule->error = world_chance(world, 50)
	    ? errors_of_room[world_roll(world, 2)]
	    : errors_else[world_roll(world, 3)];
	rule->lasting = world_chance(world, 25);
}

static void
arm(struct world *world)
{
	struct board *board = &world->board;

	for (int i = 0; i < 2; i++) {
		struct board_rule *rule = &board->rules[i];

		rule->at = 1 + world_roll(world, i == 0 ? 200 : 60);
		if (i == 0 && world_chance(world, 60)) {
			rule->kind = CALL_STEP;
			rule->action = world_chance(world, 50)
			    ? ACTION_KILL_BEFORE
			    : ACTION_KILL_AFTER;
		} else if (i == 1 && world_chance(world, 60)) {
			choose_error(world, rule);
		}
		if (rule->error != 0)
			world->short_of_room = world->short_of_room ||
			    (world->rules.drops &&
				(rule->error == ENOSPC ||
				    rule->error == EDQUOT));
	}
}

static void
count_fired(const struct world *world, struct figures *figures)
{
	for (int i = 0; i < BOARD_RULES; i++) {
		const struct board_rule *rule = &world->board.rules[i];

		if (rule->action >= ACTION_KILL_BEFORE)
			figures->kills += rule->fired;
		else
			figures->errors += rule->fired > 0;
	}
}

/* One life. False: it found that something is wrong. */
static bool
live(struct world *world, bool last, struct figures *figures)
{
	int status;
	pid_t pid;

	memset(&world->board, 0, offsetof(struct board, traces));
	if (!last)
		arm(world);
	world->life++;
	world_note(world, "\n  life %u: ", world->life);
	pid = fork();
	if (pid == 0)
		life_live(world, last);
	if (pid == -1 || waitpid(pid, &status, 0) == -1)
		abort();
	count_fired(world, figures);
	figures->lives++;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && !last)
		return true;
	if (WIFSIGNALED(status))
		snprintf(world->wrong, sizeof(world->wrong), "signal %d",
		    WTERMSIG(status));
	else if (WEXITSTATUS(status) == LIFE_OVER ||
	    (WEXITSTATUS(status) == LIFE_UNBORN && !last))
		return true;
	else if (world->wrong[0] == '\0')
		snprintf(world->wrong, sizeof(world->wrong), "exit code %d",
		    WEXITSTATUS(status));
	return false;
}

static void
show(const struct world *world, const struct options *options, uint64_t number)
{
	printf("property: history %" PRIu64 " of seed %" PRIu64 ": %s\n"
	       "  max_size %" PRId64 ", keep %u, total_size %" PRId64
	       ", %s, %s%s%s%s\n  %s\n",
	    number, options->seed, world->wrong, world->rules.max_size,
	    world->rules.keep, world->rules.total_size,
	    world->rules.drops ? "drop-oldest" : "block",
	    world->rules.suffix == NULL ? "plain" : world->rules.suffix,
	    world->rules.delay ? ", delayed" : "",
	    world->rules.archive ? ", archived" : "",
	    world->rules.hook ? ", hooked" : "", world->path);
	for (int i = 0; i < 2; i++)
		if (world->board.rules[i].action != ACTION_NONE)
			printf("  rule: kind %u, action %u, at %" PRIu64
			       ", %s%s, fired %u\n",
			    world->board.rules[i].kind,
			    world->board.rules[i].action,
			    world->board.rules[i].at,
			    strerrorname_np(world->board.rules[i].error),
			    world->board.rules[i].lasting ? " and on" : "",
			    world->board.rules[i].fired);
	printf("%s\n", world->words);
	fflush(stdout);
}

static void
history(const struct options *options, uint64_t number, struct figures *figures)
{
	struct world *world = world_new(options->place, options->seed, number);
	unsigned lives = (unsigned)world_roll(world, LIVES_MAX);
	bool fine = true;

	while (fine && lives-- > 0)
		fine = live(world, false, figures);
	if (fine)
		fine = live(world, true, figures);
	if (!fine)
		show(world, options, number);
	figures->histories++;
	figures->wrong += !fine;
	figures->looks += world->looks;
	for (int s = 0; s < STREAM_COUNT; s++)
		figures->bytes += world->said_count[s];
	for (unsigned i = 0; i < world->drop_count; i++)
		figures->lost += world->drops[i].count;
	world_free(world, !fine);
}

/* --- many --------------------------------------------------------------- */

/* Never returns: each job-th history, until one goes wrong somewhere. */
static void
work(const struct options *options, unsigned job, struct figures *figures)
{
	for (uint64_t i = job; i < options->histories; i += options->jobs) {
		history(options, i, &figures[job]);
		for (unsigned k = 0; k < options->jobs; k++)
			if (figures[k].wrong > 0)
				_exit(1);
	}
	_exit(0);
}

static bool
work_all(const struct options *options, struct figures *total)
{
	struct figures *figures = mmap(NULL, WORKERS_MAX * sizeof(*figures),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bool fine = true;
	int status;

	if (figures == MAP_FAILED)
		abort();
	for (unsigned i = 0; i < options->jobs; i++)
		if (fork() == 0)
			work(options, i, figures);
	while (wait(&status) > 0)
		fine = fine && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	for (unsigned i = 0; i < options->jobs; i++)
		for (size_t k = 0; k < sizeof(*total) / sizeof(uint64_t); k++)
			((uint64_t *)total)[k] += ((uint64_t *)&figures[i])[k];
	return fine;
}

static void
parse(struct options *options, int argc, char **argv)
{
	for (int i = 1; i + 1 < argc; i += 2) {
		uint64_t value = strtoull(argv[i + 1], NULL, 10);

		if (strcmp(argv[i], "--histories") == 0)
			options->histories = value;
		else if (strcmp(argv[i], "--seed") == 0)
			options->seed = value;
		else if (strcmp(argv[i], "--only") == 0)
			options->only = value;
		else if (strcmp(argv[i], "--jobs") == 0 && value >= 1 &&
		    value <= WORKERS_MAX)
			options->jobs = (unsigned)value;
		else if (strcmp(argv[i], "--place") == 0)
			options->place = argv[i + 1];
	}
}

int
main(int argc, char **argv)
{
	struct options options = { .histories = 10000,
		.only = UINT64_MAX,
		.jobs = 2,
		.place = "/tmp" };
	struct figures total = { 0 };
	int64_t begin = clock_mono_us();
	bool fine = true;

	if (getrandom(&options.seed, 4, 0) != 4)
		abort();
	if (access("/dev/shm", W_OK) == 0)
		options.place = "/dev/shm"; /* to sync costs nothing there */
	parse(&options, argc, argv);
	printf("property: seed %" PRIu64 "\n", options.seed);
	fflush(stdout);
	if (options.only != UINT64_MAX)
		history(&options, options.only, &total);
	else
		fine = work_all(&options, &total);
	printf("property: %" PRIu64 " histories, %" PRIu64 " lives, %" PRIu64
	       " kills, %" PRIu64 " errors, %" PRIu64 " bytes said, %" PRIu64
	       " dropped and accounted for, %" PRIu64 " looks, %" PRIu64
	       " wrong (%.0f s)\n",
	    total.histories, total.lives, total.kills, total.errors,
	    total.bytes, total.lost, total.looks, total.wrong,
	    (double)(clock_mono_us() - begin) / 1e6);
	return fine && total.wrong == 0 ? 0 : 1;
}
