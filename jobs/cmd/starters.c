/*
 * starters.c - contrib/policies/, built into the program.
 *
 * The files themselves are taken in by the assembler, so that there is one
 * text: what `policy init` prints is what the package and the demonstration
 * use. Paths count from the root of the tree, where the compiler is run.
 */
#include "starters.h"

#include <stddef.h>
#include <string.h>

#define STARTER(symbol, file)                                           \
	extern const char symbol[];                                     \
	__asm__(".pushsection .rodata\n" #symbol ":\n\t.incbin \"" file \
		"\"\n\t.byte 0\n.popsection")

STARTER(starter_train, "contrib/policies/train.toml");
STARTER(starter_deploy, "contrib/policies/deploy.toml");
STARTER(starter_pipeline, "contrib/policies/pipeline.toml");
STARTER(starter_service, "contrib/policies/service.toml");

const struct starter starters[] = {
	{ "training", starter_train },
	{ "deploy", starter_deploy },
	{ "pipeline", starter_pipeline },
	{ "service", starter_service },
	{ NULL, NULL },
};

const struct starter *
starter_find(const char *name)
{
	for (const struct starter *starter = starters; starter->name != NULL;
	     starter++)
		if (strcmp(starter->name, name) == 0)
			return starter;
	return NULL;
}
