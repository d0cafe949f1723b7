/*
 * policy_text.c - see policy_text.h.
 */
#include "policy_text.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "policy_signal.h"
#include "policy_type.h"
#include "secret.h"

/* What is given as a reference must be one: a typing error in it would send
 * the reference itself to a stranger. */
int
policy_text_secret(const struct policy_row *row, const json_t *value,
    struct why *why)
{
	const char *text = json_string_value(value);

	(void)row;
	if (*text == '\0')
		return why_set(why, "must not be empty");
	if ((strncmp(text, "env:", 4) == 0 || strncmp(text, "file:", 5) == 0) &&
	    !secret_is_reference(text))
		return why_set(why,
		    "must be \"env:NAME\" (letters, digits, _) or "
		    "\"file:/the/whole/path\"");
	return 0;
}

int
policy_text_id(const struct policy_row *row, const json_t *value,
    struct why *why)
{
	return json_is_integer(value) ? 0 : policy_text_secret(row, value, why);
}

static bool
has_control(const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p != '\0';
	     p++)
		if (*p < 0x20 || *p == 0x7f ||
		    (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0))
			return true;
	return false;
}

int
policy_text_name(const struct policy_row *row, const json_t *value,
    struct why *why)
{
	const char *text = json_string_value(value);

	(void)row;
	if (*text == '\0')
		return why_set(why, "must not be empty");
	if (has_control(text))
		return why_set(why, "must not contain control characters");
	if (strlen(text) > POLICY_NAME_MAX)
		return why_set(why, "must have at most %d bytes",
		    POLICY_NAME_MAX);
	return 0;
}

/* A letter or digit, then up to `max` of those and of `more`. */
static bool
is_word(const json_t *value, const char *more, size_t max)
{
	const char *p = json_string_value(value);
	size_t n = json_string_length(value);

	if (n == 0 || n > max || !isalnum((unsigned char)*p) || strlen(p) != n)
		return false;
	for (; *p != '\0'; p++)
		if (!isascii(*p) ||
		    (!isalnum((unsigned char)*p) && strchr(more, *p) == NULL))
			return false;
	return true;
}

int
policy_text_job_name(const struct policy_row *row, const json_t *value,
    struct why *why)
{
	(void)row;
	if (is_word(value, "._-", 63))
		return 0;
	return why_set(why,
	    "must begin with a letter or digit and have at most 63 letters, "
	    "digits, '.', '_' and '-'");
}

int
policy_text_event_name(const struct policy_row *row, const json_t *value,
    struct why *why)
{
	(void)row;
	if (is_word(value, "._-:/", POLICY_NAME_MAX))
		return 0;
	return why_set(why,
	    "must begin with a letter or digit and have at most %d letters, "
	    "digits, '.', '_', '-', ':' and '/'",
	    POLICY_NAME_MAX);
}

/* Not quoted in the message: an address may be a secret. `or` says what else
 * would do. */
static int
text_address(const char *text, const char * or, struct why *why)
{
	static const char *const schemes[] = { "http://", "https://", "smtp://",
		"smtps://" };

	if (has_control(text) || strchr(text, ' ') != NULL)
		return why_set(why,
		    "must not contain spaces or control characters");
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t n = strlen(schemes[i]);

		if (strncasecmp(text, schemes[i], n) == 0)
			return strchr("/:?#", text[n]) == NULL
			    ? 0
			    : why_set(why, "must name a host after \"%s\"",
				  schemes[i]);
	}
	return why_set(why,
	    "must be a whole address, such as \"https://host/path\"%s", or);
}

int
policy_text_address(const char *text, struct why *why)
{
	return text_address(text, "", why);
}

int
policy_text_url(const struct policy_row *row, const json_t *value,
    struct why *why)
{
	const char *text = json_string_value(value);

	if (policy_text_secret(row, value, why) == -1)
		return -1;
	if (secret_is_reference(text))
		return 0;
	return text_address(text, ", or \"env:NAME\"", why);
}

int
policy_text_path(const struct policy_row *row, const json_t *value,
    struct why *why)
{
	const char *text = json_string_value(value);

	(void)row;
	if (*text == '\0')
		return why_set(why, "must not be empty");
	if (*text == '~')
		return why_set(why,
		    "must be written out: \"~\" stands for nothing here");
	return 0;
}

void
policy_text_choices(const struct policy_row *row, char *out, size_t cap)
{
	const char *choices = row->choices;
	const char *word;
	size_t n, used = 0;

	out[0] = '\0';
	while ((n = policy_words_next(&choices, &word)) > 0 && used < cap)
		used += (size_t)snprintf(out + used, cap - used, "%s\"%.*s\"",
		    used == 0		   ? ""
			: *choices == '\0' ? " or "
					   : ", ",
		    (int)n, word);
}

int
policy_text_enum(const struct policy_row *row, const json_t *value,
    struct why *why)
{
	char choices[POLICY_CHOICES_MAX];

	if (policy_words_have(row->choices, json_string_value(value),
		json_string_length(value)))
		return 0;
	policy_text_choices(row, choices, sizeof(choices));
	return why_set(why, "must be %s, not \"%.40s\"", choices,
	    json_string_value(value));
}

int
policy_text_signal(const struct policy_row *row, const json_t *value,
    struct why *why)
{
	(void)row;
	if (policy_signal_parse(json_string_value(value)) != -1)
		return 0;
	return why_set(why,
	    "\"%.40s\" is not a signal: write a name such as \"TERM\", "
	    "\"INT\" or \"USR1\"",
	    json_string_value(value));
}

int
policy_hours_parse(const char *text, int *from, int *to)
{
	int hour[2], minute[2];
	static const char shape[] = "00:00-00:00";

	for (size_t i = 0; i < sizeof(shape); i++)
		if (shape[i] == '0' ? !isdigit((unsigned char)text[i])
				    : text[i] != shape[i])
			return -1;
	for (int i = 0; i < 2; i++, text += 6) {
		hour[i] = (text[0] - '0') * 10 + (text[1] - '0');
		minute[i] = (text[3] - '0') * 10 + (text[4] - '0');
		if (hour[i] > 23 || minute[i] > 59)
			return -1;
	}
	*from = hour[0] * 60 + minute[0];
	*to = hour[1] * 60 + minute[1];
	return *from == *to ? -1 : 0;
}

int
policy_text_hours(const struct policy_row *row, const json_t *value,
    struct why *why)
{
	int from, to;

	(void)row;
	if (policy_hours_parse(json_string_value(value), &from, &to) == 0)
		return 0;
	return why_set(why,
	    "\"%.40s\" is not a span of hours: write two different times of "
	    "day, as in \"23:00-07:00\"",
	    json_string_value(value));
}

int
policy_text_umask(const struct policy_row *row, const json_t *value,
    struct why *why)
{
	const char *text = json_string_value(value);
	size_t n = strlen(text);

	(void)row;
	if (n >= 1 && n <= 4 && strspn(text, "01234567") == n &&
	    strtol(text, NULL, 8) <= 0777)
		return 0;
	return why_set(why,
	    "\"%.40s\" is not a umask: write up to three octal digits, as in "
	    "\"022\"",
	    text);
}
