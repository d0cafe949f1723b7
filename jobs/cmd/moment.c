/*
 * moment.c - see moment.h.
 *
 * What is asked of date(1) is changed where it would surprise: to it "2
 * hours" lies ahead, "today" is this very moment, and a letter alone is a
 * military time zone ("5 m" is five o'clock somewhere over the Atlantic).
 */
#include "moment.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "clock.h"
#include "spawn.h"
#include "units.h"

#define ANSWER_MAX 64		  /* of date(1): twenty digits or so */
#define ANSWER_MS 5000		  /* it takes one or two */
#define SECONDS_MAX 1000000000000 /* thirty thousand years */

struct moment_word {
	const char *name;
	const char *meaning;
};

static const struct moment_word moment_days[] = {
	{ "today", "today 00:00" },
	{ "yesterday", "yesterday 00:00" },
	{ "tomorrow", "tomorrow 00:00" },
	{ NULL, NULL },
};

static const struct moment_word moment_units[] = {
	{ "s", "second" },
	{ "sec", "second" },
	{ "secs", "second" },
	{ "second", "second" },
	{ "seconds", "second" },
	{ "m", "minute" },
	{ "min", "minute" },
	{ "mins", "minute" },
	{ "minute", "minute" },
	{ "minutes", "minute" },
	{ "h", "hour" },
	{ "hr", "hour" },
	{ "hrs", "hour" },
	{ "hour", "hour" },
	{ "hours", "hour" },
	{ "d", "day" },
	{ "day", "day" },
	{ "days", "day" },
	{ "w", "week" },
	{ "week", "week" },
	{ "weeks", "week" },
	{ "month", "month" },
	{ "months", "month" },
	{ "y", "year" },
	{ "year", "year" },
	{ "years", "year" },
	{ NULL, NULL },
};

static const char *
moment_meaning(const struct moment_word *words, const char *text, size_t n)
{
	for (; words->name != NULL; words++)
		if (strlen(words->name) == n &&
		    strncasecmp(words->name, text, n) == 0)
			return words->meaning;
	return NULL;
}

/* --- what to ask -------------------------------------------------------- */

static size_t
span_blank(const char *p)
{
	return strspn(p, " \t,");
}

static size_t
span_letters(const char *p)
{
	size_t n = 0;

	while (isalpha((unsigned char)p[n]))
		n++;
	return n;
}

/* "2 hours 5 min", "3 days ago" as "-2 hour -5 minute ". 0, or -1: it is
 * something else. */
static int
moment_back(const char *p, char *out, size_t max)
{
	size_t used = 0;

	for (p += span_blank(p); *p != '\0'; p += span_blank(p)) {
		size_t digits = strspn(p, "0123456789"), letters;
		const char *number = p, *unit;

		if (digits == 0 && used > 0 && strcasecmp(p, "ago") == 0)
			return 0;
		p += digits;
		p += strspn(p, " \t");
		letters = span_letters(p);
		unit = moment_meaning(moment_units, p, letters);
		if (digits == 0 || unit == NULL)
			return -1;
		p += letters;
		used += (size_t)snprintf(out + used, max - used, "-%.*s %s ",
		    (int)digits, number, unit);
		if (used >= max)
			return -1;
	}
	return used > 0 ? 0 : -1;
}

/* True when a letter stands alone that is not RFC 3339's T or Z behind a
 * digit; digits alone are an hour to date(1), and to us a unit is missing. */
static bool
moment_is_misleading(const char *text)
{
	if (text[strspn(text, "0123456789 \t")] == '\0')
		return true;
	for (const char *p = text; *p != '\0'; p++) {
		size_t n = span_letters(p);

		if (n == 1 &&
		    (strchr("TtZz", *p) == NULL || p == text ||
			!isdigit((unsigned char)p[-1])))
			return true;
		if (n > 0)
			p += n - 1;
	}
	return false;
}

int
moment_phrase(const char *text, char *out, size_t max)
{
	const char *meaning = moment_meaning(moment_days, text, strlen(text));

	if (meaning == NULL && moment_back(text, out, max) == 0)
		return 0;
	if (moment_is_misleading(text))
		return -1;
	return (size_t)snprintf(out, max, "%s",
		   meaning != NULL ? meaning : text) < max
	    ? 0
	    : -1;
}

/* --- asking ------------------------------------------------------------- */

/* "1700000000.123456789\n" of %s.%N. 0, or -1. */
static int
moment_answer(const char *answer, int64_t *real_us)
{
	char *end, *rest;
	long long seconds = strtoll(answer, &end, 10);
	long nanoseconds;

	if (end == answer || *end != '.' || !isdigit((unsigned char)end[1]))
		return -1;
	nanoseconds = strtol(end + 1, &rest, 10);
	if (rest - end != 10 || strcmp(rest, "\n") != 0 ||
	    seconds > SECONDS_MAX || seconds < -SECONDS_MAX)
		return -1;
	*real_us = seconds * 1000000 + nanoseconds / 1000;
	return 0;
}

/* Its environment: the zone is the user's, the language of words is not. */
static int
moment_ask(const char *phrase, int64_t *real_us, struct why *why)
{
	char option[MOMENT_MAX + 16], zone[MOMENT_MAX] = "", answer[ANSWER_MAX];
	const char *argv[] = { "date", option, "+%s.%N", NULL };
	const char *env[] = { "LC_ALL=C", zone, NULL };
	const struct spawn date = { argv, env, -1, -1 };
	const char *tz = getenv("TZ");

	if (tz == NULL)
		env[1] = NULL;
	else if ((size_t)snprintf(zone, sizeof(zone), "TZ=%s", tz) >=
	    sizeof(zone))
		return why_set(why, "TZ is too long");
	snprintf(option, sizeof(option), "--date=%s", phrase);
	switch (spawn_ask(&date, ANSWER_MS, answer, sizeof(answer))) {
	case -1:
		return why_errno(why, "cannot ask date(1) what it means");
	case 0:
		if (moment_answer(answer, real_us) == 0)
			return 0;
		return why_set(why, "and date(1) is not GNU's here");
	default:
		return why_set(why, "date(1) does not understand it");
	}
}

int
moment_parse(const char *text, int64_t *real_us, struct why *why)
{
	char phrase[MOMENT_MAX];
	struct why reason;
	int64_t ms;

	if (clock_parse(text, real_us) == 0)
		return 0;
	if (duration_parse(text, &ms, &reason) == 0) {
		int64_t now = clock_real_us();

		*real_us = ms < now / 1000 ? now - ms * 1000 : 0;
		return 0;
	}
	if (moment_phrase(text, phrase, sizeof(phrase)) == -1)
		why_set(&reason, "it could mean anything");
	else if (moment_ask(phrase, real_us, &reason) == 0)
		return 0;
	return why_set(why,
	    "\"%.60s\" is no time, %.200s: write a duration back from now "
	    "(10m, \"2 hours\"), a time (10:30, 2026-03-02T14:07:11Z) or a "
	    "day (yesterday, \"last monday\")",
	    text, reason.text);
}
