/*
 * trail.h - tells when a path may have come to mean another file.
 *
 * Watched by inotify: each directory that the path leads through, with those
 * that its symbolic links lead through; and in the directories where a link
 * or the file itself has its name, that name. So a file that is renamed,
 * replaced or created, a link that is set anew and a directory that comes or
 * goes are noticed, and nobody looks in between.
 */
#ifndef FEEDER_TRAIL_H
#define FEEDER_TRAIL_H

#include <limits.h>
#include <stdbool.h>

#define TRAIL_STEPS_MAX 64 /* directories and links of a path */
#define TRAIL_BLIND_MS 1000

struct trail_step {
	int wd;
	char name[NAME_MAX + 1]; /* "": the directory itself */
};

struct trail {
	int fd;	    /* inotify; -1: none to be had */
	bool blind; /* something cannot be watched: look now and then */
	bool stale; /* it changed under our feet: lay it again */
	unsigned count;
	struct trail_step steps[TRAIL_STEPS_MAX];
};

/* Watches nothing yet; to be released. */
void trail_init(struct trail *trail);
void trail_release(struct trail *trail);
/*
 * Watches what leads to path (absolute), as far as it is there, and nothing
 * else any more. Whoever opens the path after that misses no change.
 */
void trail_lay(struct trail *trail, const char *path);
/* Wakes when the open file is written to, or cut off, too. */
void trail_add_file(struct trail *trail, int fd);
/* Takes what has happened. True: the path may be another's now. */
bool trail_step_on(struct trail *trail);
/* Milliseconds until that is to be asked without being woken; -1: never. */
int trail_wait_ms(const struct trail *trail);

#endif
