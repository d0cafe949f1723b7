/*
 * writer_queue.h - what the writer's two sides share: the loop's side queues
 * (writer.c), the thread does (writer_thread.c).
 */
#ifndef SUPERVISOR_WRITER_QUEUE_H
#define SUPERVISOR_WRITER_QUEUE_H

#include <pthread.h>
#include <stdbool.h>

#include "event.h"
#include "logfile.h"
#include "lossbook.h"
#include "pins.h"
#include "shelf.h"
#include "writer.h"

#define CHUNKS_MAX 1024
#define SEGMENTS_MAX 8 /* open at a time: descriptors may be few */
#define LINES_MAX 8192
#define CLOSED_MAX 64
#define LOSSES_MAX 8
#define PEEK_MAX (256u << 10)
#define WORKS_MAX 9 /* kinds of work that the thread has */

enum writer_task_state {
	TASK_STATE_IDLE,
	TASK_STATE_OFFERED, /* to the loop */
	TASK_STATE_TAKEN,
	TASK_STATE_DONE,   /* well: the thread makes it count */
	TASK_STATE_FAILED, /* the thread clears away what it has left */
};
#define ROOM_BACKLOG (64u << 10) /* bytes left when there is room again */

struct writer_chunk {
	enum stream stream;
	uint32_t length;
	int64_t time_us;
};

struct writer_slot {
	bool waiting;
	bool sync;
	uint64_t after; /* not before events.jsonl has this many bytes */
	size_t length;
	char bytes[WRITER_FILE_MAX];
};

struct writer {
	pthread_t thread;
	pthread_mutex_t mutex; /* guards all but what the thread owns */
	pthread_cond_t work;
	pthread_cond_t done;
	int wake;
	uint64_t inherited[STREAM_COUNT]; /* owed at the start; constant */

	/* queues */
	struct writer_chunk chunks[CHUNKS_MAX];
	unsigned chunk_head, chunk_count;
	uint64_t backlog;
	char events[WRITER_EVENTS_MAX]; /* ring */
	size_t event_head, event_count;
	bool event_sync;
	struct writer_slot files[WRITER_FILE_COUNT];
	char lines[LINES_MAX]; /* for family.log */
	size_t lines_count;
	enum writer_trigger rotate;
	struct writer_closed closed[CLOSED_MAX];
	unsigned closed_head, closed_count;
	struct writer_loss losses[LOSSES_MAX]; /* runs that are over */
	unsigned loss_head, loss_count;
	bool upkeep;	/* a look at closed segments is due */
	bool want_plan; /* what would a rotation do? */
	bool have_plan;
	struct writer_plan plan;
	struct writer_task task;
	enum writer_task_state task_state;
	uint64_t pin;	   /* the classifier needs output from here on */
	uint64_t held_end; /* beyond this, a segment may go; 0: none waits */
	bool gives_up;
	bool actions;
	bool stop;
	bool want_room;
	bool want_growth;
	uint64_t growth;
	bool want_segments;  /* a list is asked for */
	bool feed_segments;  /* new ones are to be queued, too */
	unsigned generation; /* counts the askings: an old list is dropped */
	bool segments_fresh; /* segments_from is an offset, not a base */
	uint64_t segments_from;
	struct segment segments[SEGMENTS_MAX];
	unsigned segment_head, segment_count;
	struct writer_progress progress;

	/* the thread's own */
	int dir;
	int events_fd;
	uint64_t events_reserved; /* up to here a full disk has room for them */
	int actions_fd;
	int stage_fds[STREAM_COUNT];
	int null_fd;
	int pins_fd;
	struct writer_rules rules;
	struct logfile log;
	struct writer_chunk carried; /* before the queue; length 0: none */
	bool cut;     /* the segment was filled up to a line end: close it */
	bool put_off; /* it could not be: meanwhile it takes more */
	int peek[2];  /* a pipe for writer_cut.c */
	char peeked[PEEK_MAX];
	struct logread *list; /* kept while segments are to be offered */
	struct writer_loss loss;
	struct lossbook lossbook;
	int64_t refused_us; /* monotonic: the disk failed since; 0: it works */
	struct shelf shelf;
	int64_t upkeep_us; /* monotonic: no look before that */
	unsigned holds;	   /* looks in a row at which a reader held one */
	uint64_t hooked;   /* number of the last segment on_rotate has seen */
	uint64_t archived; /* and of the last one copied away */
	int64_t retry_us[WORKS_MAX]; /* monotonic; 0: it did not fail */
	char batch[EVENT_LINE_MAX];  /* events on their way to the disk */
	struct writer_slot outgoing;
};

/* Guards the queues and the progress; held for moments only. */
void writer_lock(struct writer *writer);
void writer_unlock(struct writer *writer);
/* Wakes the loop where it waits for room, and there is; called locked. */
void writer_check_room(struct writer *writer);
/* Wakes the thread. */
void writer_poke(struct writer *writer);
/* Lets go of segments that nobody has taken; called locked. */
void writer_drop_segments(struct writer *writer);
/* Makes the wake descriptor readable. */
void writer_wake(struct writer *writer);
/* True when nothing is queued; to be called locked. */
bool writer_is_idle(const struct writer *writer);
/* n bytes of a ring of cap bytes, from position `at` on. */
void ring_get(const char *ring, size_t cap, size_t at, char *bytes, size_t n);
/* True when the loop has set this flag of the queues. */
bool writer_asked(struct writer *writer, const bool *flag);
/* True when bytes that the disk does not take are to be dropped. */
bool writer_drops(struct writer *writer);
/* Sees to it that some events fit, though the disk were full by then. */
void writer_reserve_events(struct writer *writer);
/* Work of the thread: 1 did something, 0 nothing to do, -1 errno. */
int writer_do_output(struct writer *writer);
int writer_do_rotation(struct writer *writer);
/* writer_cut.c: how many bytes of the chunk belong into this segment; sets
 * cut where that is not all of it. 0: none, close it first. */
uint32_t writer_cut(struct writer *writer, const struct writer_chunk *chunk);
/* Offers segments from segments_from on, as many as there is room for. */
int writer_do_segments(struct writer *writer);
int writer_do_upkeep(struct writer *writer);
int writer_do_plan(struct writer *writer);
/* What the rules say now: which segments may stay, and how many of the newest
 * are left as they are. */
struct shelf_limits writer_limits(const struct writer *writer);
unsigned writer_spared(const struct writer *writer);
/* writer_upkeep.c: removes the oldest closed segment, whoever reads it. False:
 * there is none. */
bool writer_make_room(struct writer *writer);
/* What predecessors have done with closed segments. */
void writer_recall_upkeep(struct writer *writer);
/* At the end: what was offered, or begun, is a successor's to begin anew. */
void writer_drop_task(struct writer *writer);
/* The thread: pthread_create's function, its argument the writer. */
void *writer_main(void *arg);

#endif
