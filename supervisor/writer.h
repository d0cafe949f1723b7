/*
 * writer.h - the one thread that touches the disk for the supervisor.
 *
 * The loop only queues: bytes waiting in a staging pipe, an event, a file to
 * replace, a rotation. A disk that hangs therefore stops this thread and
 * nothing else. All queues are bounded; a full one is said to the caller.
 *
 * The thread sets the wake descriptor readable when something that the loop
 * asked to know has happened; the loop then reads writer_progress.
 */
#ifndef SUPERVISOR_WRITER_H
#define SUPERVISOR_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "segment.h"
#include "why.h"

#define WRITER_EVENTS_MAX (1u << 20) /* bytes of events that may wait */
#define WRITER_FILE_MAX 65536

/* Files that are replaced whole; of two that wait, the newer counts. */
enum writer_file { WRITER_STATUS, WRITER_CURSOR, WRITER_FILE_COUNT };

/* What [log] says. */
struct writer_rules {
	int64_t max_size;	  /* of a segment in bytes, 0: any */
	unsigned keep;		  /* closed segments, 0: any number */
	int64_t total_size;	  /* of all on the disk in bytes, 0: any */
	int64_t max_retention_us; /* of a closed segment, -1: for ever */
	int64_t disk_free;	  /* bytes below which the disk is in danger;
				   * -1: not said */
	bool drops;		  /* on_full = "drop-oldest" */
	bool delay;		  /* the newest closed one stays uncompressed */
	bool hook;		  /* on_rotate is set */
	bool archive;		  /* archive is set */
	const char *suffix;	  /* ".zst", ".gz"; NULL: no compression */
};

/* Why a segment was closed. */
enum writer_trigger {
	TRIGGER_NONE,
	TRIGGER_REQUEST,
	TRIGGER_SIZE,
	TRIGGER_AGE,
	TRIGGER_SCHEDULE,
	TRIGGER_LOSS,
	TRIGGER_END, /* of the job: the archive is to have all of it */
	TRIGGER_COUNT
};

struct writer_closed {
	enum writer_trigger trigger;
	uint64_t bytes;
	char name[64]; /* "": there was nothing to close */
};

/* Bytes that the disk did not take: the last run of them. */
struct writer_loss {
	uint64_t begin, end; /* offsets in the whole output */
	uint64_t total;	     /* bytes lost by this process, all runs */
	bool dropping;	     /* it is going on */
	int error;	     /* errno */
	int64_t again_us;    /* monotonic: the next try */
};

/* What is to be done with a closed segment, by a child. */
enum writer_task_kind {
	TASK_NONE,
	TASK_HOOK,     /* run on_rotate */
	TASK_COMPRESS, /* fds: log, index, new log, new index */
	TASK_ARCHIVE,  /* copy it away */
	TASK_COUNT
};
#define TASK_FDS 4

struct writer_task {
	enum writer_task_kind kind;
	uint64_t sequence;
	char name[64];
	int fds[TASK_FDS]; /* -1: none; owned */
};

struct writer_progress {
	uint64_t log_begin;	/* base of the active segment */
	uint64_t log_end;	/* bytes in the log */
	int64_t last_time_us;	/* arrival of its last chunk; 0: none */
	uint64_t sequence;	/* number of the active segment, from 1 */
	uint64_t events_end;	/* bytes in events.jsonl */
	uint64_t events_queued; /* bytes handed over so far, in all */
	bool busy;		/* something is queued or being done */
	uint64_t rotations;	/* done when asked or due, so far */
	int64_t created_us;	/* real time: of the active segment */
	unsigned closed_segments;
	int64_t closed_bytes; /* on the disk */
	int64_t look_ms; /* after which retention is to look again; 0: never */
	int64_t disk_free; /* bytes, as of the last look; -1: not known */
	struct writer_loss loss;
	bool gone; /* the job directory was deleted under us */
	int error; /* of the last try that failed, else 0 */
	char error_what[32];
};

struct writer;

/*
 * Opens log and event file of the job directory, finishing what a crash cut
 * short. Queues may be filled; nothing moves before writer_start. stage_fds are
 * the read ends. events_end is where the whole lines of events.jsonl end: a
 * torn one behind is cut off. max_size: bytes after which a segment is closed
 * at its next line end, 0: never. NULL: why.
 */
struct writer *writer_new(int dir, const int stage_fds[STREAM_COUNT],
    uint64_t events_end, int64_t max_size, struct why *why);
