/*
 * test_secret.c - references are found, resolved and handed on, and what is
 * missing is named without telling a secret.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "policy.h"
#include "secret.h"

static void
policy_of(struct policy *policy, const char *json)
{
	struct why why;

	if (policy_from_json(policy, json, strlen(json), &why) == -1)
		fail_msg("%s", why.text);
}

static void
test_references(void **state)
{
	static const char *const yes[] = { "env:A", "env:_a1", "file:/a" };
	static const char *const no[] = { "", "env:", "env:1A", "env:A-B",
		"env:A B", "file:", "file:a", "file", "ENV:A", " env:A",
		"https://env:A@host/" };

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		assert_true(secret_is_reference(yes[i]));
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		assert_false(secret_is_reference(no[i]));
	assert_string_equal(secret_env_name("env:A"), "A");
	assert_null(secret_env_name("file:/a"));
}

/* A file in /tmp with the text; its name in path. */
static void
file_of(char path[32], const char *text, size_t length)
{
	int fd;

	strcpy(path, "/tmp/secret-XXXXXX");
	fd = mkstemp(path);
	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, text, length), (ssize_t)length);
	close(fd);
}

static void
test_resolve(void **state)
{
	char path[32], json[512], reference[64];
	struct policy policy;
	struct why why;
	json_t *values;

	(void)state;
	setenv("TEST_SECRET", "https://example.org/s3cret", 1);
	file_of(path, "t0ken\r\n", 7);
	snprintf(reference, sizeof(reference), "file:%s", path);
	snprintf(json, sizeof(json),
	    "{\"channel\":[{\"type\":\"ntfy\",\"url\":\"env:TEST_SECRET\","
	    "\"token\":\"%s\"}],\"job\":{\"env\":{\"A\":\"env:TEST_SECRET\"}},"
	    "\"classify\":{\"focus\":[\"env:NOT_ONE\"]}}",
	    reference);
	policy_of(&policy, json);
	values = secret_resolve_all(&policy, &why);
	assert_non_null(values);
	assert_int_equal(json_object_size(values), 2);
	assert_string_equal(secret_value(values, "env:TEST_SECRET"),
	    "https://example.org/s3cret");
	assert_string_equal(secret_value(values, reference), "t0ken");
	assert_string_equal(secret_value(values, "plain"), "plain");
	assert_null(secret_value(values, "env:OTHER"));
	json_decref(values);
	policy_release(&policy);
	unlink(path);
}

static void
refused(const char *url, const char *key, const char *words)
{
	struct policy policy;
	struct why why;
	char json[256];

	snprintf(json, sizeof(json), "{\"heartbeat\":{\"url\":\"%s\"}}", url);
	policy_of(&policy, json);
	assert_null(secret_resolve_all(&policy, &why));
	assert_non_null(strstr(why.text, key));
	assert_non_null(strstr(why.text, words));
	assert_null(strstr(why.text, "S3CRET"));
	policy_release(&policy);
}

static void
test_missing(void **state)
{
	char path[32], reference[64];

	(void)state;
	unsetenv("TEST_MISSING");
	refused("env:TEST_MISSING", "heartbeat.url", "TEST_MISSING is not set");
	setenv("TEST_EMPTY", "", 1);
	refused("env:TEST_EMPTY", "heartbeat.url", "TEST_EMPTY is empty");
	setenv("TEST_BYTES", "\xff\xfe", 1);
	refused("env:TEST_BYTES", "heartbeat.url", "UTF-8");
	setenv("TEST_LINES", "https://host/S3CRET\r\nx", 1);
	refused("env:TEST_LINES", "heartbeat.url", "line break");
	setenv("TEST_WORD", "S3CRET", 1);
	refused("env:TEST_WORD", "heartbeat.url", "whole address");
	refused("file:/nowhere/at/all", "heartbeat.url",
	    "/nowhere/at/all: No such file");
	file_of(path, "\n", 1);
	snprintf(reference, sizeof(reference), "file:%s", path);
	refused(reference, "heartbeat.url", "is empty");
	unlink(path);
	file_of(path, "a\0b", 3);
	snprintf(reference, sizeof(reference), "file:%s", path);
	refused(reference, "heartbeat.url", "no UTF-8 text");
	unlink(path);
}

static void
test_memfd(void **state)
{
	json_t *values = json_pack("{s:s}", "env:A", "välue"), *back;
	int fd = secret_to_memfd(values);

	(void)state;
	assert_int_not_equal(fd, -1);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	assert_int_equal(ftruncate(fd, 0), -1);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), -1);
	/* Twice: a replaced notifier reads it again. */
	for (int i = 0; i < 2; i++) {
		back = secret_from_memfd(fd);
		assert_true(json_equal(values, back));
		json_decref(back);
	}
	json_decref(values);
	close(fd);
}

static void
test_memfd_broken(void **state)
{
	int fd = memfd_create("test", 0);

	(void)state;
	assert_null(secret_from_memfd(fd));
	assert_int_equal(write(fd, "[1]", 3), 3);
	assert_null(secret_from_memfd(fd));
	assert_int_equal(errno, EBADMSG);
	assert_int_equal(pwrite(fd, "{x}", 3, 0), 3);
	assert_null(secret_from_memfd(fd));
	assert_int_equal(errno, EBADMSG);
	close(fd);
	assert_null(secret_from_memfd(-1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_references),
		cmocka_unit_test(test_resolve),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_memfd),
		cmocka_unit_test(test_memfd_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
