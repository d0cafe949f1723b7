/*
 * eventfile.h - a job's events.jsonl, read as it grows.
 */
#ifndef JOBS_CMD_EVENTFILE_H
#define JOBS_CMD_EVENTFILE_H

#include "event.h"

struct eventfile {
	int dir; /* borrowed */
	int fd;	 /* -1: the file is not there yet */
	struct event_reader reader;
};

void eventfile_init(struct eventfile *file, int dir);
void eventfile_release(struct eventfile *file);
/*
 * The next line, as event_reader_next lends it: 1; 0: none there now, or no
 * file yet; -1: errno. Lines that are too long are passed over.
 */
int eventfile_next(struct eventfile *file, char **line, size_t *n);

#endif