/* What holds besides max_size, which it replaces; before writer_start. */
void writer_obey(struct writer *writer, const struct writer_rules *rules);
/* What predecessors have lost: they have told of it up to offset `told`, and
 * may have died before they could tell of more, or open the segment that
 * begins behind it. Before writer_start. */
void writer_recall_losses(struct writer *writer, uint64_t told);
/* Starts the thread. 0, or -1 with errno. */
int writer_start(struct writer *writer);
/* Ends the thread when its queues are empty or `patience_ms` is over, and
 * frees; a thread that hangs in the disk is left behind. */
void writer_free(struct writer *writer, int patience_ms);
/* Readable when there is news; the caller reads it empty (writer_ack). */
int writer_wake_fd(const struct writer *writer);
void writer_ack(struct writer *writer);
void writer_progress(struct writer *writer, struct writer_progress *progress);

#define PLAN_ROWS 48 /* of a kind: more are only counted */
#define PLAN_NAME 64

enum plan_kind { PLAN_REMOVE, PLAN_COMPRESS, PLAN_ARCHIVE, PLAN_KINDS };

/* What a rotation, were it done now, would bring with it. */
struct writer_plan {
	uint64_t bytes;		/* of the segment that closes; 0: none does */
	char closes[PLAN_NAME]; /* the name that it gets */
	struct writer_plan_row {
		unsigned count;
		char names[PLAN_ROWS][PLAN_NAME];
	} rows[PLAN_KINDS];
};

/* Asks the thread for one; and takes it when it is made: 1, else 0. */
void writer_want_plan(struct writer *writer);
int writer_take_plan(struct writer *writer, struct writer_plan *plan);

/* length bytes of a stream were put into staging. 0, or -1: queue full. */
int writer_chunk(struct writer *writer, enum stream stream, uint32_t length,
    int64_t time_us);
/* True when writer_chunk would refuse; it never does after a false. */
bool writer_is_full(struct writer *writer);
/* Bytes that a predecessor promised in the index and left in staging. */
uint64_t writer_owed(const struct writer *writer, enum stream stream);
/* Bytes of staging that are queued and not yet in the log. */
uint64_t writer_backlog(struct writer *writer);
/* Wakes the loop once, when most of that has reached the log. */
void writer_want_room(struct writer *writer);
/* Wakes the loop once, when the log has grown beyond `offset`. */
void writer_want_growth(struct writer *writer, uint64_t offset);
/* One record of events.jsonl, newline included. 0, or -1: queue full. */
int writer_event(struct writer *writer, const char *line, size_t n, bool sync);
/* True when the longest event would be taken. */
bool writer_has_room(struct writer *writer);
/* Replaces a file, after all events queued before. Longer than WRITER_FILE_MAX
 * is refused: -1. */
int writer_replace(struct writer *writer, enum writer_file file,
    const char *bytes, size_t n, bool sync);
void writer_rotate(struct writer *writer, enum writer_trigger trigger);
/* The oldest closed segment that was not told of yet. 1, or 0: none. */
int writer_take_closed(struct writer *writer, struct writer_closed *closed);
/* The oldest run of lost bytes that is over and was not told of yet; the one
 * that is going on is in the progress. 1, or 0: none. */
int writer_take_loss(struct writer *writer, struct writer_loss *loss);
/* Output before offset is not needed by the classifier any more. */
void writer_unpin(struct writer *writer, uint64_t offset);
/* The job is over, and the disk full for too long: "block" ends. */
void writer_give_up(struct writer *writer);
/* Looks after closed segments; what is to be done is then to be taken: 1, and
 * the caller ends it with writer_end_task; 0: nothing (yet). */
void writer_want_upkeep(struct writer *writer);
int writer_take_task(struct writer *writer, struct writer_task *task);
bool writer_has_task(struct writer *writer);
/* ok false: it is offered again after the next writer_want_upkeep. */
void writer_end_task(struct writer *writer, bool ok);
/* A line for family.log; a log_sink (log.h), its argument the writer. What
 * does not fit the queue is dropped: it is not worth a wait. */
void writer_log(const char *line, size_t n, void *writer);
/* There is something in the staging pipe of the action FIFO. */
void writer_actions(struct writer *writer);
/*
 * Asks for descriptors of all segments from the one that holds `offset` on;
 * also of those opened later. They are taken one by one, in order: 1, the
 * caller owns both descriptors; 0: none is there (yet).
 */
void writer_want_segments(struct writer *writer, uint64_t offset);
int writer_take_segment(struct writer *writer, struct segment *segment);

#endif
