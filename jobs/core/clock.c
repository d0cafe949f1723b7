/*
 * clock.c - see clock.h.
 */
#include "clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define US 1000000

static int64_t
clock_read_us(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * US + now.tv_nsec / 1000;
}

int64_t
clock_real_us(void)
{
	return clock_read_us(CLOCK_REALTIME);
}

int64_t
clock_mono_us(void)
{
	return clock_read_us(CLOCK_MONOTONIC);
}

/* Seconds rounded down, so that times before 1970 stay in order too. */
static time_t
clock_split(int64_t us, int *fraction)
{
	int64_t seconds = us / US, rest = us % US;

	if (rest < 0) {
		seconds--;
		rest += US;
	}
	*fraction = (int)rest;
	return (time_t)seconds;
}

const char *
clock_rfc3339(int64_t real_us, char out[CLOCK_TEXT])
{
	int fraction;
	time_t seconds = clock_split(real_us, &fraction);
	struct tm tm;
	size_t used;

	gmtime_r(&seconds, &tm);
	used = strftime(out, CLOCK_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + used, CLOCK_TEXT - used, ".%06dZ", fraction);
	return out;
}

const char *
clock_local(int64_t real_us, char out[CLOCK_TEXT])
{
	int fraction;
	time_t seconds = clock_split(real_us, &fraction);
	struct tm tm;
	size_t used;

	localtime_r(&seconds, &tm);
	used = strftime(out, CLOCK_TEXT, "%Y-%m-%d %H:%M:%S", &tm);
	snprintf(out + used, CLOCK_TEXT - used, ".%03d", fraction / 1000);
	return out;
}

const char *
clock_local_again(int64_t real_us, int64_t before_us, char out[CLOCK_TEXT])
{
	int fraction, before;
	char *end;

	if (clock_split(real_us, &fraction) != clock_split(before_us, &before))
		return clock_local(real_us, out);
	end = out + strlen(out);
	for (int rest = fraction / 1000, i = 0; i < 3; i++, rest /= 10)
		*--end = (char)('0' + rest % 10);
	return out;
}

const char *
clock_stamp(int64_t real_us, char out[CLOCK_TEXT])
{
	int fraction;
	time_t seconds = clock_split(real_us, &fraction);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(out, CLOCK_TEXT, "%Y%m%dT%H%M%SZ", &tm);
	return out;
}

/* Exactly n digits at *p, of a value from low to high. 0, or -1. */
static int
clock_digits(const char **p, int n, int low, int high, int *value)
{
	*value = 0;
	for (; n > 0; n--, (*p)++) {
		if (**p < '0' || **p > '9')
			return -1;
		*value = *value * 10 + (**p - '0');
	}
	return *value >= low && *value <= high ? 0 : -1;
}

static int
clock_is(const char **p, char c)
{
	if (**p != c)
		return 0;
	(*p)++;
	return 1;
}

/* "2026-03-02"; a day that the month does not have is none. */
static int
clock_date(const char **p, struct tm *tm)
{
	struct tm day = { .tm_hour = 12 };

	if (clock_digits(p, 4, 0, 9999, &day.tm_year) == -1 ||
	    !clock_is(p, '-') || clock_digits(p, 2, 1, 12, &day.tm_mon) == -1 ||
	    !clock_is(p, '-') || clock_digits(p, 2, 1, 31, &day.tm_mday) == -1)
		return -1;
	tm->tm_year = day.tm_year -= 1900;
	tm->tm_mon = day.tm_mon -= 1;
	tm->tm_mday = day.tm_mday;
	timegm(&day); /* makes February 30 a day of March */
	return day.tm_mday == tm->tm_mday ? 0 : -1;
}

/* "14:07:11.25"; of the fraction's digits, the first six count. */
static int
clock_time(const char **p, struct tm *tm, int64_t *fraction)
{
	int64_t unit = US / 10;

	if (clock_digits(p, 2, 0, 23, &tm->tm_hour) == -1 ||
	    !clock_is(p, ':') || clock_digits(p, 2, 0, 59, &tm->tm_min) == -1 ||
	    !clock_is(p, ':') || clock_digits(p, 2, 0, 60, &tm->tm_sec) == -1)
		return -1;
	if (!clock_is(p, '.'))
		return 0;
	if (**p < '0' || **p > '9')
		return -1;
	for (; **p >= '0' && **p <= '9'; (*p)++, unit /= 10)
		*fraction += (**p - '0') * unit;
	return 0;
}

/* "Z" or "+02:00" as seconds east; 1 when there is no zone, -1 bad. */
static int
clock_zone(const char *p, long *east)
{
	int hours, minutes, sign = *p == '-' ? -1 : 1;

	*east = 0;
	if (*p == '\0')
		return 1;
	if ((*p == 'Z' || *p == 'z') && p[1] == '\0')
		return 0;
	if (*p != '+' && *p != '-')
		return -1;
	p++;
	if (clock_digits(&p, 2, 0, 23, &hours) == -1 || !clock_is(&p, ':') ||
	    clock_digits(&p, 2, 0, 59, &minutes) == -1 || *p != '\0')
		return -1;
	*east = sign * (hours * 60L + minutes) * 60;
	return 0;
}

int
clock_parse(const char *text, int64_t *real_us)
{
	struct tm tm = { .tm_isdst = -1 };
	int64_t fraction = 0;
	long east;
	int zone;

	if (clock_date(&text, &tm) == -1)
		goto bad;
	if ((clock_is(&text, 'T') || clock_is(&text, 't') ||
		clock_is(&text, ' ')) &&
	    clock_time(&text, &tm, &fraction) == -1)
		goto bad;
	if ((zone = clock_zone(text, &east)) == -1)
		goto bad;
	*real_us = (int64_t)(zone == 1 ? mktime(&tm) : timegm(&tm) - east) * US;
	*real_us += fraction;
	return 0;
bad:
	errno = EINVAL;
	return -1;
}
