/*
 * journal.h - the only writer of events: numbers them, counts them, and
 * keeps a flood of them from outgrowing the log.
 */
#ifndef SUPERVISOR_JOURNAL_H
#define SUPERVISOR_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "message.h"
#include "why.h"
#include "writer.h"

/* What the events written so far say, also those of a predecessor. */
struct journal_past {
	uint64_t end; /* bytes of whole lines in events.jsonl */
	uint64_t seq; /* of the last event */
	uint64_t alerts[SEVERITY_COUNT];
	uint64_t heard[STREAM_COUNT]; /* 1 + offset of the last finding */
	bool started;		      /* job.start of the attempt is there */
	int pid;		      /* as it says; 0: unknown */
	int64_t started_us;	      /* real time; 0: unknown */
	int64_t runtime_us;	      /* as job.exit says; -1: unknown */
	bool ended;		      /* job.exit or job.lost is */
	bool stalled;		      /* job.stall without its clear */
	bool exit_known; /* job.exit said how: exit_status, as of waitpid */
	int exit_status;
	int exit_reason;     /* enum job_reason */
	uint64_t lost;	     /* bytes that log.loss told of, in all */
	uint64_t lost_until; /* offset behind the last of them */
	bool stopping;	     /* job.stop came, and no end */
	int64_t stop_time_us;
	int64_t stop_grace_ms;
	int stop_signal;
	int stop_reason; /* enum job_reason of a policy's stop, else 0 */
	char stop_detail[WHY_MAX];
};

struct journal;

/* Reads what is there; a torn last line does not count. */
int journal_read(int dir, struct journal_past *past, struct why *why);
/* Borrows writer and identity; past is copied. NULL: out of memory. */
struct journal *journal_new(struct writer *writer,
    const struct event_job *identity, const struct journal_past *past);
void journal_free(struct journal *journal);
const struct journal_past *journal_past(const struct journal *journal);
/*
 * Appends an event of jobwatch's own (not of the job's output): message is
 * for people, data the text of a JSON object with the row's keys, or NULL.
 * 0, or -1 when the queue is full: then it is not written, nor numbered.
 */
int journal_event(struct journal *journal, enum registry_event name,
    enum severity severity, const char *source, const char *data,
    const char *format, ...) __attribute__((format(printf, 6, 7)));
/* False for a finding that was heard before: its offset is not beyond the
 * last one of its stream. */
bool journal_is_new(const struct journal *journal,
    const struct message_finding *finding);
/*
 * Appends what the classifier found. One heard before is dropped; one of a
 * fingerprint that floods is counted, and told by journal_tick. 1: written, 0:
 * not, -1: queue full: try again later.
 */
int journal_finding(struct journal *journal,
    const struct message_finding *finding, const char *tail, bool *was_new);
/* Ends the flood windows whose time is over: writes one event with the
 * count for each. Milliseconds until the next call is due, -1: none is. */
int64_t journal_tick(struct journal *journal, bool all);

#endif
