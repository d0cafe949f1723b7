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
#include "writer.h"

#define CHUNKS_MAX 1024
#define SEGMENTS_MAX 8 /* open at a time: descriptors may be few */
#define LINES_MAX 8192
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
	bool rotate;
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
	int actions_fd;
	int stage_fds[STREAM_COUNT];
	int64_t max_size;
	struct logfile log;
	char batch[EVENT_LINE_MAX]; /* events on their way to the disk */
	struct writer_slot outgoing;
};

/* Guards the queues and the progress; held for moments only. */
void writer_lock(struct writer *writer);
void writer_unlock(struct writer *writer);
/* Wakes the loop where it waits for room, and there is; called locked. */
void writer_check_room(struct writer *writer);
/* Makes the wake descriptor readable. */
void writer_wake(struct writer *writer);
/* True when nothing is queued; to be called locked. */
bool writer_is_idle(const struct writer *writer);
/* n bytes of a ring of cap bytes, from position `at` on. */
void ring_get(const char *ring, size_t cap, size_t at, char *bytes, size_t n);
/* writer_segments.c: offers segments from segments_from on, as many as there
 * is room for. 0, or -1 with errno. */
int writer_list_segments(struct writer *writer);
/* The thread: pthread_create's function, its argument the writer. */
void *writer_main(void *arg);

#endif
