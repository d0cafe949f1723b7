/*
 * backoff.c - see backoff.h.
 */
#include "backoff.h"

int64_t
backoff_ms(unsigned attempts, uint32_t dice)
{
	int64_t bound = BACKOFF_FIRST_MS;

	for (unsigned i = 1; i < attempts && bound < BACKOFF_MAX_MS; i++)
		bound *= 2;
	if (bound > BACKOFF_MAX_MS)
		bound = BACKOFF_MAX_MS;
	return BACKOFF_MIN_MS +
	    (int64_t)dice * (bound - BACKOFF_MIN_MS) / UINT32_MAX;
}

int64_t
backoff_asked_ms(int64_t seconds)
{
	if (seconds <= 0)
		return -1;
	if (seconds >= BACKOFF_ASKED_MAX_MS / 1000)
		return BACKOFF_ASKED_MAX_MS;
	return seconds * 1000;
}
