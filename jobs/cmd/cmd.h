/*
 * cmd.h - one command of jobwatch: a row in commands.c, a cmd_NAME.c.
 */
#ifndef JOBS_CMD_CMD_H
#define JOBS_CMD_CMD_H

/* Exit codes of jobwatch itself (CONTRACT, section 1). */
enum cmd_exit {
	CMD_OK = 0,
	CMD_NO = 1,	  /* it ran, and the answer is no */
	CMD_USAGE = 2,	  /* usage, or an invalid file */
	CMD_NO_JOB = 3,	  /* no such job */
	CMD_FAILED = 125, /* jobwatch failed */
};

/* What the dispatcher sees to before run is called. */
enum cmd_flags {
	CMD_PLAIN = 0,
	CMD_LATER = 1 << 0, /* in the contract, not built yet: says so, 1 */
};

struct cmd {
	const char *name;
	const char *usage; /* after the name, one line */
	const char *brief; /* one line, lower case, no full stop */
	const char *help;  /* options, a line each; NULL: none */
	unsigned flags;
	/* argv[0] is the command's name; --help was met already. Returns an
	 * exit code. Words for people go to stderr through cmd_error. */
	int (*run)(const struct cmd *cmd, int argc, char **argv);
};

/* All commands in the order of help, ended by NULL. */
extern const struct cmd *const commands[];

/* "jobwatch: WHAT" on stderr, one line; control bytes escaped. Returns code,
 * so that "return cmd_error(CMD_USAGE, …)" reads well. */
int cmd_error(int code, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* What was printed so far goes out. CMD_OK, or CMD_FAILED and said why
 * (unless it is only that nobody reads any more). */
int cmd_flush(void);
/* "jobwatch: NAME: wrong usage…" with the usage line; returns CMD_USAGE. */
int cmd_usage(const struct cmd *cmd, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
