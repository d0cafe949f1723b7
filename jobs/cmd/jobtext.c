/*
 * jobtext.c - see jobtext.h.
 */
#include "jobtext.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "utf8.h"

const char *
jobtext_span(double seconds, char out[UNITS_TEXT])
{
	static const struct {
		const char *name;
		int64_t seconds;
	} units[] = { { "d", 86400 }, { "h", 3600 }, { "m", 60 }, { "s", 1 } };
	int64_t whole = seconds < 0 ? 0 : (int64_t)seconds;
	size_t i = 0;

	if (seconds < 1) {
		snprintf(out, UNITS_TEXT, "%dms",
		    seconds < 0 ? 0 : (int)(seconds * 1000));
		return out;
	}
	while (whole < units[i].seconds)
		i++;
	if (i == 3 || whole % units[i].seconds < units[i + 1].seconds)
		snprintf(out, UNITS_TEXT, "%" PRId64 "%s",
		    whole / units[i].seconds, units[i].name);
	else
		snprintf(out, UNITS_TEXT, "%" PRId64 "%s%" PRId64 "%s",
		    whole / units[i].seconds, units[i].name,
		    whole % units[i].seconds / units[i + 1].seconds,
		    units[i + 1].name);
	return out;
}

const char *
jobtext_age(const char *time, char out[UNITS_TEXT])
{
	int64_t then;

	if (time == NULL || clock_parse(time, &then) == -1) {
		snprintf(out, UNITS_TEXT, "-");
		return out;
	}
	return jobtext_span((double)(clock_real_us() - then) / 1e6, out);
}

/* Appends ", TEXT" to a list in words. */
__attribute__((format(printf, 2, 3))) static void
jobtext_add(char out[JOBTEXT_MAX], const char *format, ...)
{
	size_t used = strlen(out);
	va_list args;

	if (used > 0)
		used += (size_t)snprintf(out + used, JOBTEXT_MAX - used, ", ");
	if (used >= JOBTEXT_MAX)
		return;
	va_start(args, format);
	vsnprintf(out + used, JOBTEXT_MAX - used, format, args);
	va_end(args);
}

/* "epoch 3/10" where the count is known, and its end perhaps. */
static void
jobtext_add_count(char out[JOBTEXT_MAX], const json_t *progress,
    const char *one, const char *all)
{
	json_t *at = json_object_get(progress, one);
	json_t *of = json_object_get(progress, all);

	if (!json_is_number(at))
		return;
	if (json_is_number(of))
		jobtext_add(out, "%s %.0f/%.0f", one, json_number_value(at),
		    json_number_value(of));
	else
		jobtext_add(out, "%s %.0f", one, json_number_value(at));
}

const char *
jobtext_progress(const json_t *status, char out[JOBTEXT_MAX])
{
	json_t *progress = json_object_get(status, "progress");
	json_t *percent = json_object_get(progress, "percent");
	json_t *eta = json_object_get(progress, "eta_s");
	char span[UNITS_TEXT];

	out[0] = '\0';
	jobtext_add_count(out, progress, "epoch", "epochs");
	jobtext_add_count(out, progress, "step", "steps");
	if (json_is_number(percent))
		jobtext_add(out, "%.0f%%", json_number_value(percent));
	if (json_is_number(eta))
		jobtext_add(out, "%s left",
		    jobtext_span(json_number_value(eta), span));
	if (out[0] == '\0')
		snprintf(out, JOBTEXT_MAX, "-");
	return out;
}

const char *
jobtext_alerts(const json_t *status, char out[JOBTEXT_MAX])
{
	static const char *const levels[] = { "critical", "high", "medium",
		"low" };
	json_t *alerts = json_object_get(status, "alerts");

	out[0] = '\0';
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		json_int_t n = json_integer_value(
		    json_object_get(alerts, levels[i]));

		if (n > 0)
			jobtext_add(out, "%" JSON_INTEGER_FORMAT " %s", n,
			    levels[i]);
	}
	if (out[0] == '\0')
		snprintf(out, JOBTEXT_MAX, "-");
	return out;
}

/* One argument, in single quotes where a shell would take it otherwise. */
static void
jobtext_argument(const char *text, FILE *out)
{
	static const char
	    plain[] = "abcdefghijklmnopqrstuvwxyz"
		      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,+@%";
	size_t n = strlen(text);

	if (n > 0 && strspn(text, plain) == n) {
		fputs(text, out);
		return;
	}
	fputc('\'', out);
	for (const char *p = text; *p != '\0';) {
		size_t run = strcspn(p, "'");

		utf8_print(out, p, run);
		p += run;
		if (*p == '\'') {
			fputs("'\\''", out);
			p++;
		}
	}
	fputc('\'', out);
}

void
jobtext_command(const json_t *argv, FILE *out)
{
	size_t i;
	json_t *argument;

	json_array_foreach (argv, i, argument) {
		if (i > 0)
			fputc(' ', out);
		if (json_is_string(argument))
			jobtext_argument(json_string_value(argument), out);
	}
}

const char *
jobtext_or_dash(const json_t *status, const char *key)
{
	const char *text = json_string_value(json_object_get(status, key));

	return text == NULL ? "-" : text;
}

bool
jobtext_colour(FILE *out)
{
	const char *no = getenv("NO_COLOR"); /* no-color.org: set, not empty */
	const char *term = getenv("TERM");

	return isatty(fileno(out)) && (no == NULL || no[0] == '\0') &&
	    (term == NULL || strcmp(term, "dumb") != 0);
}

void
jobtext_severity(enum severity severity, bool colour, FILE *out)
{
	static const char *const colours[SEVERITY_COUNT] = {
		[SEVERITY_NONE] = "\033[2m",
		[SEVERITY_LOW] = "\033[32m",
		[SEVERITY_MEDIUM] = "\033[33m",
		[SEVERITY_HIGH] = "\033[31m",
		[SEVERITY_CRITICAL] = "\033[1;31m",
	};

	fprintf(out, "%s%-*s%s", colour ? colours[severity] : "",
	    JOBTEXT_SEVERITY, severity_name(severity), colour ? "\033[0m" : "");
}
