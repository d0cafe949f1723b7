/*
 * intake.c - see intake.h.
 */
#include "intake.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

void
intake_init(struct intake *intake)
{
	*intake = (struct intake){ .reader.fd = -1 };
}

void
intake_release(struct intake *intake)
{
	if (!intake->open)
		return;
	event_reader_release(&intake->reader);
	close(intake->reader.fd);
	intake_init(intake);
}

int
intake_open(struct intake *intake, struct courier *courier)
{
	int fd;

	if (intake->open)
		return 0;
	fd = openat(courier->dir, EVENTS_FILE, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	if (event_reader_init(&intake->reader, fd, courier->outbox->cursor) ==
	    -1) {
		close(fd);
		return -1;
	}
	courier->events = fd;
	intake->open = true;
	return 0;
}

/* A cursor past the end: the machine went down before the events behind it
 * were on the disk. New ones come where those were. */
static void
intake_step_back(struct intake *intake, struct courier *courier)
{
	log_warn("the cursor stands behind the last event: stepping back");
	courier->outbox->cursor = intake->end;
	courier->outbox->dirty = true;
	intake->reader.offset = intake->end;
	intake->reader.have = intake->reader.used = 0;
}

int
intake_reaches(struct intake *intake, struct courier *courier, uint64_t end)
{
	intake->end = end;
	if (intake_open(intake, courier) == -1) {
		log_warn("cannot read " EVENTS_FILE ": %s", strerror(errno));
		return -1;
	}
	if (courier->outbox->cursor > end)
		intake_step_back(intake, courier);
	return 0;
}

/* 0, or -1: out of memory; the event stays to be read. */
static int
intake_line(struct courier *courier, uint64_t offset, const char *line,
    size_t length)
{
	struct occurrence occurrence;
	int result;

	if (occurrence_init(&occurrence, line, length) == -1) {
		log_warn("the line at byte %llu of " EVENTS_FILE " is no event",
		    (unsigned long long)offset);
		return 0;
	}
	result = courier_enqueue(courier, &occurrence, offset, length);
	if (result != -1)
		courier->outbox->seq = occurrence.seq;
	occurrence_release(&occurrence);
	return result == -1 ? -1 : 0;
}

/* One line, if it is there. 1, 0: nothing more for now. */
static int
intake_next(struct intake *intake, struct courier *courier)
{
	uint64_t offset; /* of the line: the reader may step over others */
	char *line;
	size_t length;
	int result = event_reader_next(&intake->reader, &line, &length);

	if (result == -1 && errno != EMSGSIZE) {
		log_warn("cannot read " EVENTS_FILE ": %s", strerror(errno));
		return 0;
	}
	offset = intake->reader.offset - (result == 1 ? length + 1 : 0);
	if (result == 1 && intake_line(courier, offset, line, length) == -1) {
		log_warn("cannot make messages: out of memory");
		intake->reader.offset = offset;
		intake->reader.have = intake->reader.used = 0;
		return 0;
	}
	if (result != 0)
		courier->outbox->cursor = intake->reader.offset;
	return result != 0;
}

void
intake_take(struct intake *intake, struct courier *courier)
{
	while (intake->open && intake->reader.offset < intake->end &&
	    outbox_has_room(courier->outbox, courier->channels->count) &&
	    !report_is_behind(courier->report))
		if (intake_next(intake, courier) == 0)
			break;
}
