/*
 * message.h - what the processes of a family say to each other.
 *
 * One message is one SOCK_SEQPACKET record: a header, a fixed struct, and
 * for some a tail of text. The row in message_rows says who may send it to
 * whom, how long it may be and how many descriptors travel with it; both
 * ends check the row before any handler sees the message. A message that
 * fails the check is EBADMSG: the receiver closes the channel, and the
 * supervisor replaces the sender.
 */
#ifndef JOBS_CORE_MESSAGE_H
#define JOBS_CORE_MESSAGE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum proc {
	PROC_KEEPER,
	PROC_SUPERVISOR,
	PROC_CLASSIFIER,
	PROC_NOTIFIER,
	PROC_COUNT
};

enum message_type {
	MESSAGE_JOB,
	MESSAGE_PING,
	MESSAGE_PONG,
	MESSAGE_SPAWN,
	MESSAGE_DONE,
	MESSAGE_RESUME,
	MESSAGE_SEGMENT,
	MESSAGE_GROWN,
	MESSAGE_CURSOR,
	MESSAGE_FINDING,
	MESSAGE_NOTE,
	MESSAGE_EVENTS,
	MESSAGE_DELIVERY,
	MESSAGE_OUTBOX,
	MESSAGE_SURVEY,
	MESSAGE_TEMPLATES,
	MESSAGE_COUNT
};

#define MESSAGE_TEXT_MAX 24576 /* the longest tail of text */
#define MESSAGE_BODY_MAX (MESSAGE_TEXT_MAX + 256)
#define MESSAGE_FDS_MAX 2
/* Segments that the classifier may be given before it has passed them. Two
 * descriptors each: they fit where `ulimit -n` is 64. */
#define MESSAGE_SEGMENTS_MAX 24

enum message_job_phase {
	JOB_PHASE_NONE,	   /* not started yet */
	JOB_PHASE_RUNNING, /* pid is its process */
	JOB_PHASE_FAILED,  /* exec failed: error says why */
	JOB_PHASE_ENDED,   /* wait_status is what waitpid gave */
};

/* keeper -> supervisor: how the job stands. Sent first to each supervisor,
 * then at each change; with a pidfd in phase RUNNING. */
struct message_job {
	uint32_t phase;	       /* enum message_job_phase */
	int32_t pid;	       /* also its session and process group */
	int32_t error;	       /* errno of chdir or exec */
	int32_t wait_status;   /* waitpid(2) */
	uint32_t attempt;      /* 1 at first */
	uint32_t recoveries;   /* supervisors replaced so far */
	uint32_t capture_only; /* too many crashes: do no more than capture */
	uint32_t chdir_failed; /* error is chdir's */
	int64_t started_real_us;
	int64_t started_mono_us;
	int64_t ended_real_us; /* 0: it has not */
	int64_t ended_mono_us;
	int64_t cpu_us;	   /* user and system time of the ended job */
	int64_t rss_bytes; /* its peak */
};

/* supervisor -> keeper: start the job once more, as attempt N. */
struct message_spawn {
	uint32_t attempt;
};

/* supervisor -> classifier: where to go on reading. Sent once, first. */
struct message_resume {
	uint64_t cursor;  /* all before it is answered */
	uint64_t lines;	  /* lines counted up to there */
	uint64_t skip;	  /* do not look at the line here; UINT64_MAX: none */
	uint32_t careful; /* say the cursor before each line */
	uint32_t reserved;
};

/* supervisor -> classifier, with two descriptors: log and index, read-only.
 * Segments come in order, each before the first offset told in it. At most
 * MESSAGE_SEGMENTS_MAX of them end behind the last cursor's `end`, or are the
 * last one there is. */
struct message_segment {
	uint64_t base; /* offset of its first byte */
};

/* supervisor -> classifier: the output now reaches to `end`. Sent when the
 * last one was answered by a cursor with the same `end`. */
struct message_grown {
	uint64_t end;
	uint32_t final; /* nothing will follow: flush what is open */
	uint32_t reserved;
};

/* classifier -> supervisor: all that begins before `offset` is answered, and
 * no line or group crosses it, on neither stream; bytes were looked at up to
 * `end`, which in careful mode is the start of the line that comes next. */
struct message_cursor {
	uint64_t offset;
	uint64_t end;
	uint64_t lines;
	uint32_t final; /* the answer to a final MESSAGE_GROWN */
	uint32_t reserved;
};

