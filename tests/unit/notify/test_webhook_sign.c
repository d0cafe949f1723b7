/*
 * test_webhook_sign.c - signatures, ids and other small decisions of a
 * delivery. The expected values were computed by Python's hmac and hashlib;
 * the first vector is the one that the Standard Webhooks libraries share.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "address.h"
#include "backoff.h"
#include "request.h"
#include "sign.h"
#include "url.h"
#include "verdict.h"

struct vector {
	const char *secret;
	const char *id;
	int64_t timestamp;
	const char *body;
	size_t body_length;
	const char *signature; /* NULL: refused */
};

static const struct vector vectors[] = {
	{ "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
	    "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
	    "{\"test\": 2432232314}", 20,
	    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" },
	{ "a plain secret", "msg_1", 0, "", 0,
	    "v1,fVeTUMaFXRiF2Jt7WDfTuMvmU1UDrSDSabhQCk5rkqI=" },
	{ "whsec_AQ==", "m", -1, "x\0y", 3,
	    "v1,8YwgQTqbPEWn9yNtd1NzcvJe5FXNiMstuneNb7zmXuc=" },
	{ "whsec_AQI=", "m", 1, "body", 4,
	    "v1,PImmYzvGBZ6BylkpA2p6u/+8dpYevrZQgeI6yZGaJog=" },
	{ "whsec_", "m", 1, "", 0, NULL },
	{ "whsec_not base64!", "m", 1, "", 0, NULL },
	{ "whsec_AQ", "m", 1, "", 0, NULL },
	{ "", "m", 1, "", 0, NULL },
};

static void
test_vectors(void **state)
{
	char signature[SIGN_SIGNATURE_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		const struct vector *v = &vectors[i];
		const struct sign_content content = { v->id, v->timestamp,
			v->body, v->body_length };
		struct why why = { "" };
		int result = sign_webhook(&content, v->secret, signature, &why);

		if (v->signature != NULL) {
			assert_int_equal(result, 0);
			assert_string_equal(signature, v->signature);
			continue;
		}
		assert_int_equal(result, -1);
		assert_true(why.text[0] != '\0');
		assert_null(strstr(why.text, "not base64!"));
	}
}

static void
test_keys_have_a_bound(void **state)
{
	const struct sign_content content = { "m", 1, "", 0 };
	char secret[6 + 1024 + 1] = "whsec_", signature[SIGN_SIGNATURE_MAX];
	struct why why;

	(void)state;
	memset(secret + 6, 'A', 1024);
	assert_int_equal(sign_webhook(&content, secret, signature, &why), -1);
	assert_int_equal(sign_webhook(&content, secret + 6, signature, &why),
	    -1);
	secret[6 + 680] = '\0'; /* 510 bytes */
	assert_int_equal(sign_webhook(&content, secret, signature, &why), 0);
}

static void
test_ids(void **state)
{
	const char *uid = "0123456789abcdef0123456789abcdef";
	char id[SIGN_ID_MAX], other[SIGN_ID_MAX];

	(void)state;
	assert_int_equal(sign_id(uid, 42, "hook", id), 0);
	assert_string_equal(id,
	    "msg_0ba58ca2c0e2696f9654105caa0b523955e8d750"
	    "c8f094f4d0c6f94b6385fc00");
	assert_null(strchr(id, '.'));
	assert_int_equal(sign_id(uid, 43, "hook", other), 0);
	assert_string_not_equal(id, other);
	assert_int_equal(sign_id(uid, 42, "hooks", other), 0);
	assert_string_not_equal(id, other);
}

static void
test_verdicts(void **state)
{
	(void)state;
	assert_int_equal(verdict_of(200), VERDICT_SENT);
	assert_int_equal(verdict_of(204), VERDICT_SENT);
	assert_int_equal(verdict_of(299), VERDICT_SENT);
	assert_int_equal(verdict_of(0), VERDICT_RETRY);
	assert_int_equal(verdict_of(301), VERDICT_RETRY);
	assert_int_equal(verdict_of(307), VERDICT_RETRY);
	assert_int_equal(verdict_of(400), VERDICT_REFUSED);
	assert_int_equal(verdict_of(403), VERDICT_REFUSED);
	assert_int_equal(verdict_of(413), VERDICT_REFUSED);
	assert_int_equal(verdict_of(401), VERDICT_CLOSED);
	assert_int_equal(verdict_of(404), VERDICT_CLOSED);
	assert_int_equal(verdict_of(410), VERDICT_CLOSED);
	assert_int_equal(verdict_of(408), VERDICT_RETRY);
	assert_int_equal(verdict_of(425), VERDICT_RETRY);
	assert_int_equal(verdict_of(429), VERDICT_RETRY);
	assert_int_equal(verdict_of(500), VERDICT_RETRY);
	assert_int_equal(verdict_of(503), VERDICT_RETRY);
	assert_int_equal(verdict_of(999), VERDICT_RETRY);
}

static void
test_backoff(void **state)
{
	(void)state;
	assert_int_equal(backoff_ms(1, 0), 500);
	assert_int_equal(backoff_ms(1, UINT32_MAX), 5000);
	assert_in_range(backoff_ms(1, UINT32_MAX / 2), 2700, 2800);
	assert_int_equal(backoff_ms(2, UINT32_MAX), 10000);
	assert_int_equal(backoff_ms(3, UINT32_MAX), 20000);
	assert_int_equal(backoff_ms(100, UINT32_MAX), BACKOFF_MAX_MS);
	assert_int_equal(backoff_ms(UINT32_MAX, UINT32_MAX), BACKOFF_MAX_MS);
	for (unsigned n = 1; n < 40; n++)
		assert_int_equal(backoff_ms(n, 0), 500);
}

static void
test_asked(void **state)
{
	(void)state;
	assert_int_equal(backoff_asked_ms(0), -1);
	assert_int_equal(backoff_asked_ms(-3), -1);
	assert_int_equal(backoff_asked_ms(INT64_MIN), -1);
	assert_int_equal(backoff_asked_ms(7), 7000);
	assert_int_equal(backoff_asked_ms(3600), 3600000);
	assert_int_equal(backoff_asked_ms(86400), 3600000);
	assert_int_equal(backoff_asked_ms(INT64_MAX), 3600000);
}

static void
test_addresses(void **state)
{
	static const char *const inside[] = { "0.0.0.0", "10.1.2.3",
		"100.64.0.1", "100.127.255.255", "127.0.0.1", "127.9.9.9",
		"169.254.169.254", "172.16.0.1", "172.31.255.255",
		"192.168.1.1", "198.18.0.1", "198.19.9.9", "224.0.0.1",
		"255.255.255.255", "::", "::1", "fe80::1", "fec0::1", "fc00::1",
		"fdff::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:192.168.1.1",
		"::10.0.0.1", "64:ff9b::7f00:1",
		"2002:0a00:0001::", "2001:db8::1", "no address", "" };
	static const char *const outside[] = { "1.1.1.1", "9.255.255.255",
		"11.0.0.0", "100.63.255.255", "100.128.0.0", "126.1.1.1",
		"128.0.0.1", "169.253.1.1", "172.15.255.255", "172.32.0.0",
		"192.167.1.1", "192.169.1.1", "198.17.1.1", "198.20.0.0",
		"223.255.255.255", "2606:4700::1111", "::ffff:1.1.1.1",
		"64:ff9b::101:101", "2002:0101:0101::", "fbff::1" };

	(void)state;
	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
		if (!address_text_is_private(inside[i]))
			fail_msg("%s counts as public", inside[i]);
	for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
		if (address_text_is_private(outside[i]))
			fail_msg("%s counts as private", outside[i]);
}

static void
test_origins(void **state)
{
	char origin[URL_ORIGIN_MAX];

	(void)state;
	assert_string_equal(url_origin("https://u:p@host.net:8443/s?t=k#f",
				origin),
	    "https://host.net:8443");
	assert_string_equal(url_origin("https://host.net:443/s", origin),
	    "https://host.net");
	assert_string_equal(url_origin("https://host.net:80/s", origin),
	    "https://host.net:80");
	assert_string_equal(url_origin("http://[::1]:8080/x", origin),
	    "http://[::1]:8080");
	assert_string_equal(url_origin("http://[::1]:80/x", origin),
	    "http://[::1]");
	assert_string_equal(url_origin("not an address", origin),
	    "the address");
	assert_string_equal(url_origin("", origin), "the address");
}

static void
test_split(void **state)
{
	static const char *const rows[][3] = {
		{ "https://ntfy.sh/topic", "https://ntfy.sh/", "topic" },
		{ "https://h/a/b/t/", "https://h/a/b/", "t" },
		{ "http://u:p@h:8080/t?auth=x", "http://u:p@h:8080/?auth=x",
		    "t" },
		{ "https://h/a%20b", "https://h/", "a b" },
		{ "https://h/", NULL, NULL },
		{ "https://h", NULL, NULL },
		{ "://", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *parent, *last;
		struct why why;
		int result = url_split(rows[i][0], &parent, &last, &why);

		assert_int_equal(result, rows[i][1] == NULL ? -1 : 0);
		if (result == 0) {
			assert_string_equal(parent, rows[i][1]);
			assert_string_equal(last, rows[i][2]);
		}
		free(parent);
		free(last);
	}
}

/* A token from a file must not be able to add a header. */
static void
test_headers(void **state)
{
	struct request request;

	(void)state;
	request_init(&request);
	assert_int_equal(request_header(&request, "A: %s", "b"), 0);
	assert_int_equal(request_header(&request, "A: %s", "b\r\nC: d"), -1);
	assert_int_equal(request_header(&request, "A: %s", "b\n"), -1);
	assert_int_equal(request.header_count, 1);
	for (int i = 1; i < REQUEST_HEADERS_MAX; i++)
		assert_int_equal(request_header(&request, "A: %d", i), 0);
	assert_int_equal(request_header(&request, "A: z"), -1);
	request_release(&request);
	request_release(&request);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_keys_have_a_bound),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_backoff),
		cmocka_unit_test(test_asked),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_origins),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
