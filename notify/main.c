/*
 * main.c - jobwatch-notifier: tells people what happened.
 *
 *   jobwatch-notifier                 the notifier of a family (family.h)
 *   jobwatch-notifier test …          sends a test through the real path
 *   jobwatch-notifier status …        what is queued, failed, delivered
 *
 * The last two are what `jobwatch notify` execs. Read on in serve.c, then
 * intake.c (events to letters), courier.c (letters to requests), http.c.
 */
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "overview.h"
#include "probe.h"
#include "serve.h"

#define MAIN_USAGE 2

struct main_mode {
	const char *name;
	int (*run)(int argc, char **argv);
};

static const struct main_mode main_modes[] = {
	{ "test", probe_run },
	{ "status", overview_run },
};

int
main(int argc, char **argv)
{
	size_t count = sizeof(main_modes) / sizeof(main_modes[0]);

	log_init("notifier");
	if (argc < 2)
		return serve_run();
	for (size_t i = 0; i < count; i++)
		if (strcmp(main_modes[i].name, argv[1]) == 0)
			return main_modes[i].run(argc - 1, argv + 1);
	fprintf(stderr,
	    "jobwatch-notifier: not to be started by hand; see "
	    "\"jobwatch notify --help\"\n");
	return MAIN_USAGE;
}
