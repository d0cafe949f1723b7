/*
 * main.c - the hub: collector, store, LLM call logs, web pages.
 *
 * Its rooms are not built yet, and it says so.
 */
#include <stdio.h>

#include "version.h"

int
main(void)
{
	fputs("jobwatch-hub " JOBWATCH_VERSION
	      ": not there yet in this version\n",
	    stderr);
	return 1;
}
