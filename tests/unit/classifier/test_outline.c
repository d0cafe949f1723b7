/*
 * test_outline.c - one number for the lines that differ in their digits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mask.h"
#include "outline.h"

#define LONGEST 200

static const struct outline_key key = { { 0x9e3779b97f4a7c15,
    0xc2b2ae3d27d4eb4f } };
static const char letters[] = "0123456789000000ab/:.,-exX ms\xc3\xa9~_";

static uint32_t random_state = 1;

static unsigned
random_below(unsigned n)
{
	random_state = random_state * 1664525 + 1013904223;
	return (unsigned)((uint64_t)(random_state >> 8) * n >> 24);
}

static uint64_t
of(const char *text)
{
	return outline_hash(&key, &(struct text){ text, strlen(text) });
}

/* The outline as the header puts it, byte by byte: the oracle. */
static void
outline_of(const char *line, char *out)
{
	while (*line != '\0') {
		size_t digits = strspn(line, "0123456789");
		int idle = digits > 0 && strspn(line, "0") == digits;

		if (digits == 0)
			*out++ = *line++;
		for (; digits > 0; digits--, line++)
			*out++ = idle ? '0' : '9';
	}
	*out = '\0';
}

static void
random_line(char *line, unsigned most)
{
	unsigned n = random_below(most + 1);

	for (unsigned i = 0; i < n; i++)
		line[i] = letters[random_below(sizeof(letters) - 1)];
	line[n] = '\0';
}

/* Another line, with other digits at some places, zeros among them. */
static void
random_sister(const char *line, char *sister)
{
	for (; *line != '\0'; line++, sister++) {
		*sister = *line;
		if (*line >= '0' && *line <= '9' && random_below(3) == 0)
			*sister = (char)('0' +
			    random_below(2) * random_below(10));
		else if (random_below(100) == 0)
			*sister = letters[random_below(sizeof(letters) - 1)];
	}
	*sister = '\0';
}

static void
it_is_the_outlines_number(void **state)
{
	char one[LONGEST + 1], two[LONGEST + 1];
	char outline_1[LONGEST + 1], outline_2[LONGEST + 1];
	unsigned alike = 0, others = 0;

	(void)state;
	for (int turn = 0; turn < 200000; turn++) {
		bool same;

		random_line(one, turn % 2 == 0 ? 12 : LONGEST);
		random_sister(one, two);
		outline_of(one, outline_1);
		outline_of(two, outline_2);
		same = strcmp(outline_1, outline_2) == 0;
		if (strcmp(one, two) != 0)
			same ? alike++ : others++;
		if ((of(one) == of(two)) != same)
			fail_msg("\"%s\" and \"%s\"", one, two);
		if (same) {
			struct text text_1 = { one, strlen(one) };
			struct text text_2 = { two, strlen(two) };

			assert_true(mask_hash(&text_1) == mask_hash(&text_2));
		}
	}
	assert_true(alike > 1000 && others > 1000);
}

/* Runs of zeros over the places where the maps end. */
static void
long_runs_are_seen_whole(void **state)
{
	char line[LONGEST + 1], other[LONGEST + 1];

	(void)state;
	for (size_t from = 50; from < 70; from++)
		for (size_t to = from + 1; to < LONGEST; to++) {
			memset(line, 'x', to);
			memset(line + from, '0', to - from);
			strcpy(line + to, to % 2 == 0 ? " y" : "");
			strcpy(other, line);
			other[to - 1] = '7';
			assert_true(of(line) != of(other));
			other[to - 1] = '0';
			other[from] = '7';
			assert_true(of(line) != of(other));
			other[to - 1] = '5';
			line[to - 1] = '3';
			assert_true(of(line) == of(other));
		}
}

static void
length_and_order_count(void **state)
{
	(void)state;
	assert_true(of("") != of(" "));
	assert_true(of("12345678") != of("1234567"));
	assert_true(of("aaaaaaaabbbbbbbb") != of("bbbbbbbbaaaaaaaa"));
	assert_true(of("x") != of("x\xff"));
}

static void
keys_differ(void **state)
{
	struct outline_key one, two;

	(void)state;
	assert_int_equal(outline_key_init(&one), 0);
	assert_int_equal(outline_key_init(&two), 0);
	assert_memory_not_equal(&one, &two, sizeof(one));
	assert_true(outline_hash(&one, &(struct text){ "x", 1 }) !=
	    outline_hash(&two, &(struct text){ "x", 1 }));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_the_outlines_number),
		cmocka_unit_test(long_runs_are_seen_whole),
		cmocka_unit_test(length_and_order_count),
		cmocka_unit_test(keys_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
