/*
 * eventfeed.h - events.jsonl as it grows, line by line as it stands.
 */
#ifndef JOBS_CMD_EVENTFEED_H
#define JOBS_CMD_EVENTFEED_H

#include <sys/types.h>

#include "follow.h"
#include "outlet.h"

struct eventfeed {
	int dir;    /* borrowed */
	int fd;	    /* of the file; -1: not there yet */
	int notice; /* -1: none to be had */
	off_t at;   /* all before it was sent */
	off_t end;  /* of the last whole line that was seen */
};

/* From the first event on. Borrows dir. */
void eventfeed_open(struct eventfeed *feed, int dir);
void eventfeed_close(struct eventfeed *feed);
/* To poll for POLLIN, and for how long: as follow_fd and follow_wait_ms. */
int eventfeed_fd(const struct eventfeed *feed);
int eventfeed_wait_ms(const struct eventfeed *feed);
/* Sends whole lines; a closed outlet takes all and shows nothing. */
enum follow_result eventfeed_send(struct eventfeed *feed,
    struct outlet *outlet);

#endif
