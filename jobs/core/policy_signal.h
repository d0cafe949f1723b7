/*
 * policy_signal.h - signals by name, as policies and `stop` know them.
 */
#ifndef JOBS_CORE_POLICY_SIGNAL_H
#define JOBS_CORE_POLICY_SIGNAL_H

/* The number of "TERM", "SIGTERM" or "RTMIN+3", in any case; -1: none. */
int policy_signal_parse(const char *name);

#endif
