/*
 * policy_pattern.c - see policy_pattern.h.
 */
#include "policy_pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

static int
pattern_explain(int error, size_t offset, struct why *why)
{
	PCRE2_UCHAR words[256];

	if (pcre2_get_error_message(error, words, sizeof(words)) < 0)
		words[0] = '\0';
	return why_set(why, "%s at offset %zu of the pattern",
	    (const char *)words, offset);
}

int
policy_pattern_check(const char *pattern, const char *group, struct why *why)
{
	size_t length = strlen(pattern), offset;
	pcre2_code *code;
	int error, found;

	if (length == 0)
		return why_set(why, "must not be empty");
	if (length > POLICY_PATTERN_MAX)
		return why_set(why, "must have at most %d bytes",
		    POLICY_PATTERN_MAX);
	code = pcre2_compile((PCRE2_SPTR)pattern, length, PCRE2_UTF, &error,
	    &offset, NULL);
	if (code == NULL)
		return pattern_explain(error, offset, why);
	found = group == NULL
	    ? 0
	    : pcre2_substring_number_from_name(code, (PCRE2_SPTR)group);
	pcre2_code_free(code);
	if (found == PCRE2_ERROR_NOSUBSTRING)
		return why_set(why,
		    "needs a group named \"%s\", as in \"loss=(?<%s>\\S+)\"",
		    group, group);
	return 0;
}
