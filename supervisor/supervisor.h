/*
 * supervisor.h - the root of the supervisor: it owns every part.
 *
 * Parts borrow the root to reach their neighbours; none keeps a pointer
 * that outlives it. All run on one libevent loop; only the writer's thread
 * touches the disk.
 */
#ifndef SUPERVISOR_SUPERVISOR_H
#define SUPERVISOR_SUPERVISOR_H

#include <event2/event.h>
#include <jansson.h>
#include <stdbool.h>

#include "actions.h"
#include "capture.h"
#include "classify.h"
#include "diskspace.h"
#include "gate.h"
#include "journal.h"
#include "life.h"
#include "loss.h"
#include "notice.h"
#include "policy.h"
#include "report.h"
#include "rotation.h"
#include "server.h"
#include "stall.h"
#include "stop.h"
#include "strays.h"
#include "upkeep.h"
#include "writer.h"

struct supervisor {
	struct event_base *base;
	bool recover;	   /* keeper and job are gone: settle what is owed */
	bool capture_only; /* told by the keeper, after too many crashes */
	bool watching;	   /* its process is our feeder, of which nobody asks */
	bool introduced;   /* the keeper has told how the job stands */
	bool finished;	   /* leave the loop: all is done */
	int exit_code;	   /* enum family_exit */
	struct policy policy;
	json_t *job;		   /* job.json */
	struct event_job identity; /* text of job */
	const char *dir_path;	   /* of the job directory; text of job */
	uint64_t bytes_before[STREAM_COUNT]; /* captured by predecessors */

	struct writer *writer;
	struct writer_progress progress; /* as of the last look */
	struct journal *journal;
	struct capture *capture; /* NULL in recover */
	struct actions actions;
	struct classify classify;
	struct gate *gate;
	struct notice notice;
	struct life life;
	struct stop stop;
	struct stall stall;
	struct rotation rotation;
	struct loss loss;
	struct diskspace diskspace;
	struct upkeep upkeep;
	struct strays strays;
	struct report report;
	struct server server;

	struct event *peer; /* the keeper's channel */
	struct event *wake; /* the writer's news */
	struct event *children;
	struct event *terminate;
	struct event *flood; /* timer of the journal's windows */
	uint32_t recoveries;
	struct message in; /* from the keeper */
};

/* Something changed that people are told: status file and followers. */
void supervisor_changed(struct supervisor *supervisor, bool sync);
/* An event was queued: the flood timer may be due sooner. */
void supervisor_noted(struct supervisor *supervisor);

/* setup.c: opens and connects all parts from what the job directory says.
 * 0, or -1 with why. */
int supervisor_init(struct supervisor *supervisor, struct why *why);

/* What the loop calls; arg is the root. */
void supervisor_wake_cb(evutil_socket_t fd, short what, void *arg);
void supervisor_peer_cb(evutil_socket_t fd, short what, void *arg);
void supervisor_children_cb(evutil_socket_t fd, short what, void *arg);
void supervisor_terminate_cb(evutil_socket_t fd, short what, void *arg);
void supervisor_flood_cb(evutil_socket_t fd, short what, void *arg);
void supervisor_output_cb(void *arg);
void supervisor_ended_cb(void *arg);

#endif
