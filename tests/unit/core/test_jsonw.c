/*
 * test_jsonw.c - what is written is JSON, whatever bytes go in, and never
 * more than fits; and the scan that steps over it sees the same members.
 */
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "jsonscan.h"
#include "jsonw.h"

static void
sample(struct jsonw *w, char *buf, size_t cap)
{
	jsonw_start(w, buf, cap);
	jsonw_open(w, NULL, '{');
	jsonw_str(w, "text", "a\"b\\c\n\x01\x7f\xc2\x9b");
	jsonw_str(w, "nothing", NULL);
	jsonw_int(w, "least", INT64_MIN);
	jsonw_int(w, "most", INT64_MAX);
	jsonw_real(w, "real", 0.98);
	jsonw_real(w, "nan", NAN);
	jsonw_real(w, "inf", -INFINITY);
	jsonw_bool(w, "yes", true);
	jsonw_null(w, "null");
	jsonw_time(w, "time", 1772460431204518);
	jsonw_time(w, "never", 0);
	jsonw_open(w, "list", '[');
	jsonw_int(w, NULL, 1);
	jsonw_open(w, NULL, '{');
	jsonw_close(w, '}');
	jsonw_open(w, NULL, '[');
	jsonw_close(w, ']');
	jsonw_str(w, NULL, "last");
	jsonw_close(w, ']');
	jsonw_raw(w, "raw", "{\"x\":[1,\"}]\"]}");
	jsonw_close(w, '}');
}

static const char *const sample_text =
    "{\"text\":\"a\\\"b\\\\c\\n\\u0001\\u007f\\u009b\",\"nothing\":null,"
    "\"least\":-9223372036854775808,\"most\":9223372036854775807,"
    "\"real\":0.98,\"nan\":null,\"inf\":null,\"yes\":true,\"null\":null,"
    "\"time\":\"2026-03-02T14:07:11.204518Z\",\"never\":null,"
    "\"list\":[1,{},[],\"last\"],\"raw\":{\"x\":[1,\"}]\"]}}";

static void
test_document(void **state)
{
	char buf[1024];
	struct jsonw w;
	json_t *read;

	(void)state;
	sample(&w, buf, sizeof(buf));
	assert_int_equal(jsonw_end(&w), strlen(sample_text));
	assert_string_equal(buf, sample_text);
	read = json_loads(buf, 0, NULL);
	assert_non_null(read);
	json_decref(read);
}

/* Of every size of buffer: all fits or is refused, and nothing is written
 * behind it. */
static void
test_every_room(void **state)
{
	size_t n = strlen(sample_text);
	struct jsonw w;

	(void)state;
	for (size_t cap = 0; cap <= n + 2; cap++) {
		char *buf = malloc(cap + 8);

		memset(buf, 0x55, cap + 8);
		sample(&w, buf, cap);
		if (cap > n)
			assert_int_equal(jsonw_end(&w), n);
		else
			assert_int_equal(jsonw_end(&w), -1);
		for (size_t i = cap; i < cap + 8; i++)
			assert_int_equal(buf[i], 0x55);
		free(buf);
	}
}

static void
check_bytes(const char *bytes, size_t n)
{
	char buf[2048];
	struct jsonw w;
	json_t *read;

	jsonw_start(&w, buf, sizeof(buf));
	jsonw_open(&w, NULL, '[');
	jsonw_text(&w, NULL, bytes, n);
	jsonw_close(&w, ']');
	assert_true(jsonw_end(&w) > 0);
	read = json_loads(buf, JSON_ALLOW_NUL, NULL);
	assert_non_null(read);
	json_decref(read);
}

static void
test_any_bytes(void **state)
{
	char bytes[64];

	(void)state;
	for (unsigned i = 0; i < 65536; i++) {
		bytes[0] = (char)(i >> 8);
		bytes[1] = (char)i;
		check_bytes(bytes, 2);
	}
	srandom(1);
	for (int i = 0; i < 20000; i++) {
		for (size_t k = 0; k < sizeof(bytes); k++)
			bytes[k] = (char)random();
		check_bytes(bytes, sizeof(bytes));
	}
}

