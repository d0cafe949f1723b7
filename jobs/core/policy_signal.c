/*
 * policy_signal.c - see policy_signal.h.
 */
#include "policy_signal.h"

#include <ctype.h>
#include <signal.h>
#include <string.h>
#include <strings.h>

/* "RTMIN" or "RTMIN+3", the number in one or two digits. */
static int
policy_signal_realtime(const char *name)
{
	int plus = 0;

	if (strncasecmp(name, "RTMIN", 5) != 0)
		return -1;
	name += 5;
	if (*name == '\0')
		return SIGRTMIN;
	if (*name++ != '+' || strlen(name) > 2 || *name == '\0')
		return -1;
	for (; *name != '\0'; name++) {
		if (!isdigit((unsigned char)*name))
			return -1;
		plus = plus * 10 + (*name - '0');
	}
	return SIGRTMIN + plus <= SIGRTMAX ? SIGRTMIN + plus : -1;
}

int
policy_signal_parse(const char *name)
{
	if (strncasecmp(name, "SIG", 3) == 0)
		name += 3;
	for (int number = 1; number < SIGRTMIN; number++) {
		const char *known = sigabbrev_np(number);

		if (known != NULL && strcasecmp(known, name) == 0)
			return number;
	}
	return policy_signal_realtime(name);
}
