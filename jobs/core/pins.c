/*
 * pins.c - see pins.h.
 */
#include "pins.h"

#include <fcntl.h>

int
pins_open(int dir)
{
	return openat(dir, PINS_FILE, O_RDONLY | O_CLOEXEC);
}

int
pins_create(int dir)
{
	return openat(dir, PINS_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

void
pins_set(int fd, uint64_t sequence)
{
	struct flock before = {
		.l_type = F_UNLCK,
		.l_whence = SEEK_SET,
		.l_len = (off_t)sequence,
	};
	struct flock from = {
		.l_type = F_RDLCK,
		.l_whence = SEEK_SET,
		.l_start = (off_t)sequence, /* l_len 0: to the end */
	};

	/* First what is needed: at no moment may it be free. */
	fcntl(fd, F_OFD_SETLK, &from);
	if (sequence > 0) /* a length of 0 would mean all of it */
		fcntl(fd, F_OFD_SETLK, &before);
}

bool
pins_hold(int fd, uint64_t sequence)
{
	struct flock probe = {
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = (off_t)sequence,
		.l_len = 1,
	};

	return fd != -1 && fcntl(fd, F_OFD_GETLK, &probe) == 0 &&
	    probe.l_type != F_UNLCK;
}
