/*
 * commands.h - the rows of the command table, each in its cmd_NAME.c, and
 * how a row is found and explained.
 */
#ifndef JOBS_CMD_COMMANDS_H
#define JOBS_CMD_COMMANDS_H

#include <stdio.h>

#include "cmd.h"

extern const struct cmd cmd_attach;
extern const struct cmd cmd_classify;
extern const struct cmd cmd_events;
extern const struct cmd cmd_help;
extern const struct cmd cmd_kill;
extern const struct cmd cmd_logs;
extern const struct cmd cmd_notify;
extern const struct cmd cmd_policy;
extern const struct cmd cmd_prune;
extern const struct cmd cmd_ps;
extern const struct cmd cmd_recover;
extern const struct cmd cmd_rm;
extern const struct cmd cmd_rotate;
extern const struct cmd cmd_run;
extern const struct cmd cmd_status;
extern const struct cmd cmd_stop;
extern const struct cmd cmd_wait;
extern const struct cmd cmd_watch;

/* The row of that name, or NULL. */
const struct cmd *help_find(const char *name);
/* "jobwatch: no such command…" with the nearest known one; CMD_USAGE. */
int help_unknown(const char *name);
/* All commands, one line each. */
void help_all(FILE *out);
/* One command: usage, purpose, options. */
void help_one(const struct cmd *cmd, FILE *out);

#endif
