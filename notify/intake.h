/*
 * intake.h - reads events.jsonl from the cursor on, into letters.
 */
#ifndef NOTIFY_INTAKE_H
#define NOTIFY_INTAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "courier.h"
#include "event.h"

struct intake {
	struct event_reader reader;
	uint64_t end; /* how far the supervisor says that events reach */
	bool open;
};

void intake_init(struct intake *intake);
void intake_release(struct intake *intake);
/* Opens events.jsonl for reader and courier, if it is there by now. 0, or
 * -1 with errno. */
int intake_open(struct intake *intake, struct courier *courier);
/* Events reach to `end` bytes. 0, or -1: they cannot be read; it is logged. */
int intake_reaches(struct intake *intake, struct courier *courier,
    uint64_t end);
/* Makes letters of the events up to the end, as far as there is room in the
 * outbox, and moves its cursor. */
void intake_take(struct intake *intake, struct courier *courier);

#endif