static void
test_numbers_keep_their_worth(void **state)
{
	static const double values[] = { 0, 63.2, 1234567.25, 0.000123, 1e300,
		-5 };
	char buf[64];
	struct jsonw w;

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		jsonw_start(&w, buf, sizeof(buf));
		jsonw_real(&w, NULL, values[i]);
		assert_true(jsonw_end(&w) > 0);
		assert_true(strtod(buf, NULL) == values[i]);
	}
}

/* --- the scan ----------------------------------------------------------- */

static void
test_scan_finds_all(void **state)
{
	json_t *read = json_loads(sample_text, 0, NULL);
	struct jsonscan scan;
	struct jsonspan key, value;
	size_t count = 0;

	(void)state;
	assert_int_equal(jsonscan_start(&scan, sample_text,
			     strlen(sample_text)),
	    0);
	while (jsonscan_next(&scan, &key, &value) == 1) {
		json_t *one = json_loadb(value.text, value.length,
		    JSON_DECODE_ANY, NULL);

		assert_non_null(one);
		assert_true(json_equal(one,
		    json_object_getn(read, key.text, key.length)));
		json_decref(one);
		count++;
	}
	assert_int_equal(count, json_object_size(read));
	json_decref(read);
}

static void
test_scan_with_white_space(void **state)
{
	static const char text[] = " {\n \"a\" :\t[ 1 , 2 ] "
				   ",\r\n\"b\":\"x\\\"}\" , \"c\" : -1e5 } ";
	struct jsonscan scan;
	struct jsonspan key, value;

	(void)state;
	assert_int_equal(jsonscan_start(&scan, text, strlen(text)), 0);
	assert_int_equal(jsonscan_next(&scan, &key, &value), 1);
	assert_true(jsonspan_is(&key, "a") && jsonspan_is(&value, "[ 1 , 2 ]"));
	assert_int_equal(jsonscan_next(&scan, &key, &value), 1);
	assert_true(
	    jsonspan_is(&key, "b") && jsonspan_is(&value, "\"x\\\"}\""));
	assert_int_equal(jsonscan_next(&scan, &key, &value), 1);
	assert_true(jsonspan_is(&key, "c") && jsonspan_is(&value, "-1e5"));
	assert_int_equal(jsonscan_next(&scan, &key, &value), 0);
}

static int
scan_all(const char *text, size_t n)
{
	struct jsonscan scan;
	struct jsonspan key, value;
	int found;

	if (jsonscan_start(&scan, text, n) == -1)
		return -1;
	while ((found = jsonscan_next(&scan, &key, &value)) == 1)
		assert_true(value.length > 0);
	return found;
}

/* A cut document is refused at every place, and no byte behind it is read
 * (each cut stands at the end of its own memory). */
static void
test_scan_of_what_is_cut(void **state)
{
	size_t n = strlen(sample_text);

	(void)state;
	assert_int_equal(scan_all(sample_text, n), 0);
	for (size_t cut = 0; cut < n; cut++) {
		char *text = malloc(cut == 0 ? 1 : cut);

		memcpy(text, sample_text, cut);
		assert_int_equal(scan_all(text, cut), -1);
		free(text);
	}
}

static void
test_scan_of_nonsense(void **state)
{
	static const char *const bad[] = { "", "[]", "null", "{", "{\"a\"}",
		"{\"a\":}", "{\"a\":1,}", "{a:1}", "{\"a\":1 \"b\":2}",
		"{\"a\":[1}", "{,}", "{\"a\":\"x}", "{\"a\":\"\\" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (scan_all(bad[i], strlen(bad[i])) != -1)
			fail_msg("taken: %s", bad[i]);
	assert_int_equal(scan_all("{}", 2), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_document),
		cmocka_unit_test(test_every_room),
		cmocka_unit_test(test_any_bytes),
		cmocka_unit_test(test_numbers_keep_their_worth),
		cmocka_unit_test(test_scan_finds_all),
		cmocka_unit_test(test_scan_with_white_space),
		cmocka_unit_test(test_scan_of_what_is_cut),
		cmocka_unit_test(test_scan_of_nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
