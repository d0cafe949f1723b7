/*
 * trouble.h - words for output that cannot be read: which file, and where.
 */
#ifndef JOBS_CMD_TROUBLE_H
#define JOBS_CMD_TROUBLE_H

#include <limits.h>

#include "logread.h"

/* The job's directory, as people know it; empty when the kernel has no /proc.
 */
const char *trouble_folder(int dir, char out[PATH_MAX]);
/* Why the reader could not read the output at the offset, by errno, with the
 * file and the place in it; UINT64_MAX: the place is not known. -1. */
int trouble_why(struct why *why, int dir, const struct logread *reader,
    uint64_t offset);
/*
 * The damage at the offset, with what follows it in the same file and is
 * damaged, too, as far as `end`. True: the output goes on behind it.
 */
bool trouble_measure(struct logread *reader, uint64_t offset, uint64_t end,
    struct logread_trouble *trouble);

#endif