/*
 * classifier -> supervisor: a line that matters. The tail holds, one after
 * the other without separators, the source ("rule:oom"), the message and
 * the context (lines ended by '\n'), in UTF-8 with the lengths given here.
 * Findings of one stream come in rising order of offset, at most one for an
 * offset, so that one that was heard already is known by its offset.
 */
struct message_finding {
	uint64_t offset;      /* of the line's first byte in the output */
	uint64_t fingerprint; /* the same for the same shape of line */
	double score;	      /* probability of ALERT, 0 to 1 */
	uint32_t length;      /* of the line, without its newline */
	int32_t rule;	      /* row in the policy's [[rule]]; -1: none */
	uint8_t stream;	      /* enum stream */
	uint8_t severity;     /* enum severity */
	uint8_t kind;	      /* enum kind */
	uint8_t reserved;
	uint32_t source_length;
	uint32_t message_length;
	uint32_t context_length;
};

/* MESSAGE_SURVEY, supervisor -> classifier, empty: say what the lines so far
 * were. */

#define MESSAGE_TEMPLATES_MAX 10
#define MESSAGE_TEMPLATE_TEXT_MAX 96

/* One shape of lines: their accidents are masked. */
struct message_template {
	uint64_t fingerprint; /* as in a finding about such a line */
	uint64_t count;
	uint64_t first; /* offsets of the first and the last one */
	uint64_t last;
	uint32_t length; /* of the text, UTF-8, which may be cut */
	uint32_t reserved;
	char text[MESSAGE_TEMPLATE_TEXT_MAX];
};

/* classifier -> supervisor: the most frequent shapes since it was started,
 * the most frequent first. The answer to MESSAGE_SURVEY, and sent before the
 * last cursor. */
struct message_templates {
	uint64_t known; /* shapes that it counts */
	uint64_t gone;	/* lines of those that it does not count any more */
	uint32_t count; /* of top */
	uint32_t reserved;
	struct message_template top[MESSAGE_TEMPLATES_MAX];
};

/* MESSAGE_NOTE, classifier -> supervisor: a sentence for the family's log,
 * which is all of its body. */

/* supervisor -> notifier: events.jsonl now reaches to `end` bytes. Answered
 * by an outbox with the same `end`, or a later one. */
struct message_events {
	uint64_t end;
};

enum message_delivery_outcome {
	DELIVERY_SENT,
	DELIVERY_FAILED, /* will be tried again unless permanent */
	DELIVERY_GAVEUP, /* expired */
};

/* notifier -> supervisor: what became of one attempt. The tail holds channel
 * name, message id and error text, each ended by NUL. */
struct message_delivery {
	uint64_t seq; /* of the event that it tells of */
	uint32_t outcome;
	uint32_t attempts;
	uint32_t permanent;
	uint32_t reserved;
};

/* notifier -> supervisor: all events before byte `cursor` are in the outbox
 * or need not be told; `pending` messages are not delivered yet. */
struct message_outbox {
	uint64_t cursor;
	uint64_t end; /* of events.jsonl, as it was told last; 0: not yet */
	uint32_t pending;
	uint32_t within_ms; /* it will say more by then; 0: only if asked */
};

struct message_row {
	const char *name;
	enum proc from;
	enum proc to;
	size_t min;
	size_t max;
	unsigned fds; /* at most */
};

extern const struct message_row message_rows[MESSAGE_COUNT];

/* One received message. The descriptors belong to the receiver. */
struct message {
	enum message_type type;
	size_t length;
	int fds[MESSAGE_FDS_MAX];
	unsigned fd_count;
	_Alignas(8) unsigned char body[MESSAGE_BODY_MAX];
};

/* A socket pair with close-on-exec ends. 0, or -1 with errno. */
int message_pair(int ends[2]);
/*
 * Sends body and tail as one record, descriptors with it. Does not block
 * when the socket is non-blocking. 0; -1 with EAGAIN (full), EINVAL (the row
 * forbids it: a bug here), or the socket's error.
 */
int message_send(int fd, enum message_type type, const void *body,
    size_t body_length, const void *tail, size_t tail_length, const int *fds,
    unsigned fd_count);
/*
 * Receives one record for `self`, checked against its row. 1; 0 when the
 * peer is gone; -1 with EAGAIN, EBADMSG (descriptors closed) or the error.
 */
int message_recv(int fd, enum proc self, struct message *message);

/* The tail after a fixed struct of `fixed` bytes. */
static inline const char *
message_tail(const struct message *message, size_t fixed)
{
	return (const char *)message->body + fixed;
}

#endif
