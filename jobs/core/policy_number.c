/*
 * policy_number.c - see policy_number.h.
 */
#include "policy_number.h"

#include <math.h>
#include <string.h>

#include "policy_type.h"
#include "units.h"

static int
span_check(const struct policy_row *row, int64_t ms, struct why *why)
{
	char limit[UNITS_TEXT];

	if (ms < row->min)
		return why_set(why, "must be at least %s",
		    duration_format(row->min, limit));
	if (ms > row->max)
		return why_set(why, "must be at most %s",
		    duration_format(row->max, limit));
	return 0;
}

int
policy_number_duration(const struct policy_row *row, const json_t *value,
    struct why *why)
{
	int64_t ms;

	if (duration_parse(json_string_value(value), &ms, why) == -1)
		return -1;
	return span_check(row, ms, why);
}

int
policy_number_duration_auto(const struct policy_row *row, const json_t *value,
    struct why *why)
{
	if (strcmp(json_string_value(value), "auto") == 0)
		return 0;
	return policy_number_duration(row, value, why);
}

int
policy_number_int(const struct policy_row *row, const json_t *value,
    struct why *why)
{
	json_int_t n = json_integer_value(value);

	if (row->min == row->max || (n >= row->min && n <= row->max))
		return 0;
	return why_set(why, "must be from %lld to %lld", (long long)row->min,
	    (long long)row->max);
}

int
policy_number_window(const struct policy_row *row, const json_t *value,
    struct why *why)
{
	if (json_is_string(value))
		return policy_number_duration(row, value, why);
	if (!json_is_integer(value))
		return why_set(why, "must be %s",
		    policy_type_words(POLICY_TYPE_WINDOW));
	if (json_integer_value(value) < 2 || json_integer_value(value) > 100000)
		return why_set(why, "must be from 2 to 100000 points");
	return 0;
}

int
policy_number_size(const struct policy_row *row, const json_t *value,
    struct why *why)
{
	int64_t bytes;

	if (size_parse(json_string_value(value), &bytes, why) == -1)
		return -1;
	if (bytes < row->min)
		return why_set(why, "must be at least %lldB",
		    (long long)row->min);
	if (bytes > row->max)
		return why_set(why, "must be at most %lldTiB",
		    (long long)(row->max >> 40));
	return 0;
}

int
policy_number_real(const struct policy_row *row, const json_t *value,
    struct why *why)
{
	double x = json_number_value(value);

	if (!isfinite(x))
		return why_set(why, "must be a finite number");
	if (row->min != row->max &&
	    (x < (double)row->min || x > (double)row->max))
		return why_set(why, "must be from %lld to %lld",
		    (long long)row->min, (long long)row->max);
	return 0;
}
