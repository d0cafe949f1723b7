/*
 * cmd_help.c - `jobwatch help [COMMAND]`: what there is, made from the table.
 *
 * Commands of later versions are left out of the list, but help on one of
 * them still says what it is going to do.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

#define NEAREST_WORD 32 /* longer words are nobody's misspelling */

const struct cmd *
help_find(const char *name)
{
	for (const struct cmd *const *row = commands; *row != NULL; row++)
		if (strcmp((*row)->name, name) == 0)
			return *row;
	return NULL;
}

static size_t
min_of_three(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* Levenshtein's distance, by rows (Wagner and Fischer, 1974). */
static size_t
distance(const char *left, const char *right)
{
	size_t row[NEAREST_WORD + 1];
	size_t n = strlen(right);

	if (n > NEAREST_WORD || strlen(left) > NEAREST_WORD)
		return SIZE_MAX;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; left[i - 1] != '\0'; i++) {
		size_t corner = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t change = corner + (left[i - 1] != right[j - 1]);

			corner = row[j];
			row[j] = min_of_three(row[j] + 1, row[j - 1] + 1,
			    change);
		}
	}
	return row[n];
}

/* The known name that is least far from the word, or NULL: none is near. */
static const char *
help_nearest(const char *word)
{
	size_t least = 3; /* two slips of the finger */
	const char *nearest = NULL;

	for (const struct cmd *const *row = commands; *row != NULL; row++) {
		const char *name = (*row)->name;
		size_t far = distance(word, name);
		size_t n = strlen(word);

		if (n > 1 && strncmp(name, word, n) == 0)
			far = 1; /* begun, not finished */
		if (far < least && far < strlen(name)) {
			least = far;
			nearest = name;
		}
	}
	return nearest;
}

int
help_unknown(const char *name)
{
	const char *nearest = help_nearest(name);

	if (nearest != NULL)
		return cmd_error(CMD_USAGE,
		    "no such command: %.80s (did you mean \"%s\"?)", name,
		    nearest);
	return cmd_error(CMD_USAGE,
	    "no such command: %.80s (\"jobwatch help\" lists them)", name);
}

void
help_all(FILE *out)
{
	fputs("usage: jobwatch COMMAND [OPTIONS]\n"
	      "       jobwatch help COMMAND\n"
	      "       jobwatch --version\n\n"
	      "Launches a long job, keeps all that it prints, and tells you "
	      "what matters.\n\n",
	    out);
	for (const struct cmd *const *row = commands; *row != NULL; row++)
		if (((*row)->flags & CMD_LATER) == 0)
			fprintf(out, "  %-10s %s\n", (*row)->name,
			    (*row)->brief);
}

void
help_one(const struct cmd *cmd, FILE *out)
{
	size_t n;

	fprintf(out, "usage: jobwatch %s%s%s\n\n%s%s\n", cmd->name,
	    cmd->usage[0] == '\0' ? "" : " ", cmd->usage, cmd->brief,
	    (cmd->flags & CMD_LATER) != 0 ? " (not there yet)" : "");
	if (cmd->help == NULL)
		return;
	n = strlen(cmd->help);
	fprintf(out, "\n%s%s", cmd->help,
	    n > 0 && cmd->help[n - 1] == '\n' ? "" : "\n");
}

static int
cmd_help_run(const struct cmd *cmd, int argc, char **argv)
{
	const struct cmd *about;

	if (argc > 2)
		return cmd_usage(cmd, "one command at a time");
	if (argc == 1) {
		help_all(stdout);
		return CMD_OK;
	}
	if ((about = help_find(argv[1])) == NULL)
		return help_unknown(argv[1]);
	help_one(about, stdout);
	return CMD_OK;
}

const struct cmd cmd_help = {
	.name = "help",
	.usage = "[COMMAND]",
	.brief = "list the commands, or explain one",
	.run = cmd_help_run,
};
