/*
 * overview.c - see overview.h.
 */
#include "overview.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "jobdir.h"
#include "tally.h"
#include "units.h"
#include "utf8.h"

#define OVERVIEW_LETTERS 20 /* that a person is shown, of all jobs together */

enum { OVERVIEW_OK, OVERVIEW_USAGE = 2, OVERVIEW_FAILED = 125 };

struct overview {
	int dir;  /* one job, or -1 */
	int home; /* all that owe something, or -1 */
	bool json;
	json_t *list; /* of a home, when json */
	unsigned shown;
	size_t room; /* for letters, on a person's page */
	struct why why;
};

static int
overview_fail(int code, const char *text)
{
	fprintf(stderr, "jobwatch: notify status: %s\n", text);
	return code;
}

/* A value of a foreign file, safe to show. */
static void
overview_put(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (json_is_string(value))
		utf8_print(stdout, json_string_value(value),
		    json_string_length(value));
	else if (json_is_integer(value))
		printf("%lld", (long long)json_integer_value(value));
	else
		putchar('?');
}

static void
overview_letter(const json_t *letter)
{
	const json_t *next = json_object_get(letter, "next_at");
	int64_t wait_ms = (json_integer_value(next) - clock_real_us()) / 1000;
	char wait[UNITS_TEXT];

	fputs("  waiting: event ", stdout);
	overview_put(letter, "seq");
	fputs(" for ", stdout);
	overview_put(letter, "channel");
	if (json_integer_value(json_object_get(letter, "attempts")) > 0) {
		fputs(", ", stdout);
		overview_put(letter, "attempts");
		fputs(" failed (", stdout);
		overview_put(letter, "error");
		putchar(')');
	}
	if (wait_ms >= 1000)
		printf(", next in %s",
		    duration_format(wait_ms / 1000 * 1000, wait));
	putchar('\n');
}

/* The newest ones that there is room for; an outbox may hold a thousand. */
static void
overview_letters(struct overview *overview, const json_t *pending)
{
	size_t count = json_array_size(pending);
	size_t first = count > overview->room ? count - overview->room : 0;

	overview->room -= count - first;
	for (size_t i = first; i < count; i++)
		overview_letter(json_array_get(pending, i));
	if (first > 0)
		printf("  and %zu more; --json has all\n", first);
}

static void
overview_fate(const char *what, const json_t *event)
{
	const json_t *data = json_object_get(event, "data");
	const char *time = json_string_value(json_object_get(event, "time"));
	char local[CLOCK_TEXT];
	int64_t at_us;

	if (event == NULL)
		return;
	printf("  %s: event ", what);
	overview_put(data, "of");
	fputs(" to ", stdout);
	overview_put(data, "channel");
	if (time != NULL && clock_parse(time, &at_us) == 0)
		printf(", %s", clock_local(at_us, local));
	if (json_is_string(json_object_get(data, "error"))) {
		fputs(": ", stdout);
		overview_put(data, "error");
	}
	putchar('\n');
}

static void
overview_print(struct overview *overview, const struct tally *tally)
{
	const json_t *pending = tally_pending(tally);
	const json_t *closed = json_object_get(tally->outbox, "closed");

	utf8_print(stdout, tally->job, strlen(tally->job));
	printf(": %zu waiting, %u delivered, %u failed, %u given up\n",
	    json_array_size(pending), tally->sent, tally->failed,
	    tally->gaveup);
	overview_letters(overview, pending);
	for (size_t i = 0; i < json_array_size(closed); i++) {
		const char *name = json_string_value(json_array_get(closed, i));

		fputs("  not used any more: ", stdout);
		utf8_print(stdout, name == NULL ? "?" : name,
		    name == NULL ? 1 : strlen(name));
		putchar('\n');
	}
	overview_fate("last delivered", tally->last_sent);
	overview_fate("last failed", tally->last_failure);
}

static void
overview_print_json(json_t *document)
{
	char *text = json_dumps(document,
	    JSON_INDENT(2) | JSON_REAL_PRECISION(6));

	puts(text == NULL ? "null" : text);
	free(text);
}

static int
overview_one(struct overview *overview)
{
	struct tally tally;

	if (tally_init(&tally, overview->dir, &overview->why) == -1)
		return overview_fail(OVERVIEW_FAILED, overview->why.text);
	if (overview->json) {
		json_t *document = tally_to_json(&tally);

		overview_print_json(document);
		json_decref(document);
	} else
		overview_print(overview, &tally);
	tally_release(&tally);
	return OVERVIEW_OK;
}

/* A job that cannot be read does not hide the others. */
static int
overview_visit(const char *id, void *arg)
{
	struct overview *overview = arg;
	struct tally tally;
	int dir = jobdir_open(overview->home, id);

	if (dir == -1)
		return 0;
	if (tally_init(&tally, dir, &overview->why) == -1) {
		fprintf(stderr, "jobwatch: notify status: %s: %s\n", id,
		    overview->why.text);
		close(dir);
		return 0;
	}
	close(dir);
	if (json_array_size(tally_pending(&tally)) > 0) {
		overview->shown++;
		if (overview->json)
			json_array_append_new(overview->list,
			    tally_to_json(&tally));
		else
			overview_print(overview, &tally);
	}
	tally_release(&tally);
	return 0;
}

/* A family lives as long as it owes something, and one that fell is listed
 * as running too, so the ended jobs need not be looked at. */
static int
overview_all(struct overview *overview)
{
	int result;

	overview->list = json_array();
	result = jobdir_each(overview->home, true, overview_visit, overview);
	if (result == 0 && overview->json)
		overview_print_json(overview->list);
	else if (result == 0 && overview->shown == 0)
		puts("no job owes a notification");
	json_decref(overview->list);
	return result == 0 ? OVERVIEW_OK
			   : overview_fail(OVERVIEW_FAILED, strerror(errno));
}

/* 0, or -1: wrong usage. */
static int
overview_options(struct overview *overview, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "dir-fd", required_argument, NULL, 'd' },
		{ "home-fd", required_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (option == 'd')
			overview->dir = atoi(optarg);
		else if (option == 'h')
			overview->home = atoi(optarg);
		else if (option == 'j')
			overview->json = true;
		else
			return -1;
	}
	return (overview->dir == -1) == (overview->home == -1) || optind != argc
	    ? -1
	    : 0;
}

int
overview_run(int argc, char **argv)
{
	struct overview overview = { .dir = -1,
		.home = -1,
		.room = OVERVIEW_LETTERS };
	int code;

	if (overview_options(&overview, argc, argv) == -1)
		return overview_fail(OVERVIEW_USAGE, "wrong usage");
	code = overview.dir == -1 ? overview_all(&overview)
				  : overview_one(&overview);
	if (fflush(stdout) != 0)
		return overview_fail(OVERVIEW_FAILED, strerror(errno));
	return code;
}
