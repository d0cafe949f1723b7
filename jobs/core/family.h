/*
 * family.h - what `run` hands to the keeper, and the keeper to the rest.
 *
 * A family is the keeper, supervisor, classifier and notifier of one job.
 * Descriptors travel at fixed numbers, so that no process needs a path, and
 * a program that replaces a dead one finds everything where it was.
 */
#ifndef JOBS_CORE_FAMILY_H
#define JOBS_CORE_FAMILY_H

#include <stdint.h>

/* Descriptor 2 is the family's own log (family.log in the job directory). */
enum family_fd {
	FAMILY_FD_DIR = 3,	  /* the job directory */
	FAMILY_FD_LOCK,		  /* `lock`, locked: liveness */
	FAMILY_FD_CONTROL,	  /* listening: `control` in the directory */
	FAMILY_FD_CONTROL_SHORT,  /* listening: the abstract second door */
	FAMILY_FD_ACTIONS,	  /* the FIFO, read and write */
	FAMILY_FD_JOB_OUT,	  /* read ends of the job's pipes, or the */
	FAMILY_FD_JOB_ERR,	  /* master of its terminal, and a pipe */
	FAMILY_FD_STAGE_OUT_READ, /* the staging pipes, both ends */
	FAMILY_FD_STAGE_OUT_WRITE,
	FAMILY_FD_STAGE_ERR_READ,
	FAMILY_FD_STAGE_ERR_WRITE,
	FAMILY_FD_STAGE_ACT_READ, /* the same for the actions' FIFO */
	FAMILY_FD_STAGE_ACT_WRITE,
	FAMILY_FD_SECRETS,	  /* memfd: resolved secrets, a JSON object */
	FAMILY_FD_SUPERVISOR_EXE, /* O_PATH descriptors of the programs */
	FAMILY_FD_CLASSIFIER_EXE,
	FAMILY_FD_NOTIFIER_EXE,
	FAMILY_FD_COMPRESSOR_EXE,
	FAMILY_FD_PEER,	    /* own end of the channel upward */
	FAMILY_FD_PLAN,	    /* keeper only: memfd, struct family_plan */
	FAMILY_FD_SPAWN_IN, /* keeper only: the job's 0, 1 and 2, except for
			       those that are its terminal */
	FAMILY_FD_SPAWN_OUT,
	FAMILY_FD_SPAWN_ERR,
	FAMILY_FD_COUNT
};

/*
 * The classifier gets: 2 its log, FAMILY_FD_PEER its socket to the
 * supervisor, CLASSIFIER_FD_POLICY policy.json, read-only. Nothing else.
 * The notifier gets: 2, FAMILY_FD_DIR, FAMILY_FD_SECRETS, FAMILY_FD_PEER.
 */
#define CLASSIFIER_FD_POLICY 3

/*
 * The compressor gets a closed segment and two empty files, which become the
 * same segment compressed (segment.h), 2, and nothing else; its argument is
 * the codec's name. The new files must be open for reading, too: what was
 * written is read back and compared. Both are on the disk when it ends with
 * 0; otherwise a sentence is at 2, and they are to be removed. It is killed
 * when the thread ends that started it (PR_SET_PDEATHSIG).
 */
enum compressor_fd {
	COMPRESSOR_FD_LOG = 3,
	COMPRESSOR_FD_INDEX,
	COMPRESSOR_FD_NEW_LOG,
	COMPRESSOR_FD_NEW_INDEX,
};

/*
 * What stands between a file, or a pipe, and `watch` is a job like others,
 * the feeder; it says what only a person who looks for it wants to know on
 * this descriptor, which is the family's own log.
 */
#define FEEDER_FD_LOG 3

#define FAMILY_PLAN_MAGIC 0x324a504a /* "JPJ2" */

/* Which of the job's descriptors 0 to 2 are a terminal of its own, whose
 * master is FAMILY_FD_JOB_OUT. */
enum family_terminal {
	FAMILY_TERMINAL_NONE,
	FAMILY_TERMINAL_OUTPUT, /* 1 and 2; 0 is FAMILY_FD_SPAWN_IN */
	FAMILY_TERMINAL_ALL,
};

/*
 * How to start the job, written once by `run`, mapped by the keeper, which
 * so parses nothing. Offsets count from the struct's start; strings end
 * with NUL; argv and environment are runs of strings.
 */
struct family_plan {
	uint32_t magic;
	uint32_t size; /* of the whole, this struct included */
	uint32_t argc;
	uint32_t envc;
	uint32_t argv_offset;
	uint32_t env_offset;
	uint32_t cwd_offset;	 /* a path */
	uint32_t attempt_offset; /* ten digits in JOBWATCH_ATTEMPT=… */
	int32_t umask;		 /* -1: as inherited */
	int32_t nice;		 /* added to the inherited one */
	uint32_t merge;		 /* stderr goes to the pipe of stdout */
	uint32_t terminal;	 /* enum family_terminal */
	uint32_t feeder;	 /* it is ours: FEEDER_FD_LOG is open in it */
	uint32_t reserved;
	uint64_t open_files; /* soft limit of the job; 0: as inherited */
};

#define FAMILY_ATTEMPT_DIGITS 10

/* How the supervisor ends, so that the keeper knows what to do. */
enum family_exit {
	FAMILY_EXIT_DONE = 0,	/* the family's work is finished */
	FAMILY_EXIT_FAILED = 1, /* replace it */
};

/* Arguments of jobwatch-supervisor: none, or FAMILY_ARG_RECOVER when the
 * keeper and the job are gone and what is owed is to be settled. */
#define FAMILY_ARG_RECOVER "--recover"

#endif
