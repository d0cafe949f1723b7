/*
 * options.h - reading a command's options, all in the same way.
 */
#ifndef JOBS_CMD_OPTIONS_H
#define JOBS_CMD_OPTIONS_H

#include <getopt.h>
#include <stdint.h>

#include "cmd.h"

#define OPTIONS_BAD '?'

/* getopt_long without its own words: the next option, -1 at the end, or
 * OPTIONS_BAD when what is wrong has been said with the usage. */
int options_next(const struct cmd *cmd, int argc, char **argv,
    const char *shorts, const struct option *longs);
/* The one operand; NULL: said. */
const char *options_operand(const struct cmd *cmd, int argc, char **argv,
    const char *what);
/* Values; 0, or -1 when what is wrong has been said. */
int options_duration(const struct cmd *cmd, const char *text, int64_t *ms);
int options_number(const struct cmd *cmd, const char *text,
    unsigned long *number);
int options_severity(const struct cmd *cmd, const char *text);
/* "TERM", "SIGTERM" or "15". */
int options_signal(const struct cmd *cmd, const char *text, int *signo);
/* A duration back from now, a time or a day: see moment.h. */
int options_time(const struct cmd *cmd, const char *text, int64_t *real_us);

#endif
