/*
 * versions.h - the versions of jobwatch and of what it was built with.
 */
#ifndef JOBS_CMD_VERSIONS_H
#define JOBS_CMD_VERSIONS_H

#include <stdio.h>

/* One line for jobwatch, alone, then the libraries. */
void versions_print(FILE *out);

#endif
