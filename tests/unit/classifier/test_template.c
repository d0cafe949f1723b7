/*
 * test_template.c - lines counted by their shape, in bounded room.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mask.h"
#include "template.h"

#define KINDS 500

static struct templates *templates;

static int
start(void **state)
{
	(void)state;
	templates = templates_new();
	assert_non_null(templates);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	templates_free(templates);
	return 0;
}

static void
count(const char *line, uint64_t offset, uint32_t *id)
{
	struct text text = { line, strlen(line) };

	templates_count(templates, &text, offset, id);
}

static void
a_shape_is_counted(void **state)
{
	const struct template *top[4];
	uint32_t id = 0, other = 0, none = 0;

	(void)state;
	count("step 1 took 3s", 7, &id);
	count("step 22 took 250ms", 30, &id);
	count("gone", 50, &other);
	count("step 4 took 5m", 60, &none); /* not remembered */
	assert_int_equal(none, id);
	assert_int_not_equal(other, id);
	assert_int_equal(templates_top(templates, top, 4), 2);
	assert_int_equal(top[0]->count, 3);
	assert_int_equal(top[0]->first, 7);
	assert_int_equal(top[0]->last, 60);
	assert_int_equal(top[0]->length, 20);
	assert_memory_equal(top[0]->text, "step <N> took <TIME>", 20);
	assert_int_equal(top[1]->count, 1);
	assert_true(top[1]->hash == mask_hash(&(struct text){ "gone", 4 }));
	assert_int_equal(templates_known(templates), 2);
	assert_int_equal(templates_gone(templates), 0);
}

/* Shape k comes k times, mixed; of the top ones the counts are known. */
static void
the_top_is_the_top(void **state)
{
	const struct template *top[10];
	uint32_t ids[KINDS] = { 0 };
	char line[64];

	(void)state;
	for (unsigned round = 0; round < KINDS; round++)
		for (unsigned k = round; k < KINDS; k++) {
			snprintf(line, sizeof(line), "%c%c%c x %u",
			    'a' + k % 26, 'a' + k / 26 % 26, 'a' + k / 676,
			    round + 1);
			count(line, round,
			    k % 2 == 0 ? &ids[k] : &(uint32_t){ 0 });
		}
	assert_int_equal(templates_known(templates), KINDS);
	assert_int_equal(templates_top(templates, top, 10), 10);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(top[i]->count, KINDS - i);
}

static void
number_line(char room[32], unsigned number)
{
	char *p = room;

	strcpy(p, "odd ");
	for (p += 4; number > 0; number /= 20)
		*p++ = (char)('g' + number % 20);
	*p = '\0';
}

/* Many times more shapes than there is room for, and one that stays. */
static void
what_is_not_met_makes_room(void **state)
{
	static const struct template *top[TEMPLATES_MAX];
	const unsigned lines = 5 * TEMPLATES_MAX;
	uint32_t hot = 0, first = 0, id;
	uint64_t sum = 0;
	unsigned have;
	char line[32];

	(void)state;
	for (unsigned i = 1; i <= lines; i++) {
		id = 0;
		number_line(line, i);
		count(line, i, i == 1 ? &first : &id);
		count("hot 1", i, i % 2 == 0 ? &hot : &(uint32_t){ 0 });
	}
	assert_int_equal(templates_known(templates), TEMPLATES_MAX);
	have = templates_top(templates, top, TEMPLATES_MAX);
	assert_int_equal(have, TEMPLATES_MAX);
	for (unsigned i = 0; i < have; i++)
		sum += top[i]->count;
	assert_int_equal(top[0]->count, lines);
	assert_int_equal(sum + templates_gone(templates), 2 * lines);

	/* The first one's row is another's now. */
	id = first;
	number_line(line, 1);
	count(line, 9, &id);
	assert_int_not_equal(id, first);
	/* All that are there are found. */
	for (unsigned i = lines - 1000; i <= lines; i++) {
		uint64_t gone = templates_gone(templates);

		id = 0;
		number_line(line, i);
		count(line, i, &id);
		assert_true(templates_gone(templates) == gone);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_shape_is_counted, start,
		    stop),
		cmocka_unit_test_setup_teardown(the_top_is_the_top, start,
		    stop),
		cmocka_unit_test_setup_teardown(what_is_not_met_makes_room,
		    start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
